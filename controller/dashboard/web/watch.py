"""What changed in the database, whoever changed it: other web processes, the recorder. Looked at four times a
second (rooms) and once a second (the rest), said to this process's pages through the hub. In between, a glance at
the newest words of rooms as soon as something was committed (`store.news`). Requests that wait for a room's reply
hear of it at every look and glance.

A row is committed a little after it was stamped, and several recorders commit in any order: each look goes back
`LATE_MS` before the newest stamp seen (a glance: `SOON_MS`) and compares, and from time to time all rows are
compared. Nothing is held while the database is away; the next look that succeeds tells what was missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, func, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.compact import PARTS, Named
from controller.dashboard.store.news import news
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_people import ROOMS, UNITS
from controller.dashboard.store.tables_work import INCIDENTS, MEETINGS, REQUESTS, TICKS
from controller.dashboard.web.live import Live
from controller.dashboard.web.place import Place
from controller.dashboard.web.replies import Waiting
from controller.dashboard.web.stream import Hub

PERIOD_S = 0.25
LATE_MS = 2_000
SOON_MS = 200
"""As long as a recorder gathers and commits a batch, and a little: what comes later is seen by the next look."""
ALL_EVERY = 120
"""Looks between two comparisons of all rows: half a minute."""
OTHERS_EVERY = 4
TOGETHER = 400
"""Bodies asked for in one statement: SQLite takes 999 values and more."""
_TOPICS: Mapping[str, Sequence[Column[Any]]] = {
    "incidents": (INCIDENTS.c.changed_ms,),
    "orders": (ORDERS.c.changed_ms,),
    "meetings": (MEETINGS.c.changed_ms,),
    "requests": (REQUESTS.c.at_ms, REQUESTS.c.answered_ms),
    "ticks": (TICKS.c.at_ms,),
}
_LOG = logging.getLogger(__name__)


class Watch:
    """`run` looks for ever; `look` and `glance` once."""

    def __init__(self, at: Place, hub: Hub, live: Live, waiting: Waiting) -> None:
        self._at, self._hub, self._live, self._waiting = at, hub, live, waiting
        self._seen: dict[tuple[str, str], int] = {}
        self._newest_ms = 0
        self._looks = 0
        self._tops: dict[str, int] = {}
        self._settling: set[str] = set()
        self._one = asyncio.Lock()

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        async with news(self._at.engine) as told:
            due = clock()
            while True:
                try:
                    if clock() < due:
                        await self.glance()
                    else:
                        due = clock() + PERIOD_S
                        await self.look()
                except (SQLAlchemyError, OSError) as error:
                    _LOG.warning("the database does not answer: %s", error)
                await told.wait(due - clock())

    async def look(self) -> None:
        """One look; also called by whoever must not answer with what was true a moment ago."""
        async with self._one, self._at.engine.connect() as connection:
            await self._waiting.look(connection)
            whole = self._looks % ALL_EVERY == 0
            if await self._rooms(connection, LATE_MS, whole) or whole:
                await self._register(connection)
            if self._looks % OTHERS_EVERY == 0:
                await self._others(connection)
            self._looks += 1
        self._say()

    async def glance(self) -> None:
        """At the newest words of rooms."""
        async with self._one, self._at.engine.connect() as connection:
            await self._waiting.look(connection)
            if await self._rooms(connection, SOON_MS):
                await self._register(connection)
        self._say()

    def _say(self) -> None:
        told, gone = self._live.changes()
        if told or gone:
            self._hub.say("rooms", {"rows": told, "gone": gone})

    async def _rooms(self, connection: AsyncConnection, late_ms: int, whole: bool = False) -> bool:
        """Hear what is new; whether a room spoke that the register did not have."""
        ask = select(LAST.c.room, LAST.c.part, LAST.c.received_ms).where(LAST.c.part.in_(PARTS))
        if not whole:
            ask = ask.where(LAST.c.received_ms >= min(self._newest_ms, self._at.clock()) - late_ms)
        found = (await connection.execute(ask)).all()
        fresh = [row for row in found if self._seen.get((row.room, row.part)) != row.received_ms]
        for room, part in (self._seen.keys() - {(row.room, row.part) for row in found}) if whole else ():
            del self._seen[room, part]
            self._live.forget(room, part)
        for start in range(0, len(fresh), TOGETHER):
            keys = [(row.room, row.part) for row in fresh[start : start + TOGETHER]]
            bodies = select(LAST).where(tuple_(LAST.c.room, LAST.c.part).in_(keys))
            for row in await connection.execute(bodies):
                self._seen[row.room, row.part] = row.received_ms
                self._newest_ms = max(self._newest_ms, row.received_ms)
                self._live.hear(row.room, row.part, row.body, row.received_ms)
        return any(row.room not in self._live.named for row in fresh)

    async def _register(self, connection: AsyncConnection) -> None:
        rooms = await connection.execute(select(ROOMS.c.slug, ROOMS.c.name, ROOMS.c.unit, ROOMS.c.retired))
        named = {row.slug: Named(row.name, row.unit, row.retired) for row in rooms}
        units = await connection.execute(select(UNITS.c.id, UNITS.c.parent, UNITS.c.kind, UNITS.c.name))
        self._live.name(named, [(row.id, row.parent, row.kind, row.name) for row in units.all()])

    async def _others(self, connection: AsyncConnection) -> None:
        """Said when the newest stamp moved, and once more when it has settled: two changes may share one."""
        now_ms = self._at.clock()
        for topic, columns in _TOPICS.items():
            tops = [(await connection.execute(select(func.max(column)))).scalar() or 0 for column in columns]
            top = max(tops)
            moved = top != self._tops.get(topic, top)
            settled = topic in self._settling and now_ms - top > LATE_MS
            if moved or settled:
                self._hub.say(topic, {"changed_ms": top})
            if moved:
                self._settling.add(topic)
            elif settled:
                self._settling.discard(topic)
            self._tops[topic] = top
