"""A journal file that is no journal any more is kept, not repaired: it is moved aside and a new chain begins.

Also reading a journal from another process (`diemcau evidence`, `diemcau replay`), which never writes to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from controller.core.chain import Entry
from controller.runtime.store import COLUMNS, KEEP_ASIDE, disk, entry_of

CHUNK = 500
"""Entries read at once: the controller's own commits go on between two chunks."""


def move_aside(path: Path) -> str:
    """Rename the file and its log to `…corrupt-N` and return the new name. Raises DiskError when the disk does not
    let us. Of older ones only the newest are kept."""
    with disk(path):
        number = max((_number(old) for old in _asides(path)), default=0) + 1
        target = path.with_name(f"{path.name}.corrupt-{number}")
        path.rename(target)
        with suppress(FileNotFoundError):
            _beside(path, "-wal").rename(_beside(target, "-wal"))
        _beside(path, "-shm").unlink(missing_ok=True)
    with suppress(OSError):  # an old one that stays is no reason to stop writing
        for old in _asides(path)[:-KEEP_ASIDE]:
            old.unlink()
            _beside(old, "-wal").unlink(missing_ok=True)
    return target.name


def newest_seq(path: Path) -> int:
    """The highest number in a broken file as far as it can be read; 0 = it cannot. So that a number which the
    centre has already seen does not come again with other content."""
    try:
        with closing(_reader(path)) as db:
            return int(db.execute("SELECT max(seq) FROM entries").fetchone()[0] or 0)
    except (sqlite3.Error, ValueError):
        return 0


def read_entries(path: Path, first: int = 1, last: int = (1 << 62)) -> Iterator[Entry]:
    """The entries first ≤ seq ≤ last of a journal file, in order. Raises DiskError."""
    with disk(path), closing(_reader(path)) as db:
        sql = f"SELECT {COLUMNS} FROM entries WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT {CHUNK}"
        while rows := db.execute(sql, (first, last)).fetchall():
            yield from map(entry_of, rows)
            first = rows[-1][1] + 1


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)


def _asides(path: Path) -> list[Path]:
    found = path.parent.glob(f"{path.name}.corrupt-*")
    return sorted((old for old in found if _number(old)), key=_number)


def _number(path: Path) -> int:
    tail = path.name.rpartition("-")[2]
    return int(tail) if tail.isascii() and tail.isdigit() else 0


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
