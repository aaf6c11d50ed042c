"""Figures of one target from its probes: what is lost, what is late, what cannot be measured."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.line_window import LATE_MS, LOST_ROW, MAX_OPEN, WINDOW_MS, Window

MS = 1_000


def fed(*rtts_ms: float | None, proven: bool = False, every_ms: int = 500) -> Window:
    """A window after these probes, None = lost; all ends are known."""
    window = Window(proven)
    for n, rtt_ms in enumerate(rtts_ms):
        at_us = n * every_ms * MS
        window.settle(at_us)
        window.sent(n, at_us)
        if rtt_ms is not None:
            window.heard(n, at_us + round(rtt_ms * MS))
    window.settle((len(rtts_ms) * every_ms + LATE_MS) * MS)
    return window


def test_nothing_is_known_before_the_first_answer() -> None:
    assert fed(*[None] * 100).figures() == (None, False, None, None, None)


def test_loss_median_and_mean_difference() -> None:
    figures = fed(10, 20, None, 40, 20, proven=True).figures()
    assert figures[:4] == (True, True, 0.2, 20)
    assert figures.jitter_ms == 16.7


def test_one_lost_of_a_whole_window_is_below_what_is_warned_of() -> None:
    loss = fed(*[10.0] * 119, None).figures().loss_ratio
    assert loss is not None
    assert 0 < loss < 0.01


def test_silent_for_good_is_unreachable_and_lost_altogether() -> None:
    window = fed(*[None] * LOST_ROW, proven=True)
    assert window.figures() == (False, True, 1.0, None, None)


def test_a_new_life_knows_nothing_before_it_has_heard_or_waited() -> None:
    assert [fed(*[None] * n, proven=True).reach for n in (0, 9, 10)] == [(None, True), (None, True), (False, True)]


def test_one_answer_is_enough_to_be_back() -> None:
    window = fed(*[None] * 40, 12.0, proven=True)
    assert window.figures().reachable is True


def test_silence_that_begins_is_doubted_until_it_is_sure() -> None:
    assert [fed(*[None] * n, proven=True).doubtful for n in (2, 3, 9, 10)] == [False, True, True, False]
    assert not fed(*[None] * 5).doubtful


def test_forbidden_takes_back_what_was_measured() -> None:
    window = fed(10, 12)
    window.sent(7, 2_000_000)
    window.refused(7, "prohibited", 2_000_500)
    assert window.figures() == (None, False, None, None, None)


def test_unreachable_is_a_loss_at_once() -> None:
    window = fed(10, 12)
    window.sent(7, 2_000_000)
    window.refused(7, "unreachable", 2_000_500)
    assert not window.waits(7)
    assert window.figures().loss_ratio == round(1 / 3, 4)
    window.refused(7, "unreachable", 2_000_600)
    assert window.settled == 3


def test_an_answer_that_comes_too_late_is_no_answer() -> None:
    window = Window(True)
    window.sent(1, 0)
    assert window.due_us == LATE_MS * MS
    window.settle(LATE_MS * MS)
    window.heard(1, (LATE_MS + 1) * MS)
    assert window.figures().loss_ratio == 1.0
    assert window.due_us is None


def test_what_is_older_than_the_window_is_forgotten() -> None:
    window = fed(None, 10, proven=True)
    window.settle((WINDOW_MS + 10_000) * MS)
    assert window.figures() == (True, True, None, None, None)


def test_probes_that_nobody_settles_do_not_gather() -> None:
    window = Window(True)
    for n in range(3 * MAX_OPEN):
        window.sent(n, n)
    assert sum(window.waits(n) for n in range(3 * MAX_OPEN)) == MAX_OPEN


@given(st.lists(st.none() | st.floats(0, 1_900), max_size=200), st.booleans())
def test_figures_stay_within_reason(rtts_ms: list[float | None], proven: bool) -> None:
    reachable, measurable, loss, rtt_ms, jitter_ms = fed(*rtts_ms, proven=proven).figures()
    assert measurable == (proven or any(r is not None for r in rtts_ms))
    assert measurable or (reachable, loss, rtt_ms, jitter_ms) == (None, None, None, None)
    assert loss is None or 0 <= loss <= 1
    assert rtt_ms is None or 0 <= rtt_ms <= 1_900
    assert jitter_ms is None or 0 <= jitter_ms <= 1_900
