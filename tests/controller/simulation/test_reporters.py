"""What the sampler passes on: figures each time, and the word of whoever tells a change when it is news."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.simulation.reporters import HOUR_MS, Round, next_round_ms
from controller.simulation.room import simulated_room
from controller.simulation.world import World
from hardware.contract import Edge, Reading

MINUTES_5 = 300_000


def line(loss: float, at_ms: int) -> Reading:
    return Reading("line.far", (("loss_ratio", loss),), at_ms)


def test_the_same_word_of_the_prober_goes_on_once_an_hour() -> None:
    sampler = Round()
    heard = [at_ms for at_ms in range(0, 2 * HOUR_MS, MINUTES_5) if sampler.news((line(0.0, at_ms),), at_ms)]
    assert heard == [0, HOUR_MS]


def test_another_word_goes_on_at_once_and_so_does_the_old_one_after_it() -> None:
    sampler, words = Round(), (0.0, 0.0, 0.5, 0.5, 0.0)
    heard = [n for n, loss in enumerate(words) if sampler.news((line(loss, n),), n * MINUTES_5)]
    assert heard == [0, 2, 4]


def test_each_source_is_compared_with_itself() -> None:
    sampler = Round()
    rows = tuple(Reading(f"line.{place}", (("loss_ratio", 0.0),), 0) for place in ("far", "gateway"))
    assert sampler.news(rows, 0) == rows


def test_figures_contacts_and_edges_are_heard_each_time() -> None:
    sampler = Round()
    told = (
        Reading("climate.room", (("temp_c", 26.0),), 0),
        Reading("input", (("motion", False),), 0),
        Edge("motion", True, 0),
    )
    assert [sampler.news(told, n * MINUTES_5) for n in range(3)] == [told] * 3


@given(st.integers(0, 10 * HOUR_MS), st.integers(0, 20 * HOUR_MS))
def test_a_round_is_later_than_now_and_never_put_off_for_long(now_ms: int, ups_ms: int) -> None:
    next_ms = next_round_ms(now_ms, MINUTES_5, max(ups_ms, now_ms))
    assert now_ms + MINUTES_5 // 2 <= next_ms <= now_ms + MINUTES_5 * 3 // 2


@given(st.integers(1, MINUTES_5))
def test_the_round_after_next_at_the_latest_goes_with_the_ups(ups_ms: int) -> None:
    now_ms = next_round_ms(0, MINUTES_5, ups_ms)
    assert now_ms % MINUTES_5 == ups_ms % MINUTES_5
    assert next_round_ms(now_ms, MINUTES_5, now_ms + MINUTES_5) == now_ms + MINUTES_5


def test_a_ups_that_is_asked_often_does_not_hurry_the_round() -> None:
    assert next_round_ms(0, MINUTES_5, 2_000) == MINUTES_5 + 2_000


def test_at_rest_one_call_of_the_core_takes_the_round_and_the_ups() -> None:
    world = World(simulated_room(), 1)
    world.run_until(HOUR_MS)
    told = world.state.facts
    assert told["ups.source"].at_ms == told["climate.room.temp_c"].at_ms > HOUR_MS - MINUTES_5
