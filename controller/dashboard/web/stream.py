"""What changes, told to every open page as server-sent events. One hub a process: whoever notices a change says it,
each page hears it; a page that does not keep up loses its oldest events and is told `hello` again, so that it asks
for everything anew.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager

ALIVE_S = 15.0
"""A comment so often keeps proxies from closing a quiet stream."""
WAITING = 256
"""Events that may wait for a slow page."""
Sieve = Callable[[str, object], object | None]
"""(topic, data) → what this listener may hear of it; None = nothing."""


class Listener:
    """One open page's queue."""

    def __init__(self, sieve: Sieve | None = None) -> None:
        self._sieve = sieve
        self._events: deque[tuple[str, object]] = deque()
        self._wake = asyncio.Event()
        self._lost = False

    def put(self, topic: str, data: object) -> None:
        if self._sieve is not None and (data := self._sieve(topic, data)) is None:
            return
        self._lost = self._lost or len(self._events) >= WAITING
        if self._lost:
            self._events.clear()
        else:
            self._events.append((topic, data))
        self._wake.set()

    def take(self) -> str:
        """Everything that waits, as text of the stream."""
        rows = [("hello", {})] if self._lost else list(self._events)
        self._lost = False
        self._events.clear()
        self._wake.clear()
        return "".join(f"event: {topic}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for topic, data in rows)

    async def ready(self) -> None:
        await self._wake.wait()


class Hub:
    """`say` to all; `listen` is one page's stream."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self.closed = False

    def say(self, topic: str, data: object) -> None:
        """Topics: rooms, incidents, orders, meetings, requests, queue, ticks, words. Never waits."""
        for listener in self._all:
            listener.put(topic, data)

    def close(self) -> None:
        """The process ends: open streams end too, and pages connect to another."""
        self.closed = True
        self.say("bye", {})

    @contextmanager
    def _joined(self, sieve: Sieve | None) -> Iterator[Listener]:
        listener = Listener(sieve)
        self._all.add(listener)
        try:
            yield listener
        finally:
            self._all.discard(listener)

    async def listen(self, sieve: Sieve | None = None) -> AsyncGenerator[str]:
        with self._joined(sieve) as listener:
            listener.put("hello", {})
            while not self.closed:
                try:
                    await asyncio.wait_for(listener.ready(), ALIVE_S)
                except TimeoutError:
                    yield ": alive\n\n"
                else:
                    yield listener.take()
