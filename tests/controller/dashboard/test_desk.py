"""Desks, the backup main site, the log of the floor and links as codes, over both databases."""

from __future__ import annotations

import json

from sqlalchemy import select, update

from controller.dashboard.store.tables import ORDERS, RECORDS
from controller.dashboard.store.tables_people import AUDIT, PASSES, ROOMS, USERS
from controller.dashboard.web.qr import rows as drawn
from tests.controller.dashboard.kit import MINUTE, NOW_MS, Desk

UID = "giao-ban@20260715T010000Z"


def meeting(desk: Desk, **more: object) -> None:
    for slug, name in (("kim-son", "Kim Sơn"), ("hoa-lu", "Hoa Lư"), ("tam-diep", "Tam Điệp")):
        desk.room(slug, name)
    desk.meeting(UID, ["kim-son", "hoa-lu", "tam-diep"], NOW_MS - 10 * MINUTE, 120, **more)


def record(room: str, seq: int, at_ms: int, kind: str, subject: str, **body: object) -> dict[str, object]:
    return {
        "room": room, "seq": seq, "boot": "b1", "at_ms": at_ms, "mono_ms": seq, "clock": "ntp", "true_ms": None,
        "kind": kind, "subject": subject, "priority": "evidence", "body": body, "prev": "", "hash": str(seq),
        "hist": False, "received_ms": NOW_MS,
    }  # fmt: skip


def test_the_desk_of_a_meeting_is_set_and_given_back(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    mine = desk.rows(select(USERS.c.id))[0].id
    path = f"/api/sessions/{UID}/desk"
    assert desk.http.post(path, json={"users": [{"user": mine, "part": "desk"}]}).status_code == 200
    assert desk.http.get(path).json()["users"] == [{"user": mine, "part": "desk"}]
    answer = desk.http.post(path, json={"users": [{"user": 999}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "desk.operators")
    assert desk.http.get(path).json()["users"] != []
    assert desk.http.post(path, json={"users": []}).status_code == 200
    assert desk.http.get(path).json()["users"] == []
    assert [row.what for row in desk.rows(select(AUDIT))] == ["desk", "desk"]
    assert desk.http.get("/api/sessions/none/desk").status_code == 404


def test_the_backup_main_site_is_dialled_by_every_other_room(desk: Desk) -> None:
    meeting(desk, backup="tam-diep")
    desk.sign_in()
    path = f"/api/sessions/{UID}/backup"
    answer = desk.http.post(path, json={"reason": "mất điện điểm cầu chính"})
    assert (answer.status_code, answer.json()["code"]) == (409, "desk.no_backup")

    async def numbered() -> None:
        async with desk.place.engine.begin() as connection:
            await connection.execute(update(ROOMS).where(ROOMS.c.slug == "tam-diep").values(dial="10.1.2.3"))

    desk.run(numbered)
    desk.store(ROOMS, {"slug": "gia-vien", "name": "Gia Viễn"})
    from controller.dashboard.store.tables_work import INSTANCE_ROOMS

    desk.store(INSTANCE_ROOMS, {"uid": UID, "room": "gia-vien", "role": "member", "seats": []})
    told = desk.http.post(path, json={"reason": "mất điện điểm cầu chính"}).json()
    assert (told["ordered"], told["refused"]) == (["hoa-lu", "kim-son"], {"gia-vien": "order.silent"})
    assert told["calendar"] == "none", "made by no calendar"
    sent = sorted((one.topic, json.loads(one.payload)["args"]["address"]) for one in desk.way.sent)
    assert sent == [("diemcau/1/hoa-lu/do/call", "10.1.2.3"), ("diemcau/1/kim-son/do/call", "10.1.2.3")]
    assert {row.reason for row in desk.rows(select(ORDERS))} == {"mất điện điểm cầu chính"}
    assert desk.http.get(f"/api/sessions/{UID}/desk").json()["switched"]["by"] == "Trần Thị Bình"
    desk.way.away = True
    again = desk.http.post(path, json={"reason": "thử lại"}).json()
    assert (again["ordered"], again["refused"]["kim-son"]) == ([], "order.no_broker")


def test_the_log_of_the_floor_comes_from_the_rooms_records(desk: Desk) -> None:
    meeting(desk)
    desk.store(
        RECORDS,
        record("kim-son", 1, NOW_MS - 9 * MINUTE, "hold", "ask.ghe-1", value="phone"),
        record("kim-son", 2, NOW_MS - 8 * MINUTE, "hold", "floor", value="open"),
        record("kim-son", 3, NOW_MS - 5 * MINUTE, "hold.end", "floor"),
        record("kim-son", 4, NOW_MS - 4 * MINUTE, "hold", "power", value="on"),
        record("kim-son", 5, NOW_MS - 9 * 60 * MINUTE, "hold", "floor", value="open"),
    )
    desk.sign_in()
    told = desk.http.get(f"/api/sessions/{UID}/floor-log").json()
    assert [(step["what"], step["channel"]) for step in told["steps"]] == [
        ("asked", "phone"),
        ("given", ""),
        ("ended", ""),
    ]
    assert told["spoken_s"] == {"kim-son": 180}


def test_of_a_secret_meeting_there_is_no_log(desk: Desk) -> None:
    meeting(desk, secret=True)
    desk.store(RECORDS, record("kim-son", 2, NOW_MS - 8 * MINUTE, "hold", "floor", value="open"))
    desk.sign_in()
    assert desk.http.get(f"/api/sessions/{UID}/floor-log").json() == {"steps": [], "spoken_s": {}}


def test_links_are_codes_that_open_their_page(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    chair = desk.http.post(f"/api/sessions/{UID}/chair-qr").json()
    phone = desk.http.post("/api/links/kim-son", json={"days": 30}).json()
    assert desk.http.post("/api/links/none", json={}).json()["code"] == "desk.room"
    for made in (chair, phone):
        assert made["qr"] == drawn(made["url"])
        assert {len(row) for row in made["qr"]} == {len(made["qr"])}
        assert [row[:7] for row in made["qr"][:7]] == FINDER
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{phone['url'].rpartition('/')[2]}").json()["room"] == "kim-son"
    secrets = {made["url"].rpartition("/")[2] for made in (chair, phone)}
    assert secrets & {row.hash for row in desk.rows(select(PASSES))} == set()


FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
"""The corner of every QR code (ISO/IEC 18004)."""
