"""Each room's calendar, sent: one retained text a room (mqtt.md), with its version.

After a commit the rooms concerned are sent theirs; when the broker is away nothing is lost, for `think_calendar`
compares what each room reports (detail/schedule.version) with what it should have and sends again. The text begins
two weeks before this month, so that it changes when somebody changes it and not with every day.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import AHEAD_MS, holidays_of
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_text import Pattern, Places, for_room, framed, on_rest_days, parsed, places
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


_ANY = "X-DIEMCAU-MEMBERS:\r\n"
"""Where a template says for whom it is."""


@dataclass(frozen=True, slots=True)
class Template:
    """A series as rooms get it that are alike but for their names. `size` in bytes without any name."""

    text: str
    size: int
    events: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A series with what its texts need: its first meeting still to tell of, its moments on holidays. Most rooms
    differ in their own name alone: each pattern is written once, for writing a hundred meetings takes a tenth of a
    second, and there may be ten thousand rooms."""

    series: Series
    first_ms: int
    resting: tuple[int, ...]
    places: Places
    written: dict[Pattern, Template] = field(default_factory=dict, compare=False)

    def template(self, room: str) -> Template:
        key = self.places.pattern(room)
        if key not in self.written:
            own = f"X-DIEMCAU-MEMBERS:{room}\r\n"
            text = for_room(self.series, room, self.resting).replace(own, _ANY)
            self.written[key] = Template(text, len(text.encode()), text.count("BEGIN:VEVENT"))
        return self.written[key]

    def text(self, room: str) -> str:
        return named(self.template(room).text, room)


def named(text: str, room: str) -> str:
    return text.replace(_ANY, f"X-DIEMCAU-MEMBERS:{room}\r\n")


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
    made = (sheet_of(series, rest, from_ms) for series in all_series)
    return _ordered(sheet for sheet in made if sheet is not None)


def _ordered(found: Iterable[Sheet]) -> list[Sheet]:
    return sorted(found, key=lambda sheet: (sheet.first_ms, sheet.series.uid))


def sheet_of(series: Series, rest: frozenset[date], from_ms: int) -> Sheet | None:
    to_ms = from_ms + AHEAD_MS
    laid = [] if series.cancelled else lay(series, (), from_ms, to_ms)
    if all(one.cancelled for one in laid):
        return None
    return Sheet(series, laid[0].start_ms, on_rest_days(series, rest, from_ms, to_ms), places(series))


def text_for(room: str, found: Iterable[Sheet]) -> Text:
    """What finds no place is left out, the farthest first."""
    parts: list[str] = []
    size, count, left_out = len(framed(())), 0, 0
    for sheet in found:
        part = sheet.template(room)
        if not part.events:
            continue
        more = part.size + part.events * len(room)
        if size + more > TEXT_BYTES or count + part.events > EVENTS_MOST:
            left_out += 1
            continue
        size += more
        count += part.events
        parts.append(part.text)
    text = named(framed(parts), room)
    return Text(text, hashlib.sha256(text.encode()).hexdigest()[:16], left_out)


@dataclass(frozen=True, slots=True)
class Book:
    """All series as they stand, with what else decides the texts: equal books make equal texts."""

    rows: tuple[str, ...]
    rest: frozenset[date]
    from_ms: int


async def book(connection: AsyncConnection, now_ms: int) -> Book:
    ask = select(MEETINGS.c.ics).where(~MEETINGS.c.cancelled).order_by(MEETINGS.c.uid)
    rows = tuple((await connection.execute(ask)).scalars())
    return Book(rows, await holidays_of(connection), since(now_ms))


async def texts(connection: AsyncConnection, rooms: Collection[str], now_ms: int) -> Mapping[str, Text]:
    """What each of `rooms` should have."""
    made = await book(connection, now_ms)
    return await asyncio.to_thread(lambda: _texts(made, tuple(rooms)))


async def versions(connection: AsyncConnection, rooms: Collection[str], now_ms: int) -> Mapping[str, str]:
    """The same, versions alone: asked every half a minute, while the book changes some times a day."""
    made = await book(connection, now_ms)
    return await asyncio.to_thread(lambda: _versions(made, tuple(rooms)))


def _texts(made: Book, rooms: tuple[str, ...]) -> dict[str, Text]:
    found = _all(made)
    return {room: text_for(room, found) for room in rooms}


@lru_cache(maxsize=1)
def _versions(made: Book, rooms: tuple[str, ...]) -> Mapping[str, str]:
    found = _all(made)
    return {room: text_for(room, found).version for room in rooms}


def _all(made: Book) -> list[Sheet]:
    read = (_sheet(ics, made.rest, made.from_ms) for ics in made.rows)
    return _ordered(sheet for sheet in read if sheet is not None)


@lru_cache(maxsize=2_000)
def _sheet(ics: str, rest: frozenset[date], from_ms: int) -> Sheet | None:
    """Reading one takes some milliseconds: a change reads the changed one."""
    return sheet_of(parsed(ics), rest, from_ms)


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
