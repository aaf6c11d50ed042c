"""The README's examples are run: its python, its room.toml, its commands, and what it says of the panel."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path

import pytest

from controller import config

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", TEXT)


def commands() -> list[str]:
    """Lines that a reader may type and that need neither devices nor a running room."""
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith(("diemcau config", "diemcau simulate"))]


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_the_room_of_the_walk_through_has_nothing_worse_than_a_note() -> None:
    room = config.loads("\n".join(blocks("toml")))
    found = [row for row in config.check(room) if row.severity not in ("note",)]
    assert [row.text("en") for row in found] == []


@pytest.mark.process
@pytest.mark.skipif(find_spec("controller.cli") is None, reason="the command line is not built yet")
@pytest.mark.parametrize("command", commands())
def test_the_commands_run(command: str) -> None:
    words = shlex.split(command)[1:]
    start = "import sys; from controller.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", start, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_make_target_that_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)", TEXT)):
        assert re.search(rf"(?m)^{target}:", makefile), target


def test_its_picture_is_there_and_whole() -> None:
    (picture,) = re.findall(r"!\[.+?\]\((.+?)\)", TEXT)
    assert ElementTree.parse(ROOT / picture).getroot().tag.endswith("svg")


def test_every_room_of_the_map_exists() -> None:
    rows = re.findall(r"(?m)^\| `((?:hardware|controller|systemd)/[^`*]*)`", TEXT)
    assert rows
    for row in rows:
        assert (ROOT / row).exists(), row
