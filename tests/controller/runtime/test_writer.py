"""The journal's round, step by step on a clock moved by hand: batching, urgency, acknowledgement, bad disks."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from controller.core.chain import START, Entry
from controller.core.memory import Kept, Memory
from controller.core.records import Priority
from controller.core.verify import verify
from controller.runtime.aside import read_entries
from controller.runtime.backlog import Lost
from controller.runtime.batch import OWN, Ask, Batch
from controller.runtime.ledger import Ledger, Recovered
from controller.runtime.store import DiskError
from controller.runtime.writer import MAX_ASKS, Ack, Mail, Pace, Stop, Writer
from hardware.contract import Value
from tests.controller.runtime.given import BOOT, Hands, Told, record

EVIDENCE, INCIDENT, STATE, TELEMETRY = Priority
BATCH_MS, RETRY_MS = 600_000, 10_000
NUDGE = Ack("", 0)
"""Mail that means nothing: lets a turn go on without waiting for real."""


class Rig:
    """A writer without its thread: one `turn` at a time."""

    def __init__(self, path: Path, hands: Hands, boot: str = BOOT, max_bytes: int = 1 << 30) -> None:
        self.path, self.hands = path, hands
        self.told = Told()
        self.mailbox: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self.ledger = Ledger(path, boot, hands, max_bytes)
        self.writer = Writer(self.ledger, self.mailbox, self.told, hands, Pace(BATCH_MS, RETRY_MS))
        self.token = 0

    def turn(self, *mail: Mail, later_ms: int = 0) -> bool:
        self.hands.mono_ms += later_ms
        for item in mail or (NUDGE,):
            self.mailbox.put(item)
        return self.writer.turn()

    def batch(self, *priorities: Priority, urgent: bool = False, memory: Memory | None = None) -> Batch:
        self.token += 1
        records = tuple(record(self.token, priority) for priority in priorities)
        return Batch(self.token, self.hands(), records, memory, urgent)

    def stored(self) -> list[Entry]:
        return list(read_entries(self.path))


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def rig(path: Path, hands: Hands) -> Iterator[Rig]:
    rig = Rig(path, hands)
    assert rig.writer.start() == Recovered()
    yield rig
    rig.ledger.close()


@contextmanager
def another_life(path: Path, hands: Hands, boot: str = BOOT) -> Iterator[tuple[Rig, Recovered]]:
    rig = Rig(path, hands, boot)
    try:
        yield rig, rig.writer.start()
    finally:
        rig.ledger.close()


@contextmanager
def held_by_another(path: Path) -> Iterator[None]:
    """A disk that refuses: somebody else keeps the file's write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def spoil(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(sql)


def test_what_is_urgent_is_on_disk_in_the_same_turn(rig: Rig) -> None:
    rig.turn(rig.batch(STATE, urgent=True))
    own, first = rig.told.committed
    assert (own.token, [e.subject for e in own.entries]) == (OWN, ["chain"])
    assert (first.token, [e.subject for e in first.entries], first.lost) == (1, ["load.1"], 0)
    assert rig.stored() == rig.told.entries
    assert rig.writer.head.hash == rig.told.entries[-1].hash
    rig.turn(rig.batch(EVIDENCE), rig.batch(INCIDENT))
    assert rig.told.tokens == [1, 2, 3]


def test_quiet_records_wait_for_company(rig: Rig) -> None:
    rig.turn(rig.batch(STATE))
    rig.turn(rig.batch(TELEMETRY), later_ms=BATCH_MS - 1)
    assert rig.told.tokens == []
    rig.turn(later_ms=1)
    assert rig.told.tokens == [1, 2]
    rig.turn(rig.batch(STATE))
    rig.turn(rig.batch(EVIDENCE))
    assert rig.told.tokens == [1, 2, 3, 4]
    assert verify(rig.stored()).problems == ()


