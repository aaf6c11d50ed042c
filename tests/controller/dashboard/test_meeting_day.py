"""A meeting day of eight rooms at the desk's screens: booked, ready, in call, asked, granted, live, ended, proven.

Everything is real but the devices: centre, broker, browser, and each room's core and link.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from controller.demo import binaries
from controller.demo.board import LOGIN, ROOMS, Board
from tests.controller.dashboard.browser import FLAGS, WIDE, axe, shot
from tests.services.mosquitto import Mosquitto

pytestmark = [pytest.mark.services, pytest.mark.process, pytest.mark.timeout(330)]
LEAD_S, LONG_S = 80, 60
PATIENCE_MS = 120_000


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
    start_ms = (time.time_ns() // 1_000_000 + LEAD_S * 1000) // 1000 * 1000
    board.book("Họp giao ban", start_ms, start_ms + LONG_S * 1000)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(binaries.find("chromium")), args=list(FLAGS))
        page = browser.new_page(viewport=WIDE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_MS)
        _sign_in(page, board)
        _rooms_come_up(page, board)
        _the_floor_goes_round(page, board)
        _the_certificate_says_so(page, board)
        browser.close()


def _sign_in(page: Page, board: Board) -> None:
    page.goto(board.url)
    page.get_by_label("Tài khoản").fill(LOGIN)
    page.get_by_label("Mật khẩu").fill(board.password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.locator("header.head").wait_for()


def _rooms_come_up(page: Page, board: Board) -> None:
    """Dark at first, then every room ready, as the live session's tiles tell."""
    page.goto(f"{board.url}/#/session")
    page.get_by_role("heading", name="Họp giao ban").wait_for()
    page.wait_for_function(f"() => document.querySelectorAll('.tiles .site').length === {len(ROOMS)}")
    page.wait_for_function(_all_say("Sẵn sàng", "Đang họp"))
    shot(page, "day-ready")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def _the_floor_goes_round(page: Page, board: Board) -> None:
    page.wait_for_function(_all_say("Đang họp"))
    page.locator("ol li").first.wait_for()
    asked = page.locator("ol li strong").first.inner_text().split(". ", 1)[1]
    page.get_by_role("button", name="Mời phát biểu").first.click()
    live = page.locator(".floor .big", has_text=asked).filter(has=page.get_by_role("button", name="Kết thúc lượt"))
    live.wait_for()
    assert axe(page) == []
    shot(page, "day-live")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    live.get_by_role("button", name="Kết thúc lượt").click()
    live.wait_for(state="detached")
    ended = "!document.querySelector('.tiles')?.textContent.includes('Đang họp')"
    page.wait_for_function(f"() => {ended}")


def _all_say(*words: str) -> str:
    said = " || ".join(f"site.textContent.includes('{word}')" for word in words)
    return f"() => [...document.querySelectorAll('.tiles .site')].every((site) => {said})"


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
