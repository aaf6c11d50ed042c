"""N13: what is sent, in which order, how fast, how often; played against a broker and a centre of plain values."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import START, Entry, head_of, seal_all
from controller.core.records import Priority
from controller.runtime.batch import Ask, Rows
from controller.runtime.outbox import ASK_AGAIN_MS, HELD, PER_SECOND, PROBE_MS, SILENT_MS, WINDOW, Outbox, Publish
from hardware.contract import NEVER_MS
from tests.controller.runtime.given import BOOT, at, record

EVIDENCE, INCIDENT, STATE, TELEMETRY = Priority


class World:
    """A journal that answers at once, and a broker that takes everything; time is a number."""

    def __init__(self, *priorities: Priority) -> None:
        self.entries: list[Entry] = []
        self.now_ms = 1_000_000
        self.sent: list[Publish] = []
        self.times: list[int] = []
        self.asks: list[Ask] = []
        self.store(priorities)
        self.outbox = Outbox()

    def store(self, priorities: Iterable[Priority]) -> list[Entry]:
        start = head_of(self.entries[-1]) if self.entries else START
        made = seal_all(((record(n, priority), at(n)) for n, priority in enumerate(priorities)), BOOT, start)
        self.entries.extend(made)
        return list(made)

    def commit(self, *priorities: Priority) -> None:
        self.outbox.committed(self.store(priorities))

    def look_up(self, ask: Ask) -> Rows:
        found = [e for e in self.entries if ask.after < e.seq <= ask.last and ask.priority in (None, e.priority)]
        return Rows(ask, tuple(found[: ask.limit]))

    def take(self, receive: bool = True) -> list[int]:
        """Let it send what it may at this instant; the numbers sent."""
        numbers: list[int] = []
        while True:
            ready, ask = self.outbox.take(self.now_ms)
            numbers.extend(publish.entry.seq for publish in ready)
            self.sent.extend(ready)
            self.times.extend(self.now_ms for _ in ready)
            for publish in ready if receive else ():
                self.outbox.received(publish.entry.seq)
            if ask is not None:
                self.asks.append(ask)
                self.outbox.rows(self.look_up(ask))
            elif not (ready and receive):
                assert self.outbox.wake_ms > self.now_ms
                return numbers

    def run(self, ms: int, receive: bool = True) -> list[int]:
        """As the loop does: wake when it wants to."""
        numbers, end_ms = self.take(receive), self.now_ms + ms
        while self.outbox.wake_ms <= end_ms:
            self.now_ms = self.outbox.wake_ms
            numbers += self.take(receive)
        self.now_ms = end_ms
        return numbers


def test_nothing_goes_without_a_connection() -> None:
    world = World(EVIDENCE, STATE)
    world.commit(EVIDENCE)
    assert world.run(10_000) == []
    assert world.outbox.wake_ms == NEVER_MS
    assert world.outbox.unacknowledged == 3  # all numbers up to the newest that it saw


def test_evidence_goes_before_telemetry_and_the_older_first() -> None:
    world = World(TELEMETRY, STATE, EVIDENCE, TELEMETRY, INCIDENT, EVIDENCE)
    world.outbox.up(world.now_ms)
    assert world.run(1000) == [3, 6, 5, 2, 1, 4]
    assert all(publish.hist for publish in world.sent)
    assert world.run(60_000) == []


def test_what_is_written_while_connected_is_new_and_what_comes_again_is_not() -> None:
    world = World(STATE)
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.commit(STATE, EVIDENCE)
    assert world.run(1000) == [3, 2]
    assert [publish.hist for publish in world.sent] == [True, False, False]
    world.outbox.down()
    world.outbox.up(world.now_ms)
    assert world.run(1000) == [3, 1, 2]
    assert [publish.hist for publish in world.sent[3:]] == [True, True, True]


def test_what_is_acknowledged_does_not_come_again() -> None:
    world = World(STATE, STATE, EVIDENCE, STATE)
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.outbox.acked(3, world.now_ms)
    world.outbox.acked(2, world.now_ms)
    assert world.outbox.unacknowledged == 1
    world.outbox.up(world.now_ms)
    assert world.run(1000) == [4]


def test_what_is_acknowledged_before_it_was_sent_is_not_sent() -> None:
    world = World(*([STATE] * 50))
    world.outbox.up(world.now_ms)
    assert world.take() == list(range(1, 21))
    world.outbox.acked(45, world.now_ms)
    assert world.run(1000) == [46, 47, 48, 49, 50]


def test_no_more_than_twenty_in_any_second() -> None:
    world = World(*([STATE] * 100))
    world.outbox.up(world.now_ms)
    world.run(2_500)
    assert len(world.sent) == 3 * PER_SECOND
    world.run(10_000)
    for first, later in zip(world.times, world.times[PER_SECOND:], strict=False):
        assert later - first >= 1000
    assert len(world.sent) == 100


def test_no_more_than_the_window_without_an_answer_of_the_broker() -> None:
    world = World(*([STATE] * 80))
    world.outbox.up(world.now_ms)
    assert len(world.take(receive=False)) == WINDOW
    world.now_ms += 1000
    assert world.take(receive=False) == []
    assert world.outbox.wake_ms == world.now_ms + SILENT_MS - 1000
    world.outbox.received(1)
    world.outbox.received(77)
    assert world.take(receive=False) == [21]
    world.outbox.acked(10, world.now_ms)
    assert world.take(receive=False) == list(range(22, 31))


def test_a_broker_that_never_answers_slows_down_and_stops_nothing() -> None:
    world = World(*([STATE] * 50))
    world.outbox.up(world.now_ms)
    assert world.run(3 * SILENT_MS, receive=False) == list(range(1, 51))
    assert world.times[20] - world.times[0] == SILENT_MS


def test_memory_holds_little_and_the_journal_is_asked_for_the_rest() -> None:
    world = World()
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.commit(*([TELEMETRY] * (HELD + 100)))
    world.commit(EVIDENCE)
    before = len(world.asks)
    numbers = world.run(60_000)
    assert numbers == [HELD + 101, *range(1, HELD + 101)]
    assert len(world.asks) - before <= 3
    assert not any(publish.hist for publish in world.sent)


def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    world = World(EVIDENCE)
    world.outbox.up(world.now_ms)
    ready, ask = world.outbox.take(world.now_ms)
    assert (ready, ask) == ((), Ask(0, NEVER_MS, EVIDENCE, HELD))
    assert world.outbox.take(world.now_ms + ASK_AGAIN_MS - 1) == ((), None)
    assert world.outbox.wake_ms == world.now_ms + ASK_AGAIN_MS
    assert world.outbox.take(world.now_ms + ASK_AGAIN_MS) == ((), ask)
    assert ask is not None
    world.outbox.rows(Rows(Ask(0, 1, None, 1), ()))
    world.outbox.rows(world.look_up(ask))
    world.outbox.rows(world.look_up(ask))
    assert world.run(1000) == [1]


def test_what_is_committed_between_question_and_answer_is_neither_lost_nor_doubled() -> None:
    world = World(EVIDENCE)
    world.outbox.up(world.now_ms)
    _, ask = world.outbox.take(world.now_ms)
    assert ask is not None
    answer = world.look_up(ask)
    world.commit(EVIDENCE)
    world.outbox.rows(answer)
    assert world.run(1000) == [1, 2]
    world.commit(EVIDENCE)
    assert world.run(1000) == [3]


def test_an_answer_from_before_a_reconnect_is_ignored() -> None:
    world = World(EVIDENCE)
    world.outbox.up(world.now_ms)
    _, ask = world.outbox.take(world.now_ms)
    assert ask is not None
    world.outbox.up(world.now_ms)
    world.outbox.rows(world.look_up(ask))
    assert world.run(1000) == [1]


def test_the_centre_may_ask_again() -> None:
    world = World(*([STATE, TELEMETRY] * 50))
    world.outbox.up(world.now_ms)
    world.run(20_000)
    world.outbox.acked(100, world.now_ms)
    world.sent.clear()
    world.outbox.again(3, 92)
    world.commit(TELEMETRY, EVIDENCE)
    assert world.run(20_000) == [102, *range(3, 93), 101]
    assert [publish.hist for publish in world.sent] == [False, *([True] * 90), False]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (-3, 2), (9, 3), (500, 900)])
def test_nonsense_is_not_sent_again(first: int, last: int) -> None:
    world = World(STATE)
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.outbox.again(first, last)
    assert world.run(1000) == []


def test_asking_again_beyond_the_end_and_without_connection() -> None:
    world = World(STATE, STATE)
    world.outbox.again(1, 2)
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.outbox.again(2, 1 << 80)
    assert world.run(1000) == [2]


def test_a_range_with_holes_ends() -> None:
    world = World(*([STATE] * 10))
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.outbox.acked(10, world.now_ms)
    del world.entries[2:9]
    world.outbox.again(1, 10)
    assert world.run(2000) == [1, 2, 10]
    world.outbox.again(4, 6)
    assert world.run(2000) == []


def test_many_wishes_are_bounded() -> None:
    world = World(*([STATE] * 40))
    world.outbox.up(world.now_ms)
    world.run(5000)
    for n in range(1, 41):
        world.outbox.again(n, n)
    assert world.run(5000) == list(range(25, 41))


def test_a_lost_acknowledgement_is_asked_for_by_sending_the_oldest_again() -> None:
    world = World(STATE, STATE, EVIDENCE)
    world.outbox.up(world.now_ms)
    world.run(1000)
    world.outbox.acked(1, world.now_ms)
    assert world.run(PROBE_MS - 1) == []
    assert world.run(1) == [2]
    assert world.sent[-1].hist
    assert world.run(PROBE_MS) == [2]
    world.outbox.acked(3, world.now_ms)
    assert world.run(10 * PROBE_MS) == []
    assert world.outbox.wake_ms == NEVER_MS


class Centre:
    """Stores by number, acknowledges up to the first hole, sometimes."""

    def __init__(self) -> None:
        self.stored: set[int] = set()

    def hear(self, numbers: Iterable[int]) -> int:
        self.stored.update(numbers)
        upto = 0
        while upto + 1 in self.stored:
            upto += 1
        return upto


@given(st.integers(0, 1 << 30))
def test_in_the_end_the_centre_has_everything_and_memory_stays_small(seed: int) -> None:
    dice = random.Random(seed)
    world = World(*dice.choices(tuple(Priority), k=dice.randint(0, 200)))
    centre = Centre()
    world.outbox.up(world.now_ms)
    for _ in range(40):
        heard = [n for n in world.run(dice.randint(1, 3000)) if dice.random() < 0.8]
        upto = centre.hear(heard)
        match dice.randint(0, 5):
            case 0:
                world.outbox.down()
                world.commit(*dice.choices(tuple(Priority), k=dice.randint(0, 90)))
                world.outbox.up(world.now_ms)
            case 1:
                world.commit(*dice.choices(tuple(Priority), k=dice.randint(0, 90)))
            case 2:
                world.outbox.acked(upto, world.now_ms)
            case 3:
                first = dice.randint(1, 300)
                world.outbox.again(first, first + dice.randint(0, 300))
    world.outbox.up(world.now_ms)
    upto = centre.hear(world.run(60_000))
    assert upto == len(world.entries)
    world.outbox.acked(upto, world.now_ms)
    assert world.outbox.unacknowledged == 0
    assert world.run(10 * PROBE_MS) == []
    for first, later in zip(world.times, world.times[PER_SECOND:], strict=False):
        assert later - first >= 1000


def test_a_quiet_room_has_nothing_to_send_again() -> None:
    world = World()
    world.outbox.up(world.now_ms)
    assert world.run(1000) == []
    world.now_ms += 2 * PROBE_MS
    assert world.run(1000) == []
    assert world.outbox.wake_ms == NEVER_MS