def test_memory_is_written_in_small_parts_and_comes_back(rig: Rig, path: Path, hands: Hands) -> None:
    memory = Memory(BOOT, 1, marks={"a": Kept(1, 2)})
    rig.turn(rig.batch(urgent=True, memory=memory))
    later = Memory(BOOT, 2, marks={"a": Kept(1, 2), "b": Kept("x", 3)})
    rig.turn(rig.batch(memory=later), rig.batch(urgent=True))
    rig.ledger.close()
    with another_life(path, hands) as (_, found):
        assert found.memory == later
        assert not found.clean
        assert found.head == rig.writer.head
        assert found.wall_ms > 0


def test_a_stop_writes_everything_and_says_so(rig: Rig, path: Path, hands: Hands) -> None:
    assert not rig.turn(rig.batch(STATE), Stop())
    assert rig.told.tokens == [1]
    with another_life(path, hands) as (life, found):
        assert found.clean
        assert not life.ledger.unchecked
        life.turn(life.batch(STATE, urgent=True))
    with another_life(path, hands) as (life, found):
        assert not found.clean
        assert life.ledger.unchecked
        assert not life.turn(Stop())
    with another_life(path, hands) as (_, found):
        assert found.clean


def test_a_new_file_that_is_stopped_at_once_begins_its_chain(rig: Rig) -> None:
    assert not rig.turn(Stop())
    assert [entry.subject for entry in rig.stored()] == ["chain"]


def test_numbers_go_on_over_boots(rig: Rig, path: Path, hands: Hands) -> None:
    rig.turn(rig.batch(STATE, urgent=True))
    rig.ledger.close()
    with another_life(path, hands, "boot2") as (life, _):
        life.turn(life.batch(STATE, urgent=True))
        stored = [(e.boot, e.seq, e.subject) for e in life.stored()]
        assert stored[1:] == [(BOOT, 2, "load.1"), ("boot2", 3, "gap"), ("boot2", 4, "load.1")]
        assert verify(life.stored()).problems == ()


def test_an_acknowledgement_counts_when_boot_and_number_fit(rig: Rig, path: Path, hands: Hands) -> None:
    rig.turn(rig.batch(STATE, STATE, urgent=True))
    for wrong in (Ack("other", 2), Ack(BOOT, 4), Ack(BOOT, 0), Ack(BOOT, 1 << 80), Ack(BOOT, -5)):
        rig.turn(wrong)
    assert rig.told.acked == []
    rig.turn(Ack(BOOT, 2))
    rig.turn(Ack(BOOT, 1))
    assert rig.told.acked == [2]
    rig.turn(rig.batch(STATE, urgent=True))
    rig.ledger.close()
    with another_life(path, hands) as (life, found):
        assert found.acked == 2
        assert life.told.acked == [2]


def test_the_outbox_gets_its_rows(rig: Rig) -> None:
    rig.turn(rig.batch(STATE, EVIDENCE))
    asks = [Ask(0, 9, EVIDENCE, 5), Ask(2, 9, None, 1)]
    rig.turn(*asks)
    assert [(answer.ask, [e.seq for e in answer.entries]) for answer in rig.told.rows] == [
        (asks[0], [1, 3]),
        (asks[1], [3]),
    ]


def test_it_says_how_it_is_at_once_and_now_and_then(rig: Rig) -> None:
    rig.turn()
    rig.turn()
    assert rig.told.states == ["ok"]
    rig.turn(later_ms=BATCH_MS)
    assert rig.told.states == ["ok", "ok"]


def test_how_long_a_step_waited_is_told(rig: Rig) -> None:
    rig.turn()
    rig.turn(rig.batch(STATE, urgent=True), later_ms=0)
    late = rig.batch(STATE, urgent=True)
    rig.turn(late, later_ms=2_500)
    rig.turn(later_ms=BATCH_MS)
    assert dict(rig.told.all[-1].values)["unlogged_s"] == 2.5  # type: ignore[union-attr]


