"""The acceptance record on paper: every step, figure, defect and name is there, on as many pages as it takes."""

from __future__ import annotations

import ast
import io
import re
from datetime import UTC
from pathlib import Path

import pytest
from pypdf import PdfReader

import controller.commission
from controller.commission import learn
from controller.commission.book import Book
from controller.commission.papers import CONTACTS, PLACES, SIGNERS
from controller.commission.steps import STEPS
from controller.commission.talk import failed
from controller.paper.acceptance import acceptance
from controller.paper.sheet import Grid, render
from controller.texts import known, text
from tests.controller.commission.rig import SITE
from tests.controller.commission.test_steps import whole


def read(book: Book, lang: str) -> tuple[int, str]:
    blocks = acceptance(SITE, book, learn.acceptance(SITE, book, b"k"), UTC, lang)
    pages = PdfReader(io.BytesIO(render(blocks, "A4", "record", pages=True))).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_whole_book(lang: str) -> None:
    count, said = read(whole()[1], lang)
    assert count >= 3
    assert f"record – {count}" in said
    assert text("commission.paper.verdict_yes", lang) in said
    assert text("commission.paper.none", lang) in said
    for step in range(1, 14):
        assert text(f"commission.step.{step}", lang) in said
    for part in ("Lê Thị Kỹ", "Thiết bị họp", "149", "hmac-sha256:"):
        assert part in said
    assert "commission." not in said


def test_defects_stand_first_and_each_by_its_sentence() -> None:
    book = whole()[1].enter(2, "mixer", failed("commission.defect.swapped", "mixer", "amplifier"), "An", 0, "b")
    said = read(book.again(12), "en")[1]
    assert text("commission.paper.verdict_no", "en") in said
    assert "swapped: the relay of Bàn trộn âm feeds Âm ly" in said
    assert "line provider never made" in said


def test_a_room_of_which_nothing_is_known_is_a_paper_of_what_is_to_be_done() -> None:
    book = Book(SITE.slug)
    grids = [b for b in acceptance(SITE, book, learn.acceptance(SITE, book, b""), UTC, "en") if isinstance(b, Grid)]
    items = sum(len(step.items(SITE)) for step in STEPS) - 1
    assert len(grids[0].rows) - 1 == items  # all are defects
    assert sum(len(grid.rows) - 1 for grid in grids[1:-1]) == items


def test_every_sentence_of_the_scripts_is_in_the_catalogue() -> None:
    """What was said and asked in a whole commissioning, and everything that may be found wrong."""
    found: set[str] = set()
    for path in Path(controller.commission.__file__).parent.glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        found |= {str(n.value) for n in nodes if isinstance(n, ast.Constant)}
    codes = {code for code in found if re.fullmatch(r"commission(\.[a-z_]*[a-z])+", code)}
    codes |= {f"commission.word.{word}" for word in (*CONTACTS, *PLACES, *SIGNERS)}
    codes |= {f"commission.q.{word}" for word in ("by_hand", "automatic")}
    codes |= {f"commission.defect.mic_{word}" for word in ("open", "muted")}
    codes |= {f"commission.outcome.{word}" for word in ("passed", "failed", "open")}
    assert len(codes) > 80
    assert [code for code in sorted(codes) if not known(code)] == []
