"""The recorder with many rooms, on a real broker:

    python -m tests.bench.centre --rooms 10000 --rest 60

Figures: how long until all rooms' birth, status and state are on disk after a broker restart (retained words are
gone, every room says them again), and processor and memory of recorder and broker while all rooms only say what a
quiet room says. A room's details differ in size from room to room; here they are as large as a demo room's. Exit
code 1 when a goal is missed. On a machine that others use, the seconds of the processor and the figures per message
count, and not how long it took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from aiomqtt import Client, MqttError, ProtocolVersion
from sqlalchemy import func, select

from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables import LAST
from controller.link.topics import CENTRE_STATUS, PARTS
from tests.bench.process import Measured
from tests.bench.rows import Row
from tests.bench.storm import Word, say
from tests.services.mosquitto import binary, free_port

CONNECTIONS = 20
STATE_S = 300.0
"""A quiet room says its state and its details this often (mqtt.md)."""
SETTLED_S = 5.0
MANY = 10_000
"""Rooms for which the goals are meant (performance.md)."""
STATE = {
    "boot": "6f2c1f8e-0000-4000-8000-000000000000",
    "mono_s": 1234.5,
    "at": "2026-07-15T08:00:00+07:00",
    "clock": "ntp",
    "phase": "off",
    "health": "good",
    "power": "mains",
    "seq": 0,
    "head": "0" * 64,
    "loads": {f"load-{n}": "off" for n in range(8)},
    "line": "good",
    "climate": {"hall": 26.5},
}
DETAIL = {"boot": STATE["boot"], "mono_s": 1.0, "at": STATE["at"], **{f"fact.{n}": n * 1.5 for n in range(12)}}


def birth_words(room: str) -> list[Word]:
    born = {**STATE, "fw": "1.0", "slot": "", "via": "main", "address": "10.0.0.2"}
    return [
        (f"diemcau/1/{room}/status", b"online", True),
        (f"diemcau/1/{room}/birth", _json(born), True),
        (f"diemcau/1/{room}/state", _json(STATE), True),
    ]


def quiet_words(room: str) -> list[Word]:
    details = [(f"diemcau/1/{room}/detail/{part}", _json(DETAIL), True) for part in PARTS]
    return [(f"diemcau/1/{room}/state", _json(STATE), True), *details]


def _json(body: dict[str, object]) -> bytes:
    return json.dumps({"v": 1, **body}, separators=(",", ":")).encode()


async def announced(port: int) -> None:
    """Until the recorder listens."""
    while True:
        try:
            async with Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=60) as client:
                await client.subscribe(CENTRE_STATUS, qos=1)
                async for message in client.messages:
                    if message.payload == b"online":
                        return
        except MqttError:
            await asyncio.sleep(0.1)


async def reborn(port: int, address: str, rooms: Sequence[str]) -> float:
    """Seconds from the first word until the last is on disk."""
    made, begun = engine(address), time.monotonic()
    shares = [rooms[n::CONNECTIONS] for n in range(CONNECTIONS)]
    try:
        async with asyncio.TaskGroup() as tasks:
            for share in shares:
                tasks.create_task(say(port, [word for room in share for word in birth_words(room)]))
        while True:
            async with made.connect() as connection:
                ask = select(func.count()).select_from(LAST).where(LAST.c.part.in_(("status", "birth", "state")))
                if (await connection.execute(ask)).scalar_one() >= 3 * len(rooms):
                    return time.monotonic() - begun
            await asyncio.sleep(0.1)
    finally:
        await made.dispose()


async def rest(port: int, rooms: Sequence[str], seconds: float) -> int:
    """`rooms` say state and details, evenly over the seconds; returns how many messages went out."""
    words = [word for room in rooms for word in quiet_words(room)]
    shares = [words[n::4] for n in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for share in shares:
            tasks.create_task(say(port, share, seconds / max(1, len(share))))
    return len(words)


async def missing(address: str, rooms: int) -> int:
    """How many details of so many rooms are not on disk when nothing new comes there any more."""
    made, before = engine(address), -1
    ask = select(func.count()).select_from(LAST).where(LAST.c.part.like("detail/%"))
    try:
        while True:
            async with made.connect() as connection:
                found = int((await connection.execute(ask)).scalar_one())
            if found == before or found == rooms * len(PARTS):
                return rooms * len(PARTS) - found
            before = found
            await asyncio.sleep(SETTLED_S)
    finally:
        await made.dispose()


def measure(folder: Path, rooms: Sequence[str], address: str, rest_s: float) -> dict[str, float]:
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
        "persistence false\nmax_queued_messages 0\nlog_type error\n"
    )
    settings = folder / "centre.toml"
    settings.write_text(f'database = "{address}"\n[broker]\nport = {port}\n')
    words = [sys.executable, "-m", "controller", "centre", "recorder", "--centre", str(settings)]
    asyncio.run(_create(address))
    with (
        Measured([str(binary()), "-c", str(config)], folder / "broker.log") as broker,
        Measured(words, folder / "recorder.log") as recorder,
    ):
        asyncio.run(announced(port))
        born = recorder.sample().cpu_s
        found = {"rebirth_s": asyncio.run(reborn(port, address, rooms))}
        found["rebirth_cpu_s"] = recorder.sample().cpu_s - born
        recorder.breathe(3.0)
        before, begun = (recorder.sample(), broker.sample()), time.monotonic()
        some = rooms[: int(len(rooms) * rest_s / STATE_S)]  # each says all of it once in STATE_S
        found["messages"] = asyncio.run(rest(port, some, rest_s))
        elapsed = time.monotonic() - begun
        found["missing"] = asyncio.run(missing(address, len(some)))
        after = (recorder.sample(), broker.sample())
        found["recorder_s"], found["broker_s"] = (a.cpu_s - b.cpu_s for a, b in zip(after, before, strict=True))
        found["elapsed_s"] = elapsed
        found["recorder_mib"], found["broker_mib"] = recorder.uss_kib() / 1024, broker.uss_kib() / 1024
        return found


def rows(found: dict[str, float], rooms: int) -> Iterator[Row]:
    """The table; goals where the rooms are as many as they are meant for."""

    def row(name: str, unit: str, value: float, goal: float | None = None) -> Row:
        return Row(name, unit, value, None, goal if rooms >= MANY else None)

    spent_s, memory = found["recorder_s"] + found["broker_s"], found["recorder_mib"] + found["broker_mib"]
    yield row("re-birth of all, on disk", "s", found["rebirth_s"], 15)
    yield row("  processor, recorder", "s", found["rebirth_cpu_s"])
    yield row("at rest, recorder and broker", "%", 100 * spent_s / found["elapsed_s"], 25)
    yield row("  recorder, per message", "us", 1e6 * found["recorder_s"] / found["messages"])
    yield row("  broker, per message", "us", 1e6 * found["broker_s"] / found["messages"])
    yield row("details not on disk", "", found["missing"], 0)
    yield row("memory, recorder and broker", "MiB", memory, 400)


async def _create(address: str) -> None:
    made = engine(address)
    await create(made)
    await made.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=10_000)
    parser.add_argument("--rest", type=float, default=60.0)
    parser.add_argument("--database", default="", help="SQLAlchemy address; empty = SQLite in a folder of its own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = options.database or f"sqlite+aiosqlite:///{folder}/centre.db"
        found = measure(folder, [f"room-{n:05}" for n in range(options.rooms)], address, options.rest)
    missed = 0
    for one in rows(found, options.rooms):
        goal = "" if one.goal is None else f"  goal {one.goal:g} {one.unit}{'' if one.good else '  MISSED'}"
        sys.stdout.write(f"{one.name:30}{one.ours:10.1f} {one.unit}{goal}\n")
        missed += not one.good
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
