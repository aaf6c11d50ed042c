"""What a page needs for its first picture, and what it shows while that is on its way; in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from controller.dashboard.web.gate import COOKIE, HERE_COOKIE
from tests.controller.dashboard.browser import Served, address, come, opened
from tests.controller.dashboard.kit import PASSWORD


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(address(tmp_path)) as made:
        made.room("kim-son", "Kim Sơn", phase="ready")
        made.sign_in()
        yield made


def known(served: Served, page: Page) -> None:
    """This browser has signed in before."""
    kept = {COOKIE: served.http.cookies[COOKIE], HERE_COOKIE: "1"}
    page.context.add_cookies([{"name": name, "value": value, "url": served.url} for name, value in kept.items()])


@pytest.mark.parametrize(("path", "whole"), [("rooms", ".tile"), ("board", "header.head")])
def test_the_first_picture_of_a_desk_needs_six_answers(served: Served, path: str, whole: str) -> None:
    with opened(served) as page:
        known(served, page)
        page.add_init_script(
            f"new MutationObserver(() => {{ if (document.querySelector('{whole}')) window.needed ??= "
            "performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname); })"
            ".observe(document, { childList: true, subtree: true });"
        )
        page.goto(f"{served.url}/#/{path}")
        page.locator(whole).first.wait_for()
        needed = set(page.evaluate("window.needed"))
    assert "/api/rooms" in needed or path == "board", "where they are late, the rest is shown before them"
    assert needed - {"/api/stream", "/api/rooms"} == {
        "/static/all.css",
        "/static/app.js",
        "/api/texts",
        "/api/me",
    }


def test_the_rest_of_the_page_does_not_wait_for_rooms_that_are_late(served: Served) -> None:
    held: list[Route] = []
    with opened(served) as page:
        known(served, page)
        page.route("**/api/rooms", lambda route: held.append(route))
        page.goto(f"{served.url}/#/rooms")
        page.locator("header.head").wait_for()
        expect(page.locator(".rooms-head [role=status]")).to_have_text("đang tải…")
        assert page.locator(".tile").count() == 0
        come(page, lambda: held)
        for route in held:
            route.continue_()
        page.locator(".tile").wait_for()


def test_whoever_signs_in_on_the_rooms_sees_them_without_a_stream(served: Served) -> None:
    """The stream asks again when it is there; on a line that lets none through, the page asked as nobody."""
    held: list[Route] = []
    with opened(served) as page:
        page.route("**/api/stream", lambda route: held.append(route))
        page.goto(f"{served.url}/#/rooms")
        page.get_by_label("Tài khoản").fill("operator")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.locator(".tile").wait_for()


@pytest.mark.parametrize(("lang", "locale"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_a_number_is_written_as_its_language_writes_it(served: Served, lang: str, locale: str) -> None:
    told = [0, 7, 999, 1_000, 10_000, 1_234_567, -1_234, -12, 2.5, 1_234.567]
    with opened(served) as page:
        page.goto(served.url)
        page.get_by_label("Tài khoản").wait_for()
        ours, theirs = page.evaluate(
            """async ([lang, locale, told]) => {
              const { learn, number } = (await import("/static/app.js")).$lib_words_js;
              await learn(lang);
              const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
              return [told.map((one) => number(one)), told.map((one) => format.format(one))];
            }""",
            [lang, locale, told],
        )
    assert ours == theirs
