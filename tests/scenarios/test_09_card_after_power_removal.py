"""9. SD card and database corruption after power removal. Real SQLite files, torn as a card tears them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.core.verify import verify
from controller.runtime.aside import read_entries
from controller.runtime.memory_json import Changes
from controller.runtime.store import DiskError, Store
from tests.controller.runtime.given import chain

COUNT = 400


def torn(folder: Path, name: str, share: float) -> Path:
    """What is left when the power goes while pages are on their way: the database as it was last synced, and of
    the log only the first part, the last page of it half old."""
    source, target = folder / "journal.db", folder / name
    shutil.copy(source, target)
    wal = Path(f"{source}-wal").read_bytes()
    cut = int(len(wal) * share)
    Path(f"{target}-wal").write_bytes(wal[:cut] + random.Random(name).randbytes(min(300, len(wal) - cut)))
    return target


def test_a_torn_log_costs_the_end_and_nothing_else(tmp_path: Path) -> None:
    entries = chain(COUNT)
    with closing(Store(tmp_path / "journal.db")) as store:
        for n in range(0, COUNT, 10):
            store.commit(entries[n : n + 10], Changes())
        copies = [torn(tmp_path, f"copy{n}.db", n / 12) for n in range(13)]
    kept = []
    for copy in copies:
        with closing(Store(copy)) as again:
            again.check()
            kept.append(again.head.seq)
        found = list(read_entries(copy))
        assert verify(found).problems == ()
        assert found == entries[: len(found)], "a beginning of what was written, and whole batches of it"
        assert len(found) % 10 == 0
    assert kept == sorted(kept)
    assert kept[-1] == COUNT


def test_a_database_that_writes_in_place_is_broken_by_the_same_tear(tmp_path: Path) -> None:
    """The usual way: rollback journal in memory, no sync. Half of the new pages are on the card, half are not."""
    path = tmp_path / "usual.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=MEMORY")
        db.execute("PRAGMA synchronous=OFF")
        db.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, text TEXT)")
        db.execute("CREATE INDEX by_text ON entries (text)")
        rows = [(n, f"{n * 7919 % 5003} {'x' * 90}") for n in range(2_000)]
        db.executemany("INSERT INTO entries VALUES (?, ?)", rows[:1_000])
        before = path.read_bytes()
        db.executemany("INSERT INTO entries VALUES (?, ?)", rows[1_000:])
    after = path.read_bytes()
    half = len(before) // 2 // 4096 * 4096
    path.write_bytes(after[:half] + before[half:])
    with closing(sqlite3.connect(path)) as db:
        try:
            said = [row[0] for row in db.execute("PRAGMA integrity_check")]
        except sqlite3.DatabaseError:
            said = ["malformed"]
    assert said != ["ok"]


def test_a_file_that_is_broken_all_the_same_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(Store(path)) as store:
        store.commit(chain(COUNT), Changes())
    Path(f"{path}-wal").unlink(missing_ok=True)
    raw = bytearray(path.read_bytes())
    raw[4096 : len(raw) // 2] = bytes(len(raw) // 2 - 4096)
    path.write_bytes(bytes(raw))

    def opened() -> None:
        with closing(Store(path)) as store:
            store.check()

    with pytest.raises(DiskError) as caught:
        opened()
    assert caught.value.word == "corrupt"
