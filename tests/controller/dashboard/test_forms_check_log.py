"""Forms A and B as people.md 3 has them: the roll-call stands in the check, each line of the log takes a word."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from docx import Document as Word
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.core.records import Priority
from controller.dashboard.figures import Row
from controller.dashboard.forms import Frame, Meeting, when
from controller.dashboard.forms_check import NOT_TICKED, Ticked, summed, technical_check
from controller.dashboard.forms_log import DayEnd, Held, operating_log
from controller.dashboard.papers.model import Blank, Document, Grid, fields, filled, moment, texts
from controller.dashboard.store.tables import SAMPLES
from controller.dashboard.store.tables_work import TICKS
from controller.dashboard.web.gate import admit
from controller.dashboard.words import say
from tests.controller.dashboard.browser import Served, address, axe, opened, shots, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_reports import filled as lived_in

FRAME = Frame("Sở KH&CN", "UBND tỉnh", "Ninh Bình")
MEETING = Meeting("m1", "Giao ban", "12/GM", NOW_MS, NOW_MS + HOUR, "Hoa Lư", kind="giao_ban", partner="Hoa Lư")
ITEMS = [
    ["mains", "passed", 228.4, ""],
    ["ups.runtime", "failed", 600, ""],
    ["climate.hall.temp_c", "passed", 24.14, ""],
    ["line.provider.loss_ratio", "not_made", None, "no_word"],
    ["codec.audio", "not_applicable", None, ""],
]


def test_a_meeting_past_midnight_ends_on_the_next_day() -> None:
    midnight = NOW_MS - 8 * HOUR
    assert when(MEETING) == "08:00 – 09:00 ngày 15/07/2026"
    late = replace(MEETING, start_ms=midnight - HOUR, end_ms=midnight + HOUR)
    assert when(late) == "23:00 ngày 14/07/2026 – 01:00 ngày 15/07/2026"


def row(kind: str, subject: str, at_ms: int, **body: Any) -> Row:
    return Row("kim-son", 1, at_ms, True, kind, subject, body)


def checks(verdict: str = "failed") -> list[Row]:
    at_ms = NOW_MS - 20 * HOUR
    return [
        row("phase", "room", at_ms - 14 * MINUTE, to="powering"),
        row("noted", "check.m1", at_ms, value=[verdict, at_ms, ["ups.runtime"], [], ITEMS]),
    ]


def grids(paper: Document) -> list[Grid]:
    return [block for block in paper.blocks if isinstance(block, Grid)]


def test_the_check_says_what_is_asked_and_what_people_saw_and_heard() -> None:
    ticks = [Ticked("picture_in", True, "Bình", NOW_MS), Ticked("sound_out", False, "Bình", NOW_MS + MINUTE)]
    paper = technical_check(FRAME, "Kim Sơn", MEETING, checks(), ticks)
    measured, ticked = grids(paper)
    assert [(line[2], line[3], line[4]) for line in measured.rows] == [
        ("có điện lưới", "228,4 V", "đạt"),
        ("đủ thời gian đã đặt cho phòng", 600, "không đạt"),
        ("trong ngưỡng của phòng", "24,1 °C", "đạt"),
        ("trong ngưỡng của phòng", None, "không kiểm tra được"),
        ("có tín hiệu từ micro", None, "không áp dụng"),
    ]
    assert measured.rows[3][5] == say("checked.no_word") != "checked.no_word"
    assert [(line[1], line[3], line[4]) for line in ticked.rows] == [
        ("Hình đến", "đạt", "Bình (người nhập)"),
        ("Hình đi", NOT_TICKED, ""),
        ("Tiếng đến", NOT_TICKED, ""),
        ("Tiếng đi", "không đạt", "Bình (người nhập)"),
        ("Cán bộ kỹ thuật", NOT_TICKED, ""),
    ]
    said = "\n".join(texts(paper))
    assert "họp giao ban, 08:00 – 09:00 ngày 15/07/2026" in said
    assert "từ 11:46 đến 12:00 ngày 14/07/2026 (máy ghi)" in said
    assert "Kiểm tra lúc T-60: không có số liệu" in said
    defects = next(text for text in texts(paper) if text.startswith("Máy đề xuất"))
    assert "(không đạt)" in defects
    assert "(không kiểm tra được)" in defects
    assert "Tiếng đi (không đạt)" in defects


def test_nothing_known_is_no_clean_sheet() -> None:
    said = "\n".join(texts(technical_check(FRAME, "Kim Sơn", MEETING, [], [])))
    assert "Máy đề xuất (máy ghi): không có số liệu." in said
    assert "không có hạng mục nào" not in said


def test_the_desks_list_has_a_line_for_each_site_and_no_rank() -> None:
    rooms = {"kim-son": checks("passed"), "dong-a": [], "an-lac": checks()}
    names = {"kim-son": "Kim Sơn", "dong-a": "Đông A", "an-lac": "An Lạc"}
    ticks = {"dong-a": [Ticked("technician", True, "Bình", NOW_MS)]}
    (grid,) = grids(summed(FRAME, MEETING, rooms, ticks, names))
    assert [line[1] for line in grid.rows] == ["An Lạc", "Đông A", "Kim Sơn"]
    assert [line[2:4] for line in grid.rows] == [
        ("không đạt", "không có số liệu"),
        ("không có số liệu", "không có số liệu"),
        ("đạt", "không có số liệu"),
    ]
    assert [line[8] for line in grid.rows] == [NOT_TICKED, "đạt", NOT_TICKED]


def entry(seq: int, kind: str, subject: str, at_ms: int, **body: Any) -> Entry:
    return Entry("b1", seq, at_ms, 0, Trust.NTP, kind, subject, tuple(body.items()), Priority.EVIDENCE, "", "")


def test_each_line_of_the_log_names_meeting_device_hand_and_result() -> None:
    lines = [
        entry(7, "proof", "load.display", NOW_MS - 90 * MINUTE, proof="proven", seen="on"),
        entry(8, "press", "panel", NOW_MS - 5 * MINUTE, role="duty", gesture="short"),
        entry(9, "command", "mute", NOW_MS + MINUTE, by="Trần Thị Bình", value="muted"),
        replace(entry(9, "noted", "ready.m1", NOW_MS + 2 * MINUTE, value="in_time"), trust=Trust.HELD),
    ]
    held = [Held("Giao ban", NOW_MS, NOW_MS + HOUR)]
    end = DayEnd(3.5, 2.0, 0.4, {"hall": {"temp_c": (21.0, 27.5), "humidity_pct": (61.0, 74.0)}})
    paper = operating_log(FRAME, "Kim Sơn", "15/07/2026", lines, held, end, {"m1": "Giao ban"})
    (grid,) = grids(paper)
    assert [(line[1], line[2], line[5], line[6]) for line in grid.rows] == [
        ("06:30:00", "", "máy", "đã xác nhận hoạt động"),
        ("07:55:00", "Giao ban", "người trong phòng", ""),
        ("08:01:00", "Giao ban", "Trần Thị Bình", ""),
        ("08:02:00 (giờ chưa chắc)", "Giao ban", "máy", "sẵn sàng đúng giờ"),
    ]
    assert grid.rows[0][4] == "màn hình"
    assert grid.rows[3][3] == "ghi nhận: sẵn sàng cho “Giao ban” = đúng giờ"
    assert [line[7] for line in grid.rows] == [Blank(f"line.{n}") for n in ("7", "8", "9", "9.2")]
    assert {"line.7", "line.8", "line.9", "line.9.2"} < fields(paper)
    said = "\n".join(texts(paper))
    assert "Giờ chạy: 3,5; điện tiết kiệm nhờ tắt khi không dùng: 2,0 giờ máy, 0,4 kWh (máy ghi)." in said
    assert "hội trường: độ ẩm 61,0 – 74,0 %RH, nhiệt độ 21,0 – 27,5 °C (máy ghi)." in said
    typed = filled(paper, {"line.8": "đã kiểm tra"})
    assert [line[7] for line in grids(typed)[0].rows][1] == Blank("line.8", "đã kiểm tra")


def test_a_day_without_records_invents_no_hours() -> None:
    said = "\n".join(texts(operating_log(FRAME, "Kim Sơn", "15/07/2026", [], [], DayEnd(0.0, 0.0))))
    assert "Giờ chạy, điện năng, nhiệt độ: không có số liệu." in said
    assert "0,0" not in said


def every_file(desk: Desk, form: str, where: str) -> dict[str, str]:
    """What each of the files says, without blanks."""
    of = {
        end: desk.http.get(f"/api/reports/{form}.{end}?{where}").content for end in ("docx", "pdf", "xlsx", "csv")
    }
    word = Word(io.BytesIO(of["docx"]))
    pages = PdfReader(io.BytesIO(of["pdf"])).pages
    sheet = load_workbook(io.BytesIO(of["xlsx"])).active
    assert sheet is not None
    said = {
        "docx": "".join(cell.text for table in word.tables for line in table.rows for cell in line.cells),
        "pdf": "".join(page.extract_text() for page in pages),
        "xlsx": "".join(
            str(cell) for line in sheet.iter_rows(values_only=True) for cell in line if cell is not None
        ),
        "csv": "".join(
            c for line in csv.reader(io.StringIO(of["csv"].decode("utf-8-sig")), delimiter=";") for c in line
        ),
    }
    return {name: "".join(text.split()) for name, text in said.items()}


def test_a_word_to_a_line_and_a_tick_stand_in_every_file(desk: Desk) -> None:
    held = lived_in(desk)[0]
    sample = {"room": "kim-son", "what": "climate.hall.temp_c", "span_s": 3600, "n": 2, "total": 48.0}
    desk.store(SAMPLES, {**sample, "from_ms": held.start_ms - held.start_ms % HOUR, "low": 21.5, "high": 26.5})
    tick = {"meeting": held.uid, "room": "kim-son", "verdict": "ok", "by": "Lê Văn An", "at_ms": held.start_ms}
    desk.store(TICKS, {**tick, "item": "sound_in"}, {**tick, "item": "picture_out", "verdict": "bad"})
    desk.sign_in("office")
    where = f"room=kim-son&from_ms={held.start_ms}"
    paper = desk.http.get(f"/api/reports/log.json?{where}").json()
    (grid,) = (block for block in paper["blocks"] if block["kind"] == "grid")
    name = grid["rows"][3][7]["name"]
    assert desk.http.post(f"/api/reports/log?{where}", json={"fields": {name: "=đã soát, Lan"}}).status_code == 200
    unknown = desk.http.post(f"/api/reports/log?{where}", json={"fields": {"line.999999": "x"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "report.field")
    for ending, said in every_file(desk, "log", where).items():
        assert "=đãsoát,Lan" in said, ending
        assert "Ghichú,chữký(ngườinhập)" in said, ending
    assert "21,5 – 26,5 °C" in desk.http.get(f"/api/reports/log.json?{where}").text
    for ending, said in every_file(desk, "check", f"room=kim-son&meeting={held.uid}").items():
        assert "LêVănAn(ngườinhập)" in said, ending
        assert "bênkiathấyhìnhcủaphòng" in said, ending
    for ending, said in every_file(desk, "check", f"meeting={held.uid}").items():
        assert "KimSơn" in said, ending
        assert "chưakiểmtra" in said, ending


def test_a_phone_sees_no_list_of_other_sites(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    desk.meeting("m1", ["kim-son"], NOW_MS)
    secret = desk.run(lambda: admit(desk.place, "phone", NOW_MS + HOUR, room="kim-son", name="Kim Sơn"))
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200
    assert desk.http.get("/api/reports/check.json?room=kim-son&meeting=m1").status_code == 200
    assert desk.http.get("/api/reports/check.json?meeting=m1").status_code == 403


def test_the_log_takes_a_word_where_the_line_stands(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        held = lived_in(served)[0]
        tick = {"meeting": held.uid, "room": "kim-son", "item": "sound_in", "verdict": "ok", "by": "Lê Văn An"}
        served.store(TICKS, {**tick, "at_ms": held.start_ms})
        sign_in(served, page, "office")
        page.goto(f"{served.url}/#/reports")
        page.get_by_label("Biểu mẫu").select_option("log")
        page.get_by_label("Điểm cầu").select_option("kim-son")
        page.get_by_label("Ngày", exact=True).fill(f"{moment(held.start_ms):%d/%m/%Y}")
        page.get_by_role("button", name="Xem").click()
        paper = page.get_by_role("form", name="Nhật ký vận hành")
        paper.get_by_label("STT 2: Ghi chú, chữ ký (người nhập)").fill("đã soát, Lan")
        with page.expect_request(lambda request: request.method == "POST") as sent:
            paper.get_by_role("button", name="Lưu phần người nhập").click()
        typed = sent.value.post_data_json or {}
        assert list(typed["fields"].values()) == ["đã soát, Lan"], "only what is new is sent"
        paper.get_by_text("Người nhập: Trần Thị Bình").wait_for()
        expect(paper.get_by_label("STT 2: Ghi chú, chữ ký (người nhập)")).to_have_value("đã soát, Lan")
        assert axe(page) == []
        shots(page, "reports-log")
        page.get_by_label("Biểu mẫu").select_option("check")
        page.locator("select[name=meeting]").select_option(held.uid)
        page.get_by_role("button", name="Xem").click()
        paper = page.get_by_role("form", name="Biên bản kiểm tra kỹ thuật")
        expect(paper.get_by_role("row", name="Tiếng đến")).to_contain_text("Lê Văn An (người nhập)")
        assert axe(page) == []
        shots(page, "reports-check")
        page.locator("select[name=room]").select_option("")
        page.get_by_role("button", name="Xem").click()
        paper.get_by_text("Tổng hợp 1 điểm cầu").wait_for()
        assert axe(page) == []
        shots(page, "reports-check-summed")
