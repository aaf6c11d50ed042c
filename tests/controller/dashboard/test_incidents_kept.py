"""Incidents over both databases: opened, joined and closed by looking; worked on by people; never edited."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, select, update

from controller.dashboard import think_incidents
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, MAINTENANCE
from tests.controller.dashboard.kit import HOUR, MINUTE, Desk


def say(desk: Desk, room: str, *codes: str) -> None:
    """The room's state now."""

    async def put(connection: Any) -> None:
        body = {"boot": "b1", "mono_s": 1, "at": "x", "phase": "off", "incidents": list(codes)}
        mine = (LAST.c.room == room, LAST.c.part == "state")
        await connection.execute(update(LAST).where(*mine).values(body=body, received_ms=desk.now_ms))

    desk.transaction(put)


def look(desk: Desk, after_ms: int = 5_000) -> None:
    desk.now_ms += after_ms
    desk.run(think_incidents.think, desk.place)


def opened(desk: Desk) -> list[tuple[str, list[str]]]:
    rows = desk.rows(select(INCIDENTS).where(INCIDENTS.c.until_ms.is_(None)).order_by(INCIDENTS.c.key))
    return [(row.key, row.rooms) for row in rows]


def test_an_incident_opens_is_worked_on_and_closes(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    say(desk, "kim-son", "lost")
    look(desk)
    assert opened(desk) == [], "a blip is none"
    say(desk, "kim-son", "lost")
    look(desk, MINUTE)
    assert opened(desk) == [("device:kim-son", ["kim-son"])]
    look(desk)
    assert len(desk.rows(select(INCIDENTS))) == 1
    desk.sign_in()
    for step in ({"what": "received"}, {"what": "note", "text": "đã gọi"}, {"what": "told", "text": "18001166"},
                 {"what": "expected", "at_ms": desk.now_ms + HOUR}, {"what": "mended"}):  # fmt: skip
        assert desk.http.post("/api/incidents/1", json=step).status_code == 200, step
    say(desk, "kim-son")
    look(desk, 30_000)
    assert opened(desk) != [], "well for a moment is not well"
    say(desk, "kim-son")
    look(desk, MINUTE)
    assert opened(desk) == []
    told = desk.http.get("/api/incidents/1").json()
    kinds = [line["kind"] for line in told["lines"]]
    assert kinds == ["opened", "received", "note", "told", "expected", "mended", "closed"]
    assert told["incident"]["acked_by"] == "Trần Thị Bình"
    assert told["rooms"][0]["hotline"] == "18001166"


def test_a_cut_of_a_commune_is_one_and_smoke_waits_for_nobody(desk: Desk) -> None:
    from controller.dashboard.store.tables_people import ROOMS, UNITS

    desk.store(UNITS, {"kind": "xã", "name": "Kim Sơn"})
    for room in ("a", "b", "c"):
        desk.room(room)
        say(desk, room, "on_battery")

    async def together(connection: Any) -> None:
        await connection.execute(update(ROOMS).values(unit=1))

    desk.transaction(together)
    look(desk)
    say(desk, "c", "on_battery", "smoke")
    look(desk, MINUTE)
    assert opened(desk) == [("power@1", ["a", "b", "c"]), ("safety:c", ["c"])]


def test_two_thinkers_at_once_open_one(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "smoke")
    look(desk)
    look(desk, 0)
    assert [row.open_key for row in desk.rows(select(INCIDENTS))] == ["safety:kim-son"]


def test_a_restart_of_everybody_leaves_nothing_open(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "smoke")
    look(desk)

    async def forget(connection: Any) -> None:
        await connection.execute(delete(LAST))

    desk.transaction(forget)
    look(desk, 2 * MINUTE)
    assert opened(desk) == []


def test_who_may_do_what(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "smoke")
    look(desk)
    cause = {"what": "cause", "cause": "mains", "own": False}
    asked = {"operator": (403, 200), "office": (200, 403), "viewer": (403, 403)}
    for role, (sets, notes) in asked.items():
        desk.sign_in(role)
        assert desk.http.post("/api/incidents/1", json=cause).status_code == sets, role
        assert desk.http.post("/api/incidents/1", json={"what": "note", "text": "x"}).status_code == notes, role


def test_what_is_missing_is_said(desk: Desk) -> None:
    desk.room("kim-son")
    say(desk, "kim-son", "smoke")
    look(desk)
    desk.sign_in()
    for step, code in (
        ({"what": "note", "text": " "}, "incident.text"),
        ({"what": "expected", "at_ms": 5}, "incident.past"),
    ):
        answer = desk.http.post("/api/incidents/1", json=step)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert desk.http.post("/api/incidents/99", json={"what": "received"}).json()["code"] == "incident.unknown"
    assert [row.kind for row in desk.rows(select(INCIDENT_LINES))] == ["opened"]


def test_maintenance_ends_by_itself(desk: Desk) -> None:
    desk.room("kim-son")
    desk.sign_in()
    window = {"room": "kim-son", "hours": 2, "reason": "thay ắc quy"}
    begun = desk.http.post("/api/incidents/maintenance/begin", json=window).json()
    assert (list(begun["sent"]), begun["unsent"]) == (["kim-son"], {})
    (sent,) = desk.way.sent
    assert sent.topic == "diemcau/1/kim-son/do/maintenance", "the room's own mode begins too"
    assert json.loads(sent.payload)["args"] == {"value": "begin", "reason": "thay ắc quy", "minutes": 120}
    assert [row["by"] for row in desk.http.get("/api/incidents").json()["maintenance"]] == ["Trần Thị Bình"]
    desk.now_ms += 3 * HOUR
    assert desk.http.get("/api/incidents").json()["maintenance"] == []
    assert desk.http.post("/api/incidents/maintenance/begin", json={**window, "room": "nowhere"}).status_code == 404
    assert desk.http.post("/api/incidents/maintenance/9/end").status_code == 404
    desk.way.away = True
    for hours in (12.5, 72, 1e300):
        refused = desk.http.post("/api/incidents/maintenance/begin", json={**window, "hours": hours})
        assert (refused.status_code, refused.json()) == (422, {"code": "incident.too_long", "args": [12]}), hours
    long = desk.http.post("/api/incidents/maintenance/begin", json={**window, "hours": 12}).json()
    assert long["unsent"] == {"kim-son": "order.no_broker"}
    assert len(desk.http.get("/api/incidents").json()["maintenance"]) == 1, "the window stands"
    desk.way.away = False
    desk.http.post("/api/incidents/maintenance/2/end")
    assert json.loads(desk.way.sent[-1].payload)["args"] == {"value": "end"}


def test_maintenance_that_was_begun_twice_ends_once_and_what_is_over_stays_as_it_was(desk: Desk) -> None:
    desk.room("kim-son")
    desk.room("hoa-lu")
    desk.sign_in()
    say(desk, "kim-son", "lost")
    look(desk)
    say(desk, "kim-son", "lost")
    look(desk, MINUTE)
    window = {"room": "kim-son", "hours": 2, "reason": "thay ắc quy"}
    begin, until = "/api/incidents/maintenance/begin", select(MAINTENANCE.c.until_ms).order_by(MAINTENANCE.c.id)
    for room in ("kim-son", "kim-son", "hoa-lu"):
        assert desk.http.post(begin, json=window | {"room": room}).status_code == 200
    start_ms = desk.now_ms
    for _ in range(2):
        desk.now_ms += HOUR
        assert desk.http.post("/api/incidents/maintenance/1/end").json()["unsent"] == {}
        assert json.loads(desk.way.sent[-1].payload)["args"] == {"value": "end"}, "the room may not have heard"
    assert [row.until_ms - start_ms for row in desk.rows(until)] == [HOUR, HOUR, 2 * HOUR]
    kinds = [row.kind for row in desk.rows(select(INCIDENT_LINES).order_by(INCIDENT_LINES.c.id))]
    assert kinds[1:] == ["maintained", "maintained", "unmaintained"]
