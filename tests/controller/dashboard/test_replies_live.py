"""A request that waits for a room, with all that lies between: broker, recorder and web as processes of their own,
on both databases; the web process is stopped while it waits, and the database goes away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiomqtt import Client, ProtocolVersion

from tests.controller.dashboard.browser import Served
from tests.controller.dashboard.kit import PASSWORD
from tests.controller.dashboard.test_recorder_killed import Recorders
from tests.controller.dashboard.test_replies import CHECK, LONG, ON, PATH, post, sent
from tests.controller.dashboard.test_two_of_each import LONG_S, Room, Web, people
from tests.controller.runtime.given import until
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres

pytestmark = pytest.mark.services


async def late(port: int, id_: str) -> None:
    """The room's last word, long after the command."""
    async with Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=5) as client:
        reply = {"v": 1, "id": id_, "stage": "done", "code": "", "args": []}
        await client.publish("diemcau/1/kim-son/reply", json.dumps(reply), qos=1)


def test_the_recorder_hears_it_and_the_web_process_that_waits_says_it_and_may_be_stopped(
    tmp_path: Path, address: str
) -> None:
    people(address)
    with Mosquitto(tmp_path) as broker, ExitStack() as ends:
        recorders = Recorders(tmp_path, broker.port, address)
        ends.callback(recorders.stop)
        recorders.start()
        a = Web(tmp_path, broker.port, address, "a")
        ends.callback(a.stop)
        room = ends.enter_context(Room(broker.port))
        pool = ends.enter_context(ThreadPoolExecutor())
        room.phase("ready")
        with a.client() as http:
            assert http.post("/api/sign-in", json={"login": "operator", "password": PASSWORD}).status_code == 200
            cookies = dict(http.cookies)
            until(lambda: http.get("/api/rooms/kim-son").json()["parts"].get("state") is not None, LONG_S)

            room.stages = ()
            silent = http.post(PATH, json=CHECK, headers={"prefer": "wait=1"})
            assert (silent.status_code, silent.json()["stage"]) == (202, "sent")
            room.stages = ("refused",)
            refused = http.post(PATH, json=ON)
            assert (refused.status_code, refused.json()["code"]) == (200, "in_call")
            room.stages = ("accepted", "done")
            done = http.post(PATH, json=ON)
            assert (done.status_code, done.json()["stage"]) == (200, "done")

        room.stages = ("accepted",)
        with a.client(cookies) as http:
            waits = pool.submit(http.post, PATH, json=ON, headers={"prefer": LONG}, timeout=LONG_S)
            until(lambda: len(room.commands) == 4, LONG_S)
            id_ = room.commands[-1]["id"]
            a.stop()
            left = waits.result(LONG_S)
        assert (left.status_code, left.json()["id"]) == (202, id_)
        assert left.json()["stage"] in ("sent", "accepted"), "what it knew when it was stopped"
        b = Web(tmp_path, broker.port, address, "b")
        ends.callback(b.stop)
        with b.client(cookies) as http:
            asks = pool.submit(http.get, left.headers["Location"], headers={"prefer": LONG}, timeout=LONG_S)
            asyncio.run(late(broker.port, id_))
            assert asks.result(LONG_S).json()["stage"] == "done"
    assert len(room.commands) == 4, "nothing was sent twice"


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_without_its_database_it_says_what_was_known_and_afterwards_what_is(own_postgres: Postgres) -> None:
    with Served(own_postgres.database("away")) as served, ThreadPoolExecutor() as pool:
        served.room("kim-son")
        served.sign_in()
        doing = pool.submit(post, served, PATH, CHECK, "wait=5")
        ((_, id_),) = sent(served)
        own_postgres.kill()
        answer = doing.result(LONG_S)
        assert (answer.status_code, answer.json()["stage"]) == (202, "sent")
        own_postgres.again()
        until(lambda: served.http.get(f"/api/orders/{id_}").status_code == 200, LONG_S)
        assert served.http.get(f"/api/orders/{id_}").json()["stage"] == "sent"
