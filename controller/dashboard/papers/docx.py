"""A Document as an editable DOCX: what offices want, for they put in number, date and signature."""

from __future__ import annotations

import io
from typing import Any

from docx import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from controller.dashboard.papers.model import (
    MOTTO,
    NATION,
    Document,
    Fill,
    Grid,
    Heading,
    Para,
    Signs,
    shown,
    widths,
)

FONT = "Times New Roman"
BODY_PT, CELL_PT = 13, 11
WIDTH_MM = 160.0
SIGN_LINES = 4


def write(document: Document) -> bytes:
    """The file."""
    word = Word()
    _page(word)
    _head(word, document)
    for block in document.blocks:
        match block:
            case Heading(text):
                _line(word, text, bold=True)
            case Para(text):
                _line(word, text)
            case Fill():
                _line(word, block.line)
            case Grid():
                _grid(word, block)
            case Signs():
                _signs(word, block)
    if document.copies:
        _line(word, "Nơi nhận:", bold=True, size=11)
        for copy in document.copies:
            _line(word, f"- {copy};", size=11)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _page(word: Any) -> None:
    """A4; margins and font of NĐ 30/2020, annex I; the page's number centred at the top from page 2 on."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.different_first_page_header_footer = True
    style = word.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(BODY_PT)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()._r
        if text:
            code = OxmlElement("w:instrText")
            code.text = text
            run.append(code)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run.append(mark)


def _head(word: Any, document: Document) -> None:
    table = word.add_table(rows=2, cols=2)
    rows = (
        ((document.parent.upper(), False), (document.office.upper(), True)),
        ((NATION, True), (MOTTO, True)),
    )
    for column, lines in enumerate(rows):
        cell = table.cell(0, column)
        for number, (text, bold) in enumerate(lines):
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            _run(paragraph, text, bold=bold, size=12, centre=True)
    _run(table.cell(1, 0).paragraphs[0], "Số:          /", size=12, centre=True)
    _run(table.cell(1, 1).paragraphs[0], "…………, ngày … tháng … năm ……", size=12, centre=True)
    _line(word, "")
    _line(word, document.title.upper(), bold=True, size=14, centre=True)
    if document.subtitle:
        _line(word, document.subtitle, centre=True)


def _line(word: Any, text: str, *, bold: bool = False, size: int = BODY_PT, centre: bool = False) -> None:
    _run(word.add_paragraph(), text, bold=bold, size=size, centre=centre)


def _run(paragraph: Any, text: str, *, bold: bool = False, size: int = BODY_PT, centre: bool = False) -> None:
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)
    paragraph.paragraph_format.space_after = Pt(4)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _grid(word: Any, grid: Grid) -> None:
    table = word.add_table(rows=1, cols=len(grid.head))
    table.style = "Table Grid"
    wide = [Mm(width) for width in widths(grid, WIDTH_MM)]
    for cell, text, width in zip(table.rows[0].cells, grid.head, wide, strict=True):
        _run(cell.paragraphs[0], text, bold=True, size=CELL_PT, centre=True)
        cell.width = width
    for row in grid.rows:
        for cell, value, width in zip(table.add_row().cells, row, wide, strict=True):
            _run(cell.paragraphs[0], shown(value), size=CELL_PT)
            cell.width = width
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    _line(word, "")


def _signs(word: Any, signs: Signs) -> None:
    table = word.add_table(rows=3, cols=len(signs.who))
    for column, text in enumerate(signs.who):
        _run(table.cell(0, column).paragraphs[0], text.upper(), bold=True, size=12, centre=True)
        _run(table.cell(1, column).paragraphs[0], "\n" * SIGN_LINES, size=12)
        _run(table.cell(2, column).paragraphs[0], signs.name(column), bold=True, size=12, centre=True)
