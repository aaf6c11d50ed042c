"""Recorder, broker and database die in mid-load: nothing is lost and nothing is there twice, counted."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from controller.dashboard.store.open import engine
from controller.dashboard.store.tables import RECORDS
from tests.controller.dashboard.rooms_that_insist import Insistent, insistent, tell_all
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres

pytestmark = pytest.mark.services
ROOMS, EACH, LONG_S = 8, 60, 60.0


class Recorders:
    """Processes of ours, by pid."""

    def __init__(self, folder: Path, port: int, address: str, more: str = "") -> None:
        self._file = folder / "centre.toml"
        self._file.write_text(f'database = "{address}"\n[broker]\nport = {port}\n{more}')
        self._all: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "controller", "centre", "recorder", "--centre", str(self._file)]
        self._all.append(subprocess.Popen(words))
        return self._all[-1]

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """It was killed: `stop` expects no orderly end of it."""
        self._all.remove(process)

    def stop(self) -> None:
        for process in self._all:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(10) == 0
        self._all.clear()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as made:
        yield made


@pytest.fixture
def recorders(tmp_path: Path, broker: Mosquitto, address: str) -> Iterator[Recorders]:
    made = Recorders(tmp_path, broker.port, address)
    yield made
    made.stop()


def stored(address: str) -> dict[str, tuple[int, int, int]]:
    """Room → how many, first, last."""

    async def ask() -> dict[str, tuple[int, int, int]]:
        made = engine(address)
        try:
            async with made.connect() as connection:
                seq = RECORDS.c.seq
                rows = await connection.execute(
                    select(RECORDS.c.room, func.count(), func.min(seq), func.max(seq)).group_by(RECORDS.c.room)
                )
                return {row[0]: (row[1], row[2], row[3]) for row in rows}
        finally:
            await made.dispose()

    return asyncio.run(ask())


def whole(rooms: list[Insistent]) -> dict[str, tuple[int, int, int]]:
    return {room.slug: (EACH, 1, EACH) for room in rooms}


async def _with(port: int, rooms: list[Insistent], *acts: object) -> None:
    """The load, and in its midst the acts, each after a third of the records is acknowledged."""
    load = asyncio.create_task(tell_all(port, rooms, LONG_S))
    for number, act in enumerate(acts, start=1):
        while sum(room.acked for room in rooms) < len(rooms) * EACH * number // (len(acts) + 1) and not load.done():
            await asyncio.sleep(0.02)
        await asyncio.to_thread(act)  # type: ignore[arg-type]
    await load


def test_a_killed_recorder_loses_nothing(broker: Mosquitto, recorders: Recorders, address: str) -> None:
    rooms = insistent([f"room-{n}" for n in range(ROOMS)], EACH)
    first = recorders.start()

    def cut() -> None:
        first.kill()
        first.wait()
        recorders.start()

    asyncio.run(_with(broker.port, rooms, cut))
    assert stored(address) == whole(rooms)


def test_a_broker_that_goes_and_comes_loses_nothing(broker: Mosquitto, recorders: Recorders, address: str) -> None:
    rooms = insistent([f"room-{n}" for n in range(ROOMS)], EACH)
    recorders.start()

    def cut() -> None:
        broker.stop()
        broker.start()

    asyncio.run(_with(broker.port, rooms, cut))
    assert stored(address) == whole(rooms)


def test_two_recorders_share_the_work_and_one_may_die(
    broker: Mosquitto, recorders: Recorders, address: str
) -> None:
    rooms = insistent([f"room-{n}" for n in range(ROOMS)], EACH)
    first, _second = recorders.start(), recorders.start()
    asyncio.run(_with(broker.port, rooms, first.kill))
    first.wait()
    assert stored(address) == whole(rooms)


def test_a_killed_database_loses_nothing(tmp_path: Path, broker: Mosquitto, postgres: Postgres) -> None:
    """PostgreSQL alone: SQLite has no process of its own."""
    address = postgres.database("killed")
    recorders = Recorders(tmp_path, broker.port, address)
    rooms = insistent([f"room-{n}" for n in range(ROOMS)], EACH)
    recorders.start()

    def cut() -> None:
        postgres.kill()
        postgres.again()

    try:
        asyncio.run(_with(broker.port, rooms, cut))
        assert stored(address) == whole(rooms)
    finally:
        recorders.stop()
