"""A Document as PDF, by reportlab, in a serif font of this machine that has every Vietnamese letter."""

from __future__ import annotations

import io
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

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
from controller.paper.fonts import FAMILIES, ROOTS, SERIF, register

NORMAL, BOLD = "diemcau-serif", "diemcau-serif-bold"
WIDTH = 160 * mm


@cache
def _fonts() -> str:
    return register(ROOTS, (*SERIF, *FAMILIES), (NORMAL, BOLD))


def write(document: Document) -> bytes:
    """The file. Raises NoFont where this machine has none."""
    _fonts()
    out = io.BytesIO()
    page = SimpleDocTemplate(out, pagesize=A4, leftMargin=30 * mm, rightMargin=20 * mm, topMargin=20 * mm,
                             bottomMargin=20 * mm, title=document.title, author=document.office)  # fmt: skip
    page.build(_flow(document), onLaterPages=_number)
    return out.getvalue()


def _number(canvas: Any, page: Any) -> None:
    """Centred at the top, from page 2 on (NĐ 30/2020)."""
    canvas.setFont(NORMAL, 13)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 13 * mm, str(page.page))


def _style(size: int = 12, *, bold: bool = False, centre: bool = False) -> ParagraphStyle:
    options: dict[str, Any] = {"alignment": TA_CENTER} if centre else {}
    return ParagraphStyle("x", fontName=BOLD if bold else NORMAL, fontSize=size, leading=size * 1.25, spaceAfter=4,
                          **options)  # fmt: skip


def _text(text: str, size: int = 12, *, bold: bool = False, centre: bool = False) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), _style(size, bold=bold, centre=centre))


def _flow(document: Document) -> list[Flowable]:
    left = ((document.parent.upper(), False), (document.office.upper(), True), ("Số:          /", False))
    right = ((NATION, True), (MOTTO, True), ("…………, ngày … tháng … năm ……", False))
    head = [[_text(text, 11, bold=bold, centre=True) for text, bold in side] for side in (left, right)]
    flow: list[Flowable] = [Table([head], colWidths=[WIDTH * 0.42, WIDTH * 0.58]), Spacer(1, 8)]
    flow.append(_text(document.title.upper(), 14, bold=True, centre=True))
    if document.subtitle:
        flow.append(_text(document.subtitle, centre=True))
    for block in document.blocks:
        match block:
            case Heading(text):
                flow.append(_text(text, bold=True))
            case Para(text):
                flow.append(_text(text))
            case Grid():
                flow += [_grid(block), Spacer(1, 8)]
            case Fill():
                flow.append(_text(block.line))
            case Signs():
                flow.append(_signs(block))
    if document.copies:
        copies: list[Flowable] = [
            _text("Nơi nhận:", 10, bold=True),
            *(_text(f"- {copy};", 10) for copy in document.copies),
        ]
        flow.append(KeepTogether(copies))
    return flow


def _grid(grid: Grid) -> Table:
    rows = [[_text(text, 10, bold=True, centre=True) for text in grid.head]]
    rows += [[_text(shown(cell), 10) for cell in row] for row in grid.rows]
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    # A cell may be taller than a page: what a person typed in a narrow column has no other end.
    return Table(rows, colWidths=list(widths(grid, WIDTH)), repeatRows=1, style=style, splitInRow=1)


def _signs(signs: Signs) -> Table:
    columns = range(len(signs.who))
    head = [_text(text.upper(), 11, bold=True, centre=True) for text in signs.who]
    names = [_text(signs.name(column), 11, bold=True, centre=True) for column in columns]
    rows: list[list[Any]] = [head, [Spacer(1, 22 * mm)] * len(head), names]
    return Table(rows, colWidths=[WIDTH / len(head)] * len(head))
