"""8. Schedules missed while off, or fired on a wrong clock; meetings over midnight; equipment on all weekend."""

from __future__ import annotations

import pytest

from controller.core.instant import Trust
from controller.rules import RULES
from controller.simulation.simulate import Rules
from controller.simulation.world import World
from hardware.contract import NEVER_MS
from tests.scenarios.kit import Scene, meeting, without

DAY_MS = 86_400_000


def missed(world: type[World] = World, rules: Rules = RULES) -> Scene:
    """The controller is dead from T-90 to T-18: the time to power up goes by without it."""
    scene = Scene(meeting(10, 12), world=world, rules=rules).to(8.5)
    scene.world.crash(NEVER_MS)
    scene.to(9.7)
    assert scene.closed == {"network"}
    scene.world.crash(1_000)
    return scene.to(9.9)


def test_what_was_missed_is_made_up_for_and_called_late() -> None:
    scene = missed()
    assert scene.ready
    assert {"subject": "ready.giao-ban", "value": "late"} in scene.told("noted")


def test_without_power_up_or_a_calendar_on_disk_it_stays_missed() -> None:
    class Blank(World):
        """Nobody tells a restarted controller what is booked."""

        def start(self) -> None:
            if self.now_ms:
                self.calendar, self.memory = (), None
            super().start()

    assert not missed(rules=without("power_up")).ready
    assert not missed(world=Blank).ready


def test_a_meeting_over_midnight_is_one_meeting() -> None:
    scene = Scene(meeting(22, 25)).to(21.5)
    assert scene.ready
    scene.to(24.99)
    assert scene.ready
    assert scene.moves(21.5) == []
    assert scene.to(26.5).closed == {"network"}


def test_a_calendar_cut_at_midnight_breaks_it() -> None:
    """Two days' pages instead of one meeting: the first ends at midnight, and the second is not on today's page."""

    class Pages(World):
        def start(self) -> None:
            self.calendar = (meeting(22, 24),)
            super().start()

    scene = Scene(meeting(22, 25), world=Pages).to(24.9)
    assert not scene.ready


@pytest.mark.parametrize(("rules", "on_monday"), [(RULES, False), (without("idle_off"), True)])
def test_who_forgets_the_room_on_friday_finds_it_off_on_monday(rules: Rules, on_monday: bool) -> None:
    friday = 24.0
    scene = Scene(rules=rules).to(friday + 16).press().wait(300)
    assert scene.ready
    scene.to(friday + 3 * 24 + 7)
    assert (scene.meets <= scene.closed) is on_monday


@pytest.mark.parametrize(
    ("trust", "stays"), [(Trust.HELD, True), (Trust.UNKNOWN, True), (Trust.NTP, False)], ids=str
)
def test_a_scheduled_off_never_runs_on_a_clock_that_nobody_vouches_for(trust: Trust, stays: bool) -> None:
    """In the middle of a meeting the clock is a day off. Who takes it for true all the same closes the room."""
    scene = Scene(meeting(10, 12)).to(11)
    scene.world.clock(-DAY_MS, trust)
    scene.to(15)
    assert (scene.meets <= scene.closed) is stays
    assert ("clock" in scene.alerts) is stays


def test_a_meeting_begins_by_the_time_that_was_known_before_the_clock_jumped() -> None:
    scene = Scene(meeting(10, 12)).to(8.95)
    scene.world.clock(7 * DAY_MS, Trust.UNKNOWN)
    assert scene.to(9.5).ready
