"""When a room may rehearse for a meeting, unattended: spans of wall-clock time, from the calendar alone. Pure.

R6 (004 Đ8.2: tested at the latest a day before): between T-48 h and T-24 h, at the edges of the working day, on a
working day. After a weekend or a holiday on the last working day before, while shops are open and people are there,
and once more by T-24 h. The province reads "a day" as 24 hours or as the calendar day before (`day_rule`).
The hours are nobody's hours in an office and never those of the night, 22:00–05:30 (people 4, assumption).
Must not: know whether the room is free; that is rules/rehearsal.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

HOURS = ((time(5, 45), time(7, 15)), (time(11, 45), time(13, 15)), (time(17, 15), time(20, 0)))
"""Before work, at noon, after work."""
EARLIEST = timedelta(hours=48)
LEAST = timedelta(minutes=20)
"""A span that is shorter holds no rehearsal of 15 min with its closing."""
REST_MAX_DAYS = 15
"""The longest New Year's break is nine days; beyond that the list of holidays is wrong."""
DAY = timedelta(days=1)
AHEAD_MS = round((EARLIEST + REST_MAX_DAYS * DAY).total_seconds() * 1000)
"""So long before its start a meeting may have something to rehearse for."""

Span = tuple[int, int]


def due(start: datetime, day_rule: str) -> datetime:
    """Until when the result must be there: T-24 h, or the end of the calendar day before."""
    if day_rule == "day":
        return start.replace(hour=0, minute=0, second=0, microsecond=0)
    return start - DAY


def slots(start: datetime, holidays: frozenset[date], day_rule: str = "hours") -> tuple[Span, ...]:
    """The spans for a meeting that begins at `start` (aware, in the room's zone), as Unix ms, in order."""
    near = tuple(_spans(start - EARLIEST, due(start, day_rule)))
    worked = tuple(span for span in near if _works(span[0].date(), holidays))
    if worked:
        return tuple(map(_unix, worked))
    day = (start - EARLIEST).date()
    before = next((day - n * DAY for n in range(REST_MAX_DAYS) if _works(day - n * DAY, holidays)), None)
    first = tuple(_of_day(before, start)) if before is not None else ()
    early = tuple(span for span in first if span[1] <= start - EARLIEST) if before == day else first
    return tuple(map(_unix, (*early, *near)))


def _works(day: date, holidays: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def _spans(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The hours between two moments, cut where they begin and end."""
    day = first.date()
    while day <= last.date():
        for begin, end in _of_day(day, first):
            cut = max(begin, first), min(end, last)
            if cut[1] - cut[0] >= LEAST:
                yield cut
        day += DAY


def _of_day(day: date, like: datetime) -> Iterator[tuple[datetime, datetime]]:
    for begin, end in HOURS:
        yield datetime.combine(day, begin, like.tzinfo), datetime.combine(day, end, like.tzinfo)


def _unix(span: tuple[datetime, datetime]) -> Span:
    return round(span[0].timestamp()) * 1000, round(span[1].timestamp()) * 1000