def test_a_slow_disk_is_said_and_its_end_too(rig: Rig, hands: Hands) -> None:
    rig.turn()
    hands.step_ms = 2_500
    rig.turn(rig.batch(STATE, urgent=True))
    hands.step_ms = 0
    rig.turn(rig.batch(STATE, urgent=True))
    assert rig.told.states == ["ok", "slow", "ok"]


def test_a_disk_that_refuses_is_said_once_and_tried_again_flat(rig: Rig) -> None:
    rig.turn(rig.batch(STATE, urgent=True))
    with held_by_another(rig.path):
        rig.turn(rig.batch(EVIDENCE))
        assert not rig.ledger.is_open
        rig.turn(rig.batch(EVIDENCE), later_ms=RETRY_MS - 1)
        assert not rig.ledger.is_open
        rig.turn(Ask(0, 9, None, 9), later_ms=1)
        rig.turn(rig.batch(TELEMETRY))
    assert rig.told.tokens == [1]
    assert rig.told.states == ["ok", "failed"]
    rig.turn(later_ms=RETRY_MS)
    rig.turn()
    assert rig.told.tokens == [1, 2, 3, 4]
    assert rig.told.states == ["ok", "failed", "ok"]
    assert len(rig.told.rows) == 1
    assert verify(rig.stored()).problems == ()


def test_a_disk_that_is_absent_at_the_start_is_taken_up_later(tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    rig = Rig(tmp_path / "state" / "journal.db", hands)
    assert rig.writer.start() == Recovered()
    rig.turn(rig.batch(EVIDENCE))
    assert rig.told.states == ["failed"]
    (tmp_path / "state").unlink()
    rig.turn(later_ms=RETRY_MS)
    assert rig.told.tokens == [1]
    assert rig.told.states == ["failed", "ok"]
    rig.ledger.close()


def test_what_was_lost_before_the_mailbox_is_stated(rig: Rig) -> None:
    rig.turn(rig.batch(STATE, urgent=True))
    rig.turn(Lost({TELEMETRY: 3}, rig.hands(), rig.hands()), rig.batch(EVIDENCE))
    gap = next(entry for entry in rig.stored() if entry.subject == "gap")
    assert (dict(gap.body)["telemetry"], dict(gap.body)["reason"]) == (3, "stalled")


def gaps(entries: Iterable[Entry]) -> list[dict[str, Value]]:
    return [dict(entry.body) for entry in entries if entry.subject == "gap"]


def test_what_died_with_a_life_that_was_cut_off_is_stated_by_the_next(rig: Rig, path: Path, hands: Hands) -> None:
    """A record that waits for company is in memory alone; on a disk that refuses evidence is, too."""
    rig.turn(rig.batch(STATE, urgent=True))
    newest = rig.stored()[-1]
    rig.turn(rig.batch(STATE))
    rig.ledger.close()
    with another_life(path, hands) as (life, _):
        life.turn(life.batch(EVIDENCE))
        life.ledger.close()
        life.turn(life.batch(EVIDENCE), later_ms=RETRY_MS)  # the same life opens its file anew
        (gap,) = gaps(life.stored())
        assert (gap["reason"], gap["from_mono_ms"]) == ("unclean", newest.mono_ms)
        assert not life.turn(Stop())
    with another_life(path, hands) as (life, _):
        life.turn(life.batch(EVIDENCE))
        assert len(gaps(life.stored())) == 1, "a stop leaves nothing behind"


def test_an_answer_that_we_missed_is_recognised(rig: Rig) -> None:
    """The commit came to disk, but its fsync was told as failed: nothing is written twice."""
    rig.turn(rig.batch(STATE, urgent=True))
    batch = rig.batch(EVIDENCE, memory=Memory(BOOT, 5))
    with held_by_another(rig.path):
        rig.turn(batch)
    entries = rig.ledger._sealed
    assert len(entries) == 1
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as db:
        e = entries[0]
        hashes = (bytes.fromhex(e.prev), bytes.fromhex(e.hash))
        db.execute(
            "INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                e.seq,
                e.boot,
                e.wall_ms,
                e.mono_ms,
                int(e.trust),
                e.kind,
                e.subject,
                '{"n":2,"value":"on"}',
                0,
                *hashes,
            ),
        )
    rig.turn(later_ms=RETRY_MS)
    assert rig.told.tokens == [1, 2]
    assert rig.stored() == rig.told.entries
    assert verify(rig.stored()).problems == ()


