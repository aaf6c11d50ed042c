"""R14 (tamper, cabinet), motion as evidence (R2), and light (R4): each with its doubts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.report import details
from controller.core.room import Button
from controller.core.state import Fact, Quality
from controller.core.words import Alert
from controller.rules.climate import dark
from controller.rules.common import nobody
from controller.rules.idle_off import idle_off
from controller.rules.presence import motion
from controller.rules.safety import contacts
from controller.rules.tamper import tamper
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    marks,
    said,
)

STALE = Fact(True, Quality.STALE, 0, 0)
TAMPERED = a_room(buttons=(*a_room().buttons, Button("lid", "tamper")))


# R14


def test_a_tamper_contact_is_an_incident_whoever_is_there() -> None:
    for more in ({}, {"holds": (a_hold("duty", "present"),)}, {"down": ("bypass",)}):
        sit: dict[str, Any] = {"facts": {"input.lid": True}, "room": TAMPERED, **more}
        assert alerts(said(tamper, Sit(**sit))) == {"tamper"}


@pytest.mark.parametrize(
    ("since_ms", "more", "told"),
    [
        (119_000, {}, set()),
        (120_000, {}, {"door"}),
        (HOUR_MS, {"down": ("bypass",)}, set()),
        (HOUR_MS, {"holds": (a_hold("duty", "present"),)}, set()),
    ],
)
def test_an_open_cabinet(since_ms: int, more: dict[str, Any], told: set[str]) -> None:
    sit = Sit(facts={"input.cabinet": True}, since_ms=since_ms, **more)
    assert alerts(said(tamper, sit)) == told


ALL_READ = {f"input.{button.input}": False for button in a_room().buttons}


@pytest.mark.parametrize(
    ("facts", "started_ms", "told"),
    [
        ({}, HOUR_MS, set()),
        ({"input.smoke": STALE}, HOUR_MS, {("contact_lost", "smoke")}),
        ({"input.smoke": STALE}, SECOND_MS, set()),
        (
            {"input.smoke": STALE, "input.leak": STALE},
            HOUR_MS,
            {("contact_lost", "smoke"), ("contact_lost", "leak")},
        ),
    ],
)
def test_a_contact_that_cannot_be_read_is_said(
    facts: dict[str, Any], started_ms: int, told: set[tuple[str, str]]
) -> None:
    """N14: smoke that nobody hears of is no quiet. In the first minute nothing has been read yet."""
    sit = Sit(facts={**ALL_READ, **facts})
    words = said(contacts, replace(sit, started_ms=sit.ago(started_ms)))
    assert {(w.code, w.subject) for w in words if isinstance(w, Alert)} == told


def test_a_door_that_cannot_be_read_is_not_open() -> None:
    assert said(tamper, Sit(facts={"input.cabinet": STALE})) == ()


def test_the_incident_keeps_its_since_and_ends() -> None:
    day = Day(hour=14.0)
    day.run(MINUTE_MS).touch("cabinet", True).run(10 * MINUTE_MS)
    alarm = day.state.alerts[("door", "cabinet")]
    assert alarm.since_ms == day.mono_ms - 8 * MINUTE_MS
    day.touch("cabinet", False).run(SECOND_MS)
    assert ("door", "cabinet") not in day.state.alerts
    assert len(day.told("alert", "cabinet")) == 1


# Motion


def test_a_sensor_that_sees_somebody_is_known_to_work() -> None:
    assert marks(said(motion, Sit(facts={"input.motion": True}))) == {"moved.motion": True}
    assert said(motion, Sit(facts={"input.motion": False})) == ()


def test_motion_without_a_pause_for_half_a_day_is_a_stuck_sensor() -> None:
    assert alerts(said(motion, Sit(facts={"input.motion": True}, since_ms=12 * HOUR_MS))) == {"motion_stuck"}


def test_a_sensor_that_misses_a_press_is_blind_until_it_sees_somebody() -> None:
    def at(pressed_ago_ms: int, still_ms: int) -> set[str]:
        known = {"pressed": Sit().ago(pressed_ago_ms)}
        return alerts(said(motion, Sit(facts={"input.motion": False}, since_ms=still_ms, marks=known)))

    assert at(5 * MINUTE_MS, HOUR_MS) == {"motion_blind"}
    assert at(30 * SECOND_MS, HOUR_MS) == set()
    assert at(5 * MINUTE_MS, 3 * MINUTE_MS) == set()
    assert at(5 * MINUTE_MS, 5 * MINUTE_MS + 30 * SECOND_MS) == set()


def test_it_is_said_once_however_often_somebody_presses() -> None:
    day = Day(hour=14.0).run(MINUTE_MS)
    for _ in range(3):
        day.press("check", 200).run(5 * MINUTE_MS)
    assert len(day.told("alert", "motion")) == 1
    assert day.told("alert.end", "motion") == []
    day.touch("motion", True).run(MINUTE_MS).touch("motion", False).press("check", 200).run(5 * MINUTE_MS)
    assert len(day.told("alert", "motion")) == len(day.told("alert.end", "motion")) == 1


def test_who_missed_somebody_is_not_believed_until_it_sees() -> None:
    assert not still(marks={"missed.motion": True})
    assert still(marks={"missed.motion": False})
    assert marks(said(motion, Sit(facts={"input.motion": True}, marks={"missed.motion": True}))) == {
        "moved.motion": True,
        "missed.motion": False,
    }


def still(**more: Any) -> bool:
    facts = {"input.motion": False, **more.pop("facts", {})}
    given = {"moved.motion": True, **more.pop("marks", {})}
    return nobody(Sit(facts=facts, marks=given, **more).view(), 10 * MINUTE_MS)


def test_nobody_is_positive_evidence_only() -> None:
    assert still()
    assert not still(since_ms=9 * MINUTE_MS)
    assert not still(facts={"input.motion": STALE})
    assert not still(marks={"moved.motion": ""})
    assert not still(marks={"pressed": Sit().ago(5 * MINUTE_MS)})
    without = tuple(b for b in a_room().buttons if b.role != "motion")
    assert not still(room=a_room(buttons=without))
    second = a_room(buttons=(*a_room().buttons, Button("hall", "motion")))
    assert not still(room=second)
    assert still(room=second, facts={"input.hall": False}, marks={"moved.hall": True})


def unused(**more: Any) -> dict[str, Any]:
    facts = {"codec.in_call": False, "input.motion": False, **more.pop("facts", {})}
    given = {"moved.motion": True, **more.pop("marks", {})}
    return dict(marks(said(idle_off, Sit(hour=15.0, facts=facts, marks=given, seen=all_loads("on"), **more))))


def test_r2_by_day_needs_somebody_to_be_missing() -> None:
    assert unused()["unused"][0] == "R2.nobody"
    assert unused(facts={"input.motion": True}) == {"closing": "", "unused": "", "warned": ""}
    assert unused(facts={"input.motion": STALE})["unused"] == ""
    assert unused(facts={"codec.in_call": Fact(False, Quality.STALE, 0, 0)})["unused"] == ""


def test_an_empty_room_is_closed_by_day_after_a_warning() -> None:
    day = Day(hour=13.0)
    day.touch("motion", True).press("power", 200).run(10 * MINUTE_MS)
    assert "codec" in day.relays("on")
    day.command("power", "auto")
    day.touch("motion", False).run(25 * MINUTE_MS)
    assert "closing_soon" not in day.codes
    day.run(8 * MINUTE_MS)
    assert "closing_soon" in day.codes
    day.run(45 * MINUTE_MS)
    assert day.relays("on") <= {"network", "fan"}


def test_somebody_moving_keeps_the_room() -> None:
    day = Day(hour=13.0)
    day.touch("motion", True).press("power", 200).run(10 * MINUTE_MS)
    day.command("power", "auto")
    for on in (False, True) * 6:
        day.touch("motion", on).run(15 * MINUTE_MS)
    assert "codec" in day.relays("on")


def test_in_the_evening_somebody_who_moves_keeps_the_room_and_a_stuck_sensor_does_not() -> None:
    def at(fact: object, **more: Any) -> str:
        facts = {"codec.in_call": Fact(False, Quality.STALE, 0, 0), "input.motion": fact}
        sit = Sit(hour=21.0, facts=facts, marks={"moved.motion": True}, seen=all_loads("on"), **more)
        return str(dict(marks(said(idle_off, sit)))["unused"])

    assert at(True) == ""
    assert "R2.evening" in at(True, since_ms=13 * HOUR_MS)
    assert at(False, since_ms=20 * MINUTE_MS) == ""
    assert "R2.evening" in at(False, since_ms=40 * MINUTE_MS)
    assert "R2.evening" in at(STALE)


def test_who_was_there_is_told_to_nobody() -> None:
    day = Day().touch("motion", True).touch("smoke", True).run(SECOND_MS)
    told = details(day.state, day.now, day.room)
    assert "motion" not in str(told)
    assert told["contacts"]["smoke"] is True


# Light


@pytest.mark.parametrize(
    ("lux", "more", "told"),
    [
        (299, {"booked": (a_booked(7.0, 9.0),)}, {"dark"}),
        (299, {"facts": {"codec.in_call": True}}, {"dark"}),
        (300, {"booked": (a_booked(7.0, 9.0),)}, set()),
        (299, {}, set()),
    ],
)
def test_too_dark_only_while_the_room_is_used(lux: int, more: dict[str, Any], told: set[str]) -> None:
    facts = {"light.table.lux": lux, **more.pop("facts", {})}
    sit = Sit(facts=facts, marks={"dark.table": "dark" if told else ""}, **more)
    assert alerts(said(dark, sit)) == told


def test_a_passing_shadow_is_not_reported() -> None:
    sit = Sit(facts={"light.table.lux": 90}, booked=(a_booked(7.0, 9.0),), since_ms=4 * MINUTE_MS)
    assert alerts(said(dark, sit)) == set()
    assert marks(said(dark, sit)) == {"dark.table": "dark"}


def test_a_light_sensor_that_is_gone_is_said() -> None:
    assert alerts(said(dark, Sit())) == {"sensor_lost"}


def test_a_meeting_in_the_dark_is_told_after_five_minutes() -> None:
    day = Day(hour=6.0).calendar(a_meeting(8.0, 10.0)).to(8.0)
    day.far.lux = 100.0
    day.run(4 * MINUTE_MS)
    assert "dark" not in day.codes
    day.run(2 * MINUTE_MS)
    assert "dark" in day.codes
    day.far.lux = 420.0
    day.run(SECOND_MS * 20)
    assert "dark" not in day.codes
