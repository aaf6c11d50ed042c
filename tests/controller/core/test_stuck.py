"""N14: a value that moves by no digit for hours while its like do is stuck, and not believed."""

from __future__ import annotations

import pytest

from controller.core.state import Quality
from controller.core.view import View
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS

FACT = "climate.room.temp_c"


def frozen(hours: float, others: bool = True, fast: bool = True) -> Day:
    """The room's temperature does not move; the cabinet's does, or nothing does."""
    day = Day(0.0, fast=fast, sample_ms=30_000)
    for n in range(round(hours * 6)):
        moved = 0.1 * (n % 3) if others else 0.0
        day.far.climate["cabinet"] = (25.0 + moved, 55.0 + moved)
        day.far.climate["room"] = (26.0, 60.0 + moved)
        day.run(10 * MINUTE_MS)
    return day


@pytest.mark.lives
@pytest.mark.parametrize("fast", [True, False])
def test_not_before_its_time_and_then_said_once(fast: bool) -> None:
    assert frozen(5.9, fast=fast).state.facts[FACT].quality is Quality.GOOD
    day = frozen(9.0, fast=fast)
    assert day.state.facts[FACT].quality is Quality.STUCK
    assert [row["alert"] for row in day.told("alert", "room")] == ["sensor_stuck"]


def test_it_is_not_believed_and_still_shown() -> None:
    day = frozen(7.0)
    view = View(day.state, day.now, day.room)
    assert (view.number(FACT), view.last(FACT), view.stuck(FACT)) == (None, 26.0, True)


def test_where_nothing_moves_nothing_is_stuck() -> None:
    assert frozen(13.0, others=False).state.facts[FACT].quality is Quality.GOOD


def test_a_digit_is_enough() -> None:
    day = frozen(7.0)
    day.far.climate["room"] = (26.1, 60.0)
    day.run(MINUTE_MS)
    assert day.state.facts[FACT].quality is Quality.GOOD
    assert [row["alert"] for row in day.told("alert.end", "room")] == ["sensor_stuck"]


def test_a_drift_within_the_dead_band_is_alive() -> None:
    """Its value is the same for the rules, its last digit is not."""
    day = Day(0.0, sample_ms=30_000)
    for n in range(48):
        day.far.climate["room"] = (26.0 + 0.1 * (n % 2), 60.0)
        day.far.climate["cabinet"] = (25.0, 55.0 + 0.1 * (n % 2))
        day.run(10 * MINUTE_MS)
    assert day.state.facts[FACT].quality is Quality.GOOD
    assert day.state.facts["climate.room.humidity_pct"].quality is Quality.STUCK


def test_silence_outranks_stillness() -> None:
    day = frozen(7.0)
    day.far.mute.add("climate.room")
    day.run(HOUR_MS)
    assert day.state.facts[FACT].quality is Quality.STALE
