"""What people say in the offices' forms: typed on the page, kept with who and when, printed in every file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select, update

from controller.dashboard.store.tables_people import USERS
from controller.dashboard.store.tables_work import INCIDENTS, PAPER_WORDS
from controller.dashboard.web.gate import admit
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, NOW_MS, Desk

UID = "giao-ban@20260715T010000Z"
DAY = NOW_MS - 8 * HOUR
PATHS = {
    "check": f"check{{}}?room=kim-son&meeting={UID}",
    "log": f"log{{}}?room=kim-son&from_ms={DAY}",
    "incident": "incident{}?incident=1",
    "effectiveness": f"effectiveness{{}}?from_ms={DAY}&to_ms={DAY + 24 * HOUR}",
    "line": f"line{{}}?from_ms={DAY}&to_ms={DAY + 24 * HOUR}",
}
FIELDS = {
    "check": {"document", "tested_by", "defects", "verdict", "sign_technician", "sign_leader", "sign_main"},
    "log": {"on_duty", "notes", "sign_duty", "sign_next"},
    "incident": {"notes", "sign_technician", "sign_leader"},
    "effectiveness": {"upkeep", "defects", "proposals", "sign_author", "sign_head"},
    "line": {"opinion", "sign_author", "sign_provider"},
}


def filled(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    desk.meeting(UID, ["kim-son"], NOW_MS)
    row = {"key": "x", "code": "line", "scope": "room", "rooms": ["kim-son"], "from_ms": NOW_MS, "seen_ms": NOW_MS}
    desk.store(INCIDENTS, {**row, "changed_ms": NOW_MS})


def path(form: str, ending: str = "") -> str:
    return f"/api/reports/{PATHS[form].format(ending)}"


def page_of(desk: Desk, form: str) -> dict[str, str]:
    """The fields of a form with their texts."""
    found: dict[str, str] = {}
    for block in desk.http.get(path(form, ".json")).json()["blocks"]:
        if block["kind"] == "fill":
            found[block["name"]] = block["text"]
        elif block["kind"] == "signs":
            found |= dict(zip(block["fields"], block["names"], strict=True))
    return found


def say(desk: Desk, form: str, **fields: str) -> Any:
    return desk.http.post(path(form), json={"fields": fields})


@pytest.mark.parametrize("form", sorted(PATHS))
def test_who_may_not_and_what_is_no_field_is_refused(desk: Desk, form: str) -> None:
    filled(desk)
    desk.sign_in()
    assert page_of(desk, form).keys() == FIELDS[form]
    answer = say(desk, form, signed_by_machine="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "report.field")
    field = sorted(FIELDS[form])[0]
    assert say(desk, form, **{field: "x" * 4001}).status_code == 422
    desk.sign_in("viewer")
    assert say(desk, form, **{field: "x"}).status_code == 403
    assert desk.rows(select(PAPER_WORDS)) == []


@pytest.mark.parametrize("form", sorted(PATHS))
def test_what_a_person_typed_is_kept_and_printed(desk: Desk, form: str) -> None:
    filled(desk)
    desk.sign_in()
    said = {field: f"Lời của người: {field}" for field in FIELDS[form]}
    assert say(desk, form, **said).status_code == 200
    assert page_of(desk, form) == said
    whole = desk.http.get(path(form, ".json")).json()
    assert (whole["by"], whole["at_ms"]) == ("Trần Thị Bình", NOW_MS)
    word = Word(io.BytesIO(desk.http.get(path(form, ".docx")).content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    printed = "\n".join([*(one.text for one in word.paragraphs), *cells])
    reader = PdfReader(io.BytesIO(desk.http.get(path(form, ".pdf")).content))
    pages = "".join("".join(one.extract_text() for one in reader.pages).split())
    for text in said.values():
        assert text in printed
        assert "".join(text.split()) in pages


def test_a_word_is_added_and_none_is_overwritten(desk: Desk) -> None:
    filled(desk)
    desk.sign_in()
    assert page_of(desk, "check")["document"] == "12/GM-UBND", "the calendar's own until somebody says another"
    say(desk, "check", verdict="Đủ điều kiện", document="12/GM-UBND")
    say(desk, "check", verdict="Đủ điều kiện", tested_by="  Lê\x07 Văn An ")
    desk.sign_in("office", "Phạm Thị Hoa")
    say(desk, "check", verdict="Chưa đủ điều kiện")
    rows = desk.rows(select(PAPER_WORDS).order_by(PAPER_WORDS.c.id))
    assert [(row.field, row.text) for row in rows if row.field != "document"] == [
        ("verdict", "Đủ điều kiện"),
        ("tested_by", "Lê Văn An"),
        ("verdict", "Chưa đủ điều kiện"),
    ]
    assert {row.by for row in rows} == {""}, "people with an account stand by their number"
    assert page_of(desk, "check")["verdict"] == "Chưa đủ điều kiện"

    async def renamed() -> None:
        async with desk.place.engine.begin() as connection:
            await connection.execute(
                update(USERS).where(USERS.c.login == "office").values(name="Phạm Thị Hoa (cũ)")
            )

    desk.run(renamed)
    assert desk.http.get(path("check", ".json")).json()["by"] == "Phạm Thị Hoa (cũ)"
    assert "verdict" not in page_of(desk, "log"), "of another form nothing was said"


def test_a_phone_says_something_in_its_own_rooms_papers_only(desk: Desk) -> None:
    filled(desk)
    desk.room("hoa-lu", "Hoa Lư")
    secret = desk.run(lambda: admit(desk.place, "phone", NOW_MS + HOUR, room="kim-son", name="Kim Sơn"))
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200
    assert say(desk, "log", notes="loa trái rè").status_code == 200
    assert desk.rows(select(PAPER_WORDS.c.by))[0].by == "Kim Sơn"
    other = path("log").replace("kim-son", "hoa-lu")
    assert desk.http.post(other, json={"fields": {"notes": "x"}}).status_code == 403
    assert say(desk, "effectiveness", proposals="x").status_code == 403


def test_the_office_types_where_it_is_printed(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        filled(served)
        sign_in(served, page, "office")
        page.goto(f"{served.url}/#/reports")
        page.get_by_label("Biểu mẫu").select_option("check")
        page.get_by_label("Điểm cầu").select_option("kim-son")
        page.get_by_role("button", name="Xem").click()
        paper = page.get_by_role("form", name="Biên bản kiểm tra kỹ thuật trước phiên họp")
        paper.get_by_label("Người kiểm tra, đơn vị").fill("Lê Văn An, VNPT Ninh Bình")
        paper.get_by_label("Tồn tại, biện pháp").fill("Loa trái rè\nthay trước 20/7")
        paper.get_by_label("Họ tên người ký: Lãnh đạo đơn vị").fill("Đỗ Thị Mai")
        paper.get_by_role("button", name="Lưu phần người nhập").click()
        paper.get_by_text("Người nhập: Trần Thị Bình").wait_for()
        assert axe(page) == []
        shot(page, "reports-words")
        page.reload()
        page.get_by_label("Biểu mẫu").select_option("check")
        page.get_by_label("Điểm cầu").select_option("kim-son")
        page.get_by_role("button", name="Xem").click()
        expect(paper.get_by_label("Tồn tại, biện pháp")).to_have_value("Loa trái rè\nthay trước 20/7")
        expect(paper.get_by_label("Họ tên người ký: Lãnh đạo đơn vị")).to_have_value("Đỗ Thị Mai")
