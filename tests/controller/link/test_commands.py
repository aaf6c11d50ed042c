"""The table of commands: every shape, every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.link import commands
from controller.link.commands import LATER, SHAPES, BadCommand, is_clean
from hardware.contract import Value

IN_THE_CONTRACT = {
    *("power", "load", "floor", "mute", "call", "seat", "check", "rehearse", "maintenance", "incident"),
    *("acknowledge", "heal", "volume", "duty", "message", "meeting", "rollcall", "rule", "update", "restart"),
    *("report", "rebirth", "storm", "lightning"),
}


def test_every_command_of_the_contract_is_known() -> None:
    assert {*SHAPES, *LATER} == IN_THE_CONTRACT


@pytest.mark.parametrize(
    ("verb", "args", "values", "hold_min"),
    [
        ("power", {"value": "on"}, ("on",), 0),
        ("power", {"value": "on", "hold_min": 90}, ("on",), 90),
        ("power", {"value": "auto", "later": 1}, ("auto",), 0),
        ("load", {"name": "tv", "value": "off"}, ("tv", "off"), 0),
        ("load", {"name": "tv", "value": "cycle"}, ("tv", "cycle"), 0),
        ("storm", {"value": "on", "minutes": 720}, ("on", 720), 0),
        ("storm", {"value": "off"}, ("off",), 0),
        ("lightning", {"value": "on"}, ("on", 720), 0),
        ("lightning", {"value": "off"}, ("off",), 0),
        ("mute", {"value": "muted"}, ("muted",), 0),
        ("floor", {"value": "grant", "seat": "seat1"}, ("grant", "seat1"), 0),
        ("floor", {"value": "end"}, ("end", ""), 0),
        ("call", {"value": "dial", "address": "10.0.0.9"}, ("dial", "10.0.0.9", "auto", 0), 0),
        (
            "call",
            {"value": "dial", "address": "a@b", "protocol": "sip", "kbps": 2048},
            ("dial", "a@b", "sip", 2048),
            0,
        ),
        ("call", {"value": "hangup"}, ("hangup", "all"), 0),
        ("call", {"value": "hangup", "id": "34"}, ("hangup", "34"), 0),
        ("call", {"value": "accept"}, ("accept",), 0),
        ("seat", {"value": "recall", "preset": 3}, ("recall", 3), 0),
        ("seat", {"value": "store", "seat": "chair"}, ("store", "chair"), 0),
        ("seat", {"value": "assign", "seat": "chair", "preset": 4}, ("assign", "chair", 4), 0),
        ("seat", {"value": "confirm"}, ("confirm",), 0),
        ("floor", {"value": "request", "seat": "a"}, ("request", "a", "phone"), 0),
        ("duty", {"value": "on"}, ("on",), 0),
        ("check", {}, (), 0),
        ("acknowledge", {}, ("",), 0),
        (
            "incident",
            {"value": "note", "alert": "line_down", "subject": "line", "text": "cột 12"},
            ("note", "line_down", "line", "cột 12"),
            0,
        ),
        (
            "incident",
            {"value": "expect", "alert": "line_down", "subject": "line", "minutes": 90},
            ("expect", "line_down", "line", 90),
            0,
        ),
        (
            "incident",
            {"value": "close", "alert": "dropped", "subject": "line"},
            ("close", "dropped", "line", ""),
            0,
        ),
        ("incident", {"value": "common"}, ("common", 15), 0),
        ("acknowledge", {"what": "help"}, ("help",), 0),
        ("meeting", {"value": "extend", "uid": "u@1", "minutes": 30}, ("extend", "u@1", 30), 0),
        ("meeting", {"value": "end", "uid": "u@1"}, ("end", "u@1"), 0),
        ("rule", {"name": "R2", "value": "watch"}, ("R2", "watch"), 0),
        ("volume", {"value": 30}, (30,), 0),
        ("rollcall", {"value": "sound_out"}, ("sound_out", "ok"), 0),
        ("rollcall", {"value": "technician", "result": "bad"}, ("technician", "bad"), 0),
        ("rebirth", {}, (), 0),
        ("message", {"text": "Họp chậm 10 phút\nxin chờ"}, ("Họp chậm 10 phút\nxin chờ",), 0),
    ],
)
def test_a_command_becomes_its_words(
    verb: str, args: dict[str, Any], values: tuple[Value, ...], hold_min: int
) -> None:
    assert commands.read(verb, args) == (values, hold_min)


@pytest.mark.parametrize(
    ("verb", "args", "code"),
    [
        ("dance", {}, "unknown_command"),
        ("", {}, "unknown_command"),
        ("rehearse", {"value": "on"}, "bad_args"),
        ("floor", {"value": "request"}, "bad_args"),
        ("meeting", {"value": "postpone", "uid": "u"}, "unsupported"),
        ("power", {}, "bad_args"),
        ("power", {"value": "toggle"}, "bad_args"),
        ("power", {"value": ["on"]}, "bad_args"),
        ("power", {"value": "on", "hold_min": 1441}, "bad_args"),
        ("power", {"value": "on", "hold_min": True}, "bad_args"),
        ("power", {"value": "on", "hold_min": 1.5}, "bad_args"),
        ("load", {"value": "on"}, "bad_args"),
        ("storm", {"value": "on"}, "bad_args"),
        ("load", {"name": "", "value": "on"}, "bad_args"),
        ("load", {"name": "tv\x07", "value": "on"}, "bad_args"),
        ("call", {}, "bad_args"),
        ("call", {"value": {}}, "bad_args"),
        ("call", {"value": "dial"}, "bad_args"),
        ("call", {"value": "dial", "address": "x", "kbps": -1}, "bad_args"),
        ("seat", {"value": "recall", "preset": 255}, "bad_args"),
        ("seat", {"value": "store"}, "bad_args"),
        ("volume", {"value": 51}, "bad_args"),
        ("rollcall", {"value": "smell"}, "bad_args"),
        ("seat", {"value": "assign", "seat": "chair"}, "bad_args"),
        ("floor", {"value": "request", "seat": "a", "channel": "smoke"}, "bad_args"),
        ("meeting", {"value": "extend", "uid": "u", "minutes": 0}, "bad_args"),
        ("message", {"text": "x" * 501}, "bad_args"),
        ("incident", {"value": "reopen"}, "bad_args"),
        ("incident", {"value": "expect", "alert": "a", "subject": "b", "minutes": 0}, "bad_args"),
        ("incident", {"value": "note", "alert": "a", "subject": "b"}, "bad_args"),
        ("message", {"text": "\ud800"}, "bad_args"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(verb: str, args: dict[str, Any], code: str) -> None:
    with pytest.raises(BadCommand) as refusal:
        commands.read(verb, args)
    assert refusal.value.code == code


def test_a_refusal_names_the_argument_and_what_is_allowed() -> None:
    with pytest.raises(BadCommand) as refusal:
        commands.read("rule", {"name": "R2", "value": "maybe"})
    assert refusal.value.reason == ("value", "off|watch|remind|enforce")


def test_clean_text() -> None:
    assert is_clean("Phòng họp số 1 – tầng 2\n")
    assert not any(map(is_clean, ("\x00", "a\tb", "\x7f", "\udfff")))


@given(
    st.sampled_from(sorted(IN_THE_CONTRACT)),
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(), max_size=5),
)
def test_any_arguments_are_read_or_refused(verb: str, args: dict[str, Any]) -> None:
    code, hold_min = "", 0
    try:
        _, hold_min = commands.read(verb, args)
    except BadCommand as refusal:
        code = refusal.code
    assert code in {"", "unsupported", "bad_args"}
    assert 0 <= hold_min <= 1440
