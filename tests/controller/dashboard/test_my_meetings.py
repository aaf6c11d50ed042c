"""The technician's phone says who is at the devices and which frames a coming meeting has, over both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_calendar import CREW
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES, MEETINGS
from controller.dashboard.web.gate import admit
from tests.controller.dashboard.browser import PHONE, Served, address, axe, opened, shot
from tests.controller.dashboard.kit import HOUR, NOW_MS, Desk

SEATS = [{"room": "", "seat": "chu_toa", "preset": 1}, {"room": "hoa-lu", "seat": "khach", "preset": 7}]
TIMES = {"start_ms": NOW_MS + HOUR, "end_ms": NOW_MS + 2 * HOUR}
FORM = {"title": "Giao ban", "members": ["kim-son", "hoa-lu"], "seats": SEATS, **TIMES}
PLAN = {"technician": "Lê Văn An", "substitute": "", "seats": [{"seat": "chu_toa", "preset": 9}]}


def booked(desk: Desk, **more: object) -> str:
    for slug, name in (("kim-son", "Kim Sơn"), ("hoa-lu", "Hoa Lư"), ("tam-diep", "Tam Điệp")):
        desk.room(slug, name)
    desk.sign_in()
    answer = desk.http.post("/api/meetings", json=FORM | more)
    assert answer.status_code == 200, answer.text
    desk.way.sent.clear()
    return str(desk.rows(select(INSTANCES.c.uid).order_by(INSTANCES.c.start_ms))[0].uid)


def phone(desk: Desk, room: str = "kim-son") -> str:
    """Come in by the link of a room's phone page; returns its secret."""
    secret = desk.run(lambda: admit(desk.place, "phone", desk.now_ms + 9 * HOUR, room=room, name=room))
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200
    return secret


def told(desk: Desk, room: str) -> str:
    """The calendar that the room was sent."""
    texts = [one.payload.decode() for one in desk.way.sent if one.topic == f"diemcau/1/{room}/calendar"]
    return texts[-1].replace("\r\n ", "").replace("\\,", ",") if texts else ""


def frames(desk: Desk, room: str) -> Any:
    rows = desk.rows(select(INSTANCE_ROOMS).where(INSTANCE_ROOMS.c.room == room))
    return {one["seat"]: one["preset"] for one in rows[0].seats}


def test_who_may_not_changes_nothing(desk: Desk) -> None:
    uid = booked(desk)
    before = desk.rows(select(MEETINGS))
    path = f"/api/my-room/meetings/{uid}"
    assert desk.http.post(path, json=PLAN).json()["code"] == "rights.role", "the desk has the calendar for it"
    phone(desk, "tam-diep")
    answer = desk.http.post(path, json=PLAN)
    assert (answer.status_code, answer.json()["code"]) == (403, "rights.other_meeting")
    phone(desk)
    answer = desk.http.post("/api/my-room/meetings/none", json=PLAN)
    assert (answer.status_code, answer.json()["code"]) == (404, "session.unknown")
    for wrong in (
        {"seats": [{"seat": "Ghế 1", "preset": 1}]},
        {"seats": [{"seat": "a", "preset": 255}]},
        {"chair": "x"},
    ):
        assert desk.http.post(path, json=wrong).status_code == 422
    desk.now_ms += 3 * HOUR
    assert desk.http.post(path, json=PLAN).json()["code"] == "meeting.over"
    assert (desk.rows(select(MEETINGS)), desk.way.sent) == (before, [])


def test_anothers_calendar_is_not_changed(desk: Desk) -> None:
    uid = booked(desk)
    desk.transaction(lambda connection: connection.execute(update(MEETINGS).values(source="3")))
    phone(desk)
    answer = desk.http.post(f"/api/my-room/meetings/{uid}", json=PLAN)
    assert (answer.status_code, answer.json()["code"]) == (409, "meeting.foreign")


def test_a_site_sets_its_own_seats_and_people_and_nobody_elses(desk: Desk) -> None:
    uid = booked(desk)
    phone(desk)
    answer = desk.http.post(f"/api/my-room/meetings/{uid}", json=PLAN)
    assert (answer.status_code, answer.json()) == (200, {"sent": 1})
    assert "X-DIEMCAU-SEATS:chu_toa=9" in told(desk, "kim-son")
    assert "An" not in told(desk, "kim-son"), "no name of a person goes to the broker"
    assert told(desk, "hoa-lu") == ""
    assert frames(desk, "kim-son") == {"chu_toa": 9}
    assert frames(desk, "hoa-lu") == {"chu_toa": 1, "khach": 7}
    meeting = desk.http.get("/api/my-room").json()["meetings"][0]
    assert (meeting["technician"], meeting["seats"]) == ("Lê Văn An", [{"seat": "chu_toa", "preset": 9}])
    assert [row.room for row in desk.rows(select(CREW))] == ["kim-son"]
    assert desk.http.post(f"/api/my-room/meetings/{uid}", json={}).status_code == 200
    assert frames(desk, "kim-son") == {"chu_toa": 1}, "as all rooms again"
    assert desk.rows(select(CREW)) == []


def test_of_a_series_the_frames_are_of_the_one_meeting(desk: Desk) -> None:
    uid = booked(desk, rule="FREQ=WEEKLY;BYDAY=WE")
    phone(desk)
    assert desk.http.post(f"/api/my-room/meetings/{uid}", json=PLAN).status_code == 200
    rows = desk.rows(
        select(INSTANCE_ROOMS.c.seats, INSTANCE_ROOMS.c.technician)
        .join(INSTANCES, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
        .where(INSTANCE_ROOMS.c.room == "kim-son")
        .order_by(INSTANCES.c.start_ms)
        .limit(2)
    )
    assert [row.seats[0]["preset"] for row in rows] == [9, 1]
    assert {row.technician for row in rows} == {"Lê Văn An"}


def test_the_technician_sets_it_on_the_phone(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, PHONE) as page:
        booked(served)
        seats = {"v": 1, "seats": {"chu_toa": ["main", 4], "khach": ["main", 5]}}
        served.store(LAST, {"room": "kim-son", "part": "detail/camera", "body": seats, "received_ms": NOW_MS})
        page.goto(f"{served.url}/#/pass/{phone(served)}")
        page.get_by_text("Sơ đồ chỗ ngồi, người trực").click()
        form = page.get_by_role("form", name="Sơ đồ chỗ ngồi, người trực: Giao ban")
        form.get_by_label("Cán bộ kỹ thuật").fill("Lê Văn An")
        frame = form.get_by_role("spinbutton").nth(1)
        expect(frame).to_have_value("5")
        frame.fill("12")
        assert axe(page) == []
        shot(page, "my-room-plan")
        form.get_by_role("button").click()
        page.get_by_text("Đã ghi").first.wait_for()
        page.get_by_text("Sơ đồ chỗ ngồi, người trực").get_by_text("Lê Văn An").wait_for()
    assert "khach=12" in told(served, "kim-son")


@pytest.mark.parametrize("role", ["admin"])
def test_the_history_says_which_site_it_was(desk: Desk, role: str) -> None:
    uid = booked(desk)
    phone(desk)
    desk.http.post(f"/api/my-room/meetings/{uid}", json=PLAN)
    desk.sign_in(role)
    lines = desk.http.get(f"/api/meetings/one?uid={uid}").json()["history"]
    assert [(line["code"], line["by"]) for line in lines[:1]] == [("meeting.done.seats", "kim-son")]
