"""A Document as XLSX (numbers are numbers, dates are dates) and as CSV with BOM and semicolons (Excel vi)."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from controller.dashboard.papers.model import Blank, Cell, Document, Fill, Grid, Heading, Para, Signs, shown

WIDE = 90
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def xlsx(document: Document) -> bytes:
    """One sheet: the texts in the first column, tables as tables."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Diemcau"
    sheet.append([document.title])
    sheet["A1"].font = Font(bold=True, size=14)
    if document.subtitle:
        sheet.append([_safe(document.subtitle)])
    for block in document.blocks:
        match block:
            case Heading(text):
                sheet.append([_safe(text)])
                sheet.cell(sheet.max_row, 1).font = Font(bold=True)
            case Para(text):
                sheet.append([_safe(text)])
            case Fill():
                sheet.append([_safe(block.line)])
            case Grid():
                _grid(sheet, block)
            case Signs(who):  # nobody signs a sheet; it says who would
                sheet.append([_safe(text) for text in who])
                sheet.append([_safe(block.name(column)) for column in range(len(who))])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _grid(sheet: Any, grid: Grid) -> None:
    sheet.append(list(grid.head))
    for cell in sheet[sheet.max_row]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for row in grid.rows:
        sheet.append([_value(cell) for cell in row])
        for cell, value in zip(sheet[sheet.max_row], row, strict=False):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(value, datetime):
                cell.number_format = "dd/mm/yyyy hh:mm"
    for number, text in enumerate(grid.head, start=1):
        letter = get_column_letter(number)
        longest = max([len(text), *(len(shown(row[number - 1])) for row in grid.rows)])
        sheet.column_dimensions[letter].width = max(
            sheet.column_dimensions[letter].width or 0, min(longest + 2, WIDE)
        )
    sheet.append([])


def _value(cell: Cell) -> Cell:
    if isinstance(cell, Blank):
        return _safe(cell.text) or None
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)  # Excel knows no zones; it is the network's own
    return _safe(cell) if isinstance(cell, str) else cell


def _safe(text: str) -> str:
    """A text that a room or a person wrote is never a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(document: Document) -> bytes:
    """The tables alone, one after the other."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for block in document.blocks:
        if isinstance(block, Grid):
            writer.writerow(block.head)
            writer.writerows([[_safe(shown(cell)) for cell in row] for row in block.rows])
            writer.writerow([])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