def test_a_broken_file_is_moved_aside_and_the_new_one_says_so(rig: Rig, path: Path, hands: Hands) -> None:
    rig.turn(rig.batch(STATE, urgent=True, memory=Memory(BOOT, 1)))
    rig.ledger.close()
    spoil(path, "UPDATE entries SET subject = 'forged' WHERE seq = 2")
    with another_life(path, hands) as (life, found):
        assert found == Recovered()
        life.turn(life.batch(EVIDENCE))
        first, second = life.stored()
        assert (first.seq, first.subject) == (3, "chain")
        assert dict(first.body) == {"reason": "corrupt", "aside": "journal.db.corrupt-1", "after": 2}
        assert (second.seq, life.told.tokens, life.told.states) == (4, [1], ["ok"])
        assert path.with_name("journal.db.corrupt-1").exists()
        assert verify(life.stored()).problems == ()


def test_a_file_of_rubbish_starts_above_every_number_that_was_given(path: Path, hands: Hands) -> None:
    path.parent.mkdir()
    path.write_bytes(b"rubbish" * 1000)
    with another_life(path, hands) as (life, _):
        life.turn(life.batch(STATE, urgent=True))
        assert life.stored()[0].seq == hands().wall_ms // 1000 + 1


def test_a_file_that_breaks_while_in_use_costs_no_memory(rig: Rig, path: Path, hands: Hands) -> None:
    memory = Memory(BOOT, 1, marks={"a": Kept(1, 2)})
    rig.turn(rig.batch(STATE, urgent=True, memory=memory))
    rig.ledger.fail(DiskError("corrupt", "found by a check"))
    rig.turn(rig.batch(STATE))
    assert [entry.subject for entry in rig.stored()] == ["chain", "load.2"]
    assert rig.stored()[0].seq == 3
    assert rig.writer.head.seq == 4
    rig.ledger.close()
    with another_life(path, hands) as (_, found):
        assert found.memory == memory


def test_a_load_that_was_under_way_goes_to_the_new_chain(rig: Rig, path: Path) -> None:
    rig.turn(rig.batch(STATE, urgent=True))
    with held_by_another(path):
        rig.turn(rig.batch(EVIDENCE))
    path.write_bytes(b"rubbish" * 1000)
    rig.turn(later_ms=RETRY_MS)
    rig.turn()
    assert [entry.subject for entry in rig.stored()] == ["chain", "load.2"]
    assert rig.told.tokens == [1, 2]
    assert verify(rig.stored()).problems == ()


def test_a_broken_file_that_cannot_even_be_moved_is_tried_again(tmp_path: Path, hands: Hands) -> None:
    path = tmp_path / "journal.db"
    path.mkdir()
    rig = Rig(path, hands)
    rig.writer.start()
    rig.turn(rig.batch(EVIDENCE))
    assert rig.told.states == ["failed"]
    path.rmdir()
    rig.turn(later_ms=RETRY_MS)
    assert rig.told.tokens == [1]
    rig.ledger.close()


