"""Blocks of text, tables and codes → one PDF. The only file that knows reportlab's page model.

Blocks are plain values, so that what a poster says is tested without a PDF. Text is text: marks of reportlab's own
little language in it are escaped here, once. A sheet is one page: what does not fit is made smaller; a record has
as many pages as it needs, numbered.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, black, white
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A3, A4, portrait
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Frame, KeepInFrame, Paragraph, Spacer, Table, TableStyle
from reportlab.platypus.doctemplate import BaseDocTemplate, PageTemplate

from controller.paper.fonts import BOLD, NORMAL, register

Size: TypeAlias = Literal["A3", "A4"]
SIZES = {"A3": portrait(A3), "A4": portrait(A4)}
GREY = Color(0.93, 0.93, 0.93)
BASE_PT = 9
"""Body text on A4; A3 is read from further away and is larger by the root of two, as the paper is."""
CELL_PT = 8
MARGIN_MM = 12
CODE_MM = 28
FOOT_MM = 6
"""In the lower margin, above what office printers cannot reach."""


@dataclass(frozen=True, slots=True)
class Title:
    """One line in large letters across the page."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph; `strong` in bold, `mark` before it ('1.', '•')."""

    text: str
    strong: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first row is its head, `shares` are the widths of its columns in parts of the whole. `row_mm`:
    height of the rows under the head where people write into them, 0 = that of their text."""

    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    row_mm: float = 0


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with a line under it."""

    content: str
    caption: str


Block: TypeAlias = Title | Heading | Line | Grid | Code


def render(blocks: Sequence[Block], size: Size, about: str, pages: bool = False) -> bytes:
    """One page as PDF, or with `pages` as many as it takes; `about` is the document's title. Raises NoFont."""
    register()
    out = io.BytesIO()
    width, height = SIZES[size]
    margin = MARGIN_MM * mm
    room = (width - 2 * margin, height - 2 * margin)
    document = BaseDocTemplate(out, pagesize=(width, height), title=about, author="Diemcau", invariant=1)
    frame = Frame(margin, margin, *room, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate(frames=[frame], onPage=_numbered if pages else _plain)])
    scale = width / SIZES["A4"][0]
    flow = [part for block in blocks for part in _parts(block, room[0], scale)]
    document.build(flow if pages else [KeepInFrame(*room, flow, mode="shrink")])
    return out.getvalue()


def _plain(canvas: Any, document: Any) -> None:
    """A sheet for the wall has nothing at its foot."""


def _numbered(canvas: Any, document: Any) -> None:
    """The foot of a record's page, so that a lost one is noticed."""
    canvas.setFont(NORMAL, CELL_PT)
    canvas.drawCentredString(document.pagesize[0] / 2, FOOT_MM * mm, f"{document.title} – {document.page}")


def _style(scale: float, size_pt: float = BASE_PT, **more: Any) -> ParagraphStyle:
    options: dict[str, Any] = {"fontName": NORMAL, "fontSize": size_pt * scale, "leading": size_pt * scale * 1.25}
    return ParagraphStyle("line", **{**options, **more})


def _parts(block: Block, width: float, scale: float) -> list[Flowable]:
    match block:
        case Title(said):
            style = _style(scale, 17, fontName=BOLD, alignment=TA_CENTER, spaceAfter=4 * scale)
            return [Paragraph(escape(said), style)]
        case Heading(said):
            style = _style(scale, 11.5, fontName=BOLD, spaceBefore=6 * scale, spaceAfter=3 * scale)
            return [Paragraph(escape(said), style)]
        case Line(said, strong, mark):
            indent = 14 * scale if mark else 0
            name = BOLD if strong else NORMAL
            style = _style(
                scale, fontName=name, leftIndent=indent, bulletFontName=NORMAL, bulletFontSize=BASE_PT * scale
            )
            return [Paragraph(escape(said), style, bulletText=mark or None)]
        case Grid():
            return [_grid(block, width, scale), Spacer(0, 4 * scale)]
        case Code(content, caption):
            style = _style(scale, alignment=TA_CENTER)
            return [Spacer(0, 4 * scale), Table([[_code(content, scale)]]), Paragraph(escape(caption), style)]


def _grid(grid: Grid, width: float, scale: float) -> Table:
    head, body = _style(scale, CELL_PT, fontName=BOLD), _style(scale, CELL_PT)
    cells = [
        [Paragraph(escape(said), body if n and m else head) for m, said in enumerate(row)]
        for n, row in enumerate(grid.rows)
    ]
    whole = sum(grid.shares)
    widths = [width * share / whole for share in grid.shares]
    heights = [None, *[grid.row_mm * mm * scale or None] * (len(cells) - 1)]
    table = Table(cells, colWidths=widths, rowHeights=heights, repeatRows=1)
    pad = 1.5 * scale
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, black),
                ("BACKGROUND", (0, 0), (-1, 0), GREY),
                ("BACKGROUND", (0, 1), (-1, -1), white),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                *((name, (0, 0), (-1, -1), pad) for name in ("TOPPADDING", "BOTTOMPADDING")),
            ]
        )
    )
    return table


def _code(content: str, scale: float) -> Drawing:
    side = CODE_MM * mm * scale
    widget = QrCodeWidget(content, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    factor = side / max(right - left, top - bottom)
    drawing = Drawing(side, side)
    drawing.add(widget)
    drawing.transform = (factor, 0, 0, factor, 0, 0)
    return drawing
