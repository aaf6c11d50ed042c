"""A secret meeting leaves no line of its floor; an external one sends none; power and safety are told as always."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.core.records import Record
from controller.core.report import details, summary
from controller.core.room import Mode
from controller.core.secrecy import of_floor
from tests.controller.day import MINUTE_MS, Day
from tests.controller.room_kit import a_meeting, a_room

FLOOR = ("mic", "mute", "muted", "floor", "talk", "ask.", "preset", "spoken")


def spoken(**kind: Any) -> tuple[Day, list[Record]]:
    """A meeting with a request, a turn, a floor, an open microphone and a frame."""
    day = Day(6.5, a_room(modes={"R9": Mode.ENFORCE})).calendar(a_meeting(8, 10, **kind)).to(7.9)
    first = len(day.records)
    day.call().run(MINUTE_MS)
    day.press("talk_chair", 300).press("talk_chair", 3_500).run(20_000)
    day.press("talk_chair", 300).run(MINUTE_MS)
    day.far.codec["mute"] = "open"
    day.run(MINUTE_MS)
    day.command("floor", "grant", "chair")
    day.command("mute", "muted")
    day.command("seat", "chair", 3)
    day.run(MINUTE_MS)
    return day, [record for _, record in day.records[first:]]


def test_a_secret_meeting_leaves_no_line_of_floor_microphone_or_speaker() -> None:
    _, records = spoken(secret=True)
    text = json.dumps([(r.kind, r.subject, r.body) for r in records])
    assert [word for word in FLOOR if word in text] == []
    assert any(r.kind == "phase" for r in records)


def test_any_other_meeting_has_its_log() -> None:
    _, records = spoken()
    kinds = {r.kind for r in records if of_floor(r)}
    assert kinds >= {"press", "hold", "hold.end", "command", "order", "proof", "wish"}


def test_the_buttons_work_in_a_secret_meeting_as_in_any() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10, secret=True)).to(8.1).call().run(MINUTE_MS)
    assert day.press("talk_chair", 3_500).run(10_000).far.codec["mute"] == "open"


def test_after_the_meeting_the_log_goes_on() -> None:
    day, _ = spoken(secret=True)
    day.hang_up().to(13)
    first = len(day.records)
    day.press("talk_chair", 3_500)
    assert [r.kind for _, r in day.records[first:] if of_floor(r)][:2] == ["press", "hold"]


def test_power_is_written_down_in_a_secret_meeting() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10, secret=True)).to(8.1).call()
    day.far.ups |= {"source": "battery", "runtime_s": 600}
    day.run(2 * MINUTE_MS)
    assert {"on_battery", "battery_short"} <= {body["alert"] for body in day.told("alert")}


@pytest.mark.parametrize("kind", ["secret", "external"])
def test_no_figure_but_power_and_safety_is_sent(kind: str) -> None:
    day, _ = spoken(**{kind: True})
    told = summary(day.state, day.now, day.room)
    assert (told["call"], told["mic"], told["floor"], told["asks"]) == (None, None, None, ())
    assert told["power"] == "mains"
    full = details(day.state, day.now, day.room)
    text = json.dumps({part: full[part] for part in ("codec", "camera", "panel")})
    assert [word for word in (*FLOOR, "in_call", "calls") if word in text] == []
    assert "lost" not in full["line"]


def test_any_other_meeting_is_sent_in_full() -> None:
    day, _ = spoken()
    assert summary(day.state, day.now, day.room)["call"] is True
    assert "calls" in details(day.state, day.now, day.room)["codec"]


def test_a_request_and_a_duty_end_with_their_meeting() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.1).press("duty", 300).to(8.1).press("talk_chair", 300)
    assert {"duty", "ask.chair"} <= day.state.holds.keys()
    assert not {"duty", "ask.chair"} & day.to(10.6).state.holds.keys()


def test_a_request_outlives_a_call_that_drops_and_ends_with_the_meeting() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(8.1).call().press("talk_chair", 300)
    assert "ask.chair" in day.hang_up().state.holds
    assert "ask.chair" not in day.to(10.6).state.holds


def test_duty_taken_between_two_meetings_is_for_the_next() -> None:
    day = Day(6.5).calendar(a_meeting(8, 9), a_meeting(11, 12, uid="next")).to(9.6).press("duty", 300)
    assert "duty" in day.to(11.5).state.holds
