"""The province's rule pack printed: every rule with its mode, its figures and its clause, in Vietnamese (N25)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from controller import config
from controller.config_rules import Rules
from controller.dashboard.forms import Frame
from controller.dashboard.forms_rules import SOURCES, parts, rule_pack, shown_value
from controller.dashboard.papers.model import Grid, texts
from controller.dashboard.settings import Centre
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import Desk

PACK = """
[pack]
document = "27/2026/QĐ-UBND"
issued_by = "UBND tỉnh Ninh Bình"
issued = 2026-03-02

[pack.clauses]
"rules.power_up.ready_before_min" = "Điều 5: bật trước 90 phút"
"rules.modes.R9" = "Điều 12: được tự đóng micro"

[rules.power_up]
ready_before_min = 90

[rules.modes]
R9 = "enforce"
"""
FRAME = Frame("Sở KH&CN", "UBND tỉnh", "Mạng")
_CLAUSE = re.compile(r"[RN]\d+\b|Đ\d+|.*\d{4}.*|Gia Lai|hướng dẫn .*")


def keys() -> Iterator[tuple[str, str, str]]:
    for name in Rules.model_fields:
        for key, field in type(getattr(Rules(), name)).model_fields.items():
            extra = field.json_schema_extra
            assert isinstance(extra, dict)
            yield name, key, str(extra["source"])


def test_every_source_of_a_default_is_a_clause_or_has_a_sentence() -> None:
    """An English word of the configuration must not get onto the paper of an office."""
    for name, key, source in keys():
        for part in parts(source):
            assert part in SOURCES or _CLAUSE.match(part), (name, key, part)


def test_every_figure_has_its_line_and_every_rule_its_mode() -> None:
    paper = rule_pack(FRAME, None)
    grids = [block for block in paper.blocks if isinstance(block, Grid)]
    assert sum(len(grid.rows) for grid in grids) == len(list(keys()))
    modes = {str(row[0]).partition(":")[0]: row for row in grids[0].rows}
    assert (modes["R9"][1], modes["R2"][1], modes["R11"][1]) == ("nhắc", "tự xử lý", "quan sát")
    assert "1444/QĐ-SGD&ĐT" in str(modes["R9"][2])
    assert {row[3] for grid in grids for row in grid.rows} == {"mặc định"}
    assert not [text for text in texts(paper) if text.startswith(("pack.", "meaning.", "mode."))]


def test_what_the_province_set_stands_with_its_clause_and_the_default(tmp_path: Path) -> None:
    file = tmp_path / "goi.toml"
    file.write_text(PACK, encoding="utf-8")
    paper = rule_pack(FRAME, config.pack(file))
    rows = [row for block in paper.blocks if isinstance(block, Grid) for row in block.rows]
    own = [row[1:] for row in rows if row[3] != "mặc định"]
    assert own == [
        ("tự xử lý", "Điều 12: được tự đóng micro", "tỉnh quy định (mặc định: nhắc)"),
        ("90 phút", "Điều 5: bật trước 90 phút", "tỉnh quy định (mặc định: 60 phút)"),
    ]
    assert "Theo 27/2026/QĐ-UBND của UBND tỉnh Ninh Bình ngày 02/03/2026: 2 giá trị" in texts(paper)[2]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("warn_min", 10, "10 phút"),
        ("inrush_gap_s", 0.5, "0,5 giây"),
        ("saved_max_h", 14, "14 giờ"),
        ("hard_c", 40, "40 °C"),
        ("remutes", 3, "3"),
        ("evening", "20:00", "20:00"),
        ("who_dials", "mcu", "thiết bị trung tâm (MCU)"),
        ("allowed", (), "–"),
        ("allowed", ("7001", "7002"), "7001, 7002"),
    ],
)
def test_figures_are_said_with_their_units(key: str, value: object, said: str) -> None:
    assert shown_value(key, value) == said


def test_a_pack_that_cannot_be_read_says_which_and_why(tmp_path: Path) -> None:
    file = tmp_path / "goi.toml"
    with Desk(address(tmp_path), Centre(rule_pack=str(file))) as desk:
        desk.sign_in("office")
        path = "/api/reports/rules.json"
        assert desk.http.get(path).json()["code"] == "report.pack"
        file.write_text(PACK.replace('"rules.modes.R9" =', '"rules.modes.R8" ='), encoding="utf-8")
        answer = desk.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (422, "report.pack")
        assert answer.json()["args"] == [str(file), "rules.modes.R9"]
        file.write_text(PACK, encoding="utf-8")
        assert desk.http.get(path).json()["subtitle"] == "27/2026/QĐ-UBND", "no restart is needed"
        pdf = PdfReader(io.BytesIO(desk.http.get("/api/reports/rules.pdf").content))
        assert "Điều12:đượctựđóngmicro" in "".join("".join(page.extract_text() for page in pdf.pages).split())
        desk.sign_in("viewer")
        assert desk.http.get(path).status_code == 403


def test_the_office_reads_the_rules_on_the_page(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        sign_in(served, page, "office")
        page.goto(f"{served.url}/#/reports")
        page.get_by_label("Biểu mẫu").select_option("rules")
        page.get_by_role("button", name="Xem").click()
        page.get_by_role("heading", name="Bộ quy tắc vận hành phòng họp trực tuyến").wait_for()
        page.get_by_role("row", name="R9:").get_by_text("nhắc", exact=True).wait_for()
        assert axe(page) == []
        shot(page, "reports-rules")