def test_a_broken_file_whose_name_leaves_no_room_for_another_is_tried_again(tmp_path: Path, hands: Hands) -> None:
    path = tmp_path / ("j" * 246)
    path.write_bytes(b"rubbish" * 1000)
    rig = Rig(path, hands)
    assert rig.writer.start() == Recovered()
    rig.turn(rig.batch(EVIDENCE))
    assert rig.told.states == ["failed"]
    path.unlink()
    rig.turn(later_ms=RETRY_MS)
    assert rig.told.tokens == [1]
    rig.ledger.close()


def test_unreadable_memory_is_an_incident_said_once(rig: Rig, path: Path, hands: Hands) -> None:
    rig.turn(rig.batch(STATE, urgent=True, memory=Memory(BOOT, 1, marks={"a": Kept(1, 2)})))
    rig.ledger.close()
    spoil(path, "UPDATE memory SET value = '{' WHERE key = 'mark/a'")
    for boot in ("boot2", "boot3"):
        with another_life(path, hands, boot) as (life, found):
            assert found.memory == Memory(BOOT, 1)
            life.turn(life.batch(STATE, urgent=True))
            told = [entry for entry in life.stored() if entry.subject == "memory"]
            assert [(entry.boot, entry.body) for entry in told] == [("boot2", (("unreadable", ("mark/a",)),))]


def test_a_journal_keeps_its_size(path: Path, hands: Hands) -> None:
    rig = Rig(path, hands, max_bytes=100_000)
    rig.writer.start()
    for _ in range(60):
        rig.turn(rig.batch(*([TELEMETRY] * 30), urgent=True))
        rig.turn(Ack(BOOT, rig.writer.head.seq))
    stored = rig.stored()
    assert len(stored) < 800
    assert verify(stored).problems == ()
    assert any(entry.subject == "trim" for entry in rig.told.entries)
    assert [entry.seq for entry in rig.told.entries] == list(range(1, rig.told.entries[-1].seq + 1))
    assert rig.ledger.head.seq == stored[-1].seq
    rig.ledger.close()
    with another_life(path, hands) as (life, found):
        assert found.head.seq == stored[-1].seq
        assert life.ledger.is_open


def test_a_journal_smaller_than_its_own_first_page_still_writes(path: Path, hands: Hands) -> None:
    rig = Rig(path, hands, max_bytes=1)
    rig.writer.start()
    for _ in range(5):
        rig.turn(rig.batch(EVIDENCE))
    assert rig.told.tokens == [1, 2, 3, 4, 5]
    assert verify(rig.stored()).problems == ()
    rig.ledger.close()


def test_a_commit_of_nothing_writes_nothing(rig: Rig) -> None:
    assert rig.ledger.commit("full") == []
    assert rig.stored() == []


def test_a_trim_before_the_last_entries_does_not_make_them_suspect(path: Path, hands: Hands) -> None:
    rig = Rig(path, hands, max_bytes=8_000)
    rig.writer.start()
    for _ in range(90):
        rig.turn(rig.batch(EVIDENCE, TELEMETRY, EVIDENCE))
    rig.ledger.close()
    assert any(entry.subject == "trim" for entry in rig.told.entries)
    with another_life(path, hands) as (life, found):
        assert found.head == rig.writer.head
        assert life.ledger.is_open


def test_work_without_an_open_file_is_refused(path: Path, hands: Hands) -> None:
    ledger = Ledger(path, BOOT, hands, 1 << 20)
    for work in (ledger.check, lambda: ledger.commit("full"), lambda: ledger.acknowledge(BOOT, 1)):
        with pytest.raises(DiskError):
            work()
    assert ledger.head == START


def test_questions_are_bounded_while_the_disk_is_away(tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "state").write_text("in the way")
    rig = Rig(tmp_path / "state" / "journal.db", hands)
    rig.writer.start()
    rig.turn(*(Ask(n, n + 1, None, 1) for n in range(MAX_ASKS + 5)))
    (tmp_path / "state").unlink()
    rig.turn(later_ms=RETRY_MS)
    assert len(rig.told.rows) == MAX_ASKS
    rig.ledger.close()
