"""The screen of reports: a form is chosen, read and taken along."""

from __future__ import annotations

from pathlib import Path

from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
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
