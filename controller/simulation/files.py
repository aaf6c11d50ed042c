"""A journal's entries from any file that one may have: SQLite, JSON lines, or a simulation's JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from controller.core.chain import Entry, parse
from controller.runtime.aside import read_entries
from controller.simulation.tape import is_tape

_SQLITE = b"SQLite format 3\0"


def entries_of(file: Path) -> Iterator[Entry]:
    """The entries in the file's order. Raises OSError, DiskError, Unreadable, UnicodeDecodeError."""
    with file.open("rb") as raw:
        database = raw.read(len(_SQLITE)) == _SQLITE
    return read_entries(file) if database else _parsed(file)


def _parsed(file: Path) -> Iterator[Entry]:
    with file.open(encoding="utf-8") as lines:
        for number, written in enumerate(lines):
            if written.strip() and not (number == 0 and is_tape(written)):
                yield parse(written.rstrip("\n"))
