"""That something was committed, known within POLL_S in every process, on either database.

SQLite counts the commits of others (`data_version`): a look at it costs some microseconds and no file is read.
PostgreSQL tells those who LISTEN when the transaction of one who called `told` is committed. Both only hasten:
whoever waits looks after a while in any case, so that what is lost here (a pooler that knows no LISTEN, a server
that restarts) is only seen later.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

POLL_S = 0.02
"""A fifth of what a page may be behind (100 ms)."""
AGAIN_S = 2.0
"""A server that restarts is back within seconds, and is not to be knocked at meanwhile."""
CHANNEL = "diemcau"
_LOG = logging.getLogger(__name__)


async def told(connection: AsyncConnection) -> None:
    """Inside a writer's transaction: others hear of it when it is committed."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_notify(CHANNEL, "")))


class News(Protocol):
    """What waits for a commit."""

    async def wait(self, most_s: float) -> bool:
        """True = something was committed; False = not within `most_s`."""


@asynccontextmanager
async def news(made: AsyncEngine, again_s: float = AGAIN_S) -> AsyncIterator[News]:
    """For one who waits, on the loop of this call. `again_s`: until a lost connection is opened again."""
    if made.dialect.name == "sqlite":
        with closing(sqlite3.connect(made.url.database or "", timeout=0.0, isolation_level=None)) as own:
            yield Counter(own)
        return
    bell = Bell()
    listening = asyncio.create_task(_listen(made, bell, again_s))
    try:
        yield bell
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


class Counter:
    """SQLite's own count of commits by others."""

    def __init__(self, own: sqlite3.Connection) -> None:
        self._own = own
        self._known = self._count()

    async def wait(self, most_s: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + most_s
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(POLL_S, left))
            before, self._known = self._known, self._count()
            if self._known != before:
                return True
        return False

    def _count(self) -> int:
        try:
            return int(self._own.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:  # somebody holds the file for a moment: the next look tells
            return -1


class Bell:
    """Rung by PostgreSQL; several rings within POLL_S are one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self, *_: object) -> None:
        self._rung.set()

    async def wait(self, most_s: float) -> bool:
        try:
            async with asyncio.timeout(most_s):
                await self._rung.wait()
                await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False
        self._rung.clear()
        return True


async def _listen(made: AsyncEngine, bell: Bell, again_s: float) -> None:
    """For ever: on a connection of its own, opened again when the server has gone."""
    while True:
        try:
            await _hear(made, bell)
        except Exception as error:  # noqa: BLE001 - the driver has errors of its own; without it we only see later
            _LOG.info("nothing is told by the database: %s", error)
        await asyncio.sleep(again_s)


async def _hear(made: AsyncEngine, bell: Bell) -> None:
    """Until the connection is lost."""
    lost = asyncio.Event()
    async with made.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        own: Any = (await connection.get_raw_connection()).driver_connection
        try:
            own.add_termination_listener(lambda *_: lost.set())
            await own.add_listener(CHANNEL, bell.ring)
            await lost.wait()
        finally:
            await connection.invalidate()  # it listens: nobody else may have it
