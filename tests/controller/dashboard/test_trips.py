"""The trip planner: as values, over both databases, and as an operator uses it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.store.tables import ORDERS, RECORDS
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, UNITS
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENT_ALERTS, INCIDENTS
from controller.dashboard.trips import DAYS, WORK_MS, Defect, Room, Slot, free, parts, plan, visit
from tests.controller.dashboard.browser import PHONE, Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk, room_row

DAY = 24 * HOUR
CLOSES = NOW_MS + 9 * HOUR + 30 * MINUTE
"""NOW_MS is 08:00, the working day ends at 17:30."""


def room(slug: str, *codes: str, family: str = "device", **more: object) -> Room:
    defect = Defect(family, NOW_MS, tuple((code, "") for code in codes), 1)
    return Room(slug, slug.upper(), defects=(defect,), **more)  # type: ignore[arg-type]


# ---- when a room is free


def test_a_room_is_not_worked_in_around_its_meetings() -> None:
    assert free([], NOW_MS) == Slot(NOW_MS, CLOSES)
    meeting = (NOW_MS + 3 * HOUR, NOW_MS + 4 * HOUR)
    assert free([meeting], NOW_MS) == Slot(NOW_MS, NOW_MS + 90 * MINUTE)
    soon = (NOW_MS + 2 * HOUR, NOW_MS + 4 * HOUR)
    assert free([soon], NOW_MS) == Slot(NOW_MS + 4 * HOUR + 30 * MINUTE, CLOSES), "half an hour is no visit"
    whole = (NOW_MS, NOW_MS + 9 * HOUR)
    assert free([whole], NOW_MS) == Slot(NOW_MS + 23 * HOUR, CLOSES + DAY), "the next day from 07:00"
    assert free([(NOW_MS - HOUR, NOW_MS + 9 * DAY)], NOW_MS) is None


@given(st.lists(st.tuples(st.integers(0, 8 * 24 * 4), st.integers(1, 40)), max_size=12), st.integers(0, 96))
def test_whatever_is_proposed_is_free_and_long_enough(quarters: list[tuple[int, int]], later: int) -> None:
    now_ms = NOW_MS + later * 15 * MINUTE
    busy = sorted((NOW_MS + a * 15 * MINUTE, NOW_MS + (a + n) * 15 * MINUTE) for a, n in quarters)
    slot = free(busy, now_ms)
    if slot is not None:
        assert slot.from_ms >= now_ms
        assert slot.until_ms - slot.from_ms >= WORK_MS
        for start_ms, end_ms in busy:
            assert end_ms + 30 * MINUTE <= slot.from_ms or start_ms - 90 * MINUTE >= slot.until_ms
    else:
        assert len(busy) >= DAYS - 1, "a free week has a free hour"


def test_no_time_before_the_meeting_is_said() -> None:
    tight = visit(room("a", "lost", busy=((NOW_MS + 2 * HOUR, NOW_MS + 3 * HOUR),)), NOW_MS)
    assert (tight.late, tight.ready_by_ms) == (True, NOW_MS + HOUR)
    easy = visit(room("a", "lost", busy=((NOW_MS + DAY, NOW_MS + DAY + HOUR),)), NOW_MS)
    assert (easy.late, easy.grave) == (False, True)
    assert visit(room("a", "dark"), NOW_MS).ready_by_ms is None


# ---- what to take and in which order


def test_parts_are_each_named_once() -> None:
    assert parts(["battery_old", "replace_battery", "lost", "something_new"]) == ("battery", "device", "tools")


def test_danger_then_the_nearest_meeting_then_communes_together() -> None:
    tomorrow, friday = ((NOW_MS + DAY, NOW_MS + DAY + HOUR),), ((NOW_MS + 3 * DAY, NOW_MS + 3 * DAY + HOUR),)
    rooms = [
        room("a", "dark", unit=1, unit_name="Xã A", above=9),
        room("b", "lost", unit=2, unit_name="Xã B", above=9, busy=friday),
        room("c", "lost", unit=3, unit_name="Xã C", above=8, busy=friday),
        room("d", "lost", unit=4, unit_name="Xã D", above=9, busy=friday),
        room("e", "lost", unit=5, unit_name="Xã E", above=9, busy=tomorrow),
        room("f", "smoke", family="safety", unit=6, unit_name="Xã F", above=9),
        room("g", "dark", unit=5, unit_name="Xã E", above=9, busy=tomorrow),
    ]
    areas = plan(rooms, NOW_MS)
    assert [area.name for area in areas] == ["Xã F", "Xã E", "Xã C", "Xã B", "Xã D", "Xã A"]
    assert [one.room.slug for one in areas[1].visits] == ["e", "g"], "what is grave first"


def test_chores_are_on_the_way_or_not_at_all() -> None:
    chore = Defect("chore", NOW_MS, (("cleaning_due", ""),))
    lone = Room("a", "A", 1, "Xã A", defects=(chore,))
    assert plan([lone], NOW_MS) == []
    near = room("b", "lost", unit=1, unit_name="Xã A")
    assert [one.room.slug for area in plan([lone, near], NOW_MS) for one in area.visits] == ["b", "a"]


def test_rooms_without_a_commune_are_stops_of_their_own() -> None:
    areas = plan([room("a", "lost"), room("b", "lost"), Room("c", "C")], NOW_MS)
    assert [area.name for area in areas] == ["A", "B"]


# ---- over the databases


def incident(
    desk: Desk, id_: int, room_: str, family: str, *codes: str, scope: str = "room", **more: object
) -> None:
    key = f"{family}:{room_}"
    row = {"id": id_, "key": key, "open_key": key, "code": family, "scope": scope, "rooms": [room_], "meeting": "",
           "from_ms": NOW_MS - HOUR, "seen_ms": NOW_MS, "proposed": "device", "changed_ms": NOW_MS}  # fmt: skip
    desk.store(INCIDENTS, row | more)
    alert = {"incident": id_, "room": room_, "from_ms": NOW_MS - HOUR, "until_ms": None}
    desk.store(INCIDENT_ALERTS, *({**alert, "code": code} for code in codes))


def province(desk: Desk) -> None:
    desk.store(UNITS, {"id": 1, "kind": "tỉnh", "name": "Ninh Bình", "parent": None})
    desk.store(UNITS, {"id": 2, "kind": "xã", "name": "Xã Kim Sơn", "parent": 1})
    desk.room("kim-son", "Kim Sơn", incidents=["cleaning_due"])
    desk.store(ROOMS, {**room_row("phat-diem", "Phát Diệm"), "unit": 2})
    desk.store(PEOPLE, {"id": 7, "name": "Lê Văn An", "phone": "0912345678", "email": "", "trained": []})
    desk.store(ROOM_PEOPLE, {"room": "phat-diem", "person": 7, "part": "technician"})
    incident(desk, 1, "kim-son", "device", "needs_hand")
    incident(desk, 2, "phat-diem", "battery", "battery_failed")
    incident(desk, 3, "phat-diem", "line", "line_down", scope="provider", key="line@VNPT", open_key="line@VNPT")
    incident(desk, 4, "phat-diem", "device", "lost", stage="mended")
    record = {"room": "kim-son", "boot": "b1", "at_ms": 0, "mono_ms": 0, "clock": "ntp", "true_ms": 0, "prev": "",
              "priority": "incident", "hash": "", "hist": False, "received_ms": 0}  # fmt: skip
    about = {"seq": 1, "kind": "alert", "subject": "camera", "body": {"alert": "needs_hand"}}
    desk.store(RECORDS, record | about)
    order = {"room": "kim-son", "args": {}, "by": "Bình", "told": [], "changed_ms": 0, "stage": "failed"}
    desk.store(
        ORDERS,
        {**order, "id": "1", "verb": "heal", "sent_ms": NOW_MS - MINUTE},
        {**order, "id": "2", "verb": "message", "sent_ms": NOW_MS - MINUTE},
        {**order, "id": "3", "verb": "restart", "sent_ms": NOW_MS - 2 * HOUR},
    )
    fault = {
        "room": "phat-diem",
        "by": "An",
        "at_ms": NOW_MS,
        "kind": "fault",
        "stage": "new",
        "text": "Ghế 2 hỏng micro",
    }
    desk.store(FEEDBACK, fault, {**fault, "stage": "done", "text": "cũ"})
    desk.meeting("m1", ["phat-diem", "kim-son"], NOW_MS + DAY, secret=True)


def test_what_is_open_what_was_tried_and_when(desk: Desk) -> None:
    province(desk)
    desk.sign_in()
    told = desk.http.get("/api/trips").json()
    assert [(area["name"], [one["room"] for one in area["visits"]]) for area in told["areas"]] == [
        ("Kim Sơn", ["kim-son"]),
        ("Xã Kim Sơn", ["phat-diem"]),
    ]
    kim, phat = told["areas"][0]["visits"][0], told["areas"][1]["visits"][0]
    assert kim["defects"][0]["things"] == [{"code": "needs_hand", "subject": "camera"}]
    assert [one["code"] for one in kim["defects"]] == ["device", "chore"]
    assert [(one["verb"], one["stage"]) for one in kim["tried"]] == [("heal", "failed")]
    assert [(one["code"], one["text"]) for one in phat["defects"]] == [
        ("battery", ""),
        ("fault", "Ghế 2 hỏng micro"),
    ]
    assert (phat["parts"], phat["contact"]["phone"]) == (["battery", "tools"], "0912345678")
    assert (phat["ready_by_ms"], phat["late"]) == (NOW_MS + 23 * HOUR, False)
    assert "Giao ban" not in str(told)
    mine = desk.http.get("/api/trips?person=7").json()
    assert [area["name"] for area in mine["areas"]] == ["Xã Kim Sơn"]
    assert desk.http.get("/api/trips?person=8").json()["areas"] == []


def test_who_may_see_it(desk: Desk) -> None:
    assert desk.http.get("/api/trips").status_code == 401
    for role, status in (("viewer", 403), ("office", 200), ("admin", 200)):
        desk.sign_in(role)
        assert desk.http.get("/api/trips").status_code == status, role
    assert desk.http.get("/api/trips").json()["areas"] == []
    assert desk.http.get("/api/trips?person=x").status_code == 422


# ---- the page


def test_an_operator_plans_a_trip(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        province(served)
        sign_in(served, page)
        page.get_by_role("link", name="Đi xử lý").click()
        stop = page.get_by_role("region", name="Xã Kim Sơn")
        stop.get_by_text("Mang theo: ắc quy bộ lưu điện đúng loại; dụng cụ").wait_for()
        stop.get_by_text("Ghế 2 hỏng micro").wait_for()
        page.get_by_text("Cần người xử lý (camera)").wait_for()
        page.get_by_text("sửa tự động – không làm được (Bình)").wait_for()
        assert axe(page) == []
        shot(page, "trips")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing widens a phone"
        page.get_by_label("Của").select_option("7")
        page.get_by_text("Cần người xử lý (camera)").wait_for(state="detached")
        page.get_by_role("button", name="English").click()
        page.get_by_text("UPS battery of the right type").wait_for()
