"""A request that sends a command waits for the room, on both databases: what it says when the room is silent,
refuses or answers, and that it holds nothing meanwhile. The room's word is stored by another engine, as by the
process of a recorder."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from anyio import to_thread
from sqlalchemy import select, update

from controller.dashboard import think_orders
from controller.dashboard.recorder.hear import hear
from controller.dashboard.recorder.keep import keep
from controller.dashboard.recorder.word import Word
from controller.dashboard.stages import GOALS, ended
from controller.dashboard.store.open import engine
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.web.gate import admit
from controller.dashboard.web.replies import MOST_S, Waiting, wanted
from tests.controller.dashboard.browser import Served
from tests.controller.dashboard.browser import address as file_address
from tests.controller.dashboard.kit import HEADERS, HOUR, MINUTE, NOW_MS, Way
from tests.controller.runtime.given import until

CHECK = {"verb": "check"}
ON = {"verb": "power", "args": {"value": "on"}}
PATH = "/api/rooms/kim-son/orders"
LONG = "wait=60"
"""No test needs it."""


@pytest.fixture
def served(address: str) -> Iterator[Served]:
    with Served(address) as made:
        made.room("kim-son", "Kim Sơn")
        made.sign_in()
        yield made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(60) as made:
        yield made


def waiting(served: Served) -> int:
    found: Waiting = served.app.state.waiting
    return len(found._all)


def post(served: Served, path: str, body: object, prefer: str | None) -> httpx2.Response:
    """As a program asks that is not our page."""
    headers = {name: value for name, value in HEADERS.items() if name != "prefer"}
    with httpx2.Client(base_url=served.url, headers=headers, cookies=served.http.cookies, timeout=60) as http:
        return http.post(path, json=body, headers={} if prefer is None else {"prefer": prefer})


async def replies(address: str, *said: tuple[str, str, Mapping[str, object]]) -> None:
    """A recorder stores (room, id, reply) in one batch."""
    made = engine(address)
    try:
        async with made.begin() as connection:
            words = []
            for room, id_, more in said:
                payload = json.dumps({"v": 1, "id": id_, **more}).encode()
                topic = f"diemcau/1/{room}/reply"
                words.append(Word(topic, len(payload), payload, hear(topic, payload), NOW_MS + 900))
            await keep(connection, words)
    finally:
        await made.dispose()


def sent(served: Served, count: int = 1) -> list[tuple[str, str]]:
    """(room, id) of what went out, as soon as so many requests wait."""
    until(lambda: waiting(served) == count and len(served.way.sent) >= count)
    return [(one.topic.split("/")[2], json.loads(one.payload)["id"]) for one in served.way.sent]


def answered(served: Served, address: str, doing: Future[httpx2.Response], **said: object) -> httpx2.Response:
    """What the waiting request says when the room has said `said`."""
    (room, id_) = sent(served)[-1]
    asyncio.run(replies(address, (room, id_, said)))
    return doing.result(30)


# ---- what goes wrong


def test_a_room_that_is_silent_is_waited_for_so_long_and_no_longer(served: Served) -> None:
    begun = time.monotonic()
    answer = post(served, PATH, CHECK, "wait=1")
    assert 1.0 <= time.monotonic() - begun < 30, "and not for the default, nor for ever"
    ((_, id_),) = [(one.room, one.id) for one in served.rows(select(ORDERS))]
    assert (answer.status_code, answer.json()) == (202, {"id": id_, "stage": "sent", "code": "", "told": []})
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.headers["Location"] == f"/api/orders/{id_}"
    assert served.http.get(answer.headers["Location"]).json()["stage"] == "sent"
    assert waiting(served) == 0


def test_a_refusal_comes_with_its_reason(served: Served, address: str, pool: ThreadPoolExecutor) -> None:
    doing = pool.submit(post, served, PATH, CHECK, LONG)
    answer = answered(served, address, doing, stage="refused", code="in_call", args=["10:00"])
    assert (answer.status_code, answer.json()["stage"]) == (200, "refused")
    assert (answer.json()["code"], answer.json()["told"]) == ("in_call", ["10:00"])
    assert "Location" not in answer.headers


def test_what_cannot_be_sent_is_said_at_once(served: Served) -> None:
    begun = time.monotonic()
    served.way.away = True
    assert post(served, PATH, CHECK, LONG).json()["code"] == "order.no_broker"
    assert post(served, PATH, {"verb": "explode"}, LONG).status_code == 422
    assert post(served, "/api/rooms/none/orders", CHECK, LONG).json()["code"] == "order.silent"
    assert time.monotonic() - begun < 30


def test_who_may_not_see_a_command_does_not_wait_for_it(served: Served) -> None:
    id_ = served.http.post(PATH, json=CHECK).json()["id"]
    secret = served.run(lambda: admit(served.place, "phone", NOW_MS + HOUR, room="hoa-lu", name="x"))
    served.http.cookies.clear()
    served.http.get(f"/api/pass/{secret}")
    begun = time.monotonic()
    assert served.http.get(f"/api/orders/{id_}", headers={"prefer": LONG}).status_code == 403
    assert served.http.get("/api/orders/none", headers={"prefer": LONG}).status_code == 403
    assert time.monotonic() - begun < 30


def test_a_client_that_goes_is_no_longer_waited_for(served: Served) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in served.http.cookies.items())
    body = json.dumps(CHECK)
    lines = (f"POST {PATH} HTTP/1.1", f"Host: {host}", f"Cookie: {cookies}", "x-diemcau: 1", f"Prefer: {LONG}",
             "Content-Type: application/json", f"Content-Length: {len(body)}", "", body)  # fmt: skip
    with socket.create_connection((host, int(port)), 20) as own:
        own.sendall("\r\n".join(lines).encode())
        sent(served)
    until(lambda: waiting(served) == 0)


def test_a_stop_ends_the_waiting_at_once(address: str, pool: ThreadPoolExecutor) -> None:
    with Served(address) as served:
        served.room("kim-son")
        served.sign_in()
        doing = pool.submit(post, served, PATH, CHECK, LONG)
        sent(served)
        begun = time.monotonic()
        served.run(stop, served)
        answer = doing.result(30)
        assert (answer.status_code, answer.json()["stage"]) == (202, "sent")
        assert post(served, PATH, CHECK, LONG).status_code == 202, "nor does it begin"
        assert time.monotonic() - begun < 20


async def stop(served: Served) -> None:
    served.app.state.waiting.close()


# ---- what goes well


def test_the_last_word_ends_the_waiting_and_no_earlier_one(
    served: Served, address: str, pool: ThreadPoolExecutor
) -> None:
    doing = pool.submit(post, served, PATH, ON, LONG)
    ((room, id_),) = sent(served)
    asyncio.run(replies(address, (room, id_, {"stage": "accepted"})))
    until(lambda: served.http.get(f"/api/orders/{id_}").json()["stage"] == "accepted")
    until(lambda: {one.replies[id_].stage for one in served.app.state.waiting._all} == {"accepted"})
    assert not doing.done(), "it is on its way, and not yet on"
    where = (LAST.c.room == "kim-son") & (LAST.c.part == "state")
    state = {"boot": "b1", "mono_s": 1.0, "phase": "ready"}

    async def ready() -> None:
        async with served.place.engine.begin() as connection:
            await connection.execute(update(LAST).where(where).values(body=state, received_ms=NOW_MS + 2_000))

    served.run(ready)
    served.now_ms = NOW_MS + 3_000
    served.run(think_orders.think, served.place)
    answer = doing.result(30)
    assert (answer.status_code, answer.json()["stage"]) == (200, "done")


def test_what_is_accepted_and_not_done_in_time_can_be_asked_about(
    served: Served, address: str, pool: ThreadPoolExecutor
) -> None:
    doing = pool.submit(post, served, PATH, ON, "wait=2")
    answer = answered(served, address, doing, stage="accepted")
    assert (answer.status_code, answer.json()["stage"]) == (202, "accepted")
    place = answer.headers["Location"]
    later = pool.submit(served.http.get, place, headers={"prefer": LONG})
    until(lambda: waiting(served) == 1)
    asyncio.run(replies(address, ("kim-son", answer.json()["id"], {"stage": "failed", "code": "timeout"})))
    told = later.result(30).json()
    assert (told["stage"], told["code"], told["name"]) == ("failed", "timeout", "Kim Sơn")
    assert served.http.get(place, headers={"prefer": LONG}).json()["stage"] == "failed", "nothing is to come"


def test_an_answer_that_is_the_last_ends_the_waiting(
    served: Served, address: str, pool: ThreadPoolExecutor
) -> None:
    doing = pool.submit(post, served, PATH, CHECK, None)
    answer = answered(served, address, doing, stage="accepted")
    assert (answer.status_code, answer.json()["stage"]) == (200, "accepted")
    assert "Preference-Applied" not in answer.headers


class Quick(Way):
    """The room replies before the command has been given out of hand."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    async def send(self, topic: str, payload: bytes, **more: Any) -> None:
        await super().send(topic, payload, **more)
        await replies(self._address, (topic.split("/")[2], json.loads(payload)["id"], {"stage": "done"}))


