"""The screen of incidents as an operator uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.dashboard import think_expect, think_incidents
from controller.dashboard.store.tables_work import MAINTENANCE, NOTICES
from tests.controller.dashboard.browser import PHONE, WIDE, Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE


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


def test_the_end_is_asked_for_and_maintenance_is_marked(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn", incidents=["needs_hand"])
        served.run(think_incidents.think, served.place)
        served.now_ms += 31 * MINUTE
        window = {"room": "kim-son", "from_ms": served.now_ms, "until_ms": served.now_ms + HOUR}
        served.store(MAINTENANCE, {**window, "reason": "thay máy", "by": "Bình"})
        served.run(think_expect.think, served.place)
        notice = {"target": "x", "label": "mailto://mail.vn", "title": "", "body": "", "about": [1], "made_ms": 0}
        given_up = {"stage": "given_up", "tries": 8, "next_ms": 0, "changed_ms": served.now_ms, "why": "550"}
        served.store(NOTICES, notice | given_up)
        sign_in(served, page)
        page.goto(f"{served.url}/#/incidents/1")
        page.get_by_text("không gửi được đến mailto://mail.vn").wait_for()
        row = page.locator(".list li")
        row.get_by_text("Chưa có dự kiến khắc phục").wait_for()
        row.get_by_text("Đang bảo trì").wait_for()
        page.locator(".timeline").get_by_text("hỏi dự kiến khắc phục").wait_for()
        page.get_by_role("button", name="Đã nhận").click()
        page.locator(".timeline").get_by_text("đã nhận").wait_for()
        assert axe(page) == []
        shot(page, "incidents-asked")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing widens a phone"
        page.goto(f"{served.url}/#/incidents")
        row.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        row.get_by_role("link").click()
        page.get_by_label("Dự kiến khắc phục").fill("01/01/2027")
        page.get_by_label("lúc", exact=True).fill("9")
        page.get_by_role("button", name="Ghi", exact=True).nth(1).click()
        page.get_by_text("Bao giờ khắc phục?").wait_for(state="detached")
        page.get_by_role("button", name="Kết thúc bảo trì").click()
        row.get_by_text("Đang bảo trì").wait_for(state="detached")
        page.get_by_label("Điểm cầu", exact=True).fill("Kim Sơn")
        page.get_by_label("Lý do").fill("thay quạt")
        page.get_by_role("button", name="Đặt bảo trì").click()
        page.locator(".list").get_by_text("thay quạt").wait_for()
        page.get_by_role("button", name="English").click()
        page.locator(".list li").get_by_text("In maintenance").wait_for()
        page.locator(".timeline").get_by_text("by the machine").first.wait_for()


@pytest.mark.parametrize("over", ["https", "http"])
def test_the_text_for_the_chat_group_is_copied(tmp_path: Path, over: str) -> None:
    """Without HTTPS a browser has no `navigator.clipboard`."""
    with Served(address(tmp_path)) as served, opened(served) as page:
        if over == "http":
            page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        served.room("kim-son", "Kim Sơn", incidents=["needs_hand"])
        served.run(think_incidents.think, served.place)
        sign_in(served, page)
        for place in ("incidents/1", "trips"):
            page.goto(f"{served.url}/#/{place}")
            page.get_by_role("button", name="Chép tin nhắn").click()
            page.get_by_role("status").get_by_text("Đã chép", exact=True).wait_for()
            page.goto(f"{served.url}/#/shifts")
            page.locator("li", has_text="Thiết bị không phản hồi").get_by_text("Kim Sơn").wait_for()
            page.locator("textarea").first.focus()
            page.keyboard.press("Control+V")
            assert "Kim Sơn" in page.locator("textarea").first.input_value()
