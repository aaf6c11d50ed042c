"""The screen of reports: a form is chosen, read and taken along."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Route

from tests.controller.dashboard.browser import SETTLED, Served, address, axe, come, opened, shot, sign_in
from tests.controller.dashboard.test_reports import filled


def test_the_office_reads_and_downloads_a_report(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        filled(served)
        sign_in(served, page, "office")
        page.goto(f"{served.url}/#/reports")
        page.get_by_label("Từ ngày").wait_for()
        page.get_by_role("button", name="Xem").click()
        page.get_by_role("heading", name="Báo cáo đánh giá hiệu quả").wait_for()
        page.locator(".paper").get_by_text("Kim Sơn").first.wait_for()
        with page.expect_download() as got:
            page.get_by_role("link", name="DOCX").click()
        assert Path(got.value.path()).read_bytes().startswith(b"PK")
        assert axe(page) == []
        shot(page, "reports")
        page.get_by_label("Biểu mẫu").select_option("line")
        page.get_by_role("button", name="Xem").click()
        page.get_by_role("heading", name="Báo cáo chất lượng đường truyền").wait_for()
        assert axe(page) == []
        shot(page, "reports-line")
        page.get_by_label("Biểu mẫu").select_option("certificate")
        page.get_by_label("Điểm cầu").select_option("kim-son")
        page.get_by_role("button", name="Xem").click()
        page.get_by_text("Nguyên vẹn").wait_for()
        assert axe(page) == []
        shot(page, "certificate")


def test_a_paper_that_comes_after_another_was_chosen_is_not_shown_as_that(tmp_path: Path) -> None:
    """It would be filled in, and saved as the other."""
    held: list[Route] = []
    with Served(address(tmp_path)) as served, opened(served) as page:
        filled(served)
        sign_in(served, page, "office")
        page.goto(f"{served.url}/#/reports")
        page.get_by_label("Từ ngày").wait_for()
        page.route("**/api/reports/effectiveness.json?*", lambda one: held.append(one))
        with page.expect_request("**/api/reports/effectiveness.json?*"):
            page.get_by_role("button", name="Xem").click()
        page.get_by_label("Biểu mẫu").select_option("line")
        come(page, lambda: held)
        with page.expect_response("**/api/reports/effectiveness.json?*"):
            held[0].continue_()
        page.evaluate(SETTLED)
        assert page.locator(".paper").count() == 0
        page.get_by_role("button", name="Xem").click()
        page.get_by_role("heading", name="Báo cáo chất lượng đường truyền").wait_for()
