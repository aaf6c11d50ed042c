"""The rule pack as offices read it (N25): each rule, how far it may go, its figures, and the clause that each rests
on. Pure: the pack's values in, a Document out.

What the province has set stands with its clause and with what it would be otherwise; what it has not set is the
default of this programme with its source, also where that is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from controller.config_base import ASSUMPTION
from controller.config_rules import PackFile, Rules
from controller.dashboard.forms import MACHINE, Frame
from controller.dashboard.papers.model import Block, Cell, Document, Grid, Heading, Para, Signs, shown
from controller.dashboard.words import say
from controller.texts import text

OWN, DEFAULT = "tỉnh quy định", "mặc định"
_HEAD = ("Nội dung", "Giá trị", "Căn cứ, điều khoản", "Nguồn")
_WIDTHS = (6, 3, 7, 3)
_MODES = "modes"
_UNITS = ("min", "s", "h", "c", "pct", "lux", "days", "months", "ms")
SOURCES = {
    ASSUMPTION: "assumption",
    "custom of the trade, over 60 s, unverified": "custom_60s",
    "custom of the trade, to be verified per device": "custom_device",
    "usual data-sheet maximum, verify per device": "data_sheet",
    "assumption: who leaves a room on finds it next morning": "next_morning",
    "QCVN 26:2016/BYT, bảng 1, lao động nhẹ; 28 = upper end of the target": "qcvn_28",
    "office lighting guides: ≥ 300 lux": "lighting",
    "N12; wall card: wait 5 min, then the generator; rest assumption": "generator",
    "some 75 W of codec and camera beside 33 W of line and controller; learnt at commissioning": "load",
    "field": "field",
    "manuals of small UPSes": "ups",
    "detectors: filter 2–5 s": "detectors",
    "assumption: some 3° of a Sony EVI-D70 (14.4 steps a degree); heads repeat to less": "frame",
    "custom: lists 15 min before": "lists",
    "how far a new network trusts the machine; changed by a decision whose number is kept": "start",
}
"""Sources that the configuration states in English: the code of their sentence."""


def rule_pack(frame: Frame, pack: PackFile | None) -> Document:
    """`pack` None = the province has set nothing."""
    rules = pack.rules if pack is not None else Rules()
    blocks: list[Block] = [Para(_issued(pack))]
    for name in (_MODES, *(one for one in Rules.model_fields if one != _MODES)):
        table = getattr(rules, name)
        blocks.append(Heading(_sentence(f"meaning.Rules.{name}")))
        blocks.append(Grid(_HEAD, tuple(_rows(name, table, pack)), _WIDTHS))
    blocks.append(Signs(("Người lập", "Thủ trưởng đơn vị"), ("sign_author", "sign_head")))
    document = "" if pack is None else pack.pack.document
    title = "Bộ quy tắc vận hành phòng họp trực tuyến"
    return Document(title, tuple(blocks), "bo-quy-tac", frame.parent, frame.office, document, ("Lưu: VT",))


def _issued(pack: PackFile | None) -> str:
    if pack is None:
        return f"Tỉnh chưa ban hành bộ quy tắc: mọi giá trị dưới đây là {DEFAULT} ({MACHINE})."
    by = f" của {pack.pack.issued_by}" if pack.pack.issued_by else ""
    day = f" ngày {pack.pack.issued:%d/%m/%Y}" if pack.pack.issued else ""
    count = len(pack.pack.clauses)
    return f"Theo {pack.pack.document}{by}{day}: {count} giá trị do {OWN}, còn lại là {DEFAULT} ({MACHINE})."


def _rows(name: str, table: Any, pack: PackFile | None) -> Iterator[tuple[Cell, ...]]:
    """A line for each figure, in the order of the configuration."""
    clauses = pack.pack.clauses if pack is not None else {}
    for key, field in type(table).model_fields.items():
        what = _sentence(f"meaning.{type(table).__name__}.{key}")
        if name == _MODES:
            what = f"{key}: {what}"
        value = shown_value(key, getattr(table, key))
        clause = clauses.get(f"rules.{name}.{key}")
        if clause is not None:
            yield what, value, clause, f"{OWN} ({DEFAULT}: {shown_value(key, field.default)})"
        else:
            yield what, value, _why(name, key, field), DEFAULT


def _why(name: str, key: str, field: Any) -> str:
    """The clause that a rule rests on, else the source of the default."""
    extra = field.json_schema_extra
    told = "; ".join(map(_source, parts(str(extra.get("source", "")) if isinstance(extra, dict) else "")))
    clause = say(f"clause.{key}")
    return f"{clause}. {told}" if name == _MODES and clause != f"clause.{key}" else told


def parts(source: str) -> list[str]:
    """The clauses and known sources that a default rests on."""
    if source in SOURCES:
        return [source]
    for known in SOURCES:
        if source.endswith(f"; {known}"):
            return [*parts(source.removesuffix(f"; {known}")), known]
    return source.split("; ")


def _source(part: str) -> str:
    return say(f"pack.source.{SOURCES[part]}") if part in SOURCES else part


def shown_value(key: str, value: Any) -> str:
    """As people read it: decimal comma, the unit that the key's name says, words for words."""
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return say("page.yes" if value else "page.no")
    if isinstance(value, int | float):
        number = shown(value) if value != int(value) else shown(int(value))
        unit = key.rpartition("_")[2]
        return f"{number} {say(f'pack.unit.{unit}')}" if unit in _UNITS else number
    codes = (f"mode.{value}", f"pack.word.{value}")
    return next((said for code in codes if (said := say(code)) != code), str(value))


def _sentence(code: str) -> str:
    """With a great letter: it begins a line."""
    said = text(code, "vi")
    return said[:1].upper() + said[1:]
