"""Lamp patterns: what a person in the room counts, and that all lamps blink in step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.lamp_patterns import BUZZER_PATTERNS, LAMP_PATTERNS, STEP_MS, lit, next_edge_ms

NEVER = 1 << 62
EVERY = sorted({*LAMP_PATTERNS, *BUZZER_PATTERNS})


def spans(pattern: str, set_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """When the lamp was lit, found by walking from edge to edge."""
    found: list[tuple[int, int]] = []
    now_ms = set_ms
    while now_ms < end_ms:
        upto = min(next_edge_ms(pattern, set_ms, now_ms, NEVER), end_ms)
        if lit(pattern, set_ms, now_ms):
            found.append((now_ms, upto))
        now_ms = upto
    return found


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("off", []),
        ("steady", [(0, 4000)]),
        ("slow", [(0, 1000), (2000, 3000)]),
        ("double", [(0, 200), (400, 600), (2000, 2200), (2400, 2600)]),
        ("fast", [(n, n + 200) for n in range(0, 4000, 400)]),
        ("refused", [(0, 200), (400, 600), (800, 1000)]),
        ("beep", [(0, 200)]),
    ],
)
def test_each_pattern_in_four_seconds(pattern: str, seen: list[tuple[int, int]]) -> None:
    assert spans(pattern, 0, 4000) == seen


@given(st.sampled_from(EVERY), st.integers(0, 10**9), st.integers(0, 5000))
def test_nothing_changes_before_the_next_edge(pattern: str, set_ms: int, after_ms: int) -> None:
    now_ms = set_ms + after_ms
    edge_ms = next_edge_ms(pattern, set_ms, now_ms, NEVER)
    assert edge_ms > now_ms
    last = min(edge_ms, now_ms + 5000) - 1
    assert lit(pattern, set_ms, last) == lit(pattern, set_ms, now_ms)
    assert edge_ms == NEVER or edge_ms % STEP_MS == 0


@given(st.sampled_from(["slow", "double", "fast"]), st.integers(0, 10**6), st.integers(0, 10**6))
def test_lamps_that_blink_alike_blink_together(pattern: str, one_ms: int, other_ms: int) -> None:
    now_ms = 10**6
    assert lit(pattern, one_ms, now_ms) == lit(pattern, other_ms, now_ms)


@given(st.sampled_from(["refused", "beep"]), st.integers(0, 10**6))
def test_what_is_played_once_ends(pattern: str, set_ms: int) -> None:
    assert spans(pattern, set_ms, set_ms + 60_000)[-1][1] <= set_ms + 1_000 + STEP_MS
    assert next_edge_ms(pattern, set_ms, set_ms + 2_000, NEVER) == NEVER


@given(st.sampled_from(EVERY), st.integers(0, 10**6))
def test_never_more_than_three_flashes_a_second(pattern: str, from_ms: int) -> None:
    begins = [begin for begin, _ in spans(pattern, from_ms, from_ms + 5000)]
    assert all(later - first >= 1_000 for first, later in zip(begins, begins[3:], strict=False))
