"""The acceptance record on paper: every step with its figures and who made it, the defects, room for signatures.

Pure: what stands there, as blocks. The machine's record, under its seal, is the file beside it; the paper names the
seal, so that both can be laid side by side. Must not: lay out (sheet.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, tzinfo

from controller.commission import learn
from controller.commission.book import Book, Result
from controller.commission.papers import SIGNERS, defects
from controller.commission.site import Site
from controller.commission.steps import ACCEPTANCE, STEPS, accepted, items_before
from controller.commission.wording import called, figures, item, outcome, shown
from controller.paper.sheet import Block, Grid, Heading, Line, Title
from controller.texts import text
from hardware.contract import Value

SIGN_MM = 16
"""A signature and a stamp beside it."""


def acceptance(site: Site, book: Book, record: str, zone: tzinfo, lang: str) -> tuple[Block, ...]:
    """The whole record."""

    def say(code: str, *args: object) -> str:
        return text(f"commission.paper.{code}", lang, args)

    blocks: list[Block] = [Title(say("title")), Line(say("room", site.name, site.slug), strong=True)]
    blocks.append(Line(say("verdict_yes" if accepted(site, book) else "verdict_no"), strong=True))
    blocks += _defects(site, book, lang)
    blocks += _learnt(site, book, lang)
    for step in STEPS:
        if step.n != ACCEPTANCE:
            blocks.append(Heading(f"{step.n}. {text(f'commission.step.{step.n}', lang)}"))
            blocks.append(_step(step.n, step.items(site), site, book, zone, lang))
    blocks += _signatures(book, lang)
    blocks.append(Line(say("seal", json.loads(record)["seal"])))
    return tuple(blocks)


def _head(code: str, lang: str) -> tuple[str, ...]:
    return tuple(text(f"commission.paper.{code}", lang).split("|"))


def _defects(site: Site, book: Book, lang: str) -> Iterator[Block]:
    yield Heading(text("commission.paper.defects", lang))
    rows = []
    for n, name in defects(book, items_before(site)):
        row = book.of(n, name)
        said = outcome(row, site, lang) if row is not None else text("commission.paper.never", lang)
        rows.append((str(n), item(n, name, site, lang), said))
    if rows:
        yield Grid((_head("defect_head", lang), *rows), (0.6, 2.0, 5.0))
    else:
        yield Line(text("commission.paper.none", lang))


def _learnt(site: Site, book: Book, lang: str) -> Iterator[Block]:
    watts, after = learn.watts(book), book.figures(4, "after_mains")
    times = learn.loads(site, book)
    names = [row.name for row in site.outlets if row.name in watts or row.name in times]
    if not names:
        return
    yield Heading(text("commission.paper.learnt", lang))
    rows = [
        (
            called(name, site, lang),
            _cell(times.get(name, {}).get("warmup_s"), lang),
            _cell(times.get(name, {}).get("min_off_s"), lang),
            _cell(watts.get(name), lang),
            _cell(after.get(name), lang, "after_mains"),
        )
        for name in names
    ]
    yield Grid((_head("learnt_head", lang), *rows), (2.0, 1.2, 1.2, 1.2, 1.6))


def _cell(value: Value, lang: str, name: str = "") -> str:
    return "–" if value is None else shown(name, value, lang)


def _step(n: int, items: tuple[str, ...], site: Site, book: Book, zone: tzinfo, lang: str) -> Block:
    if not items:
        return Line(text("commission.paper.na", lang))
    rows = [_row(item(n, name, site, lang), book.of(n, name), site, zone, lang) for name in items]
    return Grid((_head("head", lang), *rows), (2.2, 2.6, 2.8, 2.0))


def _row(name: str, row: Result | None, site: Site, zone: tzinfo, lang: str) -> tuple[str, ...]:
    if row is None:
        return name, text("commission.paper.never", lang), "", ""
    at = datetime.fromtimestamp(row.wall_ms / 1000, zone)
    return name, outcome(row, site, lang), figures(row, lang), f"{row.by}, {at:%d/%m/%Y %H:%M}"


def _signatures(book: Book, lang: str) -> Iterator[Block]:
    row = book.of(ACCEPTANCE, "acceptance")
    names = dict(row.figures) if row is not None else {}
    yield Heading(text("commission.paper.sign", lang))
    rows = [(text(f"commission.word.{role}", lang), str(names.get(role) or ""), "") for role in SIGNERS]
    yield Grid((_head("sign_head", lang), *rows), (1.6, 2.2, 3.0), row_mm=SIGN_MM)
    if names.get("reason"):
        yield Line(str(names["reason"]))
