"""The journal on its own thread: nothing here waits for it, and what does not fit is counted and stated."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.chain import START
from controller.core.memory import Memory
from controller.core.records import Priority
from controller.core.verify import verify
from controller.runtime.aside import read_entries
from controller.runtime.batch import Ask, Batch, Committed, Report
from controller.runtime.journal import MAILBOX, QUIET_MAILBOX, Journal
from controller.runtime.store import Store
from controller.runtime.writer import SLOW_MS
from tests.controller.runtime.given import BOOT, Hands, Told, record, until

EVIDENCE, INCIDENT, STATE, TELEMETRY = Priority


class Stuck(Told):
    """The journal's thread stays in its first Committed until `go` is set: as in a disk that blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.there, self.go = threading.Event(), threading.Event()

    def __call__(self, report: Report) -> None:
        super().__call__(report)
        if isinstance(report, Committed):
            self.there.set()
            assert self.go.wait(30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def stuck(path: Path, hands: Hands) -> Iterator[tuple[Journal, Stuck]]:
    told = Stuck()
    journal = Journal(path, told, BOOT, hands)
    journal.start()
    journal.write(batch(1, EVIDENCE))
    assert told.there.wait(30)
    yield journal, told
    told.go.set()
    assert journal.stop(30)


def batch(token: int, *priorities: Priority, memory: Memory | None = None) -> Batch:
    return Batch(token, Hands(token * 1000)(), tuple(record(token, priority) for priority in priorities), memory)


def test_a_life_and_the_next(path: Path, hands: Hands) -> None:
    told = Told()
    journal = Journal(path, told, BOOT, hands)
    assert journal.start() is None
    assert journal.head == START
    journal.write(batch(1, EVIDENCE, memory=Memory(BOOT, 3)))
    until(lambda: told.tokens == [1])
    assert journal.head.seq == 2
    journal.ack(BOOT, 2)
    assert journal.ask(Ask(0, 9, None, 9))
    until(lambda: bool(told.acked and told.rows))
    journal.write(batch(2, TELEMETRY))
    assert journal.stop()
    assert told.tokens == [1, 2]
    again = Journal(path, Told(), "boot2", hands)
    assert again.start() == Memory(BOOT, 3)
    assert again.recovered.clean
    assert again.recovered.acked == 2
    assert again.head == journal.head
    assert again.stop()


def killed(path: Path, hands: Hands, entries: int) -> Path:
    """A journal as a power cut leaves it: its files copied while it was open."""
    told = Told()
    journal = Journal(path, told, BOOT, hands)
    journal.start()
    journal.write(batch(1, *([EVIDENCE] * entries), memory=Memory(BOOT, 3)))
    until(lambda: told.tokens == [1])
    there = path.parent / "cut"
    there.mkdir()
    for file in (path, path.with_name(path.name + "-wal")):
        shutil.copy(file, there)
    assert journal.stop(30)
    return there / path.name


def test_after_a_power_cut_the_file_is_checked_and_life_goes_on(path: Path, hands: Hands) -> None:
    left = killed(path, hands, 5)
    told = Told()
    journal = Journal(left, told, "boot2", hands)
    assert journal.start() == Memory(BOOT, 3)
    assert not journal.recovered.clean
    journal.write(batch(1, EVIDENCE))
    until(lambda: told.tokens == [1])
    assert journal.stop(30)
    entries = list(read_entries(left))
    assert [entry.seq for entry in entries] == list(range(1, 9))
    assert [dict(entry.body)["reason"] for entry in entries if entry.subject == "gap"] == ["unclean"]
    assert verify(entries).problems == ()


def test_damage_that_the_check_finds_costs_neither_memory_nor_the_new_record(path: Path, hands: Hands) -> None:
    left = killed(path, hands, 1500)
    Store(left).close()  # folds the log into the file
    with left.open("r+b") as file:
        file.seek(left.stat().st_size // 2)
        file.write(b"\x5a" * 8192)
    told = Told()
    journal = Journal(left, told, "boot2", hands)
    assert journal.start() == Memory(BOOT, 3)
    journal.write(batch(1, EVIDENCE))
    until(lambda: told.tokens == [1])
    assert journal.stop(30)
    first = told.entries[0]
    assert (first.subject, first.seq, dict(first.body)["after"]) == ("chain", 1502, 1501)
    again = Journal(left, Told(), "boot3", hands)
    assert again.start() == Memory(BOOT, 3)
    assert again.stop(30)


def test_stop_without_start_is_nothing(path: Path, hands: Hands) -> None:
    assert Journal(path, Told(), BOOT, hands).stop()
    assert not path.exists()


def test_a_stuck_disk_is_noticed_from_outside_once(stuck: tuple[Journal, Stuck], hands: Hands) -> None:
    journal, _ = stuck
    since_ms = hands.mono_ms
    assert journal.look(since_ms + SLOW_MS) is None
    reading = journal.look(since_ms + SLOW_MS + 500)
    assert reading is not None
    assert dict(reading.values) == {"state": "slow", "unlogged_s": 2.5}
    assert journal.look(since_ms + SLOW_MS + 1000) is None
    assert journal.look(0) is None


def test_after_a_stall_the_thread_says_how_it_is(path: Path, hands: Hands) -> None:
    told = Stuck()
    journal = Journal(path, told, BOOT, hands)
    journal.start()
    journal.write(batch(1, EVIDENCE))
    assert told.there.wait(30)
    hands.mono_ms += 60_000
    assert journal.look(hands.mono_ms) is not None
    before = len(told.states)
    told.go.set()
    until(lambda: len(told.states) > before)
    assert journal.stop(30)


def test_a_full_mailbox_gives_up_the_quiet_first_and_states_it(stuck: tuple[Journal, Stuck], path: Path) -> None:
    journal, told = stuck
    for token in range(2, 2 + QUIET_MAILBOX):
        journal.write(batch(token, TELEMETRY))
    journal.write(batch(900, TELEMETRY, STATE, memory=Memory(BOOT, 7)))
    assert not journal.ask(Ask(0, 9, None, 9))
    journal.ack(BOOT, 1)
    journal.write(batch(901, EVIDENCE))
    for token in range(1000, 1000 + MAILBOX):
        journal.write(batch(token, INCIDENT))
    told.go.set()
    until(lambda: journal.head.seq > 2)
    until(lambda: journal.ask(Ask(0, 1, None, 1)))
    journal.write(batch(2000, EVIDENCE))
    until(lambda: 2000 in told.tokens)
    assert 900 not in told.tokens
    assert 901 in told.tokens
    gaps = [dict(entry.body) for entry in read_entries(path) if entry.subject == "gap"]
    assert (gaps[0]["telemetry"], gaps[0]["state"]) == (1, 1)
    kept = len([token for token in told.tokens if 1000 <= token < 2000])
    assert sum(int(str(gap["incident"])) for gap in gaps) == MAILBOX - kept
    assert verify(read_entries(path)).problems == ()


def test_memory_of_a_batch_that_did_not_fit_goes_with_the_next(path: Path, hands: Hands) -> None:
    told = Stuck()
    journal = Journal(path, told, BOOT, hands)
    journal.start()
    journal.write(batch(1, EVIDENCE))
    assert told.there.wait(30)
    for token in range(2, 3 + QUIET_MAILBOX):
        journal.write(batch(token, memory=Memory(BOOT, token)))
    journal.write(batch(5000, EVIDENCE))
    told.go.set()
    assert journal.stop(30)
    again = Journal(path, Told(), BOOT, hands)
    assert again.start() == Memory(BOOT, 2 + QUIET_MAILBOX)
    assert again.stop(30)


def test_a_thread_that_does_not_come_back_is_not_waited_for(stuck: tuple[Journal, Stuck]) -> None:
    journal, _ = stuck
    assert not journal.stop(0.01)
    for token in range(MAILBOX):
        journal.write(batch(100 + token, EVIDENCE))
    assert not journal.stop(0.01)


def test_a_start_that_takes_too_long_goes_on_without_memory(path: Path, hands: Hands) -> None:
    gate = threading.Event()

    class Waiting(Hands):
        """The clock is what the thread asks first: here it waits."""

        def __call__(self):  # type: ignore[no-untyped-def]
            assert gate.wait(30)
            return hands()

    journal = Journal(path, Told(), BOOT, Waiting())
    assert journal.start(0.01) is None
    gate.set()
    assert journal.stop(30)
