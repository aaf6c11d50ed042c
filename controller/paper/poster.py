"""R29 — house rules on the wall (004 Đ11.1: the rules are posted in the room; Đ10.3: whom to phone).

Pure: what stands on the poster, as blocks. The rules are those of the regulation's Điều 6, 4.3 and 9.2 in the
catalogue's words; a province that has its own puts them into `[poster] rules`. Must not: lay out (sheet.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.paper.sheet import Block, Code, Grid, Heading, Line, Title
from controller.texts import known, text

RULES = 10
FAULTS = ("sound", "picture", "call", "line", "power", "invited", "device", "dark")
"""The rows of the fault card, in the order in which they happen most."""
PATTERNS = ("off", "steady", "slow", "double", "fast")


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody to call: what for, who, the number."""

    what: str
    who: str
    number: str


@dataclass(frozen=True, slots=True)
class Wall:
    """What a poster says of one room. `lamps`: the roles that are wired, in the panel's order. `circuit`: the
    provider's number of this line (mã kênh). `page`: address of the room's phone page, '' = none yet."""

    name: str
    lamps: tuple[str, ...]
    rules: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    provider: str = ""
    circuit: str = ""
    page: str = ""


def poster(wall: Wall, lang: str) -> tuple[Block, ...]:
    """The whole sheet."""
    blocks: list[Block] = [Title(text("poster.title", lang)), Title(wall.name)]
    blocks += _rules(wall, lang)
    blocks += _lamps(wall, lang)
    blocks += _faults(lang)
    blocks += _phones(wall, lang)
    blocks.append(Line(text("poster.notice", lang)))
    if wall.page:
        blocks.append(Code(wall.page, text("poster.page", lang, (wall.page,))))
    return tuple(blocks)


def _rules(wall: Wall, lang: str) -> Iterator[Block]:
    own = tuple(text(f"poster.rule.{n}", lang) for n in range(1, RULES + 1))
    yield Heading(text("poster.rules", lang))
    for n, said in enumerate(wall.rules or own, start=1):
        yield Line(said, mark=f"{n}.")


def _lamps(wall: Wall, lang: str) -> Iterator[Block]:
    yield Heading(text("poster.lamps", lang))
    yield Line(text("poster.grammar", lang), strong=True)
    head = (text("poster.lamp", lang), *(text(f"poster.pattern.{p}", lang) for p in PATTERNS))
    rows = tuple((text(f"lamp.{role}", lang), *(_says(role, p, lang) for p in PATTERNS)) for role in wall.lamps)
    yield Grid((head, *rows), (1.5, 1.4, 1.5, 1.5, 1.7, 1.3))


def _says(role: str, pattern: str, lang: str) -> str:
    code = f"lamp.{role}.{pattern}"
    return text(code, lang) if known(code) else "–"


def _faults(lang: str) -> Iterator[Block]:
    yield Heading(text("poster.faults", lang))
    head = (text("poster.fault", lang), text("poster.do", lang))
    rows = tuple((text(f"poster.fault.{f}", lang), text(f"poster.do.{f}", lang)) for f in FAULTS)
    yield Grid((head, *rows), (1.2, 4.0))


def _phones(wall: Wall, lang: str) -> Iterator[Block]:
    yield Heading(text("poster.phones", lang))
    head = tuple(text(f"poster.{word}", lang) for word in ("what", "who", "number"))
    rows = tuple((phone.what, phone.who, phone.number) for phone in wall.phones)
    yield Grid((head, *(rows or _BLANK)), (1.6, 2.0, 1.4))
    if wall.provider or wall.circuit:
        yield Line(text("poster.circuit", lang, (wall.provider or "–", wall.circuit or "–")), strong=True)


_BLANK = (("…" * 12, "…" * 16, "…" * 10),) * 3
"""Room to write by hand where nobody is entered."""
