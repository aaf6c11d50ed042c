"""A series cut in two: every moment is in one of the halves, and in one only."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from controller.dashboard.meeting_cut import cut, cut_marked
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_text import parsed, whole
from controller.dashboard.meetings import CANCELLED, CONFIRMED, TENTATIVE, Draft, Series, marked, shifted
from tests.controller.dashboard.kit import HOUR, NOW_MS

DAY = 24 * HOUR
RULES = (
    "",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;COUNT=9",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=WEEKLY;BYDAY=WE,FR",
    "FREQ=MONTHLY;COUNT=3",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=4",
)
DRAFT = Draft("Giao ban", NOW_MS, NOW_MS + HOUR, ("kim-son",))


def moments(series: Series) -> list[int]:
    """As the text says them that rooms get."""
    found = lay(parsed(whole(series)), (), NOW_MS - 30 * DAY, NOW_MS + 300 * DAY)
    return [one.start_ms for one in found if not one.cancelled]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RULES[1:]), st.integers(1, 7), st.integers(0, 8), st.integers(0, 8), st.booleans())
def test_nothing_is_lost_and_nothing_is_held_twice(rule: str, at: int, moved: int, gone: int, ends: bool) -> None:
    until_ms = NOW_MS + 90 * DAY if ends and "COUNT" not in rule else None
    series = Series("old", DRAFT, rule, until_ms, changes={})
    named = moments(series)
    at = min(at, len(named) - 1)
    if gone != at and 0 < gone < len(named):
        series = replace(series, gone=(named[gone],))
    if moved not in (at, gone) and moved < len(named):
        series = replace(series, changes={named[moved]: shifted(DRAFT, named[moved] + HOUR)})
    left, own = cut(series, named[at], shifted(DRAFT, named[at]), "new", rule, until_ms, NOW_MS)
    assert (left.sequence, own.uid) == (1, "new")
    assert sorted(moments(left) + moments(own)) == moments(series)
    assert all(ms < named[at] + HOUR for ms in moments(left))
    assert min(moments(own)) == named[at]


def test_at_another_hour_days_off_go_along_and_changed_ones_are_as_the_series_again() -> None:
    week = 7 * DAY
    changes = {NOW_MS + 4 * week: replace(shifted(DRAFT, NOW_MS + 4 * week), title="Riêng")}
    series = Series("old", DRAFT, "FREQ=WEEKLY", NOW_MS + 6 * week, gone=(NOW_MS + 3 * week,), changes=changes)
    draft = shifted(DRAFT, NOW_MS + 2 * week + HOUR)
    left, own = cut(series, NOW_MS + 2 * week, draft, "new", "FREQ=WEEKLY", NOW_MS + 7 * week, NOW_MS)
    assert moments(left) == [NOW_MS, NOW_MS + week]
    assert moments(own) == [NOW_MS + n * week + HOUR for n in (2, 4, 5, 6)]
    assert own.changes == {}


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(RULES),
    st.integers(1, 7),
    st.integers(0, 8),
    st.integers(0, 8),
    st.sampled_from((CANCELLED, TENTATIVE, CONFIRMED, "")),
    st.lists(st.integers(-20, 40), max_size=3),
    st.integers(0, 9),
)
def test_those_that_follow_are_marked_and_stay_what_they_are(
    rule: str, at: int, moved: int, off: int, status: str, added: list[int], gone: int
) -> None:
    """Also where days were added to the rule, before its first day and at other hours, and one was taken out."""
    extra = tuple(sorted({NOW_MS + n * DAY + n * HOUR // 3 for n in added if n % 7}))
    series = Series("old", DRAFT, rule, extra=extra, changes={})
    named = moments(series)
    series = replace(series, gone=tuple(named[gone : gone + 1]))
    named = moments(series)
    assume(len(named) > 1)
    at = min(at, len(named) - 1)
    own = {named[n]: n for n in (moved, off) if n < len(named)}
    changes = {ms: replace(shifted(DRAFT, ms + HOUR), title="Riêng") for ms in own}
    changes |= {ms: replace(changes[ms], status=CANCELLED) for ms, n in own.items() if n == off}
    series = replace(series, changes=changes)
    left, later = cut_marked(series, named[at], status, "new", NOW_MS)
    was, now = laid_by(series), laid_by(left) | laid_by(later)
    assert not laid_by(left).keys() & laid_by(later).keys()
    assert now.keys() == was.keys(), "nothing is lost, nothing is held twice, nothing is moved"
    for start_ms, (title, _, cancelled) in was.items():
        after = start_ms >= named[at]
        gone = cancelled or (after and status == CANCELLED)
        resting = was[start_ms][1] and title != "Riêng"  # a rest day wants a word of its own
        asked = {TENTATIVE: True, CONFIRMED: resting}
        tentative = asked.get(status, was[start_ms][1]) if after else was[start_ms][1]
        assert now[start_ms] == (title, now[start_ms][1] if gone else tentative, gone)


def laid_by(series: Series) -> dict[int, tuple[str, bool, bool]]:
    found = lay(parsed(whole(series)), (), NOW_MS - 30 * DAY, NOW_MS + 300 * DAY)
    return {one.start_ms: (one.draft.title, one.tentative, one.cancelled) for one in found}


def test_a_whole_series_is_postponed_with_its_changed_meetings_and_cancelling_is_undone_exactly() -> None:
    week = 7 * DAY
    moved, off = NOW_MS + week, NOW_MS + 2 * week
    changes = {moved: shifted(DRAFT, moved + HOUR), off: replace(shifted(DRAFT, off), status=CANCELLED)}
    series = Series("old", DRAFT, "FREQ=WEEKLY;COUNT=4", changes=changes)
    late = laid_by(marked(series, None, TENTATIVE, NOW_MS))
    assert [late[ms][1] for ms in (NOW_MS, moved + HOUR)] == [True, True]
    assert late[off][2], "what was cancelled stays cancelled"
    back = marked(marked(series, None, CANCELLED, NOW_MS), None, "", NOW_MS)
    assert laid_by(back) == laid_by(series)
