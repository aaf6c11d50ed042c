"""How far a page is behind the rooms, on a real broker, recorder and web process:

    python -m tests.bench.behind --rooms 10000 --rate 1000 --seconds 20 [--postgres]

From the moment in which the recorder heard a state until a page's stream has brought it, for every row that the
stream brings while so many states a second are said. Exit code 1 when the median misses the goal (100 ms) or a word
never came. `--postgres` has a PostgreSQL of its own in place of SQLite; as that of the tests it does not wait for
the disk (tests/services/postgres.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx2
from sqlalchemy import insert

from controller.dashboard.store.open import engine
from controller.dashboard.store.tables_people import ROOMS, USERS
from tests.bench.centre import MANY, STATE, _create, announced, reborn
from tests.bench.process import Measured
from tests.bench.rows import Row
from tests.bench.storm import Word, say
from tests.controller.dashboard.kit import PASSWORD, room_row, user_row
from tests.services.mosquitto import binary, free_port
from tests.services.postgres import Postgres

GOAL_MS = 100
SPEAKERS = 4
START_S, END_S = 30.0, 5.0


def states(rooms: Sequence[str], count: int) -> Iterator[Word]:
    """So many states, each other than the room's last."""
    for n in range(count):
        body = {"v": 1, **STATE, "mono_s": 2000.0 + n, "phase": ("off", "ready")[n // len(rooms) % 2]}
        yield f"diemcau/1/{rooms[n % len(rooms)]}/state", json.dumps(body).encode(), True


def listen(url: str, cookies: dict[str, str], end: Connection) -> None:
    """A page's stream, in a process of its own: each row's delay in ms, sent when there is nothing more."""
    late: list[float] = []
    with httpx2.Client(base_url=url, headers={"x-diemcau": "1"}, cookies=cookies, timeout=END_S) as http:
        try:
            with http.stream("GET", "/api/stream") as answer:
                topic = ""
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event" and (topic := value) == "hello":
                        end.send(late)
                    elif name == "data" and topic == "rooms":
                        now_ms = time.time() * 1000
                        rows = json.loads(value)["rows"].values()
                        late += [now_ms - row["received_ms"] for row in rows if "received_ms" in row]
        except httpx2.ReadTimeout:
            end.send(late)


def measure(folder: Path, address: str, rooms: Sequence[str], rate: int, seconds: float) -> list[float]:
    """The delays; what is said and never brought is missing in them."""
    port, page = free_port(), free_port()
    config, settings = folder / "mosquitto.conf", folder / "centre.toml"
    config.write_text(
        f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
        "persistence false\nmax_queued_messages 0\nlog_type error\n"
    )
    settings.write_text(f'database = "{address}"\n[broker]\nport = {port}\n[web]\nport = {page}\n')
    words = [sys.executable, "-m", "controller", "centre", "HALF", "--centre", str(settings)]
    half = {name: [name if word == "HALF" else word for word in words] for name in ("recorder", "web")}
    asyncio.run(register(address, rooms))
    with (
        Measured([str(binary()), "-c", str(config)], folder / "broker.log"),
        Measured(half["recorder"], folder / "recorder.log") as recorder,
    ):
        asyncio.run(announced(port))
        asyncio.run(reborn(port, address, rooms))
        with Measured(half["web"], folder / "web.log") as web:
            url = f"http://127.0.0.1:{page}"
            cookies = signed_in(url, web)
            ours, theirs = multiprocessing.Pipe()
            page_ = multiprocessing.get_context("spawn").Process(target=listen, args=(url, cookies, theirs))
            page_.start()
            ours.recv()
            before = web.sample().cpu_s, recorder.sample().cpu_s
            asyncio.run(spoken(port, rooms, rate, seconds))
            spent = web.sample().cpu_s - before[0], recorder.sample().cpu_s - before[1]
            print(f"processor: web {100 * spent[0] / seconds:.0f} %, recorder {100 * spent[1] / seconds:.0f} %")
            late: list[float] = ours.recv()
            page_.join()
            return late


async def spoken(port: int, rooms: Sequence[str], rate: int, seconds: float) -> None:
    words = list(states(rooms, int(rate * seconds)))
    async with asyncio.TaskGroup() as tasks:
        for n in range(SPEAKERS):
            tasks.create_task(say(port, words[n::SPEAKERS], SPEAKERS / rate))


async def register(address: str, rooms: Sequence[str]) -> None:
    await _create(address)
    made = engine(address)
    async with made.begin() as connection:
        await connection.execute(insert(ROOMS), [room_row(room) for room in rooms])
        await connection.execute(insert(USERS), [user_row("operator", "Bench")])
    await made.dispose()


def signed_in(url: str, web: Measured) -> dict[str, str]:
    with httpx2.Client(base_url=url, headers={"x-diemcau": "1"}, timeout=START_S) as http:
        begun = time.monotonic()
        while True:
            try:
                http.post("/api/sign-in", json={"login": "operator", "password": PASSWORD}).raise_for_status()
                return dict(http.cookies)
            except httpx2.ConnectError:
                if time.monotonic() - begun > START_S:
                    raise
                web.breathe(0.2)


@contextmanager
def postgres(wanted: bool) -> Iterator[str]:
    """The address of an empty database, '' = none wanted."""
    if not wanted:
        yield ""
        return
    server = Postgres()
    try:
        server.start()
        yield server.database("behind")
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=MANY)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database", default="", help="SQLAlchemy address; empty = SQLite in a folder of its own")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, postgres(options.postgres) as own:
        folder = Path(name)
        address = options.database or own or f"sqlite+aiosqlite:///{folder}/centre.db"
        rooms = [f"room-{n:05}" for n in range(options.rooms)]
        late = measure(folder, address, rooms, options.rate, options.seconds)
    parts = statistics.quantiles(late, n=100)
    row = Row("page behind the rooms", "ms", parts[49], None, GOAL_MS)
    print(f"{row.name}: median {row.ours:.0f} ms (goal {GOAL_MS} ms), 95 of 100 within {parts[94]:.0f} ms", end="")
    print(f", the latest {max(late):.0f} ms; {len(late)} rows of {int(options.rate * options.seconds)} words")
    return 0 if row.good else 1


if __name__ == "__main__":
    sys.exit(main())
