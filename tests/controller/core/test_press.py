"""Buttons from their edges alone: debounce, the three lengths, chatter, and stamps that come in one batch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.press import DEBOUNCE_MS, HOLD_MS, LONG_MS, PRESS_MS, deadline_ms, edge, settle
from controller.core.state import Press

REST = Press()


def play(edges: list[tuple[int, bool]], end_ms: int, looks: tuple[int, ...] = ()) -> list[str]:
    """Gestures of edges by their stamps, looked at in between at `looks`, and at the end."""
    press, all_said = REST, list[str]()
    steps = sorted([(at, 1, down) for at, down in edges] + [(at, 0, None) for at in (*looks, end_ms)])
    for at_ms, is_edge, down in steps:
        press, said = edge(press, bool(down), at_ms) if is_edge else settle(press, at_ms)
        all_said += said
    return all_said


def held(ms: int, **more: tuple[int, ...]) -> list[str]:
    return play([(1_000, True), (1_000 + ms, False)], 60_000, **more)


@pytest.mark.parametrize(
    ("ms", "meant"),
    [
        (DEBOUNCE_MS - 1, []),
        (DEBOUNCE_MS, ["press"]),
        (PRESS_MS - 1, ["press"]),
        (PRESS_MS, ["unclear"]),
        (HOLD_MS - 1, ["unclear"]),
        (HOLD_MS, ["hold"]),
        (LONG_MS - 1, ["hold"]),
        (LONG_MS, ["hold", "long"]),
        (LONG_MS + 30_000, ["hold", "long"]),
    ],
)
def test_a_press_means_what_its_length_says(ms: int, meant: list[str]) -> None:
    assert held(ms) == meant


def test_a_hold_is_counted_while_the_finger_is_still_down() -> None:
    press, _ = edge(REST, True, 1_000)
    press, said = settle(press, 1_000 + HOLD_MS - 1)
    assert said == ()
    press, said = settle(press, 1_000 + HOLD_MS)
    assert said == ("hold",)
    assert settle(press, 1_000 + HOLD_MS + 5)[1] == ()


def test_a_bounce_of_a_worn_contact_is_one_press() -> None:
    chatter = [(1_000 + ms, ms % 8 == 0) for ms in range(0, 24, 4)]
    assert play([*chatter, (1_030, True), (1_400, False), (1_404, True), (1_409, False)], 5_000) == ["press"]


def test_a_glitch_shorter_than_the_debounce_does_not_end_a_hold() -> None:
    edges = [(1_000, True), (2_500, False), (2_510, True), (4_500, False)]
    assert play(edges, 9_000) == ["hold"]


def test_a_glitch_while_at_rest_is_nothing() -> None:
    assert play([(1_000, True), (1_010, False)], 9_000) == []


def test_all_edges_in_one_batch_mean_the_same_as_one_by_one() -> None:
    edges = [(1_000, True), (1_300, False), (5_000, True), (8_500, False)]
    assert play(edges, 20_000) == play(edges, 20_000, looks=tuple(range(900, 20_000, 7))) == ["press", "hold"]


def test_a_stamp_that_goes_back_does_not_turn_time_round() -> None:
    press, _ = edge(REST, True, 5_000)
    press, _ = edge(press, False, 4_000)
    assert press.raw_ms == 5_000


def test_presses_are_counted_and_the_same_level_twice_is_no_edge() -> None:
    press, said = edge(REST, False, 10)
    assert (press, said) == (REST, ())
    for at_ms in (1_000, 2_000, 3_000):
        press = edge(edge(press, True, at_ms)[0], False, at_ms + 100)[0]
    assert settle(press, 9_000)[0].count == 3


def test_deadlines_are_the_debounce_then_the_two_holds_then_none() -> None:
    press, _ = edge(REST, True, 1_000)
    assert deadline_ms(press, 1_000) == 1_000 + DEBOUNCE_MS
    press, _ = settle(press, 1_000 + DEBOUNCE_MS)
    assert deadline_ms(press, 1_030) == 1_000 + HOLD_MS
    press, _ = settle(press, 1_000 + HOLD_MS)
    assert deadline_ms(press, 1_000 + HOLD_MS) == 1_000 + LONG_MS
    press, _ = settle(press, 1_000 + LONG_MS)
    assert deadline_ms(press, 1_000 + LONG_MS) is None
    assert deadline_ms(REST, 5) is None


@given(st.lists(st.integers(1, 4_000), max_size=12), st.lists(st.integers(0, 40_000), max_size=20))
def test_looking_more_often_finds_no_other_gestures(gaps: list[int], looks: list[int]) -> None:
    at_ms, edges = 1_000, []
    for n, gap in enumerate(gaps):
        edges.append((at_ms, n % 2 == 0))
        at_ms += gap
    assert play(edges, 60_000, tuple(1_000 + at for at in looks)) == play(edges, 60_000)


@given(st.lists(st.integers(DEBOUNCE_MS, 20_000), min_size=1, max_size=12))
def test_every_still_press_is_answered_once(gaps: list[int]) -> None:
    stamps = [1_000 + sum(gaps[:n]) for n in range(len(gaps) + 1)]
    edges = [(at, n % 2 == 0) for n, at in enumerate(stamps)]
    downs = [b - a for n, (a, b) in enumerate(pairwise(stamps)) if n % 2 == 0]
    end_ms = stamps[-1] + 60 if len(stamps) % 2 == 0 else stamps[-1]
    said = play(edges, end_ms)
    assert len([w for w in said if w != "long"]) == len(downs)
    assert said.count("long") == sum(ms >= LONG_MS for ms in downs)
