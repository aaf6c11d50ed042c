"""The file: what is committed is there, a cut anywhere leaves a whole beginning, a broken file is told apart."""

from __future__ import annotations

import errno
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.core.chain import START, Entry, seal_all
from controller.core.records import Priority, Record
from controller.core.verify import verify
from controller.runtime.aside import move_aside, newest_seq, read_entries
from controller.runtime.batch import Ask
from controller.runtime.memory_json import Changes
from controller.runtime.store import DiskError, Store, disk
from tests.controller.runtime.given import BOOT, at, chain, record

ALL = Ask(0, 1 << 62, None, 1000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


def filled(path: Path, count: int = 9) -> list[Entry]:
    entries = chain(count)
    with closing(Store(path)) as store:
        store.commit(entries, Changes())
    return entries


def broken(path: Path) -> str:
    with pytest.raises(DiskError) as caught:
        Store(path).close()
    return caught.value.word


def edit(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(sql)


def test_a_new_file_is_empty(path: Path) -> None:
    with closing(Store(path)) as store:
        assert (store.head, store.notes, store.memory(), store.rows(ALL)) == (START, {}, [], ())
        assert store.trusted_wall_ms() == 0
        store.check()


def test_what_was_committed_is_there_after_opening_again(path: Path) -> None:
    entries = filled(path)
    with closing(Store(path)) as store:
        assert store.rows(ALL) == tuple(entries)
        assert (store.head.seq, store.head.hash) == (9, entries[-1].hash)
        assert store.boot_of(9) == BOOT
        assert store.boot_of(10) is None
        assert store.trusted_wall_ms() == entries[-1].wall_ms


def test_memory_rows_and_notes(path: Path) -> None:
    with closing(Store(path)) as store:
        store.notes["acked"] = 5
        store.commit((), Changes((("life", "1"), ("mark/a", "2"), ("mark/b", "3"))))
        store.commit((), Changes((("mark/a", "4"),), ("mark/b", "none")))
        assert store.memory() == [("life", "1"), ("mark/a", "4")]
    with closing(Store(path)) as store:
        assert store.memory() == [("life", "1"), ("mark/a", "4")]
        assert store.notes == {"acked": 5}


def test_memory_rows_come_back_in_the_order_of_writing_over_commits_and_lives(path: Path) -> None:
    with closing(Store(path)) as store:
        store.commit((), Changes((("z", "1"), ("b", "1"), ("c", "1"))))
        store.commit((), Changes((("z", "2"),)))
    with closing(Store(path)) as store:
        store.commit((), Changes((("a", "1"), ("b", "2")), ("c",)))
        assert store.memory() == [("z", "2"), ("a", "1"), ("b", "2")]


@pytest.mark.parametrize("page_bytes", [1024, 4096], ids=["ours", "of a file that another program made"])
def test_a_file_exceeds_by_what_is_used_of_it(path: Path, page_bytes: int) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {page_bytes}")
        db.execute("CREATE TABLE other (x)")
    with closing(Store(path)) as store:
        store.commit(chain(300), Changes())
        used = store.used_bytes()
        assert used % page_bytes == 0
        assert (store.exceeds(used), store.exceeds(used - 1)) == (False, True)
        with store.transaction():
            store.select("DELETE FROM entries WHERE seq < 290")
        assert store.used_bytes() < used - 10 * page_bytes  # the file keeps its size; its pages are free
        assert not store.exceeds(used - 1)
        assert store.exceeds(store.used_bytes() - 1)


def test_rows_by_priority_range_and_number(path: Path) -> None:
    kinds = [Priority(n % 4) for n in range(20)]
    entries = seal_all(((record(n, kind), at(n)) for n, kind in enumerate(kinds)), BOOT, START)
    with closing(Store(path)) as store:
        store.commit(entries, Changes())
        for priority in (None, *Priority):
            wanted = [e for e in entries if 3 < e.seq <= 18 and priority in (None, e.priority)]
            assert store.rows(Ask(3, 18, priority, 100)) == tuple(wanted)
            assert store.rows(Ask(3, 18, priority, 2)) == tuple(wanted[:2])


def test_reading_from_another_process_while_it_is_written(path: Path) -> None:
    with closing(Store(path)) as store:
        store.commit(chain(1203), Changes())
        assert list(read_entries(path)) == chain(1203)
        assert [entry.seq for entry in read_entries(path, 4, 6)] == [4, 5, 6]
    assert len(list(read_entries(path, 1200))) == 4
    with pytest.raises(DiskError):
        list(read_entries(path.with_name("none")))


@pytest.mark.parametrize(
    "content",
    [b"not a database at all, but long enough to look like a header" * 20, b"SQLite format 3\0" + b"\xff" * 4000],
)
def test_a_file_that_is_no_database_is_corrupt(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert broken(path) == "corrupt"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entries SET subject = 'load.other' WHERE seq = 7",
        "UPDATE entries SET body = '{' WHERE seq = 9",
        "UPDATE entries SET body = '[]' WHERE seq = 9",
        "UPDATE entries SET trust = 77 WHERE seq = 9",
        "UPDATE entries SET hash = x'00' WHERE seq = 9",
        "UPDATE entries SET prev = zeroblob(32) WHERE seq = 9",
        "DELETE FROM entries WHERE seq = 8",
        "PRAGMA user_version = 2",
        "ALTER TABLE entries DROP COLUMN kind",
        "DROP TABLE notes",
    ],
)
def test_a_tail_that_is_not_as_it_was_written_is_corrupt(path: Path, sql: str) -> None:
    filled(path)
    edit(path, sql)
    assert broken(path) == "corrupt"


def test_an_entry_that_cannot_be_read_later_is_corrupt_too(path: Path) -> None:
    entries = chain(100)
    with closing(Store(path)) as store:
        store.commit(entries, Changes())
    edit(path, "UPDATE entries SET body = '{' WHERE seq = 3")
    with closing(Store(path)) as store, pytest.raises(DiskError) as caught:
        store.rows(ALL)
    assert caught.value.word == "corrupt"


def test_damage_inside_is_found_by_a_check(path: Path) -> None:
    with closing(Store(path)) as store:
        store.commit(chain(400), Changes())
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(b"\x5a" * 8192)
    with closing(Store(path)) as store, pytest.raises(DiskError) as caught:
        store.check()
    assert caught.value.word == "corrupt"


def test_two_who_write_do_not_fork_the_chain(path: Path) -> None:
    with closing(Store(path)) as one, closing(Store(path)) as other:
        one.commit(chain(2), Changes())
        with pytest.raises(DiskError) as caught:
            other.commit(chain(1), Changes())
        assert caught.value.word == "failed"
    with closing(Store(path)) as store:
        assert store.rows(ALL) == tuple(chain(2))


def test_our_own_mistakes_are_not_the_disks(path: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), disk(path):
        raise sqlite3.ProgrammingError("bind")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError(errno.EIO, "I/O"), "failed"),
        (PermissionError(errno.EACCES, "no"), "failed"),
    ],
)
def test_what_the_disk_says_in_a_word(tmp_path: Path, error: OSError, word: str) -> None:
    for path in (tmp_path / "journal.db", tmp_path / "gone" / "journal.db"):
        with pytest.raises(DiskError, match=word), disk(path):
            raise error


