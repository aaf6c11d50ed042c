"""Pages ask again by themselves; what a person has typed or chosen meanwhile stays, in every field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import Executable, delete, update

from controller.dashboard import think_incidents
from controller.dashboard.store.tables_work import INCIDENTS, INSTANCE_ROOMS, MAINTENANCE
from controller.dashboard.web.app import STATIC
from tests.controller.dashboard.browser import Served, address, opened, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS

UID = "giao-ban@20260715T010000Z"
PAGES = sorted([*STATIC.glob("*.js"), *STATIC.glob("lib/*.js"), *STATIC.glob("pages/*.js")])


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_no_field_takes_its_value_from_what_the_page_last_heard(file: Path) -> None:
    """A field that is written to by the page is written by `Kept`, or gives every key it takes back to the page.
    What a box to tick calls its value is its name."""
    text = re.sub(r"\s+", " ", file.read_text(encoding="utf-8"))
    for tag in re.findall(r"<(?:input|textarea|select)\b.*?(?=<|\$\{[A-Za-z.]+\.map)", text):
        if re.search(r"[\s{](value|checked)\s*[=:]", tag) and 'type="radio"' not in tag:
            assert re.search(r"onInput|onChange", tag), tag
        if (
            tag.startswith(("<input", "<textarea"))
            and re.search(r"\bvalue=\$", tag)
            and 'type="checkbox"' not in tag
        ):
            assert "onInput" in tag, tag
    assert "selected=" not in text


def change(served: Served, statement: Executable) -> None:
    async def put() -> None:
        async with served.place.engine.begin() as connection:
            await connection.execute(statement)

    served.run(put)


def told(served: Served, topic: str) -> None:
    """An event arrives at the open page."""

    async def say() -> None:
        served.app.state.hub.say(topic, {})

    served.run(say)


def test_an_incident_keeps_what_is_typed_while_the_page_is_told_of_another(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn", incidents=["smoke"])
        served.room("hoa-lu", "Hoa Lư")
        served.run(think_incidents.think, served.place)
        served.now_ms += MINUTE
        served.run(think_incidents.think, served.place)
        sign_in(served, page, "admin")
        page.goto(f"{served.url}/#/incidents/1")
        hours, note, cause = (
            page.get_by_label("số giờ"),
            page.get_by_label("Ghi chú"),
            page.get_by_label("Nguyên nhân"),
        )
        hours.fill("7.5")
        note.fill("đang chờ thợ điện")
        cause.select_option("handling")
        window = {"room": "hoa-lu", "from_ms": served.now_ms, "until_ms": served.now_ms + HOUR}
        served.store(MAINTENANCE, {**window, "reason": "thay máy chiếu", "by": "Bình"})
        change(served, update(INCIDENTS).values(proposed="mains", changed_ms=served.now_ms + 1))
        told(served, "incidents")
        page.get_by_text("thay máy chiếu").wait_for()
        page.get_by_text("Nguyên nhân: điện").wait_for()
        expect(hours).to_have_value("7.5")
        expect(note).to_have_value("đang chờ thợ điện")
        expect(cause).to_have_value("handling")


def test_a_list_of_sites_keeps_its_site_when_one_before_it_leaves(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        names = {"gia-vien": "Gia Viễn", "hoa-lu": "Hoa Lư", "kim-son": "Kim Sơn"}
        for slug, name in names.items():
            served.room(slug, name, call=True, phase="in_call")
        served.meeting(UID, list(names), NOW_MS - 10 * MINUTE)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        form = page.locator("form[aria-label='Tin nhắn cho điểm cầu']")
        form.locator("select").select_option("hoa-lu")
        form.locator("input").fill("bật lại micro")
        behalf = page.get_by_label("Đăng ký phát biểu hộ").locator("select").first
        expect(behalf).to_have_value("gia-vien")
        change(served, delete(INSTANCE_ROOMS).where(INSTANCE_ROOMS.c.room == "gia-vien"))
        told(served, "rooms")
        page.locator(".tiles").get_by_text("Gia Viễn").wait_for(state="detached")
        expect(form.locator("select")).to_have_value("hoa-lu")
        expect(form.locator("input")).to_have_value("bật lại micro")
        expect(behalf).to_have_value("")  # nobody, never a neighbour


def test_a_search_keeps_its_letters_and_blanks(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn")
        served.room("kim-dinh", "Kim Định")
        sign_in(served, page)
        page.goto(f"{served.url}/#/rooms")
        find = page.get_by_role("searchbox")
        find.press_sequentially("Kim Sơn")
        told(served, "hello")
        expect(find).to_have_value("Kim Sơn")


def test_an_order_keeps_its_figure_while_the_room_reports(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.room("kim-son", "Kim Sơn", phase="ready", loads={"codec": "P"})
        sign_in(served, page)
        page.goto(f"{served.url}/#/rooms/kim-son")
        page.get_by_role("button", name="Bắt đầu bảo trì").click()
        box = page.get_by_role("dialog")
        box.get_by_role("spinbutton").fill("45")
        box.get_by_role("textbox").fill("thay quạt")
        with page.expect_response("**/api/rooms/kim-son"):
            told(served, "incidents")
        with page.expect_response("**/api/rooms/kim-son"):
            told(served, "incidents")
        expect(box.get_by_role("spinbutton")).to_have_value("45")
        expect(box.get_by_role("textbox")).to_have_value("thay quạt")
