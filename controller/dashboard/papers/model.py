"""A document of an office as plain values, in the frame of NĐ 30/2020 (people.md 3).

Number, date and signatures stay blank: the office issues them. A figure says who noted it: the machine or a person;
what is not known is said in words and is never a zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
UNKNOWN = "không có số liệu"
BY_PERSON = "người nhập"
DOTS = "…………………………………………………………"


@dataclass(frozen=True, slots=True)
class Blank:
    """A cell of a table that a person writes into: `name` of the field, `text` '' = still to be written. The
    table's head says that it is a person's word."""

    name: str
    text: str = ""


Cell: TypeAlias = str | int | float | datetime | Blank | None
"""A date is aware; None is an empty place for a person to fill in by hand."""


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
class Fill:
    """What a person says: `name` of the field, `text` '' = still to be written, by hand or on the page. `rows`: how
    much room it wants."""

    name: str
    label: str = ""
    text: str = ""
    rows: int = 1

    @property
    def line(self) -> str:
        """As it is printed, marked as a person's word."""
        said = f"{self.text} ({BY_PERSON})" if self.text else f"{DOTS} ({BY_PERSON})"
        return f"{self.label}: {said}" if self.label else said


@dataclass(frozen=True, slots=True)
class Signs:
    """Places for signatures, side by side; `names` of who signs, as a person typed them, by field."""

    who: tuple[str, ...]
    fields: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def name(self, column: int) -> str:
        return self.names[column] if column < len(self.names) else ""


Block: TypeAlias = Heading | Para | Grid | Fill | Signs


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


def fields(document: Document) -> frozenset[str]:
    """The names of what a person may say in it."""
    found: set[str] = set()
    for block in document.blocks:
        match block:
            case Fill(name):
                found.add(name)
            case Signs(fields=names):
                found.update(names)
            case Grid(_, rows):
                found.update(cell.name for row in rows for cell in row if isinstance(cell, Blank))
    return frozenset(found)


def filled(document: Document, said: Mapping[str, str]) -> Document:
    """The document with what people said; a field that nobody touched keeps its first text."""

    def one(block: Block) -> Block:
        match block:
            case Fill(name):
                return replace(block, text=said.get(name, block.text))
            case Signs(fields=names) if names:
                return replace(block, names=tuple(said.get(name, "") for name in names))
            case Grid(_, rows):
                return replace(block, rows=tuple(tuple(_written(cell, said) for cell in row) for row in rows))
        return block

    return _printable(replace(document, blocks=tuple(one(block) for block in document.blocks)))


_NO_PAPER = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
"""Control characters: a person pasted them, or a device said them, and neither DOCX nor XLSX can hold them."""
Part = TypeVar("Part")


def _printable(value: Part) -> Part:
    """A document, or any part of one, without what no file can hold."""
    made: Any = value
    if isinstance(made, str):
        made = made.translate(_NO_PAPER)
    elif isinstance(made, tuple):
        made = tuple(_printable(one) for one in made)
    elif dataclasses.is_dataclass(made) and not isinstance(made, type):
        parts = {one.name: _printable(getattr(made, one.name)) for one in dataclasses.fields(made)}
        made = replace(made, **parts)
    found: Part = made
    return found


def _written(cell: Cell, said: Mapping[str, str]) -> Cell:
    return replace(cell, text=said.get(cell.name, cell.text)) if isinstance(cell, Blank) else cell


def moment(ms: int) -> datetime:
    """Unix ms as the network's wall time."""
    return datetime.fromtimestamp(ms / 1000, ZONE)


def shown(cell: Cell) -> str:
    """A cell as people read it: dd/mm/yyyy, 24 h, decimal comma."""
    if cell is None:
        return ""
    if isinstance(cell, Blank):
        return cell.text
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
        case Fill(name, label, text, rows):
            return {"kind": "fill", "name": name, "label": label, "text": text, "rows": rows}
        case Signs(who, names):
            said = [block.name(column) for column in range(len(who))]
            return {"kind": "signs", "who": list(who), "fields": list(names), "names": said}
        case Grid(head, rows, _):
            return {"kind": "grid", "head": list(head), "rows": [[_cell(cell) for cell in row] for row in rows]}


def _cell(cell: Cell) -> str | dict[str, str]:
    return {"name": cell.name, "text": cell.text} if isinstance(cell, Blank) else shown(cell)


def texts(document: Document) -> list[str]:
    """Every text of the document in its order: what a reader of any of its forms must find."""
    found = [document.title, *([document.subtitle] if document.subtitle else [])]
    for block in document.blocks:
        match block:
            case Heading(text) | Para(text):
                found.append(text)
            case Fill():
                found.append(block.line)
            case Signs(who, _, names):
                found += [*who, *names]
            case Grid(head, rows, _):
                found += [*head, *(shown(cell) for row in rows for cell in row)]
    return [text for text in found if text]


def widths(grid: Grid, whole: float) -> Sequence[float]:
    """Of the columns, together `whole`."""
    parts = grid.widths or (1,) * len(grid.head)
    return [whole * part / sum(parts) for part in parts]
