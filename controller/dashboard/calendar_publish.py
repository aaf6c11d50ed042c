"""Each room's calendar, sent: one retained text a room (mqtt.md), with its version.

After a commit the rooms concerned are sent theirs; when the broker is away nothing is lost, for `think_calendar`
compares what each room reports (detail/schedule.version) with what it should have and sends again. The text begins
two weeks before this month, so that it changes when somebody changes it and not with every day.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import AHEAD_MS, holidays_of
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_text import Pattern, for_room, framed, on_rest_days, parsed, pattern
from controller.dashboard.meetings import Series, here
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_calendar import CALENDARS_SENT
from controller.dashboard.store.tables_work import MEETINGS
from controller.dashboard.web.place import Place
from controller.link.topics import ROOT

TEXT_BYTES = 256 * 1024
"""What a room takes (controller/link/arrivals.py, CALENDAR_BYTES) …"""
EVENTS_MOST = 500
"""… and its reader (controller/calendar_read.py)."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A series with what its texts need: its first meeting still to tell of, its moments on holidays."""

    series: Series
    first_ms: int
    resting: tuple[int, ...]
    written: dict[Pattern, str] = field(default_factory=dict, compare=False)

    def text(self, room: str) -> str:
        """For `room`. Most rooms differ in their own name alone: each pattern is written once, for writing a
        hundred meetings takes a tenth of a second, and there may be ten thousand rooms."""
        key = pattern(self.series, room)
        own = f"X-DIEMCAU-MEMBERS:{room}\r\n"
        if key not in self.written:
            self.written[key] = for_room(self.series, room, self.resting).replace(own, _ANY)
        return self.written[key].replace(_ANY, own)


_ANY = "X-DIEMCAU-MEMBERS:\r\n"


@dataclass(frozen=True, slots=True)
class Text:
    """One room's calendar. `left_out`: series that found no place in it; the nearest meetings go first."""

    text: str
    version: str
    left_out: int


def since(now_ms: int) -> int:
    """The first of this month, midnight here, and two weeks before: what is over is told for some days yet."""
    first = here(now_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return round((first - timedelta(days=14)).timestamp()) * 1000


def sheets(all_series: Iterable[Series], rest: frozenset[date], from_ms: int) -> list[Sheet]:
    """Those that still have a meeting to tell of, the nearest first."""
    to_ms = from_ms + AHEAD_MS
    found = []
    for series in all_series:
        laid = [] if series.cancelled else lay(series, (), from_ms, to_ms)
        if any(not one.cancelled for one in laid):
            found.append(Sheet(series, laid[0].start_ms, on_rest_days(series, rest, from_ms, to_ms)))
    return sorted(found, key=lambda sheet: (sheet.first_ms, sheet.series.uid))


def text_for(room: str, found: Sequence[Sheet]) -> Text:
    parts: list[str] = []
    size, count, left_out = len(framed(())), 0, 0
    for sheet in found:
        part = sheet.text(room)
        if not part:
            continue
        size += len(part.encode())
        count += part.count("BEGIN:VEVENT")
        if size > TEXT_BYTES or count > EVENTS_MOST:
            size -= len(part.encode())
            count -= part.count("BEGIN:VEVENT")
            left_out += 1
        else:
            parts.append(part)
    text = framed(parts)
    return Text(text, hashlib.sha256(text.encode()).hexdigest()[:16], left_out)


async def texts(connection: AsyncConnection, rooms: Collection[str], now_ms: int) -> Mapping[str, Text]:
    """What each of `rooms` should have."""
    ask = select(MEETINGS.c.ics).where(~MEETINGS.c.cancelled).order_by(MEETINGS.c.uid)
    rows = tuple((await connection.execute(ask)).scalars())
    rest = await holidays_of(connection)
    return await asyncio.to_thread(lambda: _written(rows, rest, since(now_ms), tuple(rooms)))


@lru_cache(maxsize=2)
def _sheets(rows: tuple[str, ...], rest: frozenset[date], from_ms: int) -> tuple[Sheet, ...]:
    """Looked at every half a minute, changed some times a day."""
    return tuple(sheets(map(parsed, rows), rest, from_ms))


def _written(rows: tuple[str, ...], rest: frozenset[date], from_ms: int, rooms: tuple[str, ...]) -> dict[str, Text]:
    found = _sheets(rows, rest, from_ms)
    return {room: text_for(room, found) for room in rooms}


async def publish(at: Place, rooms: Collection[str]) -> int:
    """Send these rooms theirs; returns how many were sent. Stops at the first that the broker does not take: the
    thinker has the rest."""
    async with at.engine.connect() as connection:
        wanted = await texts(connection, sorted(rooms), at.clock())
    return await send(at, wanted)


async def send(at: Place, wanted: Mapping[str, Text]) -> int:
    sent: list[dict[str, object]] = []
    try:
        for room, text in wanted.items():
            await at.way.send(
                f"{ROOT}/{room}/calendar",
                text.text.encode(),
                retain=True,
                properties={"version": text.version},
            )
            sent.append({"room": room, "version": text.version, "at_ms": at.clock()})
    except OSError:
        pass  # think_calendar looks again every half a minute
    if sent:
        async with at.engine.begin() as connection:
            write = upsert(connection, CALENDARS_SENT)
            new = {name: write.excluded[name] for name in ("version", "at_ms")}
            await connection.execute(write.on_conflict_do_update(index_elements=["room"], set_=new), sent)
    return len(sent)
