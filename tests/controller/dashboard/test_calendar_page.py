"""The calendar in a real browser: a series created, one of it moved, cancelled, conflicts shown while typing, a
request approved, a wrong file refused, the week ahead."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from controller.dashboard.meetings import HERE
from controller.dashboard.store.tables_work import INCIDENTS, INSTANCES, MAINTENANCE, REQUESTS
from tests.controller.dashboard.browser import (
    PHONE,
    SETTLED,
    WIDE,
    Served,
    address,
    axe,
    come,
    opened,
    shot,
    shots,
    sign_in,
)
from tests.controller.dashboard.kit import HOUR, room_row

DAY = 24 * HOUR
WRONG = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260801\nSUMMARY:Họp\nEND:VEVENT\nEND:VCALENDAR\n"
NAMES = {
    "kim-son": "Xã Kim Sơn",
    "gia-vien": "Xã Gia Viễn",
    "nho-quan": "Xã Nho Quan",
    "hoa-lu": "Phường Hoa Lư",
    "tam-diep": "Phường Tam Điệp",
    "van-phong": "Văn phòng UBND tỉnh",
}


@pytest.fixture
def served(tmp_path: Path) -> Served:
    made = Served(address(tmp_path))
    made.now_ms = time.time_ns() // 1_000_000  # the page's form looks at the wall: its next day is the real one
    return made


def tenth(served: Served) -> datetime:
    """Books a meeting on the tenth of the month after this one; when it starts."""
    month = datetime.fromtimestamp(served.now_ms / 1000, HERE).replace(day=1) + timedelta(days=40)
    month = month.replace(day=10, hour=9, minute=0, second=0, microsecond=0)
    start = round(month.timestamp()) * 1000
    body = {"title": "Họp đột xuất", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
    assert served.http.post("/api/meetings", json=body).status_code == 200
    return month


def network(served: Served) -> None:
    for slug, name in NAMES.items():
        served.room(slug, name)


def to(page: Page, served: Served, tab: str) -> None:
    page.goto(f"{served.url}/#/calendar/{tab}")


def wall(ms: int) -> str:
    return time.strftime("%d/%m/%Y", time.gmtime(ms / 1000 + 7 * 3600))


def count(served: Served, *where: object) -> int:
    return int(served.rows(select(func.count()).select_from(INSTANCES).where(*where))[0][0])  # type: ignore[arg-type]


def test_a_series_is_made_shown_moved_and_cancelled(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        to(page, served, "grid")
        page.get_by_role("button", name="Đặt lịch họp").click()
        page.get_by_role("button", name="Sinh hoạt chuyên môn ngày 15").click()
        page.get_by_label("Điểm cầu chủ trì").select_option("van-phong")
        page.get_by_label("Trung tâm điều khiển").select_option("van-phong")
        page.get_by_label("Tìm điểm cầu").fill("kim son")
        page.get_by_label("Xã Kim Sơn", exact=True).check()
        page.get_by_label("Tìm điểm cầu").fill("")
        page.get_by_label("Phường Hoa Lư", exact=True).check()
        page.get_by_role("button", name="Thêm giờ nghỉ").click()
        page.get_by_label("Từ giờ").nth(1).fill("15:15")
        page.get_by_label("Đến giờ").nth(1).fill("15:30")
        page.get_by_text("phiên trong một năm tới").wait_for()
        assert axe(page) == []
        shot(page, "calendar-form")
        page.get_by_role("button", name="Lưu và gửi").click()
        page.locator("dialog").wait_for(state="detached")
        assert count(served) >= 12
        assert {one.topic.split("/")[2] for one in served.way.sent} == {"kim-son", "hoa-lu", "van-phong"}
        page.get_by_role("button", name="Sau", exact=True).click()
        meeting = page.locator(".ec-event").first
        meeting.wait_for()
        assert axe(page) == []
        shot(page, "calendar-month")
        meeting.click()
        page.get_by_role("button", name="Sửa phiên họp").click()
        page.get_by_label("Từ giờ").first.fill("15:00")
        page.get_by_label("Đến giờ").first.fill("17:30")
        page.get_by_role("button", name="Lưu và gửi").click()
        page.locator("dialog").wait_for(state="detached")
        page.locator(".ec-event b", has_text="15:00").wait_for()
        page.locator(".ec-event button").first.press("Enter")
        page.get_by_label("Lý do").fill("trùng lịch Trung ương")
        shot(page, "calendar-meeting")
        page.get_by_role("button", name="Hủy phiên").click()
        page.locator(".ec-event.is-cancelled").wait_for()
        assert count(served, INSTANCES.c.cancelled) == 1
        page.locator(".ec-event").first.click()
        page.get_by_text("Ai đã làm gì").click()
        page.get_by_text("trùng lịch Trung ương").wait_for()
        page.get_by_role("button", name="Đóng").click()
        page.get_by_role("button", name="Tuần", exact=True).click()
        page.locator(".ec-time-grid").wait_for()
        page.get_by_role("button", name="Danh sách").click()
        assert axe(page) == []


def test_a_drag_asks_before_it_moves(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        month = tenth(served)
        start = round(month.timestamp()) * 1000
        to(page, served, "grid")
        page.get_by_role("button", name="Sau", exact=True).click()
        event = page.locator(".ec-event")
        cell = page.locator(".ec-day").filter(has=page.locator(f"time[datetime='{month:%Y-%m-18}']"))
        for answer in ("Để nguyên", "Dời phiên"):
            event.hover(position={"x": 20, "y": 6})  # waits until the grid stands still
            there = cell.bounding_box()
            assert there is not None
            page.mouse.down()
            page.mouse.move(there["x"] + 40, there["y"] + 40, steps=12)
            page.mouse.up()
            page.get_by_role("button", name=answer).wait_for()
            if answer == "Dời phiên":
                shot(page, "calendar-drag")
                page.set_viewport_size(WIDE)  # type: ignore[arg-type]
                with page.expect_response("**/api/meetings/move"):
                    page.get_by_role("button", name=answer).click()
            else:
                page.get_by_role("button", name=answer).click()
                page.locator("dialog").wait_for(state="detached")
                assert served.rows(select(INSTANCES.c.start_ms))[0][0] == start
        assert served.rows(select(INSTANCES.c.start_ms))[0][0] == start + 8 * DAY


def test_conflicts_are_shown_while_typing_and_a_wrong_file_is_refused(served: Served, tmp_path: Path) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        start = served.now_ms // DAY * DAY + 5 * DAY + 2 * HOUR
        served.meeting("m-1", ["van-phong", "kim-son"], start, title="Họp Ban Chỉ đạo")
        repair = {"room": "hoa-lu", "from_ms": start - HOUR, "until_ms": start + HOUR, "reason": "thay máy chiếu"}
        served.store(MAINTENANCE, {**repair, "by": "a"})
        to(page, served, "grid")
        page.get_by_role("button", name="Đặt lịch họp").click()
        page.get_by_label("Tên phiên họp").fill("Họp khác")
        page.get_by_label("Ngày", exact=True).fill(wall(start))
        page.get_by_label("Từ giờ").fill("09:30")
        page.get_by_label("Đến giờ").fill("11:00")
        page.get_by_label("Điểm cầu chủ trì").select_option("van-phong")
        page.get_by_label("Xã Kim Sơn", exact=True).check()
        page.get_by_label("Phường Hoa Lư", exact=True).check()
        page.get_by_text("Điểm cầu chủ trì Văn phòng UBND tỉnh trùng lịch với Họp Ban Chỉ đạo").wait_for()
        page.get_by_text("Phường Hoa Lư bảo trì (thay máy chiếu)").wait_for()
        assert axe(page) == []
        shot(page, "calendar-conflict")
        page.get_by_role("button", name="Để nguyên").click()
        to(page, served, "exchange")
        file = tmp_path / "lich.ics"
        file.write_text(WRONG)
        page.get_by_label("Mọi điểm cầu").first.check()
        page.get_by_label("Tệp .ics").set_input_files(str(file))
        page.get_by_role("button", name="Nhập vào lịch").click()
        page.get_by_text("Không nhập: dòng 4 (DTSTART:20260801)").wait_for()
        assert count(served) == 1
        assert axe(page) == []
        shot(page, "calendar-exchange")


def test_a_unit_asks_and_the_desk_approves(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page, "office")
        to(page, served, "requests")
        page.get_by_role("button", name="Đăng ký sử dụng").click()
        page.get_by_label("Đơn vị đăng ký").fill("Ban Quản lý dự án")
        page.get_by_label("Số công văn").fill("45/CV-BQL")
        page.get_by_label("Nội dung").fill("Giải phóng mặt bằng")
        page.get_by_label("Số người đông nhất").fill("60")
        page.get_by_label("Ngày", exact=True).fill(wall(served.now_ms + DAY))
        page.get_by_label("Xã Gia Viễn", exact=True).check()
        page.get_by_text("Báo trước chưa đủ 3 ngày").wait_for()
        page.get_by_text("Quá 40 người").wait_for()
        assert axe(page) == []
        shot(page, "booking-ask")
        page.get_by_role("button", name="Gửi đăng ký").click()
        page.get_by_role("heading", name="Giải phóng mặt bằng Chờ duyệt").wait_for()
        page.get_by_role("button", name="Đăng xuất").click()
        page.get_by_label("Tài khoản").wait_for()
        sign_in(served, page)
        to(page, served, "requests")
        page.get_by_label("Trả lời").fill("Đồng ý, phòng mở từ 7 giờ")
        shot(page, "booking-desk")
        page.get_by_role("button", name="Duyệt", exact=True).click()
        page.get_by_role("heading", name="Giải phóng mặt bằng Đã duyệt").wait_for()
        assert served.rows(select(REQUESTS.c.stage))[0][0] == "approved"
        assert served.way.sent[-1].topic == "diemcau/1/gia-vien/calendar"
        assert axe(page) == []


def test_the_week_ahead_says_who_and_why_also_on_a_phone(served: Served) -> None:
    with served, opened(served, PHONE) as page:
        network(served)
        served.store(
            __import__("controller.dashboard.store.tables_people", fromlist=["ROOMS"]).ROOMS, room_row("x")
        )
        start = served.now_ms + 2 * DAY
        served.meeting("m-1", [*NAMES, "x"], start, title="Hội nghị trực tuyến toàn tỉnh")
        served.meeting("m-2", ["kim-son"], start + HOUR, title="Họp xã")
        sign_in(served, page)
        to(page, served, "ahead")
        page.get_by_text("Trùng lịch với Họp xã").wait_for()
        page.get_by_text("Không liên lạc được với phòng").wait_for()
        assert axe(page) == []
        shot(page, "calendar-ahead")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        to(page, served, "grid")
        page.locator(".ec-list").wait_for()
        assert axe(page) == []


def test_the_keyboard_goes_on_where_a_dialog_was_opened(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        to(page, served, "grid")
        page.get_by_role("button", name="Sau", exact=True).press("Enter")
        month = datetime.fromtimestamp(served.now_ms / 1000, HERE).replace(day=1) + timedelta(days=40)
        new = page.get_by_role("button", name="Đặt lịch họp")
        new.press("Enter")
        page.get_by_label("Tên phiên họp").fill("Họp đột xuất")
        page.get_by_label("Ngày", exact=True).fill(f"{month:10/%m/%Y}")
        page.get_by_label("Xã Kim Sơn", exact=True).press("Space")
        page.get_by_label("Tên phiên họp").press("Enter")
        page.locator("dialog").wait_for(state="detached")
        expect(new).to_be_focused()
        event = page.locator(".ec-event button", has_text="Họp đột xuất")
        event.press("Enter")
        page.locator("dialog[open]").press("Escape")
        expect(event).to_be_focused()
        event.press("Enter")
        page.get_by_role("button", name="Sửa phiên họp").press("Enter")
        page.get_by_label("Tên phiên họp").fill("Họp đột xuất, đổi tên")
        page.get_by_label("Tên phiên họp").press("Enter")
        page.locator("dialog").wait_for(state="detached")
        expect(page.locator(".ec-event button", has_text="đổi tên")).to_be_focused()


def test_the_answer_for_a_month_that_was_left_does_not_stand_in_another(served: Served) -> None:
    held: list[Route] = []
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        tenth(served)
        page.route("**/api/calendar?*", lambda one: one.continue_() if held else held.append(one))
        to(page, served, "grid")
        page.get_by_role("button", name="Sau", exact=True).click()
        event = page.locator(".ec-event button", has_text="Họp đột xuất")
        event.wait_for()
        come(page, lambda: held)
        with page.expect_response(lambda one: one.url == held[0].request.url):
            held[0].continue_()
        page.evaluate(SETTLED)
        assert event.count() == 1


def test_one_press_opens_a_meeting_once_and_a_late_close_leaves_it(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        tenth(served)
        to(page, served, "grid")
        page.get_by_role("button", name="Sau", exact=True).click()
        event = page.locator(".ec-event button", has_text="Họp đột xuất")
        event.dispatch_event("keydown", {"key": "Enter", "bubbles": True})
        event.evaluate(SETTLED)
        assert page.locator("dialog").count() == 0
        event.press("Enter")
        shown = page.locator("dialog[open]")
        shown.wait_for()
        # The browser tells of the closing after all that one task does.
        event.evaluate(f"(it) => {{ document.querySelector('dialog').close(); it.click(); return ({SETTLED})(); }}")
        assert shown.count() == 1
        shown.press("Escape")
        page.locator("dialog").wait_for(state="detached")


def test_sites_that_lack_a_technician_alone_are_one_line_without_a_table(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        served.meeting("m-1", list(NAMES), served.now_ms + 2 * DAY, title="Giao ban tuần")
        sign_in(served, page)
        to(page, served, "ahead")
        page.get_by_text("6 trong 6 điểm cầu cần xem").wait_for()
        page.get_by_text(
            "Chưa có cán bộ kỹ thuật: Phường Hoa Lư, Phường Tam Điệp, Văn phòng UBND tỉnh, "
        ).wait_for()
        assert page.locator("main table").count() == 0
        assert axe(page) == []
        shot(page, "calendar-ahead-bare")
        lost = {"scope": "room", "rooms": ["hoa-lu"], "from_ms": served.now_ms, "code": "call"}
        served.store(
            INCIDENTS, {**lost, "key": "call:hoa-lu", "seen_ms": served.now_ms, "changed_ms": served.now_ms}
        )
        page.reload()
        row = page.locator("main table tbody tr")
        row.get_by_text("Sự cố chưa khắc phục: Cuộc gọi bị ngắt").wait_for()
        assert row.count() == 1


def test_a_meeting_goes_on_after_midnight(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        to(page, served, "grid")
        page.get_by_role("button", name="Đặt lịch họp").click()
        page.get_by_label("Tên phiên họp").fill("Trực bão")
        page.get_by_label("Từ giờ").fill("22:00")
        page.get_by_label("Đến giờ").fill("02:30")
        page.get_by_text("hôm sau").wait_for()
        page.get_by_role("button", name="Thêm giờ nghỉ").click()
        page.get_by_label("Từ giờ").nth(1).fill("00:30")
        page.get_by_label("Đến giờ").nth(1).fill("00:45")
        page.get_by_label("Xã Kim Sơn", exact=True).check()
        assert axe(page) == []
        shot(page, "calendar-midnight")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.get_by_role("button", name="Lưu và gửi").click()
        page.locator("dialog").wait_for(state="detached")
        (row,) = served.rows(select(INSTANCES))
        assert row.end_ms - row.start_ms == 4.5 * HOUR
        page.get_by_role("button", name="Danh sách").click()
        page.locator(".ec-event").first.click()
        page.get_by_role("button", name="Sửa phiên họp").click()
        page.get_by_label("Đến giờ hôm sau").wait_for()
        assert [page.get_by_label("Đến giờ").nth(n).input_value() for n in range(2)] == ["02:30", "00:45"]
        page.get_by_role("button", name="Lưu và gửi").click()
        page.locator("dialog").wait_for(state="detached")
        assert served.rows(select(INSTANCES.c.start_ms, INSTANCES.c.end_ms)) == [(row.start_ms, row.end_ms)]


@pytest.mark.parametrize(("zone", "ahead_h"), [("America/Los_Angeles", 0), ("Asia/Ho_Chi_Minh", 30)])
def test_today_is_the_centres_day_wherever_the_browser_is_and_whatever_its_clock_says(
    served: Served, zone: str, ahead_h: int
) -> None:
    served.now_ms = (served.now_ms + ahead_h * HOUR) // DAY * DAY + (18 if zone.startswith("America") else 2) * HOUR
    with served, opened(served, zone=zone) as page:
        if zone.startswith("America"):
            page.clock.set_fixed_time(served.now_ms / 1000)  # 01:00 of the next day here, the morning before there
        network(served)
        sign_in(served, page)
        start = (served.now_ms + 7 * HOUR) // DAY * DAY + 3 * HOUR  # 10:00 of the centre's day
        body = {"title": "Họp đột xuất", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
        assert served.http.post("/api/meetings", json=body).status_code == 200
        to(page, served, "grid")
        today = page.locator(".ec-day.ec-today")
        page.locator(".ec-event").get_by_text("Họp đột xuất").wait_for()
        assert today.locator("time").get_attribute("datetime") == iso(served.now_ms)
        page.get_by_role("button", name="Ngày", exact=True).click()
        page.locator(".ec-event").get_by_text("Họp đột xuất").wait_for()
        page.get_by_role("button", name="Đặt lịch họp").click()
        assert page.get_by_label("Ngày", exact=True).input_value() == wall(served.now_ms + DAY)


def iso(ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(ms / 1000 + 7 * 3600))


def test_this_one_and_those_that_follow_are_changed_and_the_earlier_ones_stay(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        start = served.now_ms // DAY * DAY + 7 * DAY + HOUR
        body = {"title": "Giao ban tuần", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
        assert served.http.post("/api/meetings", json=body | {"rule": "FREQ=WEEKLY"}).status_code == 200
        to(page, served, "grid")
        page.get_by_role("button", name="Tuần", exact=True).click()
        for _ in range(3):
            page.get_by_role("button", name="Sau", exact=True).click()
        page.locator(".ec-event").click()
        page.get_by_label("phiên này và các phiên sau").check()
        assert axe(page) == []
        shots(page, "calendar-scope")
        page.get_by_role("button", name="Sửa phiên họp").click()
        page.get_by_label("Tên phiên họp").fill("Giao ban tuần, giờ mới")
        page.get_by_label("Từ giờ").first.fill("09:00")
        page.get_by_label("Đến giờ").first.fill("10:00")
        assert axe(page) == []
        shots(page, "calendar-following")
        page.get_by_role("button", name="Lưu và gửi").click()
        page.locator("dialog").wait_for(state="detached")
        page.locator(".ec-event").get_by_text("Giao ban tuần, giờ mới").wait_for()
        page.get_by_role("button", name="Trước", exact=True).click()
        page.locator(".ec-event").get_by_text("Giao ban tuần", exact=True).wait_for()
        asked = select(INSTANCES.c.title, INSTANCES.c.start_ms).order_by(INSTANCES.c.start_ms)
        found = [(row.title, row.start_ms) for row in served.rows(asked)]
        titles = [title for title, _ in found]
        before = titles.count("Giao ban tuần")
        assert before in (2, 3), "the third or fourth week of the grid, by the day of the week"
        assert titles[before:] == ["Giao ban tuần, giờ mới"] * (len(titles) - before)
        assert [at for _, at in found[:before]] == [start + 7 * n * DAY for n in range(before)]
        assert found[before][1] == start + 7 * before * DAY + HOUR


REPEATS = {
    "FREQ=WEEKLY": ("hằng tuần", "every week"),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=MO": (
        "2 tuần một lần; thứ hai, thứ tư",
        "every 2 weeks; Monday, Wednesday",
    ),
    "FREQ=MONTHLY;BYDAY=1TU,-1FR": (
        "hằng tháng; thứ ba lần thứ 1, thứ sáu lần thứ 1 tính từ cuối",
        "every month; Tuesday no. 1, Friday no. 1 from the end",
    ),
    "FREQ=YEARLY;BYMONTH=7,8;BYMONTHDAY=-1;COUNT=6": (
        "hằng năm; ngày thứ 1 tính từ cuối tháng; tháng 7, tháng 8; 6 lần",
        "every year; day 1 from the end of the month; month 7, month 8; 6 times",
    ),
    "FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1": (
        "hằng tháng; thứ hai, thứ sáu; chỉ ngày thứ 1 trong các ngày đó, tính từ cuối",
        "every month; Monday, Friday; only no. 1 of those days from the end",
    ),
}


def test_how_an_imported_meeting_repeats_is_said_in_words(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        start = served.now_ms // DAY * DAY + DAY + HOUR
        body = {"title": "Giao ban tuần", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
        assert served.http.post("/api/meetings", json=body | {"rule": "FREQ=WEEKLY"}).status_code == 200
        to(page, served, "grid")
        page.get_by_role("button", name="Tuần", exact=True).click()
        page.locator(".ec-event").first.click()
        page.get_by_label("cả chuỗi").check()
        page.get_by_role("button", name="Sửa phiên họp").click()
        page.locator("option", has_text=re.compile("^hằng tuần$")).wait_for(state="attached")
        assert "FREQ" not in page.locator("dialog").inner_text()
        for n, lang in enumerate(("vi", "en")):
            said = """async ([lang, rules]) => {
                await (await import("/static/app.js")).$lib_words_js.learn(lang);
                return rules.map((await import("/static/lib/repeats.js")).repeats);
            }"""
            assert page.evaluate(said, [lang, list(REPEATS)]) == [row[n] for row in REPEATS.values()]


def test_this_one_and_those_that_follow_are_cancelled_and_brought_back(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        start = served.now_ms // DAY * DAY + DAY + HOUR
        body = {"title": "Giao ban ngày", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
        assert served.http.post("/api/meetings", json=body | {"rule": "FREQ=DAILY;COUNT=9"}).status_code == 200
        to(page, served, "grid")
        page.get_by_role("button", name="Tháng", exact=True).click()
        page.locator(".ec-event").nth(2).click()
        page.get_by_label("phiên này và các phiên sau").check()
        page.get_by_label("Lý do").fill("sáp nhập xã")
        page.get_by_role("button", name="Hủy phiên").click()
        page.locator("dialog").wait_for(state="detached")
        off = select(INSTANCES.c.cancelled).order_by(INSTANCES.c.start_ms)
        assert [row.cancelled for row in served.rows(off)] == [False] * 2 + [True] * 7
        expect(page.locator(".ec-event.is-cancelled")).to_have_count(7)
        page.locator(".ec-event").nth(4).click()
        whole = page.get_by_label("cả chuỗi")
        whole.wait_for()
        assert whole.is_checked()
        assert page.get_by_label("phiên này", exact=True).count() == 0, "one of what is cancelled as a whole"
        page.locator("dialog details summary").click()
        page.get_by_text("Đã hủy Giao ban ngày và các phiên sau. sáp nhập xã").wait_for()
        assert axe(page) == []
        shots(page, "calendar-cancelled-following")
        page.get_by_role("button", name="Khôi phục").click()
        page.locator("dialog").wait_for(state="detached")
        assert [row.cancelled for row in served.rows(off)] == [False] * 9


def saturday(ms: int) -> date:
    """The first rest day from then on."""
    day = datetime.fromtimestamp(ms / 1000, HERE).date()
    return day + timedelta(max(0, 5 - day.weekday()))


def test_a_series_is_confirmed_as_a_whole_with_its_rest_days(served: Served) -> None:
    with served, opened(served) as page:
        network(served)
        sign_in(served, page)
        start = served.now_ms // DAY * DAY + DAY + HOUR
        body = {"title": "Tập huấn", "start_ms": start, "end_ms": start + HOUR, "members": ["kim-son"]}
        assert served.http.post("/api/meetings", json=body | {"rule": "FREQ=DAILY;COUNT=14"}).status_code == 200
        assert count(served, INSTANCES.c.tentative) == 4
        to(page, served, "grid")
        page.get_by_role("button", name="Danh sách").click()
        today, rest = datetime.fromtimestamp(served.now_ms / 1000, HERE).date(), saturday(start)
        for _ in range((rest - timedelta(rest.weekday()) - today + timedelta(today.weekday())).days // 7):
            page.get_by_role("button", name="Sau", exact=True).click()
        page.locator(".ec-event.is-tentative").first.click()
        page.get_by_label("cả chuỗi").check()
        page.get_by_text("gồm cả các phiên rơi vào ngày nghỉ").wait_for()
        assert axe(page) == []
        page.get_by_role("button", name="Xác nhận").click()
        page.locator("dialog").wait_for(state="detached")
        assert count(served, INSTANCES.c.tentative) == 0
        assert len(served.way.sent) == 2