def test_a_reply_that_came_before_anybody_waited_is_not_missed(served: Served, address: str) -> None:
    served.place.way = Quick(address)
    answer = post(served, PATH, CHECK, LONG)
    assert (answer.status_code, answer.json()["stage"]) == (200, "done")


def test_wait_0_is_answered_at_once_and_what_cannot_be_read_is_ignored(
    served: Served, address: str, pool: ThreadPoolExecutor
) -> None:
    answer = post(served, PATH, CHECK, "wait=0")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=0")
    served.way.sent.clear()
    doing = pool.submit(post, served, PATH, CHECK, "wait=soon")
    answer = answered(served, address, doing, stage="done")
    assert (answer.status_code, answer.json()["stage"]) == (200, "done"), "as if nothing had been preferred"
    assert "Preference-Applied" not in answer.headers


# ---- many


async def busy() -> float:
    """Threads that work for requests."""
    return to_thread.current_default_thread_limiter().borrowed_tokens


def test_fifty_wait_at_once_and_hold_neither_threads_nor_connections(
    served: Served, address: str, pool: ThreadPoolExecutor
) -> None:
    rooms = [f"phong-{n:02}" for n in range(50)]
    for room in rooms:
        served.room(room)
    doing = [pool.submit(post, served, f"/api/rooms/{room}/orders", CHECK, LONG) for room in rooms]
    told = sent(served, len(rooms))
    listens = int("postgresql" in address)
    until(lambda: served.place.engine.pool.checkedout() == listens)  # type: ignore[attr-defined]
    assert served.run(busy) == 0
    asyncio.run(replies(address, *((room, id_, {"stage": "done"}) for room, id_ in told)))
    found = [one.result(30) for one in doing]
    assert {(one.status_code, one.json()["stage"]) for one in found} == {(200, "done")}
    assert len({one.json()["id"] for one in found}) == len(rooms)


