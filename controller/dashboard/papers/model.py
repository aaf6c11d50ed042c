"""A document of an office as plain values, in the frame of NĐ 30/2020 (people.md 3).

Number, date and signatures stay blank: the office issues them. A figure says who noted it: the machine or a person;
what is not known is said in words and is never a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
UNKNOWN = "không có số liệu"
Cell: TypeAlias = str | int | float | datetime | None
"""A date is aware; None is an empty place for a person to fill in."""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Para:
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` are parts of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """Places for signatures, side by side."""

    who: tuple[str, ...]


Block: TypeAlias = Heading | Para | Grid | Signs


@dataclass(frozen=True, slots=True)
class Document:
    """`parent`, `office`: who issues it; `copies`: Nơi nhận; `name`: of the file, without an ending."""

    title: str
    blocks: tuple[Block, ...]
    name: str
    parent: str = ""
    office: str = ""
    subtitle: str = ""
    copies: tuple[str, ...] = ()


def moment(ms: int) -> datetime:
    """Unix ms as the network's wall time."""
    return datetime.fromtimestamp(ms / 1000, ZONE)


def shown(cell: Cell) -> str:
    """A cell as people read it: dd/mm/yyyy, 24 h, decimal comma."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%H:%M %d/%m/%Y}"
    if isinstance(cell, float):
        return f"{cell:,.1f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{cell:,}".replace(",", ".") if isinstance(cell, int) else cell


def tree(document: Document) -> dict[str, Any]:
    """For the page: the same texts as in the files."""
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "office": document.office,
        "parent": document.parent,
        "copies": list(document.copies),
        "name": document.name,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Para(text):
            return {"kind": "para", "text": text}
        case Signs(who):
            return {"kind": "signs", "who": list(who)}
        case Grid(head, rows, _):
            return {"kind": "grid", "head": list(head), "rows": [[shown(cell) for cell in row] for row in rows]}


def texts(document: Document) -> list[str]:
    """Every text of the document in its order: what a reader of any of its forms must find."""
    found = [document.title, *([document.subtitle] if document.subtitle else [])]
    for block in document.blocks:
        match block:
            case Heading(text) | Para(text):
                found.append(text)
            case Signs(who):
                found += who
            case Grid(head, rows, _):
                found += [*head, *(shown(cell) for row in rows for cell in row)]
    return [text for text in found if text]


def widths(grid: Grid, whole: float) -> Sequence[float]:
    """Of the columns, together `whole`."""
    parts = grid.widths or (1,) * len(grid.head)
    return [whole * part / sum(parts) for part in parts]
