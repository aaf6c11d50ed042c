"""One document, five writers: whoever reads any of the files finds the same texts and figures."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest
from docx import Document as Word
from openpyxl import load_workbook
from pypdf import PdfReader

from controller.dashboard.papers import docx, pdf, sheets
from controller.dashboard.papers.model import (
    ZONE,
    Blank,
    Document,
    Fill,
    Grid,
    Heading,
    Para,
    Signs,
    fields,
    filled,
    shown,
    texts,
    tree,
)

AT = datetime(2026, 7, 25, 8, 5, tzinfo=ZONE)
PAPER = Document(
    "Báo cáo thử",
    (
        Heading("I. Tình hình chung"),
        Para("Sẵn sàng đúng giờ ở Kim Sơn; & < > không phải thẻ <b>"),
        Grid(
            ("Điểm cầu", "Số lần", "Giờ", "Lúc", "Ghi chú"),
            (("Hoa Lư", 3, 1234.5, AT, None), ("=1+1", 0, 0.25, AT, "x")),
        ),
        Fill("verdict", "Kết luận", "Đủ điều kiện\nvới 2 lưu ý"),
        Fill("notes"),
        Signs(("Người lập", "Thủ trưởng"), ("sign_author", "sign_head"), ("Nguyễn Thị Hoa", "Trần Văn Bình")),
    ),
    "thu",
    "Ủy ban nhân dân tỉnh",
    "Sở Khoa học và Công nghệ",
    "Tháng 7",
    ("Lưu: VT",),
)


def squeezed(text: str) -> str:
    return "".join(text.split()).lower()


def test_the_pdf_says_everything() -> None:
    reader = PdfReader(io.BytesIO(pdf.write(PAPER)))
    found = squeezed("".join(page.extract_text() for page in reader.pages))
    for text in [*texts(PAPER), PAPER.office, "Độc lập - Tự do - Hạnh phúc", "Lưu: VT"]:
        assert squeezed(text) in found, text


def test_the_docx_says_everything_in_the_frame_of_the_decree() -> None:
    word = Word(io.BytesIO(docx.write(PAPER)))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    found = squeezed("".join([*(paragraph.text for paragraph in word.paragraphs), *cells]))
    for text in [*texts(PAPER), PAPER.office, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]:
        assert squeezed(text) in found, text
    section = word.sections[0]
    assert (section.page_width.mm, section.left_margin.mm) == (pytest.approx(210, 0.01), pytest.approx(30, 0.01))  # type: ignore[union-attr]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert word.styles["Normal"].font.name == "Times New Roman"


def test_numbers_and_dates_of_the_xlsx_are_numbers_and_dates_and_no_text_a_formula() -> None:
    sheet = load_workbook(io.BytesIO(sheets.xlsx(PAPER))).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert ["Hoa Lư", 3, 1234.5, AT.replace(tzinfo=None)] in rows
    assert ["'=1+1", 0, 0.25, AT.replace(tzinfo=None), "x"] in rows


def test_the_csv_opens_in_excel_of_vietnam() -> None:
    raw = sheets.csv_text(PAPER)
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["Hoa Lư", "3", "1.234,5", "08:05 25/07/2026", ""]
    assert rows[2][0] == "'=1+1"


def test_what_people_say_is_in_every_paper_and_marked_as_theirs() -> None:
    assert fields(PAPER) == {"verdict", "notes", "sign_author", "sign_head"}
    said = filled(PAPER, {"notes": "đã gọi <VNPT>", "sign_head": ""})
    found = texts(said)
    assert "Kết luận: Đủ điều kiện\nvới 2 lưu ý (người nhập)" in found
    assert "đã gọi <VNPT> (người nhập)" in found
    assert ("Nguyễn Thị Hoa" in found, "Trần Văn Bình" in found) == (False, False)
    assert squeezed("đã gọi <VNPT>") in squeezed(PdfReader(io.BytesIO(pdf.write(said))).pages[0].extract_text())
    sheet = load_workbook(io.BytesIO(sheets.xlsx(PAPER))).active
    assert sheet is not None
    assert ("Nguyễn Thị Hoa", "Trần Văn Bình") in [row[:2] for row in sheet.iter_rows(values_only=True)]


def test_the_page_gets_the_same_texts() -> None:
    blocks = tree(PAPER)["blocks"]
    assert blocks[2]["rows"][0] == ["Hoa Lư", "3", "1.234,5", "08:05 25/07/2026", ""]


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (1234567, "1.234.567"), (0.05, "0,1"), (-3.25, "-3,2"), ("a", "a")]
)
def test_cells_as_people_read_them(cell: object, text: str) -> None:
    assert shown(cell) == text  # type: ignore[arg-type]


def test_a_control_character_that_somebody_pasted_keeps_no_paper_from_being_written() -> None:
    bad = "Hoa\x0b Lư\x01\uffff"
    blocks = (Heading(bad), Para(bad), Grid((bad, "b"), ((bad, Blank("x")), (1, bad))), Fill("y"), Signs((bad,)))
    paper = filled(Document(bad, blocks, "thu", bad, bad, bad, (bad,)), {"x": bad, "y": f"{bad}\nhai"})
    for write in (docx.write, pdf.write, sheets.xlsx, sheets.csv_text):
        assert write(paper)
    assert squeezed("Hoa Lư") in squeezed("".join(texts(paper)))
    assert not any(mark in text for text in texts(paper) for mark in "\x0b\x01\uffff")


def test_a_cell_that_is_taller_than_a_page_goes_on_on_the_next() -> None:
    """4,000 letters of a person in a narrow column."""
    words = " ".join(f"chữ{n}" for n in range(700))
    grid = Grid(("STT", "Ghi chú (người nhập)"), ((1, "trước"), (2, Blank("line.2", words)), (3, "sau")), (9, 1))
    pages = PdfReader(io.BytesIO(pdf.write(replace(PAPER, blocks=(grid,))))).pages
    found = "".join("".join(page.extract_text() for page in pages).split())
    assert len(pages) > 1
    for text in ("trước", "chữ0", "chữ350", "chữ699", "sau"):
        assert text in found, text