def test_a_whole_meeting_is_waited_for_together(served: Served, address: str, pool: ThreadPoolExecutor) -> None:
    rooms = ["kim-son", *(f"phong-{n:02}" for n in range(50))]
    for room in rooms[1:]:
        served.room(room)
    served.meeting("hop", rooms, NOW_MS - 10 * MINUTE)
    doing = pool.submit(post, served, "/api/sessions/hop/mute-all", {"value": "auto"}, "wait=4")
    until(lambda: waiting(served) == 1)
    told = {json.loads(one.payload)["id"]: one.topic.split("/")[2] for one in served.way.sent}
    assert sorted(told.values()) == sorted(rooms[1:]), "the chair's microphone stays"
    silent, (no, refuses), *others = told.items()
    said = [(room, id_, {"stage": "accepted"}) for id_, room in others]
    asyncio.run(replies(address, *said, (refuses, no, {"stage": "refused", "code": "not_applicable"})))
    answer = doing.result(30)
    found = answer.json()["replies"]
    assert (answer.status_code, len(found)) == (202, 50), "one has not replied"
    assert {room for room, reply in found.items() if reply["stage"] == "accepted"} == {room for _, room in others}
    assert (found[refuses]["code"], found[silent[1]]["stage"]) == ("not_applicable", "sent")
    assert {room: reply["id"] for room, reply in found.items()} == answer.json()["sent"]


def test_a_practice_waits_for_nobody(served: Served) -> None:
    served.meeting("tap", ["kim-son"], NOW_MS, practice=True)
    answer = post(served, "/api/sessions/tap/power-all", {"value": "on"}, LONG)
    assert (answer.status_code, answer.json()["replies"]["kim-son"]["stage"]) == (200, "practice")
    assert served.way.sent == []


# ---- what is understood, and what is described


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ([], None),
        ([""], None),
        (["wait=7"], 7),
        (["WAIT = 7"], 7),
        (['wait="7"'], 7),
        (["respond-async, wait=7; strict"], 7),
        (["respond-async", "wait=7"], 7),
        (['return=minimal; note="a, wait=3", wait=7'], 7),
        (["wait=7, wait=9"], 7),
        (["wait=x, wait=9"], None),
        (["wait"], None),
        (["wait=-1"], None),
        (["wait=1.5"], None),
        (["wait=٣"], None),
        (["waits=7"], None),
        (["wait=0"], 0),
        (["wait=3600"], MOST_S),
        (["wait=" + "9" * 5_000], MOST_S),
        (['"', ",,;=", "=5"], None),
    ],
)
def test_the_first_wait_that_can_be_read_counts(prefer: list[str], seconds: int | None) -> None:
    assert wanted(prefer) == seconds


def test_what_ends_a_command() -> None:
    for verb, value in (*GOALS, ("load", "cycle")):
        assert not ended(verb, {"value": value}, "accepted")
        assert ended(verb, {"value": value}, "done")
    assert ended("check", {}, "accepted")
    assert ended("mute", {"value": "auto"}, "accepted")
    assert not ended("check", {}, "sent")
    assert ended("power", {"value": "on"}, "unanswered")


def test_each_route_that_waits_says_so(tmp_path: Any) -> None:
    with Served(file_address(tmp_path)) as served:
        paths = served.app.openapi()["paths"]
    waits = {path for path, verbs in paths.items() if "202" in verbs.get("post", {}).get("responses", {})}
    session = ("backup", "call", "floor", "message", "mute", "mute-all", "power-all")
    assert waits == {
        "/api/rooms/{slug}/orders",
        "/api/chair/grant",
        *(f"/api/my-room/{verb}" for verb in ("check", "done", "duty", "seat")),
        *(f"/api/sessions/{{uid}}/{verb}" for verb in session),
    }
    for route in [*(paths[path]["post"] for path in waits), paths["/api/orders/{id_}"]["get"]]:
        (prefer,) = [one for one in route["parameters"] if one["in"] == "header"]
        assert (prefer["name"], prefer["required"]) == ("prefer", False)
        assert "RFC 7240" in prefer["description"]
