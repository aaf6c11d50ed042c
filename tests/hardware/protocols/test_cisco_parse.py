"""What pieces say: lines and objects as printed in the guides and seen in real sessions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.cisco_parse import (
    Echo,
    End,
    Greeting,
    Heard,
    LoginFailed,
    Path,
    Tag,
    Told,
    Verdict,
    Word,
    parse,
)

LINES: list[tuple[str, Heard | None]] = [
    ("*s SystemUnit Uptime: 62974", Told("s", ("systemunit", "uptime"), "62974")),
    (
        '*s Peripherals ConnectedDevice 1000 RoomAnalytics AmbientTemperature: "21.3"',
        Told("s", ("peripherals", "connecteddevice", "1000", "roomanalytics", "ambienttemperature"), "21.3"),
    ),
    ("*s Call 3 (ghost=True):", Told("s", ("call", "3"), "", ghost=True)),
    ('*s Call 3 DisplayName: "a (ghost=True): b"', Told("s", ("call", "3", "displayname"), "a (ghost=True): b")),
    ("*s Call 3 RemoteNumber:", Told("s", ("call", "3", "remotenumber"), "")),
    ("*c xConfiguration Conference AutoAnswer Mode: Off", Told("c", ("conference", "autoanswer", "mode"), "Off")),
    ("*e OutgoingCallIndication CallId: 3", Told("e", ("outgoingcallindication", "callid"), "3")),
    ('*e Audio MicrophonesMuteStatus Mute: "Off"', Told("e", ("audio", "microphonesmutestatus", "mute"), "Off")),
    ("*r DialResult (status=OK):", Verdict("OK")),
    ("*r CameraPresetActivateResult (status=OK)", Verdict("OK")),
    ("*r Result (status=ParameterError):", Verdict("ParameterError")),
    ("*r DialResult CallId: 2", Told("r", ("dialresult", "callid"), "2")),
    ('*r Result Reason: "Unknown command"', Told("r", ("result", "reason"), "Unknown command")),
    ("*r Login successful", Greeting(by_login=True)),
    ("Welcome to Phong hop", Greeting(by_login=False)),
    ('** resultId: "dc7"', Tag("dc7")),
    ("** resultid: dc7", Tag("dc7")),
    ("** end", End()),
    ("OK", Word(True)),
    ("ERROR", Word(False)),
    ("/Status/Audio/Microphones Mute", Path("/status/audio/microphones/mute")),
    ("Login incorrect", LoginFailed()),
    ("Permission denied", LoginFailed()),
    ('xStatus Call | resultId="dc3"', Echo()),
    ("xfeedback register /Status/Call", Echo()),
    ("echo off", Echo()),
    ("[    0.000000] Linux version 3.4", None),
    ("OKAY", None),
    ("*x Call", None),
    ("*s", None),
    ("*s a:b", None),
    ("*s Call (3)", None),
    ("** resultId", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "heard"), LINES)
def test_lines(line: str, heard: Heard | None) -> None:
    assert parse(line) == ([] if heard is None else [heard])


def test_long_values_are_cut() -> None:
    (told,) = parse(f'*s Call 3 DisplayName: "{"x" * 500}"')
    assert isinstance(told, Told)
    assert len(told.value) == 80


OBJECTS: list[tuple[str, list[Heard]]] = [
    (
        '{"CommandResponse":{"DialResult":{"status":"OK","CallId":{"Value":"2"},"ConferenceId":{"Value":"1"}}},'
        '"ResultId":"7"}',
        [
            Verdict("OK"),
            Told("r", ("dialresult", "callid"), "2"),
            Told("r", ("dialresult", "conferenceid"), "1"),
            Tag("7"),
            End(),
        ],
    ),
    (
        '{"CommandResponse":{"Result":{"status":"Error","Reason":{"Value":"Unknown command"},'
        '"XPath":{"Value":"/Dila"}}},"ResultId":"8"}',
        [
            Verdict("Error"),
            Told("r", ("result", "reason"), "Unknown command"),
            Told("r", ("result", "xpath"), "/Dila"),
            Tag("8"),
            End(),
        ],
    ),
    (
        '{"CommandResponse":{"DialResult":{"status":"ParameterError"}},"ResultId":"9"}',
        [Verdict("ParameterError"), Tag("9"), End()],
    ),
    (
        '{"Status":{"SystemUnit":{"Uptime":{"Value":"29038"}}},"ResultId":"10"}',
        [Told("s", ("systemunit", "uptime"), "29038"), Tag("10"), End()],
    ),
    (
        '{"CommandResponse":{"Configuration":{"status":"Error","id":"1",'
        '"Reason":{"Value":"No match on address expression"}}},"ResultId":"11"}',
        [
            Verdict("Error"),
            Told("r", ("configuration", "1", "reason"), "No match on address expression"),
            Tag("11"),
            End(),
        ],
    ),
    ('{"ResultId":"12"}', [Tag("12"), End()]),
    (
        '{"Status":{"Call":[{"id":"3","Status":{"Value":"Connected"}}]}}',
        [Told("s", ("call", "3", "status"), "Connected"), End()],
    ),
    ('{"Status":{"Call":[{"id":"3","ghost":"True"}]}}', [Told("s", ("call", "3"), "", ghost=True), End()]),
    (
        '{"Configuration":{"Conference":[{"id":"1","AutoAnswer":{"Mode":{"Value":"On"}}}]}}',
        [Told("c", ("conference", "1", "autoanswer", "mode"), "On"), End()],
    ),
    ('{"Event":{"CallDisconnect":{"CallId":{"Value":3}}}}', [Told("e", ("calldisconnect", "callid"), "3"), End()]),
    ('{"Status":{}}', [End()]),
    ('{"Status":[1,2]}', [End()]),
    ('{"CommandResponse":{"A":1}}', [End()]),
    ('{"Status":{"A":{"Value":{"B":{"Value":"1"}}}}}', [Told("s", ("a", "value", "b"), "1"), End()]),
    ("{broken", []),
    ("{" * 5_000, []),
]


@pytest.mark.parametrize(("text", "heard"), OBJECTS)
def test_objects(text: str, heard: list[Heard]) -> None:
    assert parse(text) == heard


def test_depth_and_number_of_values_are_bounded() -> None:
    deep: object = {"Value": "x"}
    for _ in range(40):
        deep = {"a": deep}
    assert parse(json.dumps({"Status": deep})) == [End()]
    wide = {f"k{n}": {"Value": "1"} for n in range(3_000)}
    assert len(parse(json.dumps({"Status": wide}))) <= 2_001
    assert parse('{"Status":' + '{"a":' * 20_000 + "1" + "}" * 20_001) == []


@given(st.text(max_size=300))
def test_any_text_never_raises(text: str) -> None:
    for piece in (text, "*" + text, "{" + text, "*s " + text, "*r " + text):
        parse(piece)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEYS = st.sampled_from(["Status", "Call", "id", "ghost", "Value", "status", "CommandResponse", "ResultId", "x"])
TREES = st.recursive(
    LEAVES, lambda t: st.lists(t, max_size=3) | st.dictionaries(KEYS, t, max_size=4), max_leaves=20
)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_any_object_never_raises(tree: dict[str, object]) -> None:
    for heard in parse(json.dumps(tree)):
        assert not isinstance(heard, Told) or all(isinstance(word, str) for word in heard.path)
