"""What a room answers is told where it was asked: at the desk, on the chair's screen, on the technician's phone.
And a key that is held down gives the floor once.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import update

from controller.dashboard.store.tables import ORDERS
from controller.dashboard.web.gate import admit
from tests.controller.dashboard.browser import PHONE, Served, address, opened, sign_in
from tests.controller.dashboard.kit import HOUR
from tests.controller.dashboard.test_live_pages import UID, meeting


def answers(served: Served, stage: str, code: str = "", *told: object) -> None:
    """The room's word to the order that waits, as the recorder notes it."""

    async def note() -> None:
        async with served.place.engine.begin() as connection:
            said = {"stage": stage, "code": code, "told": list(told)}
            await connection.execute(update(ORDERS).where(ORDERS.c.stage == "sent").values(**said))

    served.run(note)


def link(served: Served, page: Page, kind: str, room: str = "", meeting: str = "") -> None:
    until_ms = served.now_ms + HOUR
    secret = served.run(lambda: admit(served.place, kind, until_ms, room=room, meeting=meeting, name="x"))
    page.goto(f"{served.url}/#/pass/{secret}")


def test_the_desk_reads_what_the_room_answered(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        page.get_by_role("button", name="Mời phát biểu").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        answers(served, "refused", "not_in_meeting")
        page.get_by_role("status").get_by_text(
            "Kim Sơn: Mời phát biểu · ghe-1 – Từ chối: chỉ được trong phiên"
        ).wait_for()
        page.get_by_role("button", name="Từ chối").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        answers(served, "done")
        page.get_by_role("status").get_by_text("– đã làm xong").wait_for()


def test_the_chair_reads_what_to_do_when_a_site_could_not_be_given_the_floor(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        link(served, page, "chair", meeting=UID)
        page.get_by_role("button", name="Mời phát biểu").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        answers(served, "unanswered")
        page.get_by_text("Chưa mời được Kim Sơn. Xin mời bằng lời").wait_for()
        page.get_by_role("button", name="Mời phát biểu").first.click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        answers(served, "done")
        page.get_by_text("Đã mời Kim Sơn").wait_for()


def test_the_phone_reads_why_a_check_was_refused_and_the_list_keeps_it(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, PHONE) as page:
        meeting(served)
        link(served, page, "phone", room="kim-son")
        page.get_by_role("button", name="KIỂM TRA").click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        answers(served, "refused", "in_call")
        page.get_by_role("status").get_by_text("Không làm khi đang trong cuộc gọi").wait_for()
        page.get_by_role("listitem").filter(has_text="Kiểm tra").get_by_text("từ chối").wait_for()


def test_a_key_that_is_held_down_gives_the_floor_once(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        page.locator("ol").get_by_text("Yên Mô").wait_for()
        page.keyboard.down("1")
        page.get_by_text("Đã gửi lệnh").wait_for()
        for _ in range(5):
            page.keyboard.down("1")  # as the keyboard repeats it
        page.keyboard.up("1")
        with page.expect_response("**/floor"):
            page.keyboard.press("2")
    sent = [json.loads(one.payload)["args"] for one in served.way.sent]
    assert [one["value"] for one in sent].count("grant") == 2
