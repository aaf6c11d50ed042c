"""Records in words."""

from __future__ import annotations

from typing import Any

import pytest

from controller import config
from controller.demo.story import Record
from controller.demo.words import Sayer, names

SAY = Sayer("en", {"load.codec": "Codec", "m-1": "Staff meeting"})


def record(kind: str, subject: str, **body: Any) -> Record:
    return Record(1, "b", 1, kind, subject, body, "", "", "2026-07-15T08:30:01.250+07:00")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (record("proof", "load.codec", proof="proven", seen="on"), "08:30:01 proof: Codec · proven"),
        (record("alert", "ups", alert="on_battery"), "08:30:01 incident: UPS · On battery"),
        (record("phase", "room", **{"from": "off", "to": "ready"}), "08:30:01 phase: room · Ready"),
        (
            record("hold", "room", value="on", rule="hold", code="hold.command", args=["desk"]),
            "on · Held by order of control desk",
        ),
        (record("strange", "thing"), "08:30:01 strange: thing"),
        (record("noted", "t60.m", value=["not_ready", "load.codec"]), "not ready, Codec"),
    ],
)
def test_a_record_is_one_line(row: Record, said: str) -> None:
    assert said in SAY.line(row)


def test_a_reason_carries_its_rule_and_names() -> None:
    reason = {"rule": "R1", "code": "R1.meeting", "args": ["m-1"]}
    assert SAY.why(reason) == "On for the meeting Staff meeting: ready 60 minutes before it begins (R1)"
    assert SAY.why({}) == ""


def test_a_gesture_and_an_unknown_code_are_said_somehow() -> None:
    assert "press" in SAY.line(record("press", "power", role="power", gesture="press"))
    assert SAY.word("no.such.code", ("x",)) == "no.such.code"


@pytest.mark.parametrize("value", [None, True, 3, 1.5, "on", ["a", ["b", None]], ()])
def test_every_value_can_be_said(value: object) -> None:
    assert isinstance(SAY.value(value), str)


def test_loads_are_called_by_their_labels() -> None:
    found = names(config.loads(config.example()))
    assert found["load.codec"] == "Thiết bị họp"
    assert found["camera.main.preset"]
