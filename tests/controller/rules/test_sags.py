"""N11: sags and voltage regulation are figures: what is counted, how long, when it is written, what it outlives."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.report import details
from controller.rules.sags import figures
from hardware.contract import Reading, Value
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, poor_room, said


def ups(day: Day, **values: Value) -> Day:
    """The UPS says so, now and at every sample."""
    day.far.ups |= values
    day.give(Reading("ups", tuple(values.items()), day.mono_ms))
    return day


def sag(day: Day, ms: int) -> Day:
    return ups(ups(day, source="battery").run(ms), source="mains")


def noted(day: Day, kind: str = "sags") -> list[Value]:
    return [row["value"] for row in day.told("noted", kind)]


def shown(day: Day, kind: str = "sags") -> Any:
    return details(day.state, day.now, day.room)["ups"][kind]


def test_sags_of_an_hour_are_one_record_with_their_number_and_the_longest() -> None:
    day = Day(14)
    for ms in (1_200, 4_000, 300):
        sag(day.run(5 * MINUTE_MS), ms)
    assert noted(day) == []
    assert shown(day) == {"count": 3, "longest_ms": 4_000, "noted": None}
    day.run(HOUR_MS)
    assert noted(day) == [(3, 4.0)]
    assert shown(day) == {"count": 0, "longest_ms": 0, "noted": (3, 4.0)}
    assert "on_battery" not in [row["alert"] for row in day.told("alert")]
    assert day.run(3 * HOUR_MS).told("noted", "sags") == day.told("noted", "sags")[:1], "nothing happened since"


def test_the_same_figures_in_two_hours_are_two_records() -> None:
    day = Day(14)
    for _ in range(2):
        sag(day, 2_000).run(HOUR_MS + MINUTE_MS)
    assert noted(day) == [(1, 2.0), (1, 2.0)]


@pytest.mark.parametrize("what", [{}, {"testing": True}])
def test_an_outage_and_a_self_test_are_no_sags(what: dict[str, Value]) -> None:
    day = ups(Day(14).run(MINUTE_MS), source="battery", **what).run(9_000)
    ups(day, source="mains", testing=False).run(2 * HOUR_MS)
    assert noted(day) == []


def test_a_word_that_is_missing_in_between_leaves_the_length_unknown_and_nothing_counted() -> None:
    day = ups(Day(14).run(MINUTE_MS), source="battery").run(500)
    ups(ups(day, source=None).run(500), source="mains").run(2 * HOUR_MS)
    assert noted(day) == []


def test_regulation_is_counted_beside_it() -> None:
    day = ups(Day(14).run(MINUTE_MS), regulating=True).run(20 * MINUTE_MS)
    ups(day, regulating=False)
    sag(day, 1_000).run(HOUR_MS)
    assert noted(day) == [(1, 1.0)]
    assert noted(day, "regulated") == [(1, 1_200.0)]


@pytest.mark.parametrize("life", [{}, {"boot": "b2", "after_ms": 2 * MINUTE_MS, "mono_ms": 30_000}])
def test_figures_outlive_a_restart(life: dict[str, Any]) -> None:
    day = sag(Day(14).run(MINUTE_MS), 2_500)
    day.restart(**life)
    assert noted(sag(day.run(MINUTE_MS), 1_000).run(2 * HOUR_MS)) == [(2, 2.5)]


def test_a_flicker_all_day_is_a_record_an_hour() -> None:
    day = Day(8)
    for _ in range(240):
        sag(day.run(2 * MINUTE_MS), 800)
    day.run(2 * HOUR_MS)
    assert 7 <= len(noted(day)) <= 9
    assert sum(value[0] for value in noted(day) if isinstance(value, tuple)) == 240  # type: ignore[misc]


def test_a_room_without_ups_has_no_figures() -> None:
    assert said(figures, Sit(room=poor_room())) == ()
    day = Day(14, poor_room())
    assert "sags" not in details(day.state, day.now, day.room)["ups"]
