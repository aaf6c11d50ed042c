"""What arrives: any bytes, and each reason for refusing a command."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.events import Command, Force, Rejected
from controller.link import arrivals
from controller.link.arrivals import CALENDAR_BYTES, CERTIFICATE_BYTES, COMMAND_BYTES, FAR_S, Arrival, Here
from controller.link.notices import Ack, Again, CalendarText, CertificateText
from controller.link.topics import CENTRE_STATUS, Topics
from hardware.contract import Reading

TOPICS = Topics("phong-1")
HERE = Here(TOPICS, "boot-a", 100_000)
GOOD: dict[str, Any] = {
    "v": 1,
    "id": "01J8ZQ4Y0000000000000000AB",
    "by": "trực ban",
    "boot": "boot-a",
    "until_mono_s": 130.5,
    "args": {"value": "on", "hold_min": 30},
}


def command(payload: bytes, verb: str = "power", *, retained: bool = False) -> arrivals.Heard | None:
    return arrivals.read(Arrival(TOPICS.of(f"do/{verb}"), payload, retained), HERE)


def with_(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def without(key: str) -> bytes:
    return json.dumps({name: value for name, value in GOOD.items() if name != key}).encode()


def test_a_good_command() -> None:
    expected = Command(GOOD["id"], "trực ban", "power", ("on",), 130_500, 30 * 60_000)
    assert command(with_(unknown="field")) == expected


def test_a_forced_command_names_who_and_why() -> None:
    heard = command(with_(force={"name": "Nguyễn Văn A", "reason": "cháy"}))
    assert isinstance(heard, Command)
    assert heard.force == Force("Nguyễn Văn A", "cháy")


def test_the_deadline_itself_is_still_in_time() -> None:
    assert isinstance(command(with_(until_mono_s=100)), Command)
    assert isinstance(command(with_(until_mono_s=100 + FAR_S)), Command)


def test_arguments_may_be_absent() -> None:
    heard = arrivals.read(Arrival(TOPICS.of("do/check"), without("args")), HERE)
    assert isinstance(heard, Command)


@pytest.mark.parametrize(
    ("payload", "code", "id_"),
    [
        (b"", "bad_json", ""),
        (b"on", "bad_json", ""),
        (b"\xff\xfe", "bad_json", ""),
        (b"[1]", "bad_json", ""),
        (b'{"v":NaN}', "bad_json", ""),
        (b"[" * COMMAND_BYTES, "bad_json", ""),
        (b'{"v":' + b"9" * 5000 + b"}", "bad_json", ""),
        (b" " * (COMMAND_BYTES + 1), "too_large", ""),
        (without("v"), "bad_version", GOOD["id"]),
        (with_(v=2), "bad_version", GOOD["id"]),
        (with_(v=True), "bad_version", GOOD["id"]),
        (with_(v="1"), "bad_version", GOOD["id"]),
        (with_(v=10**30), "bad_version", GOOD["id"]),
        (without("id"), "bad_id", ""),
        (with_(id=7), "bad_id", ""),
        (with_(id="x" * 65), "bad_id", ""),
        (with_(id="a b"), "bad_id", ""),
        (without("by"), "bad_by", GOOD["id"]),
        (with_(by=""), "bad_by", GOOD["id"]),
        (with_(by="\ud800"), "bad_by", GOOD["id"]),
        (without("boot"), "other_boot", GOOD["id"]),
        (with_(boot="boot-b"), "other_boot", GOOD["id"]),
        (with_(boot="\ud800"), "other_boot", GOOD["id"]),
        (without("until_mono_s"), "bad_deadline", GOOD["id"]),
        (with_(until_mono_s=True), "bad_deadline", GOOD["id"]),
        (with_(until_mono_s="130"), "bad_deadline", GOOD["id"]),
        (with_(until_mono_s=10**400), "bad_deadline", GOOD["id"]),
        (with_(until_mono_s=99.999), "expired", GOOD["id"]),
        (with_(until_mono_s=-1), "expired", GOOD["id"]),
        (with_(until_mono_s=100 + FAR_S + 0.001), "far_deadline", GOOD["id"]),
        (with_(until_mono_s=2**61), "far_deadline", GOOD["id"]),
        (with_(args=[]), "bad_args", GOOD["id"]),
        (with_(args=None), "bad_args", GOOD["id"]),
        (with_(args={"value": "toggle"}), "bad_args", GOOD["id"]),
        (with_(force={}), "bad_force", GOOD["id"]),
        (with_(force="me"), "bad_force", GOOD["id"]),
        (with_(force={"name": "A", "reason": " "}), "bad_force", GOOD["id"]),
        (with_(force={"name": "A", "reason": "x" * 201}), "bad_force", GOOD["id"]),
    ],
)
def test_a_bad_command_is_refused_with_its_reason(payload: bytes, code: str, id_: str) -> None:
    heard = command(payload)
    assert isinstance(heard, Rejected)
    assert (heard.code, heard.id) == (code, id_)


@pytest.mark.parametrize(("verb", "code"), [("dance", "unknown_command"), ("report", "unsupported")])
def test_a_command_the_room_does_not_know(verb: str, code: str) -> None:
    heard = command(with_(), verb)
    assert isinstance(heard, Rejected)
    assert heard.code == code


@pytest.mark.parametrize("payload", [with_(), b"garbage", with_(boot="boot-b")])
def test_a_retained_command_never_acts(payload: bytes) -> None:
    heard = command(payload, retained=True)
    assert isinstance(heard, Rejected)
    assert heard.code == "retained"


def test_clearing_a_retained_command_is_no_command() -> None:
    assert command(b"", retained=True) is None


def hear(leaf: str, payload: bytes, *, retained: bool = False, version: str = "") -> arrivals.Heard | None:
    return arrivals.read(Arrival(TOPICS.of(leaf), payload, retained, version), HERE)


@pytest.mark.parametrize(
    ("payload", "heard"),
    [
        (b'{"v":1,"boot":"b","seq":0}', Ack("b", 0)),
        (b'{"v":1,"boot":"b","seq":77,"new":1}', Ack("b", 77)),
        (b'{"v":1,"again":[3,9]}', Again(3, 9)),
        (b'{"v":1,"boot":"b","seq":4,"again":[5,5]}', Again(5, 5)),
    ],
)
def test_acknowledgements(payload: bytes, heard: arrivals.Heard) -> None:
    assert hear("ack", payload) == heard


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "bad_json"),
        (b'{"boot":"b","seq":0}', "bad_version"),
        (b'{"v":1}', "bad_ack"),
        (b'{"v":1,"boot":"b","seq":-1}', "bad_ack"),
        (b'{"v":1,"boot":"b","seq":1.0}', "bad_ack"),
        (b'{"v":1,"boot":"b","seq":99999999999999999999}', "bad_ack"),
        (b'{"v":1,"boot":" ","seq":1}', "bad_ack"),
        (b'{"v":1,"again":[9,3]}', "bad_ack"),
        (b'{"v":1,"again":[1]}', "bad_ack"),
    ],
)
def test_a_bad_acknowledgement_is_refused(payload: bytes, code: str) -> None:
    heard = hear("ack", payload)
    assert isinstance(heard, Rejected)
    assert heard.code == code


def test_a_retained_acknowledgement_deletes_nothing() -> None:
    assert hear("ack", b'{"v":1,"boot":"b","seq":4}', retained=True) == Rejected(
        "", "retained", ("ack",), topic="ack"
    )


@pytest.mark.parametrize(
    ("payload", "code"), [(b"x" * (CERTIFICATE_BYTES + 1), "too_large"), ("chứng thư".encode(), "bad_text")]
)
def test_a_certificate_that_is_none_is_refused(payload: bytes, code: str) -> None:
    heard = hear("certificate", payload, retained=True)
    assert isinstance(heard, Rejected)
    assert (heard.code, heard.args[0]) == (code, "certificate")


def test_a_certificate_comes_also_retained_and_an_emptied_topic_says_nothing() -> None:
    assert hear("certificate", b"-----BEGIN", retained=True) == CertificateText("-----BEGIN")
    assert hear("certificate", b"") is None


def test_a_calendar_comes_with_its_version() -> None:
    heard = hear("calendar", "BEGIN:VCALENDAR ngày".encode(), retained=True, version="7")
    assert heard == CalendarText("BEGIN:VCALENDAR ngày", "7")


def test_a_calendar_that_disappears_says_nothing() -> None:
    assert hear("calendar", b"") is None


@pytest.mark.parametrize(("payload", "code"), [(b"\xff", "bad_text"), (b"x" * (CALENDAR_BYTES + 1), "too_large")])
def test_a_calendar_that_is_none_is_refused(payload: bytes, code: str) -> None:
    heard = hear("calendar", payload)
    assert isinstance(heard, Rejected)
    assert heard.code == code


@pytest.mark.parametrize(("word", "there"), [(b"online", True), (b"offline", False), (b"\xff", False)])
def test_the_centre_says_whether_it_is_there(word: bytes, there: bool) -> None:
    heard = arrivals.read(Arrival(CENTRE_STATUS, word, True), HERE)
    assert heard == Reading("link", (("centre", there),), 100_000)


def test_other_topics_mean_nothing() -> None:
    assert arrivals.read(Arrival("diemcau/1/other/do/power", with_()), HERE) is None


fields = st.sampled_from(["v", "id", "by", "boot", "until_mono_s", "args", "force", "again", "seq"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("boot-a"),
    lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=6), t, max_size=3),
    max_leaves=5,
)
bodies = st.dictionaries(fields, values).map(lambda b: json.dumps({"v": 1, **b}).encode())


@given(
    st.sampled_from(["do/power", "do/call", "do/x", "ack", "calendar", "certificate", "state"]),
    st.binary(max_size=300) | bodies,
    st.booleans(),
)
def test_any_bytes_are_heard_without_an_error(leaf: str, payload: bytes, retained: bool) -> None:
    heard = hear(leaf, payload, retained=retained)
    if isinstance(heard, Rejected):
        assert heard.code
        json.dumps(heard.args, ensure_ascii=False, allow_nan=False).encode()


@given(st.text(max_size=60), st.binary(max_size=40))
def test_any_topic_is_heard_without_an_error(topic: str, payload: bytes) -> None:
    arrivals.read(Arrival(topic, payload), HERE)
    heard = hear(f"do/{topic}", payload)
    assert isinstance(heard, Rejected)
