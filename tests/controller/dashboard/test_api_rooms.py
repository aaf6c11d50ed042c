"""What the API says of rooms, boards and commands, and to whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.dashboard.rights import Role
from controller.dashboard.store.tables import LAST, ORDERS, RECORDS, SAMPLES
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE
from controller.dashboard.web.gate import COOKIE, admit
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

PROVIDER = {"/api/oidc", "/api/oidc/start", "/api/oidc/back"}
OPEN = {"/api/sign-in", "/api/texts", "/api/pass/{secret}", "/api/feed/{secret}.ics", "/metrics"} | PROVIDER
"""What is answered before anybody signed in."""


def by_slug(answer: Any) -> dict[str, dict[str, Any]]:
    told = answer.json()
    rows = [dict(zip(told["columns"], one, strict=True)) for one in told["rows"]]
    return {row["slug"]: row for row in rows}


def phone(desk: Desk, room: str) -> None:
    async def make() -> str:
        return await admit(desk.place, "phone", desk.now_ms + HOUR, room=room, name="Kỹ thuật")

    desk.http.cookies.set(COOKIE, desk.run(make))


def test_all_rooms_come_in_one_answer_that_is_not_sent_twice(desk: Desk) -> None:
    desk.sign_in("viewer")
    desk.room("kim-son", "Kim Sơn", phase="ready", floor="live", meeting={"uid": "m1", "start": 5, "ready": "late"})
    desk.room("hoa-lu", "Hoa Lư")
    first = desk.http.get("/api/rooms")
    row = by_slug(first)["kim-son"]
    assert [row[key] for key in ("name", "phase", "uid", "ready", "online")] == [
        "Kim Sơn",
        "ready",
        "m1",
        "late",
        True,
    ]
    assert (first.headers["content-encoding"], int(first.headers["x-now-ms"])) == ("gzip", NOW_MS)
    again = desk.http.get("/api/rooms", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = desk.http.get("/api/rooms", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == first.json()


def test_a_phone_sees_its_own_room_and_no_other(desk: Desk) -> None:
    desk.room("kim-son")
    desk.room("hoa-lu")
    phone(desk, "kim-son")
    paths = ("/api/rooms/kim-son", "/api/rooms/hoa-lu", "/api/rooms", "/api/orders?room=hoa-lu", "/api/board")
    assert [desk.http.get(path).status_code for path in paths] == [200, 403, 403, 403, 403]


def test_a_room_tells_each_part_with_its_age_and_people_to_those_who_may(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    body = {"mono_s": 100.0, "at": "2026-07-15T07:59:00+07:00", "clock": "ntp", "network": {"since_ms": 40_000}}
    doubt = {**body, "clock": "held", "at": "2020-01-01T00:00:00+07:00"}
    desk.store(LAST, {"room": "kim-son", "part": "detail/loads", "body": body, "received_ms": NOW_MS})
    desk.store(LAST, {"room": "kim-son", "part": "detail/ups", "body": doubt, "received_ms": NOW_MS})
    desk.store(PEOPLE, {"id": 1, "name": "Phạm Văn Đức", "phone": "0912000111", "email": "", "trained": []})
    desk.store(ROOM_PEOPLE, {"room": "kim-son", "person": 1, "part": "technician"})
    desk.sign_in("operator")
    told = desk.http.get("/api/rooms/kim-son").json()
    assert told["parts"]["detail/loads"]["base_ms"] == NOW_MS - MINUTE - 100_000
    assert told["parts"]["detail/ups"]["base_ms"] == NOW_MS - 100_000
    assert told["people"][0]["phone"] == "0912000111"
    desk.sign_in("viewer")
    assert desk.http.get("/api/rooms/kim-son").json()["people"] == []
    assert desk.http.get("/api/rooms/nobody").json() == {"code": "room.none", "args": ["nobody"]}


def record(seq: int, kind: str, at_ms: int, body: dict[str, object], clock: str = "ntp") -> dict[str, object]:
    told = {"room": "kim-son", "seq": seq, "boot": "b1", "at_ms": at_ms, "mono_ms": seq, "clock": clock}
    rest = {"priority": "state", "prev": "", "hash": str(seq), "hist": False, "received_ms": at_ms}
    return {**told, "kind": kind, "subject": "room", "body": body, **rest}


def test_the_journal_comes_in_pages_in_words_and_by_meeting(desk: Desk) -> None:
    desk.room("kim-son")
    desk.meeting("m1", ["kim-son"], NOW_MS)
    early = NOW_MS - 30 * 24 * HOUR
    desk.store(RECORDS, record(1, "phase", early, {"from": "off", "to": "ready"}))
    desk.store(RECORDS, record(2, "phase", NOW_MS, {"from": "off", "to": "ready"}))
    desk.store(
        RECORDS, record(3, "wish", NOW_MS, {"value": "on", "code": "R1.meeting", "args": ["m1"], "rule": "R1"})
    )
    desk.sign_in("viewer")
    get = desk.http.get
    rows = get("/api/rooms/kim-son/records?limit=2").json()
    assert [row["seq"] for row in rows] == [3, 2]
    assert (rows[1]["text"], "(R1)" in rows[0]["text"]) == ("trạng thái phòng: Sẵn sàng", True)
    assert [row["seq"] for row in get("/api/rooms/kim-son/records?before=2").json()] == [1]
    assert [row["seq"] for row in get("/api/rooms/kim-son/records?meeting=m1").json()] == [3, 2]
    assert [row["seq"] for row in get("/api/rooms/kim-son/records?kind=phase&lang=en").json()] == [2, 1]
    assert get("/api/rooms/kim-son/records?meeting=none").json() == []


def test_the_journal_calls_meetings_by_title_and_time_also_those_that_the_calendar_forgot(desk: Desk) -> None:
    desk.room("kim-son")
    desk.meeting("m1", ["kim-son"], NOW_MS, title="Giao ban tháng 7")
    desk.meeting("m2", ["kim-son"], NOW_MS, title="Kín", secret=True)
    forgotten = {"late": "", "start": NOW_MS + HOUR, "title": "Tập huấn"}
    why = {"value": "on", "code": "R1.meeting", "rule": "R1"}
    rows = [
        {**record(1, "meeting.booked", NOW_MS, forgotten), "subject": "x-9"},
        record(2, "wish", NOW_MS, {**why, "args": ["x-9"]}),
        {**record(3, "noted", NOW_MS, {"value": "ready"}), "subject": "t60.m1"},
        {**record(4, "meeting.cancelled", NOW_MS, {}), "subject": "m2"},
        {**record(5, "meeting.cancelled", NOW_MS, {}), "subject": "gone@20260717T010000Z"},
    ]
    for row in rows:
        desk.store(RECORDS, row)
    desk.sign_in("viewer")
    told = [row["text"] for row in desk.http.get("/api/rooms/kim-son/records").json()][::-1]
    assert told[0] == "Phòng chuẩn bị cho phiên họp “Tập huấn” (09:00 15/07/2026)"
    assert "cho phiên họp “Tập huấn” (09:00 15/07/2026)" in told[1]
    assert "T-60 cho “Giao ban tháng 7” (08:00 15/07/2026)" in told[2]
    assert told[3:] == ["Phiên họp “08:00 15/07/2026” đã hủy", "Phiên họp “08:00 17/07/2026” đã hủy"]
    wished = desk.http.get("/api/rooms/kim-son/records?kind=wish&lang=en").json()
    assert "the meeting “Tập huấn” (09:00 15/07/2026)" in wished[0]["text"]


def test_figures_over_time_keep_their_gaps(desk: Desk) -> None:
    desk.room("kim-son")
    for n in (0, 1, 5):
        row = {"room": "kim-son", "what": "ups.charge_pct", "span_s": 300, "from_ms": n * 300_000}
        desk.store(SAMPLES, {**row, "n": 2, "low": 90.0, "high": 100.0, "total": 190.0})
    desk.sign_in("viewer")
    path = "/api/rooms/kim-son/samples?from_ms=0&what=ups.*"
    assert desk.http.get(path).json() == {"ups.charge_pct": [[n * 300_000, 90, 95, 100] for n in (0, 1, 5)]}
    assert desk.http.get(path + "&span_s=60").json()["code"] == "room.span"


def test_the_board_hides_the_title_of_a_secret_meeting_and_numbers_from_viewers(desk: Desk) -> None:
    desk.room("kim-son", phase="ready")
    desk.room("hoa-lu")
    desk.meeting("m1", ["kim-son", "hoa-lu"], NOW_MS + 50 * MINUTE, title="Kín", secret=True)
    desk.meeting("m2", ["hoa-lu"], NOW_MS - 5 * HOUR)
    desk.store(PEOPLE, {"id": 1, "name": "Phạm Văn Đức", "phone": "0912000111", "email": "", "trained": []})
    desk.store(ROOM_PEOPLE, {"room": "hoa-lu", "person": 1, "part": "technician"})
    desk.store(RECORDS, {**record(1, "noted", NOW_MS, {"value": "ready"}), "subject": "t60.m1"})
    desk.store(
        RECORDS,
        {**record(2, "noted", NOW_MS, {"value": ["not_ready", "codec"]}), "room": "hoa-lu", "subject": "t60.m1"},
    )
    desk.sign_in("operator")
    (meeting,) = desk.http.get("/api/board").json()["meetings"]
    assert (meeting["title"], meeting["outlook"]) == ("", "risk")
    found = [(one["slug"], one["stand"], one["on_time"], len(one["people"])) for one in meeting["rooms"]]
    assert found == [("hoa-lu", "failed", "missed", 1), ("kim-son", "ready", "met", 0)]
    desk.sign_in("viewer")
    (meeting,) = desk.http.get("/api/board").json()["meetings"]
    assert [(one["fix"], one["people"]) for one in meeting["rooms"]] == [(1, []), (2, [])]


def test_a_command_is_read_as_the_room_would_and_is_remembered(desk: Desk) -> None:
    desk.room("kim-son")
    desk.sign_in("operator")
    post = desk.http.post
    wrong = post("/api/rooms/kim-son/orders", json={"verb": "power", "args": {"value": "maybe"}})
    assert (wrong.status_code, wrong.json()["code"], desk.way.sent) == (422, "reply.bad_args", [])
    assert post("/api/rooms/kim-son/orders", json={"verb": "explode"}).json()["code"] == "reply.unknown_command"
    sent = post("/api/rooms/kim-son/orders", json={"verb": "power", "args": {"value": "on"}}).json()
    assert json.loads(desk.way.sent[0].payload)["args"] == {"value": "on"}
    assert desk.http.get(f"/api/orders/{sent['id']}").json()["stage"] == "sent"
    assert [one["id"] for one in desk.http.get("/api/orders?room=kim-son").json()] == [sent["id"]]
    assert desk.http.get("/api/orders/none").status_code == 404
    desk.way.away = True
    lost = post("/api/rooms/kim-son/orders", json={"verb": "check"})
    assert lost.status_code == 503
    assert {row.stage for row in desk.rows(ORDERS.select())} == {"sent", "failed"}


@pytest.mark.parametrize("role", ["viewer", "office", "operator"])
def test_rights_of_commands(desk: Desk, role: str) -> None:
    desk.room("kim-son")
    desk.sign_in(role)
    post = desk.http.post
    power = post("/api/rooms/kim-son/orders", json={"verb": "power", "args": {"value": "on"}}).status_code
    assert power == (202 if Role(role) is Role.OPERATOR else 403)
    mic = post("/api/rooms/kim-son/orders", json={"verb": "mute", "args": {"value": "open"}})
    assert mic.status_code == 403
    forced = {"verb": "power", "args": {"value": "off"}, "force": True}
    assert post("/api/rooms/kim-son/orders", json=forced).status_code == (422 if role == "operator" else 403)


def test_every_route_is_described_and_needs_a_session(desk: Desk) -> None:
    described = desk.http.get("/api/openapi.json").json()
    assert "/api/rooms" in described["paths"]
    for path, verbs in described["paths"].items():
        for verb, route in verbs.items():
            assert route["tags"], path
            assert route["summary"], path
            filled = path.replace("{", "").replace("}", "")
            if path not in OPEN:
                status = desk.http.request(verb.upper(), filled, json={}).status_code
                assert status == 401, (verb, path, status)
