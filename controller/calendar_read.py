"""iCalendar text (RFC 5545) → plans: what each event says, checked, with times that have a zone. Pure.

The library reads each event by itself, so that one bad event does not lose the others; it is imported at the
first calendar, because it takes a tenth of a second. What a plan means for a room, and when it happens, is
calendar_expand's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from controller.calendar_own import details
from controller.calendar_plan import (
    LENGTH_MAX_H,
    MALFORMED,
    TITLE_MAX_CHARS,
    UID_MAX_CHARS,
    YEARS,
    CalendarError,
    Plan,
    Problem,
    Unfit,
)
from controller.calendar_rule import dates, rule_of

TEXT_MAX_KIB = 256
"""A year of a province takes some 20 KiB; more than this is not a room's calendar and would stall a Pi."""
EVENTS_MAX = 500
"""Bounds the work of one reading: a province plans some 100 meetings a year."""


def read(text: str, zone: tzinfo, length: timedelta) -> tuple[tuple[Plan, ...], tuple[Problem, ...]]:
    """All events of a calendar, and what could not be used. `length`: of a meeting without an end.

    Raises CalendarError when it is no calendar, or too large.
    """
    if len(text.encode("utf-8", "replace")) > TEXT_MAX_KIB * 1024:
        raise CalendarError("calendar.too_big", TEXT_MAX_KIB)
    blocks, zones, whole = _blocks(text)
    if len(blocks) > EVENTS_MAX:
        raise CalendarError("calendar.too_many_events", EVENTS_MAX)
    plans: list[Plan] = []
    problems: list[Problem] = [] if whole else [Problem("calendar.cut_off", (len(blocks) + 1,))]
    for n, block in enumerate(blocks, 1):
        try:
            plans.append(_plan(_parsed(block, zones), zone, length, problems))
        except Unfit as unfit:
            problems.append(Problem(unfit.code, (_name(block, n), *unfit.told)))
        except MALFORMED as error:
            problems.append(Problem("calendar.unreadable", (_name(block, n), str(error)[:80])))
    return tuple(plans), tuple(problems)


def _blocks(text: str) -> tuple[list[str], str, bool]:
    """The text of each event, of all time zones, and whether the text is whole."""
    lines = text.lstrip("\ufeff\r\n \t").splitlines()
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise CalendarError("calendar.not_calendar")
    taken: dict[str, list[str]] = {"VEVENT": [], "VTIMEZONE": []}
    inside, block = "", list[str]()
    for line in lines:
        word = line.strip().upper()
        if not inside and word.startswith("BEGIN:") and word[6:] in taken:
            inside, block = word[6:], []
        if inside:
            block.append(line)
        if inside and word == f"END:{inside}":
            taken[inside].append("\r\n".join(block))
            inside = ""
    return taken["VEVENT"], "\r\n".join(taken["VTIMEZONE"]), not inside


def _name(block: str, n: int) -> str:
    """How to find the event in the file: its title, else its number."""
    for line in block.splitlines():
        if line.upper().startswith("SUMMARY"):
            return line.partition(":")[2].strip()[:TITLE_MAX_CHARS] or str(n)
    return str(n)


def _parsed(block: str, zones: str) -> Any:
    from icalendar import Calendar

    frame = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-", zones, block, "END:VCALENDAR", ""]
    event = Calendar.from_ical("\r\n".join(part for part in frame if part or part == frame[-1])).walk("VEVENT")[0]
    if event.errors:
        name, why = event.errors[0]
        raise Unfit("calendar.unreadable", f"{name}: {why}"[:80])
    return event


def _plan(event: Any, zone: tzinfo, length: timedelta, problems: list[Problem]) -> Plan:
    title = str(event.get("SUMMARY", "")).strip()[:TITLE_MAX_CHARS] or "?"
    start = _moment(event.get("DTSTART"), zone)
    instance = event.get("RECURRENCE-ID")
    rule, until = rule_of(event.get("RRULE"), start)
    at, on = _exceptions(event, zone)
    if instance is not None and str(instance.params.get("RANGE", "")):
        problems.append(Problem("calendar.future", (title,)))
    return Plan(
        uid=str(event.get("UID", "")).strip()[:UID_MAX_CHARS] or f"{title}@{start:%Y%m%dT%H%M}",
        start=start,
        length=_length(event, start, zone, length),
        status=str(event.get("STATUS", "")).upper(),
        details=details(event, title, start, problems),
        instance=None if instance is None else _moment(instance, zone, like=start),
        sequence=int(event.get("SEQUENCE", 0)),
        rule=rule,
        until=until,
        extra=tuple(_moment_of(row, zone) for row in dates(event.get("RDATE")) if isinstance(row, datetime)),
        except_at=at,
        except_on=on,
    )


def _moment(prop: Any, zone: tzinfo, like: datetime | None = None) -> datetime:
    """A DATE-TIME property with its zone; `like`: what hour a bare date means. Raises Unfit."""
    if prop is None:
        raise Unfit("calendar.no_start")
    value = prop.dt
    if not isinstance(value, datetime):
        if like is None:
            raise Unfit("calendar.no_hour")
        value = datetime.combine(value, like.timetz())
    name = str(prop.params.get("TZID", ""))
    if name and value.tzinfo is None:
        raise Unfit("calendar.zone", name[:60])
    return _moment_of(value, zone)


def _moment_of(value: datetime, zone: tzinfo) -> datetime:
    """With the room's zone where it has none, within the years that make sense, to the second."""
    if not YEARS[0] <= value.year < YEARS[1]:
        raise Unfit("calendar.year", *YEARS)
    moment = value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return moment.replace(microsecond=0)


def _length(event: Any, start: datetime, zone: tzinfo, default: timedelta) -> timedelta:
    end, duration = event.get("DTEND"), event.get("DURATION")
    length = default
    if end is not None:
        length = _moment(end, zone).astimezone(UTC) - start.astimezone(UTC)
    elif duration is not None:
        length = duration.dt
    if not timedelta(0) < length <= timedelta(hours=LENGTH_MAX_H):
        raise Unfit("calendar.length", LENGTH_MAX_H)
    return length


def _exceptions(event: Any, zone: tzinfo) -> tuple[frozenset[datetime], frozenset[date]]:
    """Moments and whole days that are taken out of a series."""
    rows = list(dates(event.get("EXDATE")))
    at = frozenset(_moment_of(row, zone).astimezone(UTC) for row in rows if isinstance(row, datetime))
    return at, frozenset(row for row in rows if not isinstance(row, datetime))
