"""One recorder: a queue between the broker and the database, emptied in batches; acknowledgements after the commit.

The queue is bounded: when the database is away it fills, and what does not fit is dropped and counted. Nothing is
lost by that: rooms keep what was not acknowledged, and state reports say how far a room has come (`catch_up`).
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from controller.dashboard.recorder.hear import Refusal, hear
from controller.dashboard.recorder.keep import AGAIN_MOST, START_BYTES, Owed, Word, keep
from controller.dashboard.store.tables import CURSORS, LAST
from controller.dashboard.web.place import Place
from controller.link.topics import ROOT

GROUP = "recorder"
_LEAVES = ("status", "birth", "state", "detail/+", "record", "gasp", "update", "reply")
FILTERS = tuple(f"$share/{GROUP}/{ROOT}/+/{leaf}" for leaf in _LEAVES)
"""A shared subscription: of several recorders each message reaches one."""
SNAPSHOT = tuple(f"{ROOT}/+/{leaf}" for leaf in ("status", "birth", "state", "gasp"))
"""Retained words, heard once after each connect."""
CENTRES = f"{ROOT}/_centre/"
WAITING = 20_000
BATCH = 500
GATHER_S = 0.05
"""So long a batch is gathered at most: an acknowledgement may wait for it."""
AGAIN_S = 1.0
_DB = (DBAPIError, PoolTimeout, OSError)


class Recorder:
    """`take` is the line's `hear`; `live` stores until cancelled."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._words: deque[Word] = deque()
        self._wake = asyncio.Event()
        self.stored = self.dropped = self.refused = self.failures = 0

    def take(self, topic: str, payload: bytes, user: Mapping[str, str]) -> None:
        """Never blocks, never raises."""
        if topic.startswith(CENTRES):  # what other centres say of themselves
            return
        if len(self._words) >= WAITING:
            self.dropped += 1
            return
        heard = hear(topic, payload, user.get("reason", ""))
        self.refused += isinstance(heard, Refusal)
        self._words.append(Word(topic, len(payload), payload[:START_BYTES], heard, self._place.clock()))
        self._wake.set()

    async def live(self) -> None:
        while True:
            await self._wake.wait()
            if len(self._words) < BATCH:
                await asyncio.sleep(GATHER_S)
            self._wake.clear()
            while self._words:
                await self._batch()

    async def _batch(self) -> None:
        """Store the oldest words; while the database is away they stay, and are tried again."""
        words = [self._words[n] for n in range(min(BATCH, len(self._words)))]
        try:
            async with self._place.engine.begin() as connection:
                owed = await keep(connection, words)
        except _DB as error:
            self.failures += 1
            if self.failures % 60 == 1:
                sys.stderr.write(f"centre.database: {error}\n")
            await asyncio.sleep(AGAIN_S)
            return
        for _ in words:
            self._words.popleft()
        self.stored += len(words)
        await self._tell(owed)

    async def _tell(self, owed: Owed) -> None:
        for room, (boot, seq) in owed.acks.items():
            await self._send(room, {"v": 1, "boot": boot, "seq": seq})
        for room, span in owed.again.items():
            await self._send(room, {"v": 1, "again": list(span)})

    async def _send(self, room: str, body: Mapping[str, object]) -> None:
        """An acknowledgement that does not arrive is no loss: the room sends again, and is told again."""
        try:
            await self._place.way.send(f"{ROOT}/{room}/ack", json.dumps(body).encode())
        except OSError:
            return

    async def catch_up(self, older_ms: int = 10_000) -> None:
        """Ask for what rooms have and we have not: their state reports say how far they are."""
        now_ms = self._place.clock()
        ask = (
            select(LAST.c.room, LAST.c.body, CURSORS.c.upto)
            .outerjoin(CURSORS, CURSORS.c.room == LAST.c.room)
            .where(LAST.c.part == "state", LAST.c.received_ms < now_ms - older_ms)
        )
        try:
            async with self._place.engine.connect() as connection:
                rows = (await connection.execute(ask)).all()
        except _DB:
            return
        for room, body, upto in rows:
            first, last = (upto or 0) + 1, int(body.get("seq", 0))
            if last >= first:
                await self._send(room, {"v": 1, "again": [first, min(last, first + AGAIN_MOST - 1)]})
