"""Plugs that the technician has pulled for lightning: a gap in the record, no device that has vanished."""

from __future__ import annotations

from controller.core.state import Proof, Track
from controller.rules.devices import devices
from controller.rules.heal import heal
from controller.rules.power_up import readiness
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    alerts,
    all_loads,
    marks,
    said,
)

PULLED = (a_hold("lightning", True),)
DEAD = {**all_loads("on"), "load.camera": Track(Proof.FAILED, 0, "on", "on", failed="no_effect")}
SILENT = {"camera.main.answers": False}
WANTED = {"load.camera": "on"}


def test_what_is_silent_has_not_vanished_and_is_not_power_cycled() -> None:
    sit = {"facts": SILENT, "seen": DEAD, "want": WANTED, "hour": 5.0}
    assert alerts(said(devices, Sit(**sit))) == {"failed"}  # type: ignore[arg-type]
    assert "heal.camera" in marks(said(heal, Sit(**sit)))  # type: ignore[arg-type]
    for rule in (devices, heal):
        assert said(rule, Sit(**sit, holds=PULLED)) == ()  # type: ignore[arg-type]


def test_a_meeting_at_risk_is_told_all_the_same() -> None:
    sit = Sit(7.5, seen=all_loads("off"), booked=(a_booked(),), holds=PULLED)
    assert "not_ready" in alerts(said(readiness, sit))


def test_an_evening_of_thunder_is_a_gap_with_a_beginning_and_an_end() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.5)
    day.command("lightning", "on", 60)
    day.far.dead.add("codec")
    day.run(30 * MINUTE_MS)
    assert "failed" not in day.codes
    assert "lost" not in day.codes
    assert day.told("hold", "lightning")[0]["code"] == "hold.lightning"
    day.run(31 * MINUTE_MS)
    assert len(day.told("hold.end", "lightning")) == 1
    day.run(5 * MINUTE_MS)
    assert day.codes & {"failed", "lost"}, "who is still silent then is told"


def test_one_tap_ends_it_too() -> None:
    day = Day(12)
    day.command("lightning", "on", 720)
    assert day.state.holds["lightning"].until_ms == day.mono_ms + 12 * HOUR_MS
    day.command("lightning", "off")
    assert day.state.holds == {}
