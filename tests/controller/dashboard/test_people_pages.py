"""Contacts, accounts, the shift book and the desk's panel as their users see them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from controller.dashboard.store.tables_people import PEOPLE, ROOMS
from controller.dashboard.store.tables_work import FEEDBACK
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, room_row

UID = "giao-ban@20260715T010000Z"


def test_contacts_are_found_without_diacritics_and_changed(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.store(ROOMS, room_row("kim-son", "Kim Sơn"), room_row("hoa-lu", "Hoa Lư"))
        served.store(PEOPLE, {"name": "Đỗ Thị Hoa", "phone": "0987 111 222", "trained": []})
        sign_in(served, page)
        page.goto(f"{served.url}/#/people")
        page.get_by_role("button", name="Thêm người").click()
        page.get_by_label("Họ tên").fill("Nguyễn Văn An")
        page.get_by_label("Điện thoại", exact=True).fill("0912 345 678")
        page.get_by_role("button", name="Thêm điểm cầu").click()
        page.get_by_role("form", name="Thêm người").get_by_label("Điểm cầu").select_option(label="Kim Sơn")
        page.get_by_role("button", name="Ghi", exact=True).first.click()
        page.get_by_text("Đã ghi").wait_for()
        page.get_by_role("searchbox").fill("kim son")
        page.get_by_text("1 trên 2").wait_for()
        assert page.get_by_role("link", name="0912 345 678").get_attribute("href") == "tel:0912345678"
        page.get_by_role("searchbox").fill("")
        page.get_by_label("Trực thay hôm nay").select_option(label="Đỗ Thị Hoa")
        page.get_by_text("bởi Trần Thị Bình").wait_for()
        page.get_by_label("Loại đơn vị").fill("xã")
        page.get_by_label("Tên đơn vị").fill("Bình Minh")
        page.get_by_role("form", name="Đơn vị hành chính").get_by_role("button", name="Ghi").click()
        page.locator("option", has_text="Xã Bình Minh").first.wait_for(state="attached")
        page.get_by_role("button", name="Mã QR trang điện thoại").click()
        page.get_by_role("img", name="Mã QR của liên kết").wait_for()
        assert axe(page) == []
        shot(page, "people")
        page.get_by_role("button", name="Sửa: Đỗ Thị Hoa").click()
        page.get_by_role("button", name="Xóa", exact=True).click()
        page.get_by_role("button", name="Chắc chắn? Xóa hẳn").click()
        page.get_by_text("1 trên 1").wait_for()
    with Served(address(tmp_path)) as again:
        assert [row.name for row in again.rows(select(PEOPLE))] == ["Nguyễn Văn An"]


def test_an_administrator_makes_an_account(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        sign_in(served, page, "admin")
        page.goto(f"{served.url}/#/users")
        page.get_by_label("Tên tài khoản", exact=True).fill("le.cuong")
        page.get_by_label("Họ tên").fill("Lê Văn Cường")
        page.get_by_role("button", name="Thêm tài khoản").click()
        page.get_by_text("Mật khẩu của le.cuong, chỉ hiện một lần").wait_for()
        page.get_by_label("Vai trò: le.cuong").select_option(label="văn phòng")
        page.get_by_role("button", name="Khóa: le.cuong").click()
        page.get_by_text("đã khóa").wait_for()
        assert page.get_by_label("Vai trò: le.cuong").input_value() == "office"
        assert axe(page) == []
        shot(page, "users")
        page.goto(f"{served.url}/#/shifts")
        page.get_by_label("Việc còn dở").fill("Chờ VNPT gọi lại về đường truyền Kim Sơn\nMáy phát Hoa Lư đã đổ dầu")
        page.get_by_role("button", name="Bàn giao").click()
        page.get_by_text("chưa có người nhận").wait_for()
        row = {"room": "kim-son", "by": "Kim Sơn", "at_ms": NOW_MS, "kind": "fault", "text": "loa bên trái rè"}
        served.store(FEEDBACK, row)
        page.reload()
        page.get_by_label("Trả lời điểm cầu").fill("Mai có thợ đến")
        page.get_by_role("button", name="Đã nhận").click()
        page.get_by_text("đã tiếp nhận").wait_for()
        assert axe(page) == []
        shot(page, "shifts")
        page.get_by_role("button", name="Trả lời, đã xong").click()
        page.get_by_text("loa bên trái rè").wait_for(state="detached")
        assert [(one.stage, one.answer) for one in served.rows(select(FEEDBACK))] == [("done", "Mai có thợ đến")]


def test_the_desk_shows_the_chairs_code_and_switches_to_the_backup(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        for slug, name in (("kim-son", "Kim Sơn"), ("hoa-lu", "Hoa Lư")):
            served.room(slug, name, call=True, phase="in_call")
        served.store(ROOMS, room_row("tam-diep", "Tam Điệp") | {"dial": "10.1.2.3"})
        served.meeting(UID, ["kim-son", "hoa-lu"], NOW_MS - 10 * MINUTE, backup="tam-diep")
        served.meeting("tap-huan", ["hoa-lu"], NOW_MS + HOUR, title="Tập huấn")
        sign_in(served, page)
        page.goto(f"{served.url}/#/session/{UID}")
        page.get_by_role("button", name="Mã QR cho chủ trì").click()
        page.get_by_role("img", name="Mã QR của liên kết").wait_for()
        page.get_by_label("Trần Thị Bình").select_option(label="điều khiển")
        page.get_by_role("form", name="Trực phiên họp này").get_by_role("button", name="Ghi").click()
        page.get_by_text("Đã ghi").wait_for()
        page.locator("summary", has_text="Chuyển sang điểm cầu dự phòng").click()
        page.get_by_label("Lý do").fill("mất điện điểm cầu chính")
        page.get_by_role("button", name="Chuyển sang điểm cầu dự phòng").click()
        page.get_by_text("Trần Thị Bình đã chuyển lúc").wait_for()
        assert axe(page) == []
        shot(page, "session-desk")
    assert sorted(one.topic for one in served.way.sent) == ["diemcau/1/hoa-lu/do/call", "diemcau/1/kim-son/do/call"]
