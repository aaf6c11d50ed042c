"""A meeting day of eight rooms in the browser: a unit asks for its meeting on the calendar's page and the desk
approves it; ready, in call, asked, granted, live, ended, proven.

Everything is real but the devices: centre, broker, browsers, and each room's core and link.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from controller.dashboard.meetings import HERE
from controller.demo import binaries
from controller.demo.board import LOGIN, ROOMS, SITES, Board
from tests.controller.dashboard.browser import FLAGS, WIDE, axe, shot
from tests.services.mosquitto import Mosquitto

pytestmark = [pytest.mark.services, pytest.mark.process, pytest.mark.timeout(600)]
LEAD_S, LENGTH_S, SOON_S = 50, 1_800, 30
"""The forms take whole minutes: so long at least until the beginning, and until the end after the floor's round."""
MINUTE_S = 60
PATIENCE_MS = 150_000
TITLE = "Họp giao ban"
CLERK = "van-thu"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with Mosquitto(tmp_path) as broker:
        made = Board(tmp_path, 1000, 1, "vi")
        try:
            made.start(broker.port)
            yield made
        finally:
            made.stop()


def test_a_meeting_day_from_the_calendar_to_its_certificate(board: Board) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(binaries.find("chromium")), args=list(FLAGS))
        desk, unit = _window(browser), _window(browser)
        _sign_in(desk, board, LOGIN, board.password)
        _sign_in(unit, board, CLERK, _account_is_made(desk, board))
        _the_unit_asks(unit, board)
        _the_desk_approves(desk, board)
        unit.get_by_role("heading", name=f"{TITLE} Đã duyệt").wait_for()
        _rooms_come_up(desk, board)
        _the_floor_goes_round(desk)
        _the_desk_ends_it(desk, board)
        _the_certificate_says_so(desk, board)
        browser.close()


