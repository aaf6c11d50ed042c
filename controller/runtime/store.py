"""The journal on disk: one SQLite file, one connection, one thread (the journal's).

Lives here: the file's shape, commits, look-ups, moving a broken file aside. Must not live here: threads, clocks,
when to commit (writer.py), what to drop (trim.py).

Write-ahead log with synchronous=FULL: a commit is one fsync of the log, and is there after a power cut or not at
all (SQLite "Write-Ahead Logging", "PRAGMA synchronous"). NORMAL would save that fsync but may lose commits at a
power cut, which evidence must not; since quiet records are batched, FULL costs little for them too.
After any DiskError the store must be closed: that rolls back, and opening anew reads what is really there.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from controller.core.chain import Entry, Head, Unreadable, body_of, canonical, head_of
from controller.core.instant import Trust
from controller.core.records import Priority
from controller.core.verify import verify
from controller.runtime.batch import Ask
from controller.runtime.memory_json import Changes

VERSION = 1
PAGE_BYTES = 1024
"""A small commit writes whole pages to the log and later to the file. Measured with a record every ten minutes and
twelve pieces of evidence a day: 1.2 MB; with 4096 2.3 MB; with 512 1.1 MB, but a record would fill a page."""

CHECKPOINT_PAGES = 1000
"""The log is folded into the file at 1 MB: seldom enough that hot pages are written once for many commits, small
enough that closing takes well under a second."""

BUSY_S = 0.25
"""We are the only writer; only a stray tool could hold the file, and then we try again later anyway."""

TAIL = 64
"""Entries whose hashes are checked at open: more than any batch that a torn write could have touched."""

KEEP_ASIDE = 2
"""Broken files kept for whoever wants to save something from them; older ones would eat the card."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, boot TEXT NOT NULL, wall_ms INTEGER NOT NULL,"
    " mono_ms INTEGER NOT NULL, trust INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
    " body TEXT NOT NULL, priority INTEGER NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL) STRICT",
    # Only the rare kinds are looked up by priority without meeting many of them on the way.
    "CREATE INDEX IF NOT EXISTS urgent ON entries (priority, seq) WHERE priority < 2",
    "CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, n INTEGER NOT NULL, value TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)
