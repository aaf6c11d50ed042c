"""What changes in the database is told to the pages of every process."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, update

from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.web.api_stream import sieve
from controller.dashboard.web.replies import Waiting
from controller.dashboard.web.stream import Listener
from controller.dashboard.web.watch import ALL_EVERY, OTHERS_EVERY, Watch
from tests.controller.dashboard.kit import NOW_MS, Desk


class Ear:
    """A page's end of the hub, and a watch of another process that only this test asks to look."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.told: list[tuple[str, Any]] = []
        self.live = type(desk.app.state.live)()
        waiting = Waiting(desk.place.engine)
        self.watch = Watch(desk.place, self, self.live, waiting)  # type: ignore[arg-type]

    def say(self, topic: str, data: object) -> None:
        self.told.append((topic, data))

    def look(self, times: int = 1) -> list[tuple[str, Any]]:
        self.told.clear()
        for _ in range(times):
            self._desk.run(self.watch.look)
        return self.told[:]


def change(desk: Desk, statement: Any) -> None:
    async def act(connection: Any) -> None:
        await connection.execute(statement)

    desk.transaction(act)


def test_a_change_of_a_room_is_told_once_and_as_its_difference(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    ear = Ear(desk)
    ((topic, first),) = ear.look()
    assert (topic, first["rows"]["kim-son"]["name"]) == ("rooms", "Kim Sơn")
    assert ear.look() == []
    body = {"boot": "b1", "mono_s": 1.0, "phase": "ready", "health": "good", "power": "mains"}
    where = (LAST.c.room == "kim-son") & (LAST.c.part == "state")
    change(desk, update(LAST).where(where).values(body=body, received_ms=NOW_MS + 900))
    assert ear.look() == [
        ("rooms", {"rows": {"kim-son": {"phase": "ready", "received_ms": NOW_MS + 900}}, "gone": []})
    ]


def test_a_room_that_was_committed_late_is_not_missed(desk: Desk) -> None:
    ear = Ear(desk)
    desk.room("hoa-lu")
    ear.look()
    desk.now_ms -= 1_500
    desk.room("yen-mo")
    ((_, news),) = ear.look()
    assert list(news["rows"]) == ["yen-mo"]


def test_a_room_that_left_the_register_and_a_gasp_that_is_over_are_noticed(desk: Desk) -> None:
    desk.room("kim-son")
    desk.store(LAST, {"room": "kim-son", "part": "gasp", "body": {"reason": "battery"}, "received_ms": NOW_MS})
    ear = Ear(desk)
    assert ear.look()[0][1]["rows"]["kim-son"]["gasp"] == "battery"
    change(desk, delete(LAST).where(LAST.c.part == "gasp"))
    change(desk, update(ROOMS).values(name="Phòng họp Kim Sơn"))
    ((_, news),) = ear.look(ALL_EVERY)
    assert news["rows"] == {"kim-son": {"name": "Phòng họp Kim Sơn", "gasp": None}}


def test_orders_are_told_when_they_change_and_once_more_when_settled(desk: Desk) -> None:
    desk.room("kim-son")
    ear = Ear(desk)
    ear.look()
    order = {"id": "1", "room": "kim-son", "verb": "power", "args": {}, "by": "x", "sent_ms": desk.now_ms}
    desk.store(ORDERS, {**order, "stage": "sent", "told": [], "changed_ms": desk.now_ms})
    assert ear.look(OTHERS_EVERY) == [("orders", {"changed_ms": NOW_MS})]
    desk.now_ms += 5_000
    assert ear.look(OTHERS_EVERY) == [("orders", {"changed_ms": NOW_MS})]
    assert ear.look(OTHERS_EVERY) == []


def test_a_pass_hears_of_its_own_room_alone() -> None:
    listener = Listener(sieve("kim-son"))
    listener.put("rooms", {"rows": {"hoa-lu": {"phase": "off"}}, "gone": []})
    assert listener.take() == ""
    listener.put("rooms", {"rows": {"hoa-lu": {}, "kim-son": {"phase": "off"}}, "gone": []})
    event, data = listener.take().strip().split("\n")
    assert (event, json.loads(data.removeprefix("data: "))["rows"]) == (
        "event: rooms",
        {"kim-son": {"phase": "off"}},
    )
