"""What stands in the way of a meeting, said before it is booked. Pure: warns, never refuses (R28)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from controller.dashboard.meeting_layout import Laid
from controller.dashboard.meetings import here

DAY_MS = 86_400_000
NOTES_MOST = 40
LOOKED_AT = 60
"""Instances of one series that are compared: five years of a monthly one, a year of a weekly one."""
LEAD_DAYS = 3
PEOPLE_MOST = 40
ANSWER_DAYS = 2
SOON_MS = 7 * DAY_MS
"""A room that is away today says nothing of next month."""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: `code` is a sentence with the places {room} {title} {from} {until} {n}."""

    code: str
    room: str = ""
    title: str = ""
    from_ms: int = 0
    until_ms: int = 0
    n: int = 0


@dataclass(frozen=True, slots=True)
class Busy:
    """A booked instance, or a maintenance window (`uid` = '') of one room."""

    uid: str
    series: str
    title: str
    start_ms: int
    end_ms: int
    rooms: Mapping[str, str]


def overlaps(series: str, laid: Sequence[Laid], busy: Iterable[Busy]) -> list[Note]:
    """Rooms that would be in two places: chairing sites first, then members, then maintenance. A meeting does not
    stand in its own way."""
    found: set[Note] = set()
    others = [one for one in busy if not one.series or one.series != series]
    for mine in laid[:LOOKED_AT]:
        if mine.cancelled:
            continue
        for other in others:
            if other.start_ms < mine.end_ms and mine.start_ms < other.end_ms:
                found |= set(_both(mine, other))
    return sorted(found, key=lambda note: (_ORDER.index(note.code), note.from_ms, note.room))[:NOTES_MOST]


_ORDER = ("conflict.chair", "conflict.room", "conflict.maintenance")


def _both(mine: Laid, other: Busy) -> Iterable[Note]:
    for room in mine.rooms.keys() & other.rooms.keys():
        chairs = room == mine.draft.chair or other.rooms[room] == "chair"
        code = "conflict.maintenance" if not other.series else "conflict.chair" if chairs else "conflict.room"
        yield Note(code, room, other.title, other.start_ms, other.end_ms)


def off(laid: Sequence[Laid], away: Mapping[str, str], now_ms: int) -> list[Note]:
    """Rooms of a meeting within a week that do not answer or stand at BẰNG TAY. `away`: room → `conflict.offline`
    or `conflict.bypass`."""
    soon = [one for one in laid if not one.cancelled and one.start_ms < now_ms + SOON_MS]
    rooms = sorted({room for one in soon for room in one.rooms if room in away})
    return [Note(away[room], room) for room in rooms][:NOTES_MOST]


def booking(start_ms: int, people: int, now_ms: int) -> list[Note]:
    """R27: fewer than three days ahead, more people than a room is built for."""
    notes = []
    if start_ms < now_ms:
        notes.append(Note("booking.past", from_ms=start_ms))
    elif (here(start_ms).date() - here(now_ms).date()).days < LEAD_DAYS:
        notes.append(Note("booking.lead", n=LEAD_DAYS))
    if people > PEOPLE_MOST:
        notes.append(Note("booking.people", n=PEOPLE_MOST))
    return notes


def due_ms(asked_ms: int, rest: frozenset[date]) -> int:
    """Until when a request is answered: the end of the second working day after it."""
    day, left = here(asked_ms), ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day.date() not in rest
    return round(day.replace(hour=23, minute=59, second=59, microsecond=0).timestamp()) * 1000
