"""The live session over both databases: orders go to the right room, and nobody orders outside a booked meeting."""

from __future__ import annotations

import json

from sqlalchemy import select

from controller.dashboard.store.base import META
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_work import FEEDBACK, TICKS
from controller.dashboard.web.gate import admit
from controller.link.commands import read
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

UID = "giao-ban@20260715T010000Z"


def meeting(desk: Desk, **more: object) -> None:
    desk.room("kim-son", "Kim Sơn", asks=["ghe-1"], floor="closed", mic="muted", call=True)
    desk.room("hoa-lu", "Hoa Lư", floor="live", mic="open", call=True)
    desk.meeting(UID, ["kim-son", "hoa-lu"], NOW_MS - 10 * MINUTE, 120, **more)


def enter(desk: Desk, kind: str, **bound: str) -> None:
    """Come in by a link."""
    secret = desk.run(lambda: admit(desk.place, kind, desk.now_ms + HOUR, name="Chủ trì", **bound))  # type: ignore[arg-type]
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200


def sent(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    return [(one.topic, json.loads(one.payload)["args"]) for one in desk.way.sent]


def test_the_floor_is_given_to_who_asked(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    told = desk.http.get(f"/api/sessions/{UID}").json()
    assert [(ask["room"], ask["seat"]) for ask in told["queue"]] == [("kim-son", "ghe-1")]
    assert [tile["slug"] for tile in told["tiles"] if tile["floor"] == "live"] == ["hoa-lu"]
    body = {"room": "kim-son", "seat": "ghe-1", "value": "grant"}
    assert desk.http.post(f"/api/sessions/{UID}/floor", json=body).status_code == 202
    assert sent(desk) == [("diemcau/1/kim-son/do/floor", {"value": "grant", "seat": "ghe-1"})]
    whole = json.loads(desk.way.sent[0].payload)
    assert (whole["boot"], whole["until_mono_s"], desk.way.sent[0].expiry_s) == ("b1", 1030.0, 30)
    assert desk.rows(select(ORDERS))[0].meeting == UID


def test_sites_stand_in_vietnamese_order_and_the_doubtful_first(desk: Desk) -> None:
    named = {"a": "Xã Ý Yên", "b": "Xã Đại Hoàng", "c": "Xã Gia Viễn", "d": "Xã Gia Vân", "e": "Xã Châu Sơn"}
    for slug, name in named.items():
        desk.room(slug, name)
    desk.room("z", "Xã Xuân Hồng", phase="off")
    desk.meeting(UID, [*named, "z"], NOW_MS)
    desk.store(
        LAST, {"room": "z", "part": "detail/rollcall", "body": {"found": [["line", "failed"]]}, "received_ms": 1}
    )
    desk.sign_in()
    order = ["Xã Châu Sơn", "Xã Đại Hoàng", "Xã Gia Vân", "Xã Gia Viễn", "Xã Xuân Hồng", "Xã Ý Yên"]
    told = desk.http.get(f"/api/sessions/{UID}").json()
    assert [tile["name"] for tile in told["tiles"]] == order
    roll = desk.http.get(f"/api/sessions/{UID}/rollcall").json()
    assert [row["name"] for row in roll["rows"]] == [order[4], *order[:4], order[5]]
    board = desk.http.get("/api/board").json()["meetings"][0]["rooms"]
    assert [named.get(one["slug"], order[4]) for one in board] == order


def test_outside_a_booked_meeting_nobody_opens_a_microphone_or_gives_the_floor(desk: Desk) -> None:
    meeting(desk)
    desk.now_ms += 5 * HOUR
    for role in ("operator", "admin"):
        desk.sign_in(role)
        for path, body in (
            ("floor", {"room": "kim-son", "value": "grant", "seat": "ghe-1"}),
            ("mute", {"room": "kim-son", "value": "open"}),
        ):
            answer = desk.http.post(f"/api/sessions/{UID}/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "rights.no_meeting"), (role, path)
        other = {"room": "tam-diep", "value": "open"}
        assert desk.http.post(f"/api/sessions/{UID}/mute", json=other).status_code == 403
    assert desk.way.sent == []


def test_the_chairs_link_gives_the_floor_of_its_meeting_and_nothing_else(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    url = desk.http.post(f"/api/sessions/{UID}/chair-qr").json()["url"]
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{url.rpartition('/')[2]}").json()["meeting"] == UID
    told = desk.http.get("/api/chair").json()
    assert [ask["name"] for ask in told["queue"]] == ["Kim Sơn"]
    assert told["speaking"] == ["Hoa Lư"]
    assert desk.http.post("/api/chair/grant", json={"room": "kim-son", "seat": "ghe-1"}).status_code == 202
    for path in (f"/api/sessions/{UID}/mute", f"/api/sessions/{UID}/message"):
        body = {"room": "kim-son", "value": "open", "text": "x"}
        assert desk.http.post(path, json=body).status_code == 403
    assert desk.http.get("/api/incidents").status_code == 403


def test_of_a_secret_meeting_there_is_no_queue(desk: Desk) -> None:
    meeting(desk, secret=True)
    desk.sign_in()
    told = desk.http.get(f"/api/sessions/{UID}").json()
    assert told["queue"] == []
    assert all("floor" not in tile for tile in told["tiles"])


def test_a_tick_is_kept_with_its_person_and_told_to_the_room(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    tick = {"room": "kim-son", "item": "sound_in", "verdict": "ok"}
    assert desk.http.post(f"/api/sessions/{UID}/rollcall", json=tick).status_code == 200
    assert sent(desk) == [("diemcau/1/kim-son/do/rollcall", {"value": "sound_in", "result": "ok"})]
    rows = desk.http.get(f"/api/sessions/{UID}/rollcall").json()["rows"]
    assert {row["slug"]: row["ticks"] for row in rows}["kim-son"]["sound_in"]["by"] == "Trần Thị Bình"
    desk.way.away = True
    tick["verdict"] = "bad"
    assert desk.http.post(f"/api/sessions/{UID}/rollcall", json=tick).json()["room"]["code"] == "order.no_broker"
    assert [row.verdict for row in desk.rows(select(TICKS))] == ["bad"]


def everything(desk: Desk) -> dict[str, list[object]]:
    """Every row of every table but links and sessions, which are no record."""
    return {
        table.name: [tuple(row) for row in desk.rows(select(table))]
        for table in META.sorted_tables
        if table.name != "passes"
    }


def test_practice_touches_no_record(desk: Desk) -> None:
    meeting(desk, practice=True, backup="hoa-lu")
    desk.sign_in("admin")
    desk.sign_in()
    before = everything(desk)
    seat = {"room": "kim-son", "seat": "ghe-1"}
    for path, body in (
        ("rollcall", {"room": "kim-son", "item": "sound_in", "verdict": "ok"}),
        ("floor", {**seat, "value": "grant"}),
        ("floor", {**seat, "value": "request"}),
        ("mute", {"room": "kim-son", "value": "open"}),
        ("message", {"room": "kim-son", "text": "thử"}),
        ("chair-qr", {}),
    ):
        assert desk.http.post(f"/api/sessions/{UID}/{path}", json=body).status_code == 200, path
    desk.http.cookies.clear()
    enter(desk, "chair", meeting=UID)
    assert desk.http.post("/api/chair/grant", json=seat).status_code == 200
    assert everything(desk) == before
    assert desk.way.sent == []


def test_a_phone_sees_and_orders_its_own_room_only(desk: Desk) -> None:
    meeting(desk)
    enter(desk, "phone", room="kim-son")
    told = desk.http.get("/api/my-room").json()
    assert (told["room"]["name"], [m["uid"] for m in told["meetings"]]) == ("Kim Sơn", [UID])
    assert desk.http.post("/api/my-room/duty", json={"value": "on"}).status_code == 202
    assert sent(desk) == [("diemcau/1/kim-son/do/duty", {"value": "on"})]
    assert desk.http.post("/api/my-room/word", json={"kind": "fault", "text": "loa rè"}).status_code == 200
    assert [row.room for row in desk.rows(select(FEEDBACK))] == ["kim-son"]
    assert [row["by"] for row in desk.http.get("/api/my-room").json()["orders"]] == ["Chủ trì"]
    assert desk.http.post(f"/api/sessions/{UID}/floor", json={"room": "kim-son", "value": "end"}).status_code == 403
    assert desk.http.post(f"/api/sessions/{UID}/mute", json={"room": "hoa-lu", "value": "open"}).status_code == 403


def test_a_phone_keeps_and_gives_frames_and_moves_no_camera(desk: Desk) -> None:
    meeting(desk)
    enter(desk, "phone", room="kim-son")
    wrong: list[dict[str, object]] = [
        {"value": "show", "seat": "ghe-1"},
        {"value": "recall", "preset": 3},
        {"value": "store"},
        {"value": "assign", "seat": "ghe-1"},
        {"value": "assign", "seat": "ghe-1", "preset": 255},
    ]
    for refused in wrong:
        assert desk.http.post("/api/my-room/seat", json=refused).status_code == 422, refused
    assert sent(desk) == []
    asked: list[dict[str, object]] = [
        {"value": "store", "seat": "ghe-1"},
        {"value": "assign", "seat": "ghe-1", "preset": 7},
        {"value": "confirm"},
    ]
    for body in asked:
        assert desk.http.post("/api/my-room/seat", json=body).status_code == 202, body
    assert sent(desk) == [("diemcau/1/kim-son/do/seat", body) for body in asked]
    for body in asked:
        read("seat", body)


def test_a_room_that_never_spoke_cannot_be_ordered(desk: Desk) -> None:
    desk.meeting(UID, ["gia-vien"], NOW_MS)
    desk.sign_in()
    answer = desk.http.post(f"/api/sessions/{UID}/floor", json={"room": "gia-vien", "value": "end"})
    assert (answer.status_code, answer.json()["code"]) == (409, "order.silent")
    assert desk.http.get("/api/sessions/none").json()["code"] == "session.unknown"


def test_a_text_in_a_secret_meeting_is_neither_sent_nor_kept_and_the_desk_hears_why(desk: Desk) -> None:
    meeting(desk, secret=True)
    desk.sign_in()
    text = {"room": "kim-son", "text": "mời đồng chí Lan"}
    answer = desk.http.post(f"/api/sessions/{UID}/message", json=text)
    assert (answer.status_code, answer.json()["code"]) == (409, "order.secret")
    assert (desk.way.sent, desk.rows(select(ORDERS))) == ([], [])
    desk.now_ms += 24 * HOUR
    desk.sign_in()
    assert desk.http.post(f"/api/sessions/{UID}/message", json=text).status_code != 409


def test_a_request_to_speak_in_a_secret_meeting_is_not_kept_and_the_desk_hears_why(desk: Desk) -> None:
    meeting(desk, secret=True)
    desk.sign_in()
    asks = {"room": "kim-son", "value": "request", "seat": "ghe-2"}
    answer = desk.http.post(f"/api/sessions/{UID}/floor", json=asks)
    assert (answer.status_code, answer.json()["code"]) == (409, "order.secret_ask")
    assert desk.way.sent == []
    assert desk.rows(select(ORDERS)) == []
    asks = {"room": "kim-son", "value": "grant", "seat": "ghe-2"}
    assert desk.http.post(f"/api/sessions/{UID}/floor", json=asks).status_code == 202, "the chair's word counts"


def test_the_chair_hears_what_became_of_its_own_orders_and_of_no_others(desk: Desk) -> None:
    meeting(desk)
    desk.meeting("khac", ["kim-son"], NOW_MS - 10 * MINUTE)
    desk.sign_in()
    body = {"room": "kim-son", "seat": "ghe-1", "value": "grant"}
    others = desk.http.post("/api/sessions/khac/floor", json=body).json()["id"]
    enter(desk, "chair", meeting=UID)
    mine = desk.http.post("/api/chair/grant", json={"room": "kim-son", "seat": "ghe-1"}).json()["id"]
    told = desk.http.get(f"/api/orders/{mine}").json()
    assert (told["name"], told["verb"], told["stage"]) == ("Kim Sơn", "floor", "sent")
    assert desk.http.get(f"/api/orders/{others}").status_code == 403
    assert desk.http.get("/api/orders/none").status_code == 403
    enter(desk, "phone", room="hoa-lu")
    assert desk.http.get(f"/api/orders/{mine}").status_code == 403
