"""Practice with pretended sites (R31): the operator's own screens, and no room, no record and no request."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Request
from sqlalchemy import select

from controller.dashboard.store.base import META
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in

READS = ("/api/me", "/api/texts", "/api/stream", "/api/sessions", "/api/rooms")
"""What the shell itself asks; nothing of it is about the practice."""


def everything(served: Served) -> dict[str, list[object]]:
    """Every row of every table."""
    return {table.name: [tuple(row) for row in served.rows(select(table))] for table in META.sorted_tables}


def goes_on(page: Page, ms: int) -> None:
    """The page's clock, which the story follows, goes on so far."""
    page.clock.run_for(ms)


def test_an_operator_practises_on_sites_that_nobody_else_has(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn")
        page.clock.install()  # before the first page: a timer of before it could not be taken back
        sign_in(served, page)
        before, asked = everything(served), list[str]()

        def heard(request: Request) -> None:
            asked.append(f"{request.method} {request.url.removeprefix(served.url).partition('?')[0]}")

        page.get_by_role("heading", name="Phiên sắp tới").wait_for()
        page.goto(f"{served.url}/#/session")
        page.get_by_role("link", name="Thực hành với điểm cầu giả lập").wait_for()
        page.on("request", heard)
        page.get_by_role("link", name="Thực hành với điểm cầu giả lập").click()
        page.get_by_role("heading", name="Phiên họp thực hành").wait_for()
        tasks = page.get_by_label("Thực hành với điểm cầu giả lập")
        goes_on(page, 5_000)
        page.locator("ol").get_by_text("Điểm cầu thử 2").wait_for()
        page.get_by_role("button", name="Mời phát biểu").first.click()
        goes_on(page, 3_000)
        tasks.get_by_text("Mời phát biểu · sau").wait_for()
        page.locator(".floor").get_by_role("button", name="Kết thúc lượt").click()
        goes_on(page, 40_000)
        page.get_by_role("button", name="Micro: mở").click()
        goes_on(page, 3_000)
        tasks.get_by_text("Đóng micro mở ngoài lượt · sau").wait_for()
        page.get_by_role("button", name="Gọi lần lượt (1)").click()
        for _ in range(12):
            goes_on(page, 1_000)
        page.get_by_role("button", name="Gọi lần lượt (0)").wait_for()
        tasks.get_by_text("Gọi lại điểm cầu bị rớt · sau").wait_for()
        page.get_by_role("button", name="Đóng micro mọi điểm cầu, trừ chủ trì").click()
        page.get_by_text("Đã gửi tới 7 điểm cầu").wait_for()
        assert axe(page) == []
        shot(page, "practice")
        page.goto(f"{served.url}/#/rollcall/practice")
        page.get_by_role("button", name="– Điểm cầu thử 3: tiếng đến").click()
        page.get_by_role("button", name="tốt Điểm cầu thử 3: tiếng đến").wait_for()
        assert axe(page) == []
        page.get_by_role("button", name="Làm lại từ đầu").click()
        page.get_by_role("button", name="tốt Điểm cầu thử 3: tiếng đến").wait_for(state="detached")
        assert everything(served) == before
    assert served.way.sent == []
    others = [one for one in asked if not one.startswith(("GET /static/", *(f"GET {path}" for path in READS)))]
    assert others == []
    assert not [one for one in asked if "practice" in one and "/static/" not in one]


def test_a_practice_that_somebody_booked_is_made_with_pretended_sites_too(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn")
        served.meeting("thu", ["kim-son"], served.now_ms, practice=True, title="Tập huấn trực ban")
        sign_in(served, page)
        for screen in ("session", "rollcall"):
            page.goto(f"{served.url}/#/{screen}")
            page.get_by_role("link", name="Tập huấn trực ban").click()
            page.get_by_text("Điểm cầu thử 2").first.wait_for()
            assert page.get_by_text("Kim Sơn").count() == 0
            assert axe(page) == []
            shot(page, f"practice-booked-{screen}")
    assert served.way.sent == []