def test_broken_files_are_kept_but_not_all_for_ever(path: Path) -> None:
    names = []
    for n in range(4):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"broken {n}")
        path.with_name("journal.db-wal").write_text("log")
        path.with_name("journal.db-shm").write_text("index")
        names.append(move_aside(path))
    path.with_name("journal.db.corrupt-x").write_text("somebody else's")
    assert names == [f"journal.db.corrupt-{n}" for n in (1, 2, 3, 4)]
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "journal.db.corrupt-3",
        "journal.db.corrupt-3-wal",
        "journal.db.corrupt-4",
        "journal.db.corrupt-4-wal",
        "journal.db.corrupt-x",
    ]
    with pytest.raises(DiskError):
        move_aside(path)


def test_an_old_broken_file_that_cannot_be_removed_is_left(path: Path) -> None:
    path.parent.mkdir()
    for n in (1, 2, 3):
        path.with_name(f"journal.db.corrupt-{n}").mkdir()
    path.write_text("broken")
    assert move_aside(path) == "journal.db.corrupt-4"
    assert path.with_name("journal.db.corrupt-1").is_dir()


def test_the_newest_number_is_saved_from_a_broken_file_where_it_can_be_read(path: Path) -> None:
    assert newest_seq(path) == 0
    filled(path, 9)
    edit(path, "UPDATE entries SET body = '{' WHERE seq = 9")
    assert newest_seq(path) == 9
    path.write_bytes(b"x" * 5000)
    assert newest_seq(path) == 0


def test_power_cuts_leave_every_finished_commit_and_a_whole_chain(path: Path, tmp_path: Path) -> None:
    """The log is cut at any byte, with rubbish or nothing after it, as a card does that loses power while writing:
    everything whose commit had ended before that byte is there, and nothing half."""
    entries = chain(60)
    ends: list[tuple[int, int]] = [(0, 0)]
    log = path.with_name(path.name + "-wal")
    dice = random.Random(7)
    with closing(Store(path)) as store:
        done = 0
        while done < len(entries):
            upto = min(len(entries), done + dice.randint(1, 4))
            store.commit(entries[done:upto], Changes((("life", str(upto)),)))
            done = upto
            ends.append((log.stat().st_size, done))
        copied = log.read_bytes()
        for turn in range(60):
            cut = dice.randint(0, len(copied))
            there = tmp_path / f"cut{turn}" / "journal.db"
            there.parent.mkdir()
            shutil.copy(path, there)
            rubbish = dice.randbytes(dice.choice((0, 0, 700, 5000)))
            there.with_name("journal.db-wal").write_bytes(copied[:cut] + rubbish)
            whole = max(count for end, count in ends if end <= cut)
            with closing(Store(there)) as after:
                found = after.rows(ALL)
                assert found == tuple(entries[:whole])
                assert verify(found).problems == ()
                assert after.memory() == ([("life", str(whole))] if whole else [])
                after.check()
            shutil.rmtree(there.parent)


def test_a_record_of_any_text_is_stored_unchanged(path: Path) -> None:
    odd = Record("k\0", "nh\u1ec7\u202e", (("a", "\0"), ("b", (None, True, 1.5, 1 << 70))))
    entries = seal_all([(odd, at())], BOOT, START)
    with closing(Store(path)) as store:
        store.commit(entries, Changes())
        assert store.rows(ALL) == entries
