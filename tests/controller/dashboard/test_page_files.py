"""The page's files: types, vendored parts as their list says, sentences in both languages, nothing from outside."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from controller.dashboard.web.app import STATIC
from controller.dashboard.web.files import SHEET, SHEETS, Files
from controller.dashboard.words import FOLDER, own, sentences
from controller.demo import binaries
from controller.demo.outside import modules
from controller.link.commands import SHAPES, Word
from controller.texts import catalogue

OWN = sorted([*STATIC.glob("*.js"), *STATIC.glob("lib/*.js"), *STATIC.glob("pages/*.js")])
_PLACES = re.compile(r"\{(\w+)\}")


def test_types_hold() -> None:
    tsc = modules() / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [str(binaries.find("node")), str(tsc), "-p", str(STATIC)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_vendored_files_are_those_of_the_list() -> None:
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (STATIC / "vendor" / "README.md").read_text(), re.M)
    listed = {name: hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() for name, _ in rows}
    assert listed == dict(rows)
    others = {"README.md", "preact-htm.d.ts"}
    found = {file.name for file in (STATIC / "vendor").iterdir() if not file.name.startswith("LICENSE")}
    assert found - others == set(listed)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_texts_are_sorted_and_in_both_languages(file: Path) -> None:
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    assert list(rows) == sorted(rows)
    for code, row in rows.items():
        assert set(row) == {"vi", "en"}, code
        assert set(_PLACES.findall(row["vi"])) == set(_PLACES.findall(row["en"])), code
        assert code not in catalogue(), f"{code}: the room's catalogue has it already"


def test_no_code_stands_in_two_files() -> None:
    assert len(own()) == sum(len(tomllib.loads(file.read_text())) for file in FOLDER.glob("*.toml"))


def test_every_sentence_that_the_page_asks_for_exists() -> None:
    asked = {
        code
        for file in OWN
        for code in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", file.read_text(encoding="utf-8"))
    }
    asked |= {code for file in OWN for code in re.findall(r"""text: ["']([\w.]+)["']""", file.read_text())}
    assert asked - set(sentences("vi")) == set()


def test_nothing_comes_from_outside() -> None:
    for file in (*OWN, STATIC / "index.html", STATIC / "style.css"):
        assert not re.search(r"https?://", file.read_text(encoding="utf-8")), file


def test_every_sheet_of_a_page_is_in_the_one_that_is_sent() -> None:
    assert {f"pages/{file.name}" for file in STATIC.glob("pages/*.css")} < set(SHEETS)
    page = TestClient(Starlette(routes=[Mount("/", Files(STATIC))])).get(f"/{SHEET}")
    assert page.headers["content-type"].startswith("text/css")
    assert all((STATIC / name).read_text(encoding="utf-8") in page.text for name in SHEETS)


def test_every_refusal_of_the_api_has_a_sentence() -> None:
    sources = sorted((STATIC.parent).rglob("*.py"))
    asked = {
        code for file in sources for code in re.findall(r'"code": "([\w.]+)"', file.read_text(encoding="utf-8"))
    }
    assert asked - set(sentences("vi")) == set()


def test_every_order_that_a_room_takes_is_said_in_words() -> None:
    """The site's page and the phone's list what was ordered, and `duty on` is no sentence."""
    known = catalogue()
    for verb, shapes in SHAPES.items():
        values = [arg.words for shape in shapes for arg in shape if isinstance(arg, Word) and arg.name == "value"]
        for value in [word for words in values for word in words] or [""]:
            assert {f"room.do.{verb}", f"room.do.{verb}.{value}"} & known.keys(), (verb, value)
