"""The shell in a real browser: signing in, both languages, light and dark, and nothing that axe minds."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from controller.dashboard import think_incidents
from controller.dashboard.store.tables_people import PASSES
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in


async def _end_sessions(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(PASSES))


def test_signing_in_and_speaking_both_languages(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        page.goto(served.url)
        page.get_by_label("Tài khoản").fill("nobody")
        page.get_by_label("Mật khẩu").fill("wrong")
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_text("Sai tài khoản hoặc mật khẩu").wait_for()
        assert axe(page) == []
        shot(page, "sign-in")
        sign_in(served, page)
        page.get_by_role("button", name="English").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.get_by_role("button", name="Light or dark").click()
        assert page.evaluate("document.documentElement.dataset.shade") == "dark"
        assert axe(page) == []


def test_a_session_that_has_ended_shows_the_sign_in_and_no_page_that_stands_still(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        sign_in(served, page)
        served.run(_end_sessions, served.place.engine)
        page.get_by_role("link", name="Lịch họp").click()
        page.get_by_label("Tài khoản").wait_for()


def test_the_keyboard_goes_on_where_a_screen_was_opened(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        for n in range(9):
            served.room(f"xa-{n}", f"Xã {n}", incidents=["smoke"] if n % 2 else [])
        served.run(think_incidents.think, served.place)
        sign_in(served, page)
        page.goto("about:blank")
        page.goto(f"{served.url}/#/rooms")
        page.locator(".tile").nth(8).wait_for()
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Đến nội dung", "at first the way past the head"
        page.locator(".tile").first.press("Enter")
        page.locator(".room-head").wait_for()
        page.keyboard.press("Tab")
        assert page.locator("main :focus").inner_text() == "Điểm cầu", "the first of the room's page"
        page.get_by_role("navigation").get_by_role("link", name="Sự cố").press("Enter")
        page.locator(".list li a").first.press("Enter")
        page.locator("section.detail:focus .timeline").wait_for()
        page.keyboard.press("Tab")
        assert page.locator("section.detail :focus").inner_text() == "Đóng"


ELSEWHERE = """const add = window.addEventListener;
window.addEventListener = function (what, ...rest) {
  if (what === "hashchange") history.replaceState(null, "", "#/incidents"); // as if its event had just gone by
  return add.call(this, what, ...rest);
};"""


def test_an_address_that_changes_while_the_page_begins_is_followed(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        sign_in(served, page)
        page.add_init_script(ELSEWHERE)
        page.goto("about:blank")
        page.goto(f"{served.url}/#/board")
        page.get_by_role("heading", name="Sự cố").wait_for()
        assert page.url.endswith("#/incidents")


AT_ONCE = """new MutationObserver((_, watch) => {
  if (document.querySelector("header.head") === null) return;
  watch.disconnect();
  location.hash = "#/incidents";
}).observe(document, { childList: true, subtree: true });"""


def test_who_goes_elsewhere_as_soon_as_the_head_stands_there_is_not_sent_to_the_first_screen(
    tmp_path: Path,
) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        page.add_init_script(AT_ONCE)
        sign_in(served, page)
        page.get_by_role("heading", name="Sự cố").wait_for()
        assert page.url.endswith("#/incidents")


def test_who_is_not_signed_in_asks_for_no_rooms(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))

        def opens(screen: str) -> list[str]:
            page.goto("about:blank")  # another screen of an open page is no opening
            asked.clear()
            page.goto(f"{served.url}/#/{screen}")
            page.locator("header.head, main.sign").wait_for()
            return [path for path in asked if path == "/api/rooms"]

        assert [opens("rooms"), opens("board")] == [[], []]
        sign_in(served, page)
        # Once more, when the stream has opened: whether before the header is looked at or after it is chance.
        for screen in ("rooms", "board"):
            assert set(opens(screen)) == {"/api/rooms"}, "asked before it is known who is here"
        served.run(_end_sessions, served.place.engine)
        opens("rooms")
        assert opens("rooms") == [], "ended elsewhere: the page has heard of it"
        sign_in(served, page)
        page.get_by_role("button", name="Đăng xuất").click()
        page.get_by_label("Tài khoản").wait_for()
        assert opens("board") == []
