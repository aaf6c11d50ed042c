"""The screen of incidents as an operator uses it."""

from __future__ import annotations

from pathlib import Path

from controller.dashboard import think_incidents
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import MINUTE


def test_an_operator_takes_an_incident_in_hand(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn", incidents=["smoke"])
        served.room("hoa-lu", "Hoa Lư", incidents=["lost", "needs_hand"])
        served.run(think_incidents.think, served.place)
        served.now_ms += MINUTE
        served.run(think_incidents.think, served.place)
        sign_in(served, page)
        page.goto(f"{served.url}/#/incidents")
        page.get_by_role("link", name="Khói, nước").click()
        page.get_by_role("button", name="Đã nhận").click()
        page.locator(".timeline").get_by_text("đã nhận").wait_for()
        page.get_by_label("Ghi chú").fill("Đã gọi <b>cán bộ</b> kỹ thuật")
        page.get_by_role("button", name="Ghi", exact=True).first.click()
        page.locator(".timeline").get_by_text("<b>cán bộ</b>").wait_for()
        page.get_by_role("link", name="Khói, nước").get_by_text("Đã nhận").wait_for()
        assert axe(page) == []
        shot(page, "incidents")
