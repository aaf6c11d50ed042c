"""The recorder as a process between a real broker and a database: hostile rooms, a second centre, its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiomqtt import Client, ProtocolVersion
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from controller.dashboard.serve import end
from controller.dashboard.store.open import engine
from controller.dashboard.store.tables import LAST, RECORDS, REFUSED
from tests.controller.dashboard.rooms_that_insist import insistent, tell_all, wire
from tests.controller.dashboard.test_recorder_killed import Recorders
from tests.controller.runtime.given import until
from tests.services.mosquitto import Mosquitto

pytestmark = pytest.mark.services


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as made:
        yield made


def table(address: str, statement: object) -> list[tuple[object, ...]]:
    async def ask() -> list[tuple[object, ...]]:
        made = engine(address)
        try:
            async with made.connect() as connection:
                return [tuple(row) for row in (await connection.execute(statement)).all()]  # type: ignore[call-overload]
        finally:
            await made.dispose()

    return asyncio.run(ask())


def test_hostile_words_are_refused_and_shown_and_honest_rooms_are_heard(
    tmp_path: Path, broker: Mosquitto, address: str
) -> None:
    recorders = Recorders(tmp_path, broker.port, address)
    honest, liar = insistent(["honest", "liar"], 40)
    name = "<img src=x onerror=alert(1)>"
    state = {"v": 1, "boot": "b", "mono_s": 1, "at": "2026-07-15T08:00:00+07:00", "message": name}
    lie = {**json.loads(wire(liar.lines[0])), "room": "honest"}
    large = b'{"v":1,"x":"' + b"a" * 100_000 + b'"}'
    words = {
        "liar/record": json.dumps(lie).encode(),
        "liar/state": json.dumps({**state, "v": 2}).encode(),
        "liar/birth": b'{"v":1,"boot":"b","mono_s":NaN}',
        "liar/detail/ups": large,
        "liar/detail/nonsense": b'{"v":1}',
        "liar/reply": b"\xff\xfe",
        "liar/gasp": json.dumps({**state, "boot": "b" * 99}).encode() * 2,
        "polite/state": json.dumps(state).encode(),
    }

    async def act() -> None:
        async with Client("127.0.0.1", broker.port, protocol=ProtocolVersion.V5, timeout=5) as room:
            for leaf, payload in words.items():
                await room.publish(f"diemcau/1/{leaf}", payload, 1)
            # Ten megabytes in one message: the recorder's connection must survive what the broker makes of it.
            await room.publish("diemcau/1/liar/state", b"[" * 10_000_000, 1)
        await tell_all(broker.port, [honest], 60)

    recorders.start()
    try:
        wait_for_recorder(broker.port)
        asyncio.run(act())
    finally:
        recorders.stop()
    refused = {(topic, why) for topic, why in table(address, select(REFUSED.c.topic, REFUSED.c.why))}
    root = "diemcau/1/liar/"
    assert refused == {
        (root + "record", "room"),
        (root + "state", "version"),
        (root + "birth", "json"),
        (root + "detail/ups", "large"),
        (root + "detail/nonsense", "topic"),
        (root + "reply", "json"),
        (root + "gasp", "json"),
    }
    assert {room for (room,) in table(address, select(RECORDS.c.room).distinct())} == {"honest"}
    ((body,),) = table(address, select(LAST.c.body).where(LAST.c.part == "state"))
    assert body["message"] == name, "text stays text"  # type: ignore[index]


def wait_for_recorder(port: int) -> None:
    """Until a centre is announced."""

    async def wait() -> None:
        async with (
            Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=5) as client,
            asyncio.timeout(30),
        ):
            await client.subscribe("diemcau/1/_centre/status", qos=1)
            async for message in client.messages:
                if message.payload == b"online":
                    return

    asyncio.run(wait())


async def heard_by_all(port: int, addresses: list[str]) -> None:
    """Until every centre hears: what was said before one was there is no business of its."""
    async with Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=5) as client, asyncio.timeout(60):
        heard: set[str] = set()
        while heard != set(addresses):
            await client.publish("diemcau/1/probe/status", b"online", 1)
            await asyncio.sleep(0.2)
            for at in addresses:
                if await asyncio.to_thread(knows_the_probe, at):
                    heard.add(at)


def knows_the_probe(at: str) -> bool:
    try:
        return bool(table(at, select(LAST.c.room).where(LAST.c.room == "probe")))
    except OperationalError:
        return False  # its tables are not made yet


def test_a_second_centre_that_listens_changes_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    """Each centre has a database of its own; both have the whole, and rooms notice nothing."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    addresses = [f"sqlite+aiosqlite:///{folder}/centre.db" for folder in folders]
    groups = [Recorders(folder, broker.port, at) for folder, at in zip(folders, addresses, strict=True)]
    rooms = insistent(["kim-son", "nho-quan"], 60)
    for group in groups:
        group.start()
    try:
        asyncio.run(heard_by_all(broker.port, addresses))
        asyncio.run(tell_all(broker.port, rooms, 60))
        until(lambda: all(len(table(at, select(RECORDS.c.seq))) == 120 for at in addresses), 30)
    finally:
        for group in groups:
            group.stop()
    for at in addresses:
        found = table(at, select(RECORDS.c.room, RECORDS.c.seq))
        assert len(found) == len(set(found)) == 120


def stop_s() -> int:
    """What its unit gives it to end in."""
    unit = (Path(__file__).parents[3] / "systemd/diemcau-centre.service").read_text(encoding="utf-8")
    return int(unit.partition("TimeoutStopSec=")[2].split()[0])


def test_it_ends_in_order_before_systemd_would_kill_it_also_without_a_broker(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    file.write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/c.db"\n[broker]\nport = 1\n[web]\nport = 0\n')
    words = [sys.executable, "-m", "controller", "centre", "run", "--centre", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout is not None
        assert b"http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(stop_s()) == 0


def test_a_task_that_loses_its_cancellation_is_ended_all_the_same() -> None:
    async def act() -> bool:
        async def loses() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.Event().wait()

        task = asyncio.ensure_future(loses())
        await asyncio.wait([task], timeout=0.01)
        await end([task])
        return task.cancelled()

    assert asyncio.run(act())
