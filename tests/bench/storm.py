"""Many rooms' words by one connection, cheaper than any client: packets of MQTT 5 by hand, so that the figures of
broker and recorder are not those of who speaks to them."""

from __future__ import annotations

import asyncio
import itertools
import struct
import time
from collections.abc import Iterable

Word = tuple[str, bytes, bool]
"""Topic, payload, retained."""
WINDOW = 20
"""Messages under way: what mosquitto takes from one client."""
_NAMES = itertools.count()


async def say(port: int, words: Iterable[Word], every_s: float = 0.0) -> None:
    """All words, `every_s` apart: details at QoS 0 and the rest at QoS 1, as rooms do. Raises OSError when the
    broker does not welcome us, EOFError when it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        name = f"bench-{next(_NAMES)}".encode()
        hello = b"\x00\x04MQTT\x05\x02\x00\x00\x00" + struct.pack(">H", len(name)) + name
        writer.write(b"\x10" + _length(len(hello)) + hello)
        if (await _packet(reader))[:2] != (0x20, 0):
            raise OSError("no welcome")
        begun, under_way = time.monotonic(), 0
        for number, word in enumerate(words):
            if every_s:
                await writer.drain()
                await asyncio.sleep(max(0.0, begun + number * every_s - time.monotonic()))
            writer.write(_publish(word, number % 0xFFFF + 1))
            under_way += "/detail/" not in word[0]
            while under_way >= WINDOW:
                under_way -= (await _packet(reader))[0] == 0x40
        while under_way:
            under_way -= (await _packet(reader))[0] == 0x40
        writer.write(b"\xe0\x00")
        await writer.drain()
    finally:
        writer.close()


def _publish(word: Word, number: int) -> bytes:
    topic, payload, retained = word
    sure = "/detail/" not in topic
    head = struct.pack(">H", len(topic)) + topic.encode() + (struct.pack(">H", number) if sure else b"") + b"\x00"
    return bytes((0x30 | 2 * sure | retained,)) + _length(len(head) + len(payload)) + head + payload


def _length(size: int) -> bytes:
    return bytes((size,)) if size < 0x80 else bytes((size & 0x7F | 0x80,)) + _length(size >> 7)


async def _packet(reader: asyncio.StreamReader) -> tuple[int, int]:
    """(kind, reason) of what the broker says next: short packets only."""
    kind, size = await reader.readexactly(2)
    body = await reader.readexactly(size)
    return kind, body[1] if kind == 0x20 else 0
