"""Two web processes and two recorders over one PostgreSQL and one broker: who signs in at one acts at the other,
both tell every change, a command reaches its room once, and one of each may die."""

from __future__ import annotations

import asyncio
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
from aiomqtt import Client, ProtocolVersion
from sqlalchemy import insert

from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables_people import ROOMS, USERS
from tests.controller.dashboard.kit import PASSWORD, room_row, user_row
from tests.controller.dashboard.test_recorder_killed import Recorders
from tests.controller.runtime.given import until
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres

pytestmark = pytest.mark.services
LONG_S = 20.0


class Room:
    """One room by the contract, on its own thread: says a state when told to, answers every command by `stages`."""

    def __init__(self, port: int) -> None:
        self.commands: list[dict[str, Any]] = []  # by people
        self.stages: tuple[str, ...] = ("accepted", "done")
        self._port = port
        self._say: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(LONG_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._say.put(None)
        self._thread.join(LONG_S)

    def phase(self, phase: str) -> None:
        self._say.put(phase)

    async def _live(self) -> None:
        async with Client("127.0.0.1", self._port, protocol=ProtocolVersion.V5, timeout=5) as client:
            await client.subscribe("diemcau/1/kim-son/do/#", qos=1)
            await client.publish("diemcau/1/kim-son/status", b"online", qos=1, retain=True)
            answering = asyncio.create_task(self._answer(client))
            self._ready.set()
            while (phase := await asyncio.to_thread(self._say.get)) is not None:
                body = {"v": 1, "boot": "b1", "mono_s": time.monotonic(), "at": "2026-07-15T08:00:00+07:00",
                        "clock": "ntp", "phase": phase, "seq": 0, "head": "0" * 64}  # fmt: skip
                await client.publish("diemcau/1/kim-son/state", json.dumps(body), qos=1, retain=True)
            answering.cancel()

    async def _answer(self, client: Client) -> None:
        async for message in client.messages:
            body = json.loads(bytes(message.payload))
            if body["by"] == "diemcau":
                continue  # on a slow machine a recorder asks for a rebirth in between
            self.commands.append({"topic": str(message.topic), **body})
            for stage in self.stages:
                code = "in_call" if stage == "refused" else ""
                reply = {"v": 1, "id": body["id"], "stage": stage, "code": code, "args": []}
                await client.publish("diemcau/1/kim-son/reply", json.dumps(reply), qos=1)


class Web:
    """A web process of ours and what its stream said."""

    def __init__(self, folder: Path, port: int, address: str, name: str, more: str = "") -> None:
        file = folder / f"{name}.toml"
        file.write_text(f'database = "{address}"\n[broker]\nport = {port}\n[web]\nport = 0\n{more}')
        words = [sys.executable, "-m", "controller", "centre", "web", "--centre", str(file)]
        self._log = folder / f"{name}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]
        self.heard: list[tuple[str, Any]] = []

    def client(self, cookies: dict[str, str] | None = None) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers={"x-diemcau": "1"}, cookies=cookies, timeout=10)

    def listen(self, cookies: dict[str, str]) -> None:
        """Keep what the stream says until the process ends."""

        def read() -> None:
            with self.client(cookies) as http, http.stream("GET", "/api/stream", timeout=None) as answer:
                topic = ""
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event":
                        topic = value
                    elif name == "data":
                        self.heard.append((topic, json.loads(value)))

        def quietly() -> None:
            try:
                read()
            except httpx2.HTTPError:
                return  # the process was killed: that is what the test does

        threading.Thread(target=quietly, daemon=True).start()
        until(lambda: ("hello", {}) in self.heard, LONG_S)

    def says(self, topic: str, holds: Callable[[Any], bool] = lambda _: True) -> None:
        """Wait until it has said that."""
        until(lambda: any(t == topic and holds(data) for t, data in list(self.heard)), LONG_S)

    def reached(self, cookies: dict[str, str], order: str, stage: str) -> bool:
        with self.client(cookies) as http:
            return bool(http.get(f"/api/orders/{order}").json()["stage"] == stage)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(10) == 0
            assert "Traceback" not in self._log.read_text(), "streams that are open end in order"
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def people(address: str) -> None:
    async def put() -> None:
        made = engine(address)
        await create(made)
        async with made.begin() as connection:
            await connection.execute(insert(USERS).values(**user_row("operator", "Trần Thị Bình")))
            await connection.execute(insert(ROOMS).values(**room_row("kim-son", "Kim Sơn")))
        await made.dispose()

    asyncio.run(put())


@pytest.fixture
def all_of_it(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[Web, Web, Room, Recorders]]:
    address = postgres.database("two_of_each")
    people(address)
    with Mosquitto(tmp_path) as broker, ExitStack() as ends:
        recorders = Recorders(tmp_path, broker.port, address)
        ends.callback(recorders.stop)
        webs = [Web(tmp_path, broker.port, address, name) for name in ("a", "b")]
        for web in webs:
            ends.callback(web.stop)
        room = ends.enter_context(Room(broker.port))
        yield webs[0], webs[1], room, recorders


def is_phase(phase: str) -> Callable[[Any], bool]:
    return lambda data: phase in json.dumps(data)


def test_one_signs_in_at_one_and_acts_at_the_other_and_either_may_die(
    all_of_it: tuple[Web, Web, Room, Recorders],
) -> None:
    a, b, room, recorders = all_of_it
    first = recorders.start()
    recorders.start()
    room.phase("ready")
    with a.client() as http:
        assert http.post("/api/sign-in", json={"login": "operator", "password": PASSWORD}).status_code == 200
        cookies = dict(http.cookies)
    for web in (a, b):
        web.listen(cookies)

    with b.client(cookies) as http:
        assert http.get("/api/me").json()["name"] == "Trần Thị Bình"
        until(lambda: "kim-son" in http.get("/api/rooms").text, LONG_S)
        until(lambda: http.get("/api/rooms/kim-son").json()["parts"].get("state") is not None, LONG_S)
        sent = http.post("/api/rooms/kim-son/orders", json={"verb": "check"})
        assert sent.status_code == 200, sent.text
        id_ = sent.json()["id"]
    for web in (a, b):
        until(partial(web.reached, cookies, id_, "done"), LONG_S)
        web.says("orders")
    assert [(one["topic"], one["id"]) for one in room.commands] == [("diemcau/1/kim-son/do/check", id_)]

    room.phase("in_call")
    a.says("rooms", is_phase("in_call"))
    b.says("rooms", is_phase("in_call"))

    a.process.kill()
    first.kill()
    assert first.wait(10) == -signal.SIGKILL
    recorders.forget(first)
    room.phase("closing")
    b.says("rooms", is_phase("closing"))  # the other recorder and the other page go on
    with b.client(cookies) as http:
        assert http.post("/api/rooms/kim-son/orders", json={"verb": "check"}).status_code == 200
        until(lambda: len(room.commands) == 2, LONG_S)
        assert http.post("/api/sign-out").status_code == 200
        assert http.get("/api/me").status_code == 401
