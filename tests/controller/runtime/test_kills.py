"""Real processes, real kills, real full and read-only disks: what was reported as committed is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from controller.core.chain import Entry
from controller.core.records import Priority
from controller.core.verify import ranges_of, verify
from controller.runtime.aside import read_entries
from controller.runtime.batch import Batch
from controller.runtime.journal import Journal
from controller.runtime.memory_json import decode
from controller.runtime.store import Store
from tests.controller.runtime.given import BOOT, Hands, Told, record, until

ROUNDS = 30
pytestmark = pytest.mark.process


@contextmanager
def scribe(path: Path, seed: int, limit_bytes: int = 0) -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "tests.controller.runtime.scribe", str(path), str(seed), str(limit_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def said(process: subprocess.Popen[str], count: int) -> list[str]:
    """The next `count` lines."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What the process managed to say before it died; the last line may be torn."""
    assert process.stdout is not None
    return [text for text in process.stdout.read().splitlines(keepends=True) if text.endswith("\n")]


def proofs(lines: list[str]) -> list[tuple[int, int, str]]:
    """(token, number, hash) of every batch that was reported as committed and had entries."""
    return [(int(w[1]), int(w[2]), w[3]) for w in map(str.split, lines) if w[0] == "C" and len(w) == 4]


def test_a_kill_at_any_moment_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    dice = random.Random(20)
    known: dict[int, str] = {}
    for seed in range(1, ROUNDS + 1):
        with scribe(path, seed) as process:
            lines = said(process, dice.randint(1, 120))
            process.send_signal(signal.SIGKILL)
            lines += rest(process)
        known.update((number, digest) for _, number, digest in proofs(lines))
        entries = list(read_entries(path)) if path.exists() else []
        verdict = verify(entries, {seq: known[seq] for seq in known})
        assert verdict.problems == ()
        assert_all_there(entries, known)
        assert_memory_is_not_older(path, seed, lines)
    assert len(known) > 100
    assert len({entry.boot for entry in read_entries(path)}) > 1


def assert_all_there(entries: list[Entry], known: dict[int, str]) -> None:
    """Each entry that was reported is stored with its hash, or is in a range that a trim states."""
    stored = {entry.seq: entry.hash for entry in entries}
    trims = [ranges for entry in entries if entry.subject == "trim" for ranges in ranges_of(entry)]
    for number, digest in known.items():
        assert stored.get(number) == digest or any(low <= number <= high for low, high in trims)


def assert_memory_is_not_older(path: Path, seed: int, lines: list[str]) -> None:
    committed = [int(text.split()[1]) for text in lines if text.startswith("C")]
    with closing(Store(path)) as store:
        store.check()
        memory, unreadable = decode(store.memory())
    assert unreadable == ()
    if committed:
        assert memory is not None
        assert memory.boot == f"boot{seed}"
        assert memory.seq >= committed[-1]


def test_a_process_whose_files_may_not_grow_goes_on_and_says_so(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: every write beyond it fails, as on a card that gave up."""
    path = tmp_path / "journal.db"
    with scribe(path, 1, 60_000) as process:
        lines = said(process, 1)
        while not lines[-1].startswith("S failed"):
            lines += said(process, 1)
            assert lines[-1]
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        lines += rest(process)
    entries = list(read_entries(path))
    assert verify(entries).problems == ()
    assert_all_there(entries, {number: digest for _, number, digest in proofs(lines)})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB. Needs the right to mount."""
    where = tmp_path / "disk"
    where.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=256k", "none", str(where)):
        pytest.skip("may not mount a small disk here")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def mount(*arguments: str) -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


def batch(token: int, hands: Hands, priority: Priority) -> Batch:
    return Batch(token, hands(), tuple(record(token, priority) for _ in range(5)))


def life(disk: Path, hands: Hands) -> tuple[Journal, Told]:
    told = Told()
    journal = Journal(disk / "journal.db", told, BOOT, hands, batch_s=0.05, retry_s=0.02)
    journal.start()
    until(lambda: told.states == ["ok"])
    return journal, told


def test_a_full_disk_is_named_and_what_waited_is_written_when_there_is_room(small_disk: Path) -> None:
    hands = Hands()
    journal, told = life(small_disk, hands)
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 100_000)
    written = 0
    while "full" not in told.states:
        written += 1
        journal.write(batch(written, hands, Priority.EVIDENCE))
        until(lambda: len(told.tokens) == written or "full" in told.states)  # noqa: B023 - awaited in this turn
        hands.mono_ms += 100
    assert told.states.count("full") == 1
    filler.unlink()
    hands.mono_ms += 1000
    until(lambda: len(told.tokens) == written)
    until(lambda: told.states[-1] == "ok")
    assert journal.stop(30)
    stored = list(read_entries(small_disk / "journal.db"))
    assert verify(stored).problems == ()
    assert stored == told.entries


def test_a_disk_that_became_read_only_is_named_and_taken_up_again(small_disk: Path) -> None:
    hands = Hands()
    journal, told = life(small_disk, hands)
    assert journal.stop(30)  # a file that is open for writing forbids the remount
    assert mount("-o", "remount,ro", str(small_disk))
    told = Told()
    journal = Journal(small_disk / "journal.db", told, BOOT, hands, batch_s=0.05, retry_s=0.02)
    journal.start()
    journal.write(batch(1, hands, Priority.EVIDENCE))
    until(lambda: told.states == ["readonly"])
    assert mount("-o", "remount,rw", str(small_disk))
    hands.mono_ms += 1000
    until(lambda: told.tokens == [1])
    until(lambda: told.states == ["readonly", "ok"])
    assert journal.stop(30)
    assert verify(read_entries(small_disk / "journal.db")).problems == ()