_USED = (
    "SELECT (page_count - freelist_count) * page_size"
    " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
COLUMNS = "boot, seq, wall_ms, mono_ms, trust, kind, subject, body, priority, prev, hash"
_FULL, _READONLY, _CORRUPT, _NOTADB, _ERROR, _CONSTRAINT = 13, 8, 11, 26, 1, 19
_WORDS = {_FULL: "full", _READONLY: "readonly", _CORRUPT: "corrupt", _NOTADB: "corrupt", _ERROR: "corrupt"}


class DiskError(Exception):
    """The journal cannot be written or read. `word`: `full`, `readonly`, `failed` (the disk) or `corrupt` (the
    file: it must be moved aside)."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(f"{word}: {text}")
        self.word = word


class Store:
    """An open journal file. Every method may raise DiskError. `notes` are small numbers: `acked`, `clean`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with disk(path):
            self._db = _connect(path)
        try:
            with disk(path):
                self._prepare()
                self.notes = {str(key): int(value) for key, value in self._all("SELECT key, value FROM notes")}
                self._noted = dict(self.notes)
                self._page_bytes = int(self._all("PRAGMA page_size")[0][0])
                self._measure()
                self._newest = int(self._all("SELECT coalesce(max(n), 0) FROM memory")[0][0])
                self.head = self._tail()
        except DiskError:
            self.close()
            raise

    def commit(self, entries: Iterable[Entry], memory: Changes) -> None:
        """These and the notes that changed: all of it or nothing; on return it is on disk."""
        written = tuple(entries)
        notes = self.notes.items() - self._noted.items()
        with self.transaction():
            self.insert(written)
            self._remember(memory)
            self._many("INSERT OR REPLACE INTO notes VALUES (?, ?)", tuple(notes))
            self._measure()
        self._noted = dict(self.notes)
        self.head = head_of(written[-1]) if written else self.head

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside comes to disk together at its end."""
        with disk(self._path):
            self._all("BEGIN IMMEDIATE")
            yield
            self._all("COMMIT")

    def insert(self, entries: Iterable[Entry]) -> None:
        """Inside a transaction only."""
        self._many(
            f"INSERT INTO entries ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", [_row(entry) for entry in entries]
        )

    def memory(self) -> list[tuple[str, str]]:
        """The rows of what survives a restart, in the order of writing."""
        with disk(self._path):
            return [(str(key), str(text)) for key, text in self._all("SELECT key, value FROM memory ORDER BY n")]

    def rows(self, ask: Ask) -> tuple[Entry, ...]:
        """Stored entries, oldest first."""
        where = "seq > ? AND seq <= ?"
        if ask.priority is not None:
            # The literal lets SQLite see that its partial index serves.
            where += f" AND priority = {ask.priority:d}" + (" AND priority < 2" if ask.priority < 2 else "")
        with disk(self._path):
            sql = f"SELECT {COLUMNS} FROM entries WHERE {where} ORDER BY seq LIMIT ?"
            return tuple(map(entry_of, self._all(sql, (ask.after, ask.last, ask.limit))))

    def boot_of(self, seq: int) -> str | None:
        """Which boot wrote this entry; None = there is no such entry."""
        with disk(self._path):
            found = self._all("SELECT boot FROM entries WHERE seq = ?", (seq,))
        return str(found[0][0]) if found else None

    def trusted_wall_ms(self) -> int:
        """The newest Unix time that was written with a clock worth trust; 0 = none among the last two hundred."""
        newest = "SELECT wall_ms, trust FROM entries ORDER BY seq DESC LIMIT 200"
        with disk(self._path):
            return int(self._all(f"SELECT coalesce(max(wall_ms), 0) FROM ({newest}) WHERE trust >= 2")[0][0])

    def exceeds(self, most_bytes: int) -> bool:
        """Is more used than that? The usual no asks nothing: the whole file was not larger at the last commit."""
        return self._file_bytes > most_bytes and self.used_bytes() > most_bytes

    def used_bytes(self) -> int:
        """Without the pages that are free for new entries: the file itself never shrinks."""
        with disk(self._path):
            return int(self._all(_USED)[0][0])

    def select(self, sql: str, values: Iterable[int | str] = ()) -> list[tuple[Any, ...]]:
        """For trim.py, inside a transaction."""
        return self._all(sql, values)

    def check(self) -> None:
        """Read the whole file once and raise DiskError `corrupt` when its structure is damaged. Some seconds on a
        slow card, so only after an unclean end and not while the room waits for its memory."""
        with disk(self._path):
            found = self._all("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise DiskError("corrupt", str(found))

    def close(self) -> None:
        """Never raises: there is nothing left to be done about an error here."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def _prepare(self) -> None:
        self._all(f"PRAGMA page_size = {PAGE_BYTES}")
        self._all("PRAGMA journal_mode = WAL")
        self._all("PRAGMA synchronous = FULL")
        self._all(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        version = int(self._all("PRAGMA user_version")[0][0])
        if version == 0:
            self._create()
        elif version != VERSION:
            raise DiskError("corrupt", f"written by version {version} of the journal")

    def _create(self) -> None:
        self._all("BEGIN IMMEDIATE")
        for sql in _SCHEMA:
            self._all(sql)
        self._all(f"PRAGMA user_version = {VERSION}")
        self._all("COMMIT")

    def _tail(self) -> Head:
        """Where the chain ends, once its last entries proved to be what was written."""
        newest = self._all(f"SELECT {COLUMNS} FROM entries ORDER BY seq DESC LIMIT {TAIL}")
        if not newest:
            return Head()
        verdict = verify(entry_of(row) for row in reversed(newest))
        for problem in verdict.problems:
            raise DiskError("corrupt", f"entry {problem.first} was {problem.code}")
        return verdict.head

    def _measure(self) -> None:
        """Inside a transaction it costs a tenth of what it does after one."""
        self._file_bytes = int(self._all("PRAGMA page_count")[0][0]) * self._page_bytes

    def _remember(self, memory: Changes) -> None:
        """Numbered in their order. The newest number is kept here: to find it, SQLite walks through all rows."""
        self._many("DELETE FROM memory WHERE key = ?", [(key,) for key in memory.drop])
        rows = [(key, n, text) for n, (key, text) in enumerate(memory.put, self._newest + 1)]
        self._many("INSERT OR REPLACE INTO memory (key, n, value) VALUES (?, ?, ?)", rows)
        self._newest += len(rows)

    def _all(self, sql: str, values: Iterable[int | str] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, tuple(values)).fetchall()

    def _many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Nothing at all for no rows: each statement lets go of the interpreter and has to wait for it again."""
        if rows:
            self._db.executemany(sql, rows)


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn what the disk does to us into a DiskError with its word; our own mistakes stay what they are."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise DiskError(_word(error, path), str(error)) from error
    except (Unreadable, UnicodeDecodeError) as error:
        raise DiskError("corrupt", str(error)) from error


def _word(error: sqlite3.Error | OSError, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", None) or 0
    word = _WORDS.get(code & 0xFF, "")
    if word:
        return word
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return "failed"
    if room.f_flag & os.ST_RDONLY:
        return "readonly"
    return "full" if room.f_bavail == 0 else "failed"


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.boot,
        entry.seq,
        entry.wall_ms,
        entry.mono_ms,
        int(entry.trust),
        entry.kind,
        entry.subject,
        canonical(dict(entry.body)),
        int(entry.priority),
        bytes.fromhex(entry.prev),
        bytes.fromhex(entry.hash),
    )


def entry_of(row: tuple[Any, ...]) -> Entry:
    boot, seq, wall_ms, mono_ms, trust, kind, subject, body, priority, before, own = row
    try:
        return Entry(
            boot=boot,
            seq=seq,
            wall_ms=wall_ms,
            mono_ms=mono_ms,
            trust=Trust(trust),
            kind=kind,
            subject=subject,
            body=body_of(json.loads(body)),
            priority=Priority(priority),
            prev=before.hex(),
            hash=own.hex(),
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"entry {seq}: {error}") from error