def _window(browser: Browser) -> Page:
    """Somebody's own: nothing of another's sign-in is in it."""
    page = browser.new_page(viewport=WIDE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    return page


def _sign_in(page: Page, board: Board, login: str, password: str) -> None:
    page.goto(board.url)
    page.get_by_label("Tài khoản").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.locator("header.head").wait_for()


def _account_is_made(desk: Page, board: Board) -> str:
    """The clerk's, who asks and does not decide. Returns its password, which the page shows once."""
    desk.goto(f"{board.url}/#/users")
    form = desk.get_by_role("form", name="Thêm tài khoản")
    form.get_by_label("Tên tài khoản").fill(CLERK)
    form.get_by_label("Họ tên").fill("Nguyễn Thị Hoa")
    form.get_by_label("Vai trò").select_option("office")
    form.get_by_role("button", name="Thêm tài khoản").click()
    return desk.locator(".secret").inner_text().split()[-1]


def _the_unit_asks(unit: Page, board: Board) -> None:
    """For every room, from the minute after the next one's beginning."""
    unit.goto(f"{board.url}/#/calendar/requests")
    unit.get_by_role("button", name="Đăng ký sử dụng").click()
    form = unit.get_by_role("form", name="Đăng ký sử dụng")
    form.get_by_label("Đơn vị đăng ký").fill("Văn phòng UBND tỉnh")
    form.get_by_label("Số công văn").fill("12/GM-UBND")
    form.get_by_label("Nội dung").fill(TITLE)
    for name in SITES.values():
        form.get_by_label(name, exact=True).check()
    form.get_by_label("Điểm cầu chủ trì").select_option(ROOMS[0])
    start_s = _minute(LEAD_S)
    form.get_by_label("Ngày", exact=True).fill(_here("%d/%m/%Y", start_s))
    form.get_by_label("Từ giờ").fill(_here("%H:%M", start_s))
    form.get_by_label("Đến giờ").fill(_here("%H:%M", start_s + LENGTH_S))
    form.get_by_text("Báo trước chưa đủ 3 ngày").wait_for()
    form.get_by_role("button", name="Gửi đăng ký").click()
    unit.get_by_role("heading", name=f"{TITLE} Chờ duyệt").wait_for()
    assert unit.get_by_role("button", name="Duyệt", exact=True).count() == 0, "who asks does not decide"


def _minute(lead_s: int) -> int:
    """The first whole minute after `lead_s` from now."""
    return -int(-(time.time() + lead_s) // MINUTE_S) * MINUTE_S


def _here(form: str, at_s: int) -> str:
    return datetime.fromtimestamp(at_s, HERE).strftime(form)


def _the_desk_approves(desk: Page, board: Board) -> None:
    """The calendar says that somebody waits; what was approved stands in it."""
    desk.goto(f"{board.url}/#/calendar")
    desk.get_by_role("link", name="Đăng ký – Duyệt 1").click()
    card = desk.get_by_role("region", name=TITLE)
    card.get_by_label("Trả lời").fill("Đồng ý")
    shot(desk, "day-asked")
    desk.set_viewport_size(WIDE)  # type: ignore[arg-type]
    card.get_by_role("button", name="Duyệt", exact=True).click()
    desk.get_by_role("heading", name=f"{TITLE} Đã duyệt").wait_for()
    desk.get_by_role("link", name="Lịch", exact=True).click()
    desk.locator(".ec-event", has_text=TITLE).click()
    rooms = desk.get_by_role("dialog").locator(".cal-rooms li")
    rooms.nth(len(ROOMS) - 1).wait_for()
    named = {row.removesuffix("Điểm cầu chủ trì").strip() for row in rooms.all_inner_texts()}
    assert named == set(SITES.values())
    desk.get_by_role("button", name="Đóng").click()


def _rooms_come_up(page: Page, board: Board) -> None:
    """Dark at first, then every room ready, as the live session's tiles tell."""
    page.goto(f"{board.url}/#/session")
    page.get_by_role("heading", name=TITLE).wait_for()
    page.wait_for_function(_all_say("Sẵn sàng", "Đang họp"))
    shot(page, "day-ready")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def _the_floor_goes_round(page: Page) -> None:
    page.wait_for_function(_all_say("Đang họp"))
    asked = page.locator("ol li strong").first.inner_text().split(". ", 1)[1]
    page.locator("ol li", has_text=asked).get_by_role("button", name="Mời phát biểu").click()
    live = page.locator(".floor .big", has_text=asked).filter(has=page.get_by_role("button", name="Kết thúc lượt"))
    live.wait_for()
    assert axe(page) == []
    shot(page, "day-live")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    live.get_by_role("button", name="Kết thúc lượt").click()
    live.wait_for(state="detached")


def _the_desk_ends_it(page: Page, board: Board) -> None:
    """Earlier than it was booked; the rooms hear of it and close."""
    page.goto(f"{board.url}/#/calendar")
    page.locator(".ec-event", has_text=TITLE).click()
    page.get_by_role("button", name="Sửa phiên họp").click()
    page.get_by_label("Đến giờ").first.fill(_here("%H:%M", _minute(SOON_S)))
    page.get_by_role("button", name="Lưu và gửi").click()
    page.locator("dialog").wait_for(state="detached")
    page.goto(f"{board.url}/#/session")
    page.wait_for_function(_all_say("Đang họp"))
    ended = "!document.querySelector('.tiles')?.textContent.includes('Đang họp')"
    page.wait_for_function(f"() => {ended}")


def _all_say(*words: str) -> str:
    """Every room has its tile, and each shows one of `words`."""
    said = " || ".join(f"site.textContent.includes('{word}')" for word in words)
    return f"""() => {{
        const sites = [...document.querySelectorAll('.tiles .site')];
        return sites.length === {len(ROOMS)} && sites.every((site) => {said});
    }}"""


def _the_certificate_says_so(page: Page, board: Board) -> None:
    page.goto(f"{board.url}/#/reports")
    page.get_by_label("Biểu mẫu").select_option("certificate")
    page.get_by_label("Điểm cầu").select_option(ROOMS[0])
    page.get_by_role("button", name="Xem").click()
    page.get_by_text("Nguyên vẹn").wait_for()
    with page.expect_download() as got:
        page.get_by_role("link", name="PDF").click()
    reader = PdfReader(io.BytesIO(Path(got.value.path()).read_bytes()))
    text = "".join("".join(one.extract_text() for one in reader.pages).split())
    for word in ("Họpgiaoban", "KimSơn", "Nguyênvẹn", "Đanghọp"):
        assert word in text
