"""N13 and N1: a full journal drops the least worth first and admits it, so that a trim is no theft."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from controller.core.chain import START, Entry, seal, seal_all
from controller.core.records import Priority, Record
from controller.core.verify import ranges_of, verify
from controller.runtime.batch import Ask
from controller.runtime.memory_json import Changes
from controller.runtime.store import Store
from controller.runtime.trim import RANGES, ROWS, trim
from tests.controller.runtime.given import BOOT, at, record

ALL = Ask(0, 1 << 62, None, 100_000)
EVIDENCE, INCIDENT, STATE, TELEMETRY = Priority


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "journal.db")) as store:
        yield store


def fill(store: Store, *priorities: Priority) -> None:
    records = ((record(n, priority), at(n)) for n, priority in enumerate(priorities))
    store.commit(seal_all(records, BOOT, store.head), Changes())


def drop(store: Store) -> Entry | None:
    def sealed(stated: Record) -> Entry:
        return seal(stated, at(999), BOOT, store.head)

    return trim(store, sealed)


def left(store: Store) -> list[int]:
    return [entry.seq for entry in store.rows(ALL)]


def test_nothing_to_drop(store: Store) -> None:
    assert drop(store) is None
    fill(store, STATE)
    assert drop(store) is None
    assert left(store) == [1]


def test_what_goes_first(store: Store) -> None:
    fill(store, *(TELEMETRY, INCIDENT, EVIDENCE, STATE, TELEMETRY, INCIDENT, EVIDENCE, STATE, TELEMETRY, STATE))
    store.notes["acked"] = 5
    reasons, remaining = [], []
    for _ in range(7):
        entry = drop(store)
        assert entry is not None
        reasons.append(dict(entry.body)["reason"])
        remaining.append([seq for seq in left(store) if seq <= 10])
        assert verify(store.rows(ALL)).problems == ()
    assert reasons == [
        "acknowledged",
        "acknowledged_incident",
        "telemetry",
        "state",
        "incident",
        "acknowledged_evidence",
        "evidence",
    ]
    assert remaining == [
        [2, 3, 6, 7, 8, 9, 10],
        [3, 6, 7, 8, 9, 10],
        [3, 6, 7, 8, 10],
        [3, 6, 7],
        [3, 7],
        [7],
        [],
    ]


def test_one_trim_is_bounded_in_rows_and_in_ranges(store: Store) -> None:
    fill(store, *([TELEMETRY] * (ROWS + 50)))
    entry = drop(store)
    assert entry is not None
    assert ranges_of(entry) == [(1, ROWS)]
    assert dict(entry.body)["count"] == ROWS
    fill(store, *([EVIDENCE, TELEMETRY] * (RANGES * 2)))
    drop(store)
    entry = drop(store)
    assert entry is not None
    assert len(ranges_of(entry)) <= RANGES


def test_no_trim_is_mistaken_for_a_theft_and_no_theft_for_a_trim(store: Store) -> None:
    dice = random.Random(11)
    for turn in range(60):
        fill(store, *dice.choices(tuple(Priority), weights=(1, 1, 3, 5), k=dice.randint(1, 30)))
        if dice.random() < 0.5:
            store.notes["acked"] = dice.randint(store.notes.get("acked", 0), store.head.seq)
        if dice.random() < 0.7:
            drop(store)
        entries = list(store.rows(ALL))
        assert verify(entries).problems == (), turn
        victim = dice.randrange(len(entries))
        if 0 < victim < len(entries) - 1 and entries[victim].subject != "trim":
            stolen = entries[:victim] + entries[victim + 1 :]
            assert [f.first for f in verify(stolen).problems] == [entries[victim].seq]


def test_down_to_the_last_entry_and_on(store: Store) -> None:
    fill(store, *([EVIDENCE] * 30))
    for _ in range(5):
        drop(store)
    verdict = verify(store.rows(ALL))
    assert verdict.problems == ()
    fill(store, STATE)
    assert verify(store.rows(ALL)).problems == ()
    assert START.seq == 0
