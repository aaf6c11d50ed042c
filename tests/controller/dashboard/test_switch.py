"""The backup main site over both databases: sites dial it, the calendar says it, and both come back (R25)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from controller.dashboard.store.tables import ORDERS
from controller.dashboard.store.tables_people import AUDIT, ROOMS
from controller.dashboard.store.tables_work import INSTANCES, MEETINGS, SWITCHES
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

NAMES = {"trung-tam": "Trung tâm", "kim-son": "Kim Sơn", "hoa-lu": "Hoa Lư", "tam-diep": "Tam Điệp"}
REASON = {"reason": "mất điện điểm cầu chính"}


def booked(desk: Desk, **more: object) -> str:
    """A meeting of the calendar that is on: led from Trung tâm, with Tam Điệp in reserve."""
    for slug, name in NAMES.items():
        desk.room(slug, name)
    form = {"title": "Giao ban", "members": ["kim-son", "hoa-lu"], "chair": "kim-son", "desk": "trung-tam",
            "backup": "tam-diep", "start_ms": NOW_MS - HOUR, "end_ms": NOW_MS + HOUR} | more  # fmt: skip
    desk.now_ms = NOW_MS - 2 * HOUR
    answer = desk.http.post("/api/meetings", json=form)
    assert answer.status_code == 200, answer.text
    desk.now_ms = NOW_MS
    desk.way.sent.clear()
    return str(desk.rows(select(INSTANCES.c.uid))[0].uid)


def dials(desk: Desk, **numbers: str) -> None:
    for slug, dial in numbers.items():
        statement = update(ROOMS).where(ROOMS.c.slug == slug.replace("_", "-")).values(dial=dial)
        desk.transaction(lambda connection, it=statement: connection.execute(it))  # type: ignore[misc]


def calls(desk: Desk) -> dict[str, str]:
    """Room → whom it was told to dial."""
    found = {}
    for one in desk.way.sent:
        parts = one.topic.split("/")
        if parts[-1] == "call":
            found[parts[2]] = json.loads(one.payload)["args"]["address"]
    return found


def calendar(desk: Desk, room: str) -> str:
    """The text that the room was sent last."""
    texts = [one.payload.decode() for one in desk.way.sent if one.topic == f"diemcau/1/{room}/calendar"]
    return texts[-1].replace("\r\n ", "") if texts else ""


def test_without_a_number_or_a_switch_nothing_changes(desk: Desk) -> None:
    desk.sign_in()
    uid = booked(desk)
    path = f"/api/sessions/{uid}/backup"
    before = desk.rows(select(MEETINGS))
    for body, code in ((REASON, "desk.no_backup"), (REASON | {"to": "main"}, "desk.not_switched")):
        answer = desk.http.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert desk.http.post(path, json={"reason": "x"}).status_code == 422
    desk.sign_in("office")
    assert desk.http.post(path, json=REASON).status_code == 403
    assert (desk.rows(select(MEETINGS)), desk.way.sent, desk.rows(select(SWITCHES))) == (before, [], [])


def test_sites_dial_the_backup_and_the_calendar_says_so_and_both_come_back(desk: Desk) -> None:
    desk.sign_in()
    uid = booked(desk, numbers=["7001"])
    dials(desk, tam_diep="10.1.2.3", kim_son="10.9.9.9")
    path = f"/api/sessions/{uid}/backup"
    told = desk.http.post(path, json=REASON).json()
    assert (told["ordered"], told["refused"], told["calendar"]) == (
        ["hoa-lu", "kim-son", "trung-tam"],
        {},
        "changed",
    )
    assert calls(desk) == dict.fromkeys(["hoa-lu", "kim-son", "trung-tam"], "10.1.2.3")
    assert told["calendars_sent"] == 4
    for room in NAMES:
        text = calendar(desk, room)
        assert "X-DIEMCAU-NUMBERS:10.1.2.3\\,7001" in text or "X-DIEMCAU-NUMBERS:10.1.2.3,7001" in text, room
        assert "X-DIEMCAU-DESK:tam-diep" in text, room
    assert "X-DIEMCAU-MEMBERS:trung-tam" in calendar(desk, "trung-tam"), "who led it stays in the meeting"
    desk.transaction(
        lambda connection: connection.execute(
            update(ORDERS).where(ORDERS.c.room == "hoa-lu").values(stage="done", changed_ms=desk.now_ms + 12_500)
        )
    )
    switched = desk.http.get(f"/api/sessions/{uid}/desk").json()["switched"]
    assert (switched["to"], switched["by"], switched["back_s"]) == ("backup", "Trần Thị Bình", {"hoa-lu": 12.5})
    desk.way.sent.clear()
    desk.now_ms += MINUTE
    told = desk.http.post(path, json={"reason": "đã có điện", "to": "main"}).json()
    assert calls(desk) == dict.fromkeys(["hoa-lu", "kim-son", "tam-diep", "trung-tam"], "7001")
    text = calendar(desk, "hoa-lu")
    assert "X-DIEMCAU-NUMBERS:7001" in text
    assert "X-DIEMCAU-DESK:trung-tam" in text
    assert [row.to for row in desk.rows(select(SWITCHES.c.to).order_by(SWITCHES.c.id))] == ["backup", "main"]
    assert [row.what for row in desk.rows(select(AUDIT.c.what).order_by(AUDIT.c.id))] == ["backup", "main"]


def test_back_without_a_number_leaves_everything_as_it_is(desk: Desk) -> None:
    desk.sign_in()
    uid = booked(desk)
    dials(desk, tam_diep="10.1.2.3")
    path = f"/api/sessions/{uid}/backup"
    assert desk.http.post(path, json=REASON).status_code == 202
    before = desk.rows(select(MEETINGS))
    answer = desk.http.post(path, json=REASON | {"to": "main"})
    assert (answer.status_code, answer.json()["code"]) == (409, "desk.no_number")
    assert desk.rows(select(MEETINGS)) == before
    assert desk.http.get(f"/api/sessions/{uid}/desk").json()["switched"]["to"] == "backup"


@pytest.mark.parametrize("source", ["3", "file"])
def test_anothers_calendar_is_not_changed(desk: Desk, source: str) -> None:
    desk.sign_in()
    uid = booked(desk)
    dials(desk, tam_diep="10.1.2.3")
    desk.transaction(lambda connection: connection.execute(update(MEETINGS).values(source=source)))
    told = desk.http.post(f"/api/sessions/{uid}/backup", json=REASON).json()
    assert told["calendar"] == ("foreign" if source == "3" else "changed")
    assert len(calls(desk)) == 3


def test_the_desk_switches_and_comes_back_on_the_page(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        sign_in(served, page)
        uid = booked(served)
        dials(served, tam_diep="10.1.2.3", trung_tam="10.5.5.5")
        page.goto(f"{served.url}/#/session/{uid}")
        page.get_by_text("Chuyển sang điểm cầu dự phòng").first.click()
        page.get_by_label("Lý do").fill("mất điện")
        page.get_by_role("button", name="Chuyển sang điểm cầu dự phòng").click()
        page.get_by_text("Lịch họp đã ghi điểm cầu mới").wait_for()
        page.get_by_text("Chuyển về điểm cầu chính").first.wait_for()
        assert axe(page) == []
        shot(page, "session-backup")
        page.get_by_label("Lý do").fill("đã có điện")
        page.get_by_role("button", name="Chuyển về điểm cầu chính").click()
        page.get_by_text("Đã về điểm cầu chính: Trần Thị Bình").wait_for()
    assert calls(served)["hoa-lu"] == "10.5.5.5"
