"""Rooms as the recorder sees them: each keeps its records until the centre has acknowledged them, sends the oldest
again, and answers what it is asked for. Written with aiomqtt and nothing of the room's own link."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiomqtt import Client, MqttError, ProtocolVersion

from controller.core.chain import Entry, Head, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.link import messages

AGAIN_S = 1.0
WINDOW = 20


@dataclass(slots=True)
class Insistent:
    """One room with so many records to tell."""

    slug: str
    lines: Sequence[Entry]
    acked: int = 0
    wanted: list[int] = field(default_factory=list)

    def due(self) -> list[Entry]:
        """What goes out now: what was asked for again, and the oldest that nobody acknowledged."""
        again = [self.lines[seq - 1] for seq in self.wanted if seq <= len(self.lines)]
        self.wanted.clear()
        return [*again, *self.lines[self.acked : self.acked + WINDOW]]

    def hear(self, payload: bytes) -> None:
        body = json.loads(payload)
        if "seq" in body:
            self.acked = max(self.acked, body["seq"])
        if "again" in body:
            first, last = body["again"]
            self.wanted += range(first, last + 1)


def insistent(slugs: Sequence[str], records: int) -> list[Insistent]:
    made = Record("phase", "room", (("to", "ready"),), Priority.EVIDENCE)
    rows = [(made, Instant(n * 1000, 1_784_077_200_000 + n * 1000, Trust.NTP)) for n in range(records)]
    return [Insistent(slug, seal_all(rows, f"boot-{slug}", Head())) for slug in slugs]


def wire(entry: Entry) -> bytes:
    """The record as a room sends it."""
    return messages.record(messages.line(entry))


async def tell_all(port: int, rooms: Sequence[Insistent], seconds: float) -> None:
    """Until every record of every room is acknowledged. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while any(room.acked < len(room.lines) for room in rooms):
            try:
                await _connected(port, rooms)
            except MqttError:
                await asyncio.sleep(0.1)


async def _connected(port: int, rooms: Sequence[Insistent]) -> None:
    by_slug = {room.slug: room for room in rooms}
    async with Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=5) as client:
        await client.subscribe("diemcau/1/+/ack", qos=1)

        async def listen() -> None:
            async for message in client.messages:
                by_slug[str(message.topic).split("/")[2]].hear(bytes(message.payload))

        listening = asyncio.create_task(listen())
        try:
            while any(room.acked < len(room.lines) for room in rooms):
                for room in rooms:
                    for entry in room.due():
                        await client.publish(f"diemcau/1/{room.slug}/record", wire(entry), 1)
                await asyncio.wait([listening], timeout=AGAIN_S / 10)
                if listening.done():
                    await listening
        finally:
            listening.cancel()
