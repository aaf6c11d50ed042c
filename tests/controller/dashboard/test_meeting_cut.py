"""A series cut in two: every moment is in one of the halves, and in one only."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.dashboard.meeting_cut import cut
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_text import parsed, whole
from controller.dashboard.meetings import Draft, Series, shifted
from tests.controller.dashboard.kit import HOUR, NOW_MS

DAY = 24 * HOUR
RULES = ("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=9", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=WEEKLY;BYDAY=WE,FR")
DRAFT = Draft("Giao ban", NOW_MS, NOW_MS + HOUR, ("kim-son",))


def moments(series: Series) -> list[int]:
    """As the text says them that rooms get."""
    found = lay(parsed(whole(series)), (), NOW_MS - DAY, NOW_MS + 300 * DAY)
    return [one.start_ms for one in found if not one.cancelled]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RULES), st.integers(1, 7), st.integers(0, 8), st.integers(0, 8), st.booleans())
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
