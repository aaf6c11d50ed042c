"""One recorder: a queue between the broker and the database, emptied in batches; acknowledgements after the commit.

The queue is bounded: when the database is away it fills, and what does not fit is dropped and counted. Nothing is
lost by that: rooms keep what was not acknowledged, and state reports say how far a room has come (`think_gaps`).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import literal, select
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from controller.dashboard.recorder.hear import Refusal, hear
from controller.dashboard.recorder.keep import START_BYTES, keep
from controller.dashboard.recorder.word import Owed, Word
from controller.dashboard.web.place import Place
from controller.dashboard.words import log
from controller.link.topics import ROOT

_LEAVES = ("status", "birth", "state", "detail/+", "record", "gasp", "update", "reply")


def filters(group: str) -> tuple[str, ...]:
    """A shared subscription: of the recorders of one `group` (one database) each message reaches one. A second
    centre has another database, so another group, and hears everything too."""
    return tuple(f"$share/recorder-{group}/{ROOT}/+/{leaf}" for leaf in _LEAVES)


SNAPSHOT = tuple(f"{ROOT}/+/{leaf}" for leaf in ("status", "birth", "state", "gasp"))
"""Retained words, heard once after each connect."""
CENTRES = f"{ROOT}/_centre/"
WAITING, WAITING_MOST = 20_000, 100_000
"""Records and details are said again when they are dropped; a birth or a status is not."""
BATCH = 500
GATHER_S = 0.05
"""So long a batch is gathered at most: an acknowledgement may wait for it."""
AGAIN_S = 1.0
_DB = (StatementError, PoolTimeout, OSError)


class Recorder:
    """`take` is the line's `hear`; `live` stores until cancelled."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._words: deque[Word] = deque()
        self._wake = asyncio.Event()
        self._at_once = BATCH
        self.stored = self.dropped = self.refused = self.failures = 0

    def take(self, topic: str, payload: bytes, user: Mapping[str, str]) -> None:
        """Never blocks, never raises."""
        if topic.startswith(CENTRES):  # what other centres say of themselves
            return
        again = topic.endswith("/record") or "/detail/" in topic
        if len(self._words) >= (WAITING if again else WAITING_MOST):
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
        """Store the oldest words; while the database is away they stay, and are tried again. When it answers and
        yet refuses them, fewer are tried, down to the one that it will not have: that becomes a refused message."""
        words = [self._words[n] for n in range(min(self._at_once, len(self._words)))]
        try:
            async with self._place.engine.begin() as connection:
                owed = await keep(connection, words)
        except _DB as error:
            await self._failed(error, len(words))
            return
        for _ in words:
            self._words.popleft()
        self.stored += len(words)
        self._at_once = min(self._at_once * 2, BATCH)
        await tell(self._place, owed)

    async def _failed(self, error: Exception, count: int) -> None:
        self.failures += 1
        if self.failures % 60 == 1:
            log("centre.database", " ".join(str(error).split())[:200])
        away = not isinstance(error, StatementError) or isinstance(error, OperationalError | InterfaceError)
        if not away and await self._answers():
            if count == 1:
                self._words[0] = replace(self._words[0], heard=Refusal("stored"))
                self.refused += 1
            self._at_once = max(1, count // 8)
        else:
            await asyncio.sleep(AGAIN_S)

    async def _answers(self) -> bool:
        """Whether the database is there at all."""
        try:
            async with self._place.engine.connect() as connection:
                await connection.execute(select(literal(1)))
        except _DB:
            return False
        return True


async def tell(place: Place, owed: Owed) -> None:
    """Acknowledgements and questions. One that is lost is no loss: the room sends again, and is told again."""
    said: list[tuple[str, dict[str, object]]] = [
        *((room, {"v": 1, "boot": boot, "seq": seq}) for room, (boot, seq) in owed.acks.items()),
        *((room, {"v": 1, "again": list(span)}) for room, span in owed.again.items()),
    ]
    for room, body in said:
        try:
            await place.way.send(f"{ROOT}/{room}/ack", json.dumps(body).encode())
        except OSError:
            return
