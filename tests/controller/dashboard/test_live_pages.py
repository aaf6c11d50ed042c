"""The live session, the chair's screen, the roll-call and the technician's phone, as their users see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from controller.dashboard import think_incidents
from controller.dashboard.store.tables import LAST
from controller.dashboard.web.gate import admit
from tests.controller.dashboard.browser import PHONE, Served, address, axe, opened, shot, shots, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS

UID = "giao-ban@20260715T010000Z"
NAMES = {
    "kim-son": "Kim Sơn",
    "hoa-lu": "Hoa Lư",
    "nho-quan": "Nho Quan",
    "gia-vien": "Gia Viễn",
    "yen-mo": "Yên Mô",
}


def meeting(served: Served) -> None:
    for slug, name in NAMES.items():
        asks = ["ghe-1"] if slug in ("kim-son", "yen-mo") else []
        speaks = slug == "hoa-lu"
        served.room(slug, name, asks=asks, floor="live" if speaks else "closed", mic="open" if speaks else "muted",
                    call=slug != "gia-vien", phase="in_call", duty=False)  # fmt: skip
    served.meeting(UID, list(NAMES), NOW_MS - 10 * MINUTE)


def test_the_desk_runs_a_session_on_one_screen(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        page.get_by_role("heading", name="Giao ban tháng 7").wait_for()
        page.locator("ol").get_by_text("Kim Sơn").wait_for()
        page.get_by_role("button", name="Mời phát biểu").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        page.keyboard.press("2")
        page.get_by_text("Chưa vào: Gia Viễn").wait_for()
        page.get_by_label("Đăng ký phát biểu hộ").get_by_label("Chỗ ngồi").fill("ghe-2")
        page.get_by_role("button", name="Ghi yêu cầu").click()
        assert axe(page) == []
        shot(page, "session")
        page.goto(f"{served.url}/#/rollcall")
        page.get_by_role("button", name="– Hoa Lư: tiếng đến").click()
        page.get_by_role("button", name="tốt Hoa Lư: tiếng đến").wait_for()
        assert axe(page) == []
        shot(page, "rollcall")
    sent = [(one.topic.split("/")[2], json.loads(one.payload)["args"]["value"]) for one in served.way.sent]
    assert sent[:2] == [("kim-son", "grant"), ("yen-mo", "grant")]
    assert [value for _, value in sent[2:]] == ["request", "sound_in"]


def test_of_two_meetings_the_one_that_is_on_is_shown_at_once_and_stays(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        served.meeting("sau", ["kim-son"], NOW_MS + 30 * MINUTE, title="Họp chiều")
        served.meeting("truoc", ["kim-son"], NOW_MS - 40 * MINUTE, 20, title="Họp đã xong")
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        page.get_by_role("heading", name="Giao ban tháng 7").wait_for()
        assert page.locator("nav.row a").count() == 3
        assert page.locator("nav.row a[aria-current]").inner_text().endswith("Giao ban tháng 7")
        page.locator("nav.row a", has_text="Họp chiều").click()
        page.get_by_role("heading", name="Họp chiều").wait_for()


def test_the_roll_call_says_what_it_doubts_as_the_room_page_does(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        found = {"found": [["load.camera", "failed"], ["ups.runtime", "failed"]]}
        served.store(LAST, {"room": "hoa-lu", "part": "detail/rollcall", "body": found, "received_ms": NOW_MS})
        sign_in(served, page)
        page.goto(f"{served.url}/#/rollcall")
        row = page.get_by_role("row").filter(has_text="Hoa Lư")
        row.get_by_text("thời gian chạy ắc quy").wait_for()
        assert row.locator(".chip").first.inner_text() == "camera: không đạt"


def test_of_a_secret_meeting_the_desk_sees_power_and_safety_and_nothing_of_the_floor(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        for slug, name in NAMES.items():
            served.room(slug, name, asks=["ghe-1"], floor="live", mic="open", call=True, phase="in_call", duty=True,
                        power="battery", incidents=["smoke"] if slug == "kim-son" else [])  # fmt: skip
        served.meeting(UID, list(NAMES), NOW_MS - 10 * MINUTE, secret=True, title="Nhân sự chủ chốt")
        served.run(think_incidents.think, served.place)
        sign_in(served, page)
        for lang, kept in (("Vi", "không ghi gì về phát biểu"), ("English", "nothing of the floor is kept")):
            if lang == "English":
                page.get_by_role("button", name=lang).click()
            page.goto(f"{served.url}/#/session")
            page.locator("main").get_by_text(kept).wait_for()
            page.get_by_role("heading", name="Họp mật" if lang == "Vi" else "Secret meeting").wait_for()
            page.locator(".tiles .site").nth(len(NAMES) - 1).wait_for()
            page.locator("form[aria-label]").first.wait_for()
            seen = page.locator("main").inner_text()
            told = ("Nhân sự chủ chốt", "ghe-1", "Mic:", "Đang phát biểu", "Speaking")
            assert [word for word in told if word in seen] == []
            assert page.locator(".tiles button").count() == 0, "no microphone is shown"
            page.locator(".floor").get_by_text("Khói" if lang == "Vi" else "Smoke").wait_for()
            assert axe(page) == []
            shots(page, f"session-secret-{lang.lower()}")
        secret = served.run(lambda: admit(served.place, "chair", NOW_MS + HOUR, meeting=UID, name="Chủ trì"))
        page.goto(f"{served.url}/#/pass/{secret}")
        page.get_by_text("nothing of the floor is kept").wait_for()
        assert page.get_by_text("Hoa Lư").count() == 0
        assert axe(page) == []
        shot(page, "chair-secret")


def test_the_chair_taps_once(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        secret = served.run(lambda: admit(served.place, "chair", NOW_MS + HOUR, meeting=UID, name="Chủ trì"))
        page.goto(f"{served.url}/#/pass/{secret}")
        page.get_by_text("Đang phát biểu: Hoa Lư").wait_for()
        assert secret not in page.url
        page.get_by_role("button", name="Mời phát biểu").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        assert axe(page) == []
        shot(page, "chair")
    assert [one.topic for one in served.way.sent] == ["diemcau/1/kim-son/do/floor"]


@pytest.mark.parametrize("screen", ["desk", "chair"])
def test_a_press_that_was_meant_for_who_stood_there_a_moment_ago_gives_nobody_the_floor(
    tmp_path: Path, screen: str
) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        page.clock.install()
        if screen == "desk":
            sign_in(served, page)
            page.goto(f"{served.url}/#/session")
        else:
            secret = served.run(lambda: admit(served.place, "chair", NOW_MS + HOUR, meeting=UID, name="Chủ trì"))
            page.goto(f"{served.url}/#/pass/{secret}")
        queue = page.locator("ol li")
        expect(queue).to_have_count(2)
        there = queue.first.get_by_role("button", name="Mời phát biểu").bounding_box()
        assert there is not None
        page.clock.pause_at(page.evaluate("Date.now()") + 1_000)
        gone = update(LAST).where(LAST.c.room == "kim-son", LAST.c.part == "state").values(body={"asks": []})
        served.transaction(lambda connection: connection.execute(gone))
        page.clock.run_for(2_000)  # it asks again
        expect(queue).to_have_count(1)
        expect(queue.first).to_contain_text("Yên Mô")
        page.mouse.click(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2)
        page.keyboard.press("1")
        expect(queue.first.get_by_role("button", name="Mời phát biểu")).to_be_disabled()
        assert served.way.sent == []
        page.clock.run_for(1_000)
        page.mouse.click(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2)
        page.get_by_text("Đã gửi lệnh").wait_for()
    assert [(one.topic.split("/")[2], json.loads(one.payload)["args"]["value"]) for one in served.way.sent] == [
        ("yen-mo", "grant")
    ]


def test_the_technician_has_the_room_in_the_hand(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, PHONE) as page:
        meeting(served)
        seats = {"v": 1, "seats": {"chu_toa": ["main", 4]}}
        served.store(LAST, {"room": "kim-son", "part": "detail/camera", "body": seats, "received_ms": NOW_MS})
        panel = {"v": 1, "holds": {"message": "Xin chờ ít phút"}}
        served.store(LAST, {"room": "kim-son", "part": "detail/panel", "body": panel, "received_ms": NOW_MS})
        secret = served.run(lambda: admit(served.place, "phone", NOW_MS + HOUR, room="kim-son", name="Kim Sơn"))
        page.goto(f"{served.url}/#/pass/{secret}")
        page.get_by_role("heading", name="Kim Sơn").wait_for()
        page.get_by_role("alert").get_by_text("Xin chờ ít phút").wait_for()
        page.get_by_role("button", name="TRỰC: có mặt").click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        page.get_by_label("Khung hình số: chu_toa").fill("9")
        with page.expect_response("**/api/my-room/seat"):
            page.get_by_role("button", name="Dùng khung này").click()
        page.get_by_label("Ghi chú").fill("loa bên trái rè")
        page.get_by_role("button", name="Gửi").last.click()
        page.wait_for_function("() => document.querySelector('textarea').value === ''")
        page.get_by_role("heading", name="Phản ánh của phòng và trả lời").wait_for()
        page.get_by_text("loa bên trái rè").wait_for()
        page.get_by_text("Đổi khung hình chỗ ngồi · chu_toa · 9").wait_for()
        assert axe(page) == []
        shot(page, "my-room")
    assert [one.topic for one in served.way.sent] == [
        "diemcau/1/kim-son/do/duty",
        "diemcau/1/kim-son/do/seat",
    ]
    assert json.loads(served.way.sent[-1].payload)["args"] == {"value": "assign", "seat": "chu_toa", "preset": 9}
