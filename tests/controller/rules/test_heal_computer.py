"""N9, N15 where a computer runs the meeting: it tells nobody of its calls, so while it runs it may be in one, and
what is dead is power-cycled only where nobody can lose anything by it."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.room import Room
from controller.core.state import Proof, Track
from controller.rules.heal import heal
from tests.controller.pc_kit import PcDay, living, pc_room
from tests.controller.room_kit import HOUR_MS, Sit, a_booked, a_meeting, codes, marks, said

CAMERA = {"load.camera": Track(Proof.FAILED, 0, "on", "on")}
SILENT = {"camera.main.answers": False}
RUNS = {**SILENT, "codec.answers": True}
DOWN = {**SILENT, "codec.answers": False, "line.gateway.reachable": True}
KNOWN = {"pc.answered": True}
IDLE_MS = pc_room().idle.idle_ms


def still(room: Room | None = None) -> dict[str, Any]:
    """Every motion sensor has been still for the time since which a `Sit` knows its facts, and can be believed."""
    names = [b.input for b in (room or pc_room()).buttons if b.role == "motion"]
    assert names
    return {
        "facts": {**RUNS, **{f"input.{name}": False for name in names}},
        "marks": {f"moved.{name}": True for name in names},
    }


def stage(facts: dict[str, Any], **more: Any) -> tuple[object, set[str]]:
    asked = {"heal.camera": "reopened", **more.pop("marks", {})}
    want = {"load.camera": "on"}
    words = said(
        heal, Sit(more.pop("hour", 6.0), facts, seen=CAMERA, want=want, marks=asked, room=pc_room(), **more)
    )
    return marks(words).get("heal.camera"), codes(words)


CYCLED: tuple[object, set[str]] = ("cycle", set())
NOT_NOW: tuple[object, set[str]] = (None, {"N15.not_now"})


def test_while_it_runs_it_may_be_in_a_call_and_a_person_is_called() -> None:
    assert stage(RUNS) == NOT_NOW
    assert stage(SILENT) == NOT_NOW, "nothing tells that it is down"


def test_one_that_is_down_is_in_no_call() -> None:
    assert stage(DOWN, marks=KNOWN) == CYCLED


@pytest.mark.parametrize(("since_ms", "found"), [(IDLE_MS, CYCLED), (IDLE_MS - 1, NOT_NOW)])
def test_where_nobody_has_been_for_half_an_hour_nobody_is_in_one(since_ms: int, found: object) -> None:
    there = still()
    assert stage(there["facts"], marks=there["marks"], since_ms=since_ms) == found


@pytest.mark.parametrize(
    ("hour", "found"),
    [(6.8, NOT_NOW), (6.95, CYCLED), (7.8, CYCLED), (7.95, NOT_NOW), (9.0, NOT_NOW), (10.2, NOT_NOW)],
)
def test_in_the_lead_of_a_booked_meeting_the_lock_itself_allows_it(hour: float, found: object) -> None:
    """The lead begins at 06:54; from 07:53 on it would not be back for the start; after the end people stay on."""
    assert stage(RUNS, hour=hour, booked=(a_booked(8, 10),)) == found


def camera_dies(day: PcDay) -> PcDay:
    day.far.dead.add("camera")
    return day


def pausing(until: float) -> PcDay:
    """Between two meetings of a morning the room stays on, and the first may not be over yet on the computer."""
    day = living(6.0)
    day.calendar(a_meeting(8, 9), a_meeting(11.5, 12, "mai")).to(9.2)
    assert day.far.pc.answers(day.mono_ms)
    camera_dies(day).to(until)
    return day


def cuts(day: PcDay) -> int:
    return day.switched().count(("load.camera", "off"))


def test_a_dead_camera_in_a_meeting_that_runs_over_is_told_and_left() -> None:
    day = pausing(until=10.3)
    assert (cuts(day), "needs_hand" in day.codes) == (0, True)
    day.to(11)
    assert cuts(day) == 1, "in the lead of the next one"


def test_once_the_computer_is_down_it_is_cycled() -> None:
    day = pausing(until=9.6)
    assert cuts(day) == 0
    day.shut_down().to(10.3)
    assert cuts(day) == 1


def test_a_dead_camera_is_back_for_a_booked_meeting() -> None:
    day = living(5.0)
    camera_dies(day).calendar(a_meeting(8, 10))
    day.until(lambda d: ("load.camera", "off") in d.switched(), 3 * HOUR_MS)
    assert day.hour < 7.2
