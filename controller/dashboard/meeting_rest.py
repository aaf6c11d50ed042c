"""Rest days of a series that is confirmed as a whole. Pure.

A meeting of a series on a weekend or holiday is tentative until its own instance says otherwise (R18): calendars of
offices call everything confirmed, so a word of the whole series is none of its rest days. Whoever confirms them all
here means those too, and each is given its word.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import date

from controller.dashboard.meeting_layout import lay
from controller.dashboard.meetings import CONFIRMED, Series

MOST = 60
"""Each costs an event in the text of every room, which takes 500 of all series; a weekly one has 52 in a year, and
those beyond stay tentative, to be seen and to be confirmed when they are nearer."""


def rest_confirmed(series: Series, from_ms: int, to_ms: int, holidays: Set[date]) -> Series:
    """The series with its nearest rest days of [from, to) confirmed; what is cancelled stays so."""
    found = lay(series, (), from_ms, to_ms, frozenset(holidays)) if series.repeats else []
    rest = [one for one in found if one.tentative and not one.cancelled][:MOST]
    own = {one.instance_ms: replace(one.draft, status=CONFIRMED) for one in rest}
    return replace(series, changes={**(series.changes or {}), **own})
