"""The calendar's front door: iCalendar text in, the meetings of one room out. Pure: time is an argument.

`Agenda` reads a text once and answers for any span; `occurrences` and `window` are the same in one call. Clauses:
R18 (Quyết định 1444/QĐ-SGD&ĐT Hòa Bình 2013, Đ7: staff meeting on the 25th, professional session on the 15th,
training in July and August), N2 (the room keeps its own copy: the text, not the occurrences).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from controller.calendar_expand import Here, Span, expand
from controller.calendar_plan import LENGTH_MS, YEARS, ZONE, CalendarError, Problem
from controller.calendar_read import read
from controller.calendar_rehearse import AHEAD_MS
from controller.core.events import Calendar
from controller.core.meeting import Meeting

__all__ = ["Agenda", "CalendarError", "Problem", "example", "holidays", "occurrences", "window"]

BEFORE_MS = 12 * 3_600_000
AFTER_MS = 48 * 3_600_000
EDGE_MS = 12 * 3_600_000
"""A new window every 12 h: at any time the next 36 h are known, three times the longest power-up."""
BLOCK_MS = 30 * 86_400_000
"""Windows are cut from blocks of a month, so that a year of simulated windows expands each rule a dozen times."""
REHEARSED_MS = 24 * 3_600_000
"""A meeting is also known when its first rehearsal begins within a day: two windows ahead."""
HOLIDAYS_MAX = 2_000
RANGE_MAX_DAYS = 31

_HOLIDAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?(?:\s+.*)?", re.ASCII)


class Agenda:
    """One calendar text, read for one room. Raises CalendarError when the text is no calendar at all."""

    def __init__(
        self,
        text: str,
        *,
        room: str = "",
        tz: str = ZONE,
        holidays: Iterable[date] = (),
        length_ms: int = LENGTH_MS,
        version: str = "",
        day_rule: str = "hours",
    ) -> None:
        zone = ZoneInfo(tz)
        self.version = version
        self._here = Here(room, zone, frozenset(holidays), day_rule)
        self._plans, self._bad = read(text, zone, timedelta(milliseconds=length_ms))
        self._blocks: dict[int, tuple[Meeting, ...]] = {}
        self._expanding: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be used: of the text, and of the last expansion."""
        return self._bad + self._expanding

    def occurrences(self, start_ms: int, end_ms: int) -> tuple[Meeting, ...]:
        """The meetings that touch [start, end), Unix time, by their start."""
        span = Span(_moment(start_ms), _moment(end_ms))
        meetings, self._expanding = expand(self._plans, span, self._here)
        return meetings

    def window(self, now_ms: int) -> Calendar:
        """What the core needs now: [-12 h, +48 h] and what is rehearsed for within a day; and when it needs the
        next."""
        start_ms, end_ms = now_ms - BEFORE_MS, now_ms + AFTER_MS
        touching = {
            meeting.uid: meeting
            for n in range(start_ms // BLOCK_MS, (end_ms + AHEAD_MS) // BLOCK_MS + 1)
            for meeting in self._block(n)
            if near(meeting, now_ms) and meeting.end_ms > start_ms
        }
        return Calendar(tuple(touching.values()), now_ms + EDGE_MS, self.version)

    def _block(self, n: int) -> tuple[Meeting, ...]:
        if n not in self._blocks:
            # Three blocks: the one before, this one and the next; a window touches two.
            self._blocks = {k: row for k, row in self._blocks.items() if abs(k - n) <= 1}
            self._blocks[n] = self.occurrences(n * BLOCK_MS, (n + 1) * BLOCK_MS)
        return self._blocks[n]


def near(meeting: Meeting, now_ms: int) -> bool:
    """The room soon has something to do for it: its rehearsal (R6) may be days before its start."""
    soon = any(begin_ms < now_ms + REHEARSED_MS for begin_ms, _ in meeting.rehearse[:1])
    return soon or meeting.start_ms < now_ms + AFTER_MS


def occurrences(
    text: str,
    start_ms: int,
    end_ms: int,
    *,
    tz: str = ZONE,
    holidays: Iterable[date] = (),
    room: str = "",
    length_ms: int = LENGTH_MS,
) -> tuple[Meeting, ...]:
    """The meetings of `room` that touch [start, end), Unix time. Raises CalendarError."""
    return Agenda(text, room=room, tz=tz, holidays=holidays, length_ms=length_ms).occurrences(start_ms, end_ms)


def window(
    text: str,
    now_ms: int,
    *,
    tz: str = ZONE,
    holidays: Iterable[date] = (),
    room: str = "",
    length_ms: int = LENGTH_MS,
    version: str = "",
) -> Calendar:
    """The window around `now_ms` (Unix time) as the core's event. Raises CalendarError."""
    return Agenda(text, room=room, tz=tz, holidays=holidays, length_ms=length_ms, version=version).window(now_ms)


def holidays(text: str) -> frozenset[date]:
    """Rest days from a list: one line each, `2026-09-02 name` or `first/last name`; `#` begins a remark.

    Raises CalendarError, which names the line: a holiday that is silently lost powers a room up for nothing.
    """
    days: set[date] = set()
    for n, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        words = line.partition("#")[0].strip()
        if words:
            days.update(_days(words, n))
        if len(days) > HOLIDAYS_MAX:
            raise CalendarError("calendar.holiday", n)
    return frozenset(days)


def example(name: str = "network.example.ics") -> str:
    """The shipped example: the three series of R18 (`network.example.ics`), or `holidays.example.txt`."""
    return files("controller.texts").joinpath(name).read_text(encoding="utf-8")


def _days(words: str, n: int) -> Iterable[date]:
    found = _HOLIDAY.fullmatch(words)
    try:
        if found is None:
            raise ValueError(words)
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2]) if found[2] else first
    except ValueError:
        raise CalendarError("calendar.holiday", n) from None
    span = (last - first).days
    if not 0 <= span <= RANGE_MAX_DAYS or not YEARS[0] <= first.year < YEARS[1]:
        raise CalendarError("calendar.holiday", n)
    return (first + timedelta(k) for k in range(span + 1))


def _moment(unix_ms: int) -> datetime:
    """Clamped to the years of the calendar: a wild clock gives an empty span, not an error."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (YEARS[0], YEARS[1] + 100))
    low, high = (round(row.timestamp() * 1000) for row in (first, last))
    return datetime.fromtimestamp(min(max(unix_ms, low), high) / 1000, UTC)
