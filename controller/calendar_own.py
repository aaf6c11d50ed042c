"""Our own properties of an event (RFC 5545 allows X- names): who chairs, who may speak, what is secret, breaks.
Pure.

All optional; values are slugs of rooms unless said: X-DIEMCAU-CHAIR, -DESK, -BACKUP, -PRESENTER; -MEMBERS (comma
between; absent = every room); -SEATS (seat=preset or room:seat=preset, comma between: frames of this meeting that
differ from the room's own); -POLICY (chair_led, open, presenter, outside); -NUMBERS (numbers that may be
dialled); -SECRET, -EXTERNAL (TRUE or FALSE; CLASS:CONFIDENTIAL is secret); -BREAK (start/end or start/duration,
in the first occurrence of a series; may be repeated). A value that cannot be read is said, and taken so that the
machine keeps back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from controller.calendar_plan import LENGTH_MAX_H, LIST_MAX, MALFORMED, Details, Problem
from controller.core.meeting import Policy


def details(event: Any, title: str, start: datetime, problems: list[Problem]) -> Details:
    policy = _word(event, "POLICY", title, tuple(Policy), problems)
    confidential = str(event.get("CLASS", "")).upper() == "CONFIDENTIAL"
    return Details(
        title=title,
        chair=_slug(event, "CHAIR"),
        desk=_slug(event, "DESK"),
        backup=_slug(event, "BACKUP"),
        members=tuple(row.lower() for row in _list(event, "MEMBERS")),
        presenter=_slug(event, "PRESENTER"),
        # Under a policy that nobody can read no microphone may be closed.
        policy=Policy.CHAIR_LED if policy is None else Policy(policy) if policy else Policy.OPEN,
        secret=confidential or _flag(event, "SECRET", title, problems),
        external=_flag(event, "EXTERNAL", title, problems),
        numbers=tuple(_list(event, "NUMBERS")),
        breaks=tuple(_breaks(event, title, start, problems)),
        seats=tuple(_seats(event, title, problems)),
    )


def _own(event: Any, name: str) -> list[str]:
    """All values of one of our properties."""
    prop = event.get(f"X-DIEMCAU-{name}")
    rows = prop if isinstance(prop, list) else [] if prop is None else [prop]
    return [str(row).strip() for row in rows[:LIST_MAX]]


def _slug(event: Any, name: str) -> str:
    return next(iter(_own(event, name)), "").lower()


def _list(event: Any, name: str) -> list[str]:
    return [part.strip() for row in _own(event, name) for part in row.split(",") if part.strip()][:LIST_MAX]


def _word(event: Any, name: str, title: str, allowed: tuple[str, ...], problems: list[Problem]) -> str | None:
    """The word that was given, None = none, '' = one that is not known (and said)."""
    word = next(iter(_own(event, name)), None)
    if word is None or word.lower() in allowed:
        return None if word is None else word.lower()
    said = (title, f"X-DIEMCAU-{name}", word[:60], ", ".join(allowed))
    problems.append(Problem("calendar.word", said))
    return ""


def _flag(event: Any, name: str, title: str, problems: list[Problem]) -> bool:
    """A flag that cannot be read counts as set: it only ever makes the machine keep back."""
    word = _word(event, name, title, ("true", "false"), problems)
    return word is not None and word != "false"


_SEAT = re.compile(r"(?:([a-z0-9][a-z0-9-]{0,39}):)?([a-z0-9_]{1,40})=(\d{1,3})")
PRESET_MAX = 254


def _seats(event: Any, title: str, problems: list[Problem]) -> Iterator[tuple[str, str, int]]:
    """One that cannot be read is said, and the seat keeps the room's own frame."""
    for row in _list(event, "SEATS"):
        found = _SEAT.fullmatch(row.lower())
        if found is None or int(found[3]) > PRESET_MAX:
            problems.append(Problem("calendar.seat", (title, row[:60])))
        else:
            yield found[1] or "", found[2], int(found[3])


def _breaks(
    event: Any, title: str, start: datetime, problems: list[Problem]
) -> Iterator[tuple[timedelta, timedelta]]:
    from icalendar import vPeriod

    for row in _own(event, "BREAK"):
        try:
            begin, end = vPeriod.from_ical(row)  # type: ignore[no-untyped-call]
            begin = begin if begin.tzinfo is not None else begin.replace(tzinfo=start.tzinfo)
            length = end if isinstance(end, timedelta) else end.replace(tzinfo=end.tzinfo or start.tzinfo) - begin
            offset = begin - start
        except MALFORMED:
            offset, length = timedelta(-1), timedelta(0)
        if offset < timedelta(0) or not timedelta(0) < length <= timedelta(hours=LENGTH_MAX_H):
            problems.append(Problem("calendar.break", (title, row[:60])))
        else:
            yield offset, length
