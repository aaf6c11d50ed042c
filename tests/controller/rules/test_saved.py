"""R2's evidence: what its closing has saved, and what it has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.hours import SAVED, ran
from controller.core.memory import Kept
from controller.core.records import Because
from controller.core.room import Rank, Room
from controller.core.state import Desired, Proof, Track
from controller.rules.saved import NOTED, SAVING, saved
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, a_meeting, a_room, marks, mono, said

HOUR = 20.0
OFF_MS = mono(18.0)


def sit(rule: str = "R2", off_ms: int = OFF_MS, value: str = "off", seen: str = "off", **more: Any) -> Sit:
    """The mixer, wanted off since 17:59."""
    wish = Desired(value, Rank.IDLE, Because(rule, "x"), mono(17.98), mono(17.98))
    track = Track(Proof.PROVEN, off_ms, value, seen, off_ms=off_ms)
    return Sit(**{"hour": HOUR, "want": {"load.mixer": wish}, "seen": {"load.mixer": track}, **more})


def test_what_r2_has_switched_off_is_being_saved() -> None:
    assert marks(said(saved, sit()))[SAVING] == (("mixer", OFF_MS),)


@pytest.mark.parametrize(
    "there",
    [sit("hold"), sit(off_ms=mono(17.0)), sit(value="on"), sit(seen="on")],
    ids=["by_a_person", "off_before", "wanted", "still_on"],
)
def test_anything_else_is_not(there: Sit) -> None:
    assert marks(said(saved, there))[SAVING] == ""


def test_it_is_counted_when_it_is_wanted_again() -> None:
    there = sit(value="on", marks={SAVING: (("mixer", OFF_MS),), SAVED: (("mixer", HOUR_MS),)})
    told = marks(said(saved, there))
    assert (told[SAVING], told[SAVED]) == ("", (("mixer", 3 * HOUR_MS),))
    assert told[NOTED] == (("mixer", 2.0, None),)


def test_no_closing_counts_for_more_than_a_night() -> None:
    there = sit(value="on", marks={SAVING: (("mixer", mono(HOUR) - 15 * HOUR_MS),)})
    told = marks(said(saved, there))
    assert (told[SAVING], told[SAVED]) == ("", (("mixer", 14 * HOUR_MS),))


def watts(room: Room) -> Room:
    loads = tuple(replace(load, watts=100.0 if load.name == "display" else 0.0) for load in room.loads)
    return replace(room, loads=loads)


def test_figures_of_a_load_with_and_without_its_power() -> None:
    kept = {SAVED: Kept((("display", 90 * MINUTE_MS), ("mixer", HOUR_MS)), 0)}
    display, mixer = (next(load for load in watts(a_room()).loads if load.name == n) for n in ("display", "mixer"))
    assert (ran(kept, display)["saved_hours"], ran(kept, display)["saved_kwh"]) == (1.5, 0.15)
    assert "saved_kwh" not in ran(kept, mixer)
    assert ran({SAVED: Kept("rubbish", 0)}, mixer)["saved_hours"] == 0


def test_a_night_after_a_meeting_is_written_down_the_next_morning() -> None:
    day = Day(6.0, watts(a_room())).run(MINUTE_MS)
    day.calendar(a_meeting(8, 9), a_meeting(32, 33, "mai")).to(8.1).call().to(9.0).hang_up().to(10.0)
    assert day.phase == "off"
    day.to(32.5)
    (noted,) = day.told("noted", "saved")
    rows = {row[0]: row[1:] for row in noted["value"]}  # type: ignore[union-attr,index]
    assert rows["display"] == (14.0, 1.4)
    assert rows["mixer"] == (14.0, None)
    assert "network" not in rows
    assert day.state.marks[SAVING].value == ""


def test_what_a_person_switches_off_saves_nothing_here() -> None:
    day = Day(15.0).run(20_000)
    day.command("power", "on")
    day.run(20 * MINUTE_MS)
    day.command("power", "off")
    day.run(6 * HOUR_MS)
    assert day.told("noted", "saved") == []
