"""A restart begins no new count: a device that takes no orders is told no more often for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.instant import Trust
from controller.core.memory import Memory, Told
from controller.core.observe import GIVEN_UP_MS, HOURLY
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, mono

TARGET = "codec.autoanswer"


def deaf() -> Day:
    """A codec that answers, and takes no calls by itself however often it is told."""
    day = Day(6.5).calendar(a_meeting(8, 12))
    day.far.deaf.add(TARGET)
    return day.to(7.2)


def orders(day: Day) -> int:
    return sum(order.target == TARGET for _, order, _ in day.orders)


@pytest.mark.parametrize("another_boot", [False, True], ids=["same boot", "another boot"])
def test_a_deaf_device_is_told_twelve_times_an_hour_however_often_we_start_again(another_boot: bool) -> None:
    day = deaf()
    for n in range(20):  # as a restart every two minutes
        day.restart(f"b{n + 2}" if another_boot else "", mono_ms=30_000 if another_boot else None)
        day.run(2 * MINUTE_MS)
    assert orders(day) == HOURLY
    day.run(2 * HOUR_MS)
    assert orders(day) > HOURLY, "the bound is by the hour and no longer"


def test_what_came_to_nothing_is_tried_once_by_the_next_life_and_not_three_times() -> None:
    day = deaf()
    tries = orders(day)
    day.restart()
    assert orders(day.run(5 * MINUTE_MS)) == tries + 1


def test_a_wish_that_had_lapsed_by_then_is_no_new_one() -> None:
    """No alert is open that could tell it: the memory itself does."""
    day = deaf()
    tries = orders(day)
    assert day.memory is not None
    assert TARGET in day.memory.given_up
    day.memory = replace(day.memory, alerts=())
    day.restart()
    assert orders(day.run(5 * MINUTE_MS)) == tries + 1


def kept(trust: Trust, age_ms: int = 5 * MINUTE_MS, wall_ms: int | None = None) -> Day:
    """What a life remembers that begins at nine, `age_ms` after the last order of another boot."""
    at_ms = 77_000
    wall_ms = a_meeting(9).start_ms - age_ms if wall_ms is None else wall_ms
    memory = Memory(
        "b0", 7, told={TARGET: Told("on", (at_ms - 1_000, at_ms), wall_ms)}, given_up={TARGET: at_ms + 500}
    )
    return Day(9, trust=trust, memory=memory)


@pytest.mark.parametrize("trust", [Trust.NTP, Trust.RTC])
def test_by_a_trusted_clock_orders_of_another_boot_keep_their_age(trust: Trust) -> None:
    track = kept(trust).state.tracks[TARGET]
    last_ms = mono(9) - 5 * MINUTE_MS
    assert track.told is not None
    assert track.told.at_ms == (last_ms - 1_000, last_ms)
    assert track.given_up is not None
    assert track.given_up.since_ms == last_ms + 500


def test_by_a_clock_that_went_back_they_are_of_this_moment() -> None:
    told = kept(Trust.NTP, -2 * HOUR_MS).state.tracks[TARGET].told
    assert told is not None
    assert told.at_ms[-1] == mono(9)


@pytest.mark.parametrize(
    ("trust", "age_ms", "wall_ms"),
    [(Trust.HELD, MINUTE_MS, None), (Trust.NTP, GIVEN_UP_MS, None), (Trust.NTP, 0, 0)],
    ids=["no clock now", "long ago", "no clock then"],
)
def test_else_they_are_forgotten(trust: Trust, age_ms: int, wall_ms: int | None) -> None:
    track = kept(trust, age_ms, wall_ms).state.tracks[TARGET]
    assert (track.told, track.given_up) == (None, None)


def test_a_memory_without_an_order_in_it_keeps_nobody_from_starting() -> None:
    day = Day(9, memory=Memory("b0", 7, told={TARGET: Told("on", (), 5)}, given_up={"codec.gone": 3}))
    assert day.state.tracks[TARGET].told is None


def test_a_relay_is_counted_by_nobody() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.5)
    assert day.memory is not None
    assert TARGET in day.memory.told
    assert not any(name.startswith("load.") for name in day.memory.told)
