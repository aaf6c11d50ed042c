"""One order of the desk to every room of a meeting, and what became of it in each: real broker, centre, browser,
and real rooms (core and link): one obeys, one refuses, one hears and says nothing, and the others never spoke."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from controller.demo import binaries
from controller.demo.board import LOGIN, ROOMS, Board
from controller.demo.crowd import TURN_S, Member, crowd
from controller.simulation.plan import Act
from tests.controller.dashboard.browser import FLAGS, WIDE, axe, shots
from tests.controller.runtime.given import until
from tests.services.mosquitto import Mosquitto

pytestmark = [pytest.mark.services, pytest.mark.process, pytest.mark.timeout(330)]
OBEYS, REFUSES, SILENT = ROOMS[:3]
PATIENCE_S = 90.0
HELD_MS = 11_000
"""Ten seconds on BẬT / TẮT: everything off, whatever the desk wants."""


@contextmanager
def living(members: list[Member]) -> Iterator[Callable[[str], None]]:
    """Rooms that live on a thread; what it yields lets one hang: its line stays up, and it decides nothing more."""
    dead: set[str] = set()
    over = threading.Event()

    def live() -> None:
        while not over.wait(TURN_S):
            for member in members:
                if member.slug not in dead:
                    member.turn()

    thread = threading.Thread(target=live)
    for member in members:
        member.start()
    thread.start()
    try:
        yield dead.add
    finally:
        over.set()
        thread.join()
        for member in members:
            member.link.stop()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[tuple[Board, int]]:
    with Mosquitto(tmp_path) as broker:
        made = Board(tmp_path, 1000, 1, "vi")
        try:
            made.start(broker.port, rooms=False)
            yield made, broker.port
        finally:
            made.stop()


def test_every_room_is_powered_up_at_once_and_each_answer_stands_with_its_reason(board: tuple[Board, int]) -> None:
    centre, port = board
    members = crowd(port, ROOMS[:3], speed=1000)
    refuses = members[1]
    refuses.people.do(Act(refuses.world.now_ms, "press", ("power", HELD_MS)))
    refuses.world.arm_all()
    start_ms = (time.time_ns() // 1_000_000 + 3_000_000) // 1000 * 1000
    centre.book("Họp đột xuất", start_ms, start_ms + 600_000)
    with living(members) as hangs, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(binaries.find("chromium")), args=list(FLAGS))
        page = browser.new_page(viewport=WIDE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_S * 1000)
        _signed_in(page, centre)
        page.locator(".tiles").get_by_text("Tắt", exact=True).nth(2).wait_for()
        until(lambda: any(hold.value == "off" for hold in refuses.world.state.holds.values()), PATIENCE_S)
        hangs(SILENT)
        page.get_by_role("button", name="Bật mọi phòng của phiên").click()
        page.get_by_text("Đã gửi tới 3 điểm cầu; 5 điểm cầu chưa nhận được").wait_for()
        answers = page.get_by_label("Trả lời của từng điểm cầu")

        def told(name: str, *words: str) -> None:
            row = answers.get_by_role("listitem").filter(has_text=name)
            for word in words:
                row.get_by_text(word).first.wait_for()

        told("Nho Quan", "bật phòng", "Từ chối: người trong phòng vừa bấm")
        told("Hoa Lư", "chưa gửi được", "chưa gửi tin nào")
        told("Kim Sơn", "bật phòng", "đã làm xong")
        told("Gia Viễn", "bật phòng", "không trả lời")
        assert answers.get_by_role("listitem").count() == len(ROOMS)
        assert axe(page) == []
        shots(page, "session-power-all")
        browser.close()


def _signed_in(page: Page, board: Board) -> None:
    page.goto(board.url)
    page.get_by_label("Tài khoản").fill(LOGIN)
    page.get_by_label("Mật khẩu").fill(board.password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.locator("header.head").wait_for()
    page.goto(f"{board.url}/#/session")
