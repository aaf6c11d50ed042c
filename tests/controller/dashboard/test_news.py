"""A commit of one process is known to another at once, on both databases; whoever waits does not wait for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from controller.dashboard.recorder.hear import hear
from controller.dashboard.recorder.keep import keep
from controller.dashboard.recorder.word import Word
from controller.dashboard.store.news import AGAIN_S, News, news
from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables import ORDERS
from tests.controller.dashboard.kit import NOW_MS

LONG_S = 20.0


async def says(made: AsyncEngine, topic: str, payload: bytes) -> None:
    """A recorder stores one message."""
    async with made.begin() as connection:
        await keep(connection, [Word(topic, len(payload), payload, hear(topic, payload), NOW_MS)])


async def quiet(found: News) -> None:
    """Until nothing is told any more."""
    while await found.wait(0.1):
        pass


async def both(address: str, act: Any, again_s: float = AGAIN_S) -> None:
    """`act` with an engine that writes and one that waits, as two processes have them."""
    writes, waits = engine(address), engine(address)
    try:
        await create(writes)
        async with asyncio.timeout(3 * LONG_S), news(waits, again_s) as found:
            await act(writes, waits, found)
    finally:
        await writes.dispose()
        await waits.dispose()


async def heard(writes: AsyncEngine, found: News) -> None:
    """Until a commit is told: who listens may only just have begun to."""
    while True:
        await says(writes, "diemcau/1/kim-son/status", b"online")
        if await found.wait(0.5):
            return


def test_what_a_recorder_commits_is_told(address: str) -> None:
    async def act(writes: AsyncEngine, _waits: AsyncEngine, found: News) -> None:
        await heard(writes, found)
        await quiet(found)
        waiting = asyncio.create_task(found.wait(LONG_S))
        await says(writes, "diemcau/1/kim-son/status", b"offline")
        assert await waiting

    asyncio.run(both(address, act))


def test_what_a_room_replies_is_told(address: str) -> None:
    async def act(writes: AsyncEngine, _waits: AsyncEngine, found: News) -> None:
        row = {"id": "1", "room": "kim-son", "verb": "check", "args": {}, "by": "x", "sent_ms": NOW_MS}
        async with writes.begin() as connection:
            await connection.execute(insert(ORDERS).values(**row, stage="sent", told=[], changed_ms=NOW_MS))
        await heard(writes, found)
        await quiet(found)
        waiting = asyncio.create_task(found.wait(LONG_S))
        await says(writes, "diemcau/1/kim-son/reply", b'{"v":1,"id":"1","stage":"done"}')
        assert await waiting

    asyncio.run(both(address, act))


def test_what_is_not_committed_is_not_told(address: str) -> None:
    async def act(writes: AsyncEngine, _waits: AsyncEngine, found: News) -> None:
        await heard(writes, found)
        await quiet(found)
        async with writes.connect() as connection:
            payload = b"online"
            word = Word("diemcau/1/ban-a/status", 6, payload, hear("diemcau/1/ban-a/status", payload), NOW_MS)
            await keep(connection, [word])
            assert not await found.wait(0.2)

    asyncio.run(both(address, act))


def test_whoever_waits_does_not_wait_for_ever_nor_when_it_is_late_already(address: str) -> None:
    async def act(_writes: AsyncEngine, _waits: AsyncEngine, found: News) -> None:
        assert not await found.wait(0.1)
        assert not await found.wait(-1.0)

    asyncio.run(both(address, act))


def test_a_listening_connection_that_is_lost_is_opened_again(request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgres")

    async def act(writes: AsyncEngine, _waits: AsyncEngine, found: News) -> None:
        await heard(writes, found)
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        async with writes.connect() as connection:
            ended = (await connection.execute(text(ends))).all()
        assert ended, "somebody listened"
        await quiet(found)
        await heard(writes, found)

    asyncio.run(both(server.database("news"), act, again_s=0.05))
