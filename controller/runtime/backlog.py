"""What waits to be written, bounded, evidence first (N13). Pure: no disk, no thread, no clock.

`Backlog` collects; `take` hands out one immutable `Load`. A load whose commit failed stays as it is and is tried
again, so that a commit of which we only missed the answer can be recognised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.core.chain import KIND
from controller.core.instant import Instant
from controller.core.memory import Memory
from controller.core.records import Priority, Record
from controller.runtime.batch import OWN, Batch

MAX_RECORDS = 2_000
"""About 1 MB of memory, or some days of a quiet room on a dead disk."""

MAX_TOKENS = 4_000
"""Tokens of batches that wait for their Committed; who waits for one acts after 2 s without it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record with the batch that it came in."""

    token: int
    at: Instant
    record: Record


@dataclass(frozen=True, slots=True)
class Load:
    """What one commit writes. `shares`: for each batch its token and how many of its records were lost."""

    items: tuple[Item, ...]
    shares: tuple[tuple[int, int], ...]
    memory: Memory | None
    urgent_ms: int | None
    """When the first urgent record of this load was made (monotonic); None = nobody waits."""


@dataclass(frozen=True, slots=True)
class Lost:
    """How many records were given up, by priority, and between which instants."""

    counts: Mapping[Priority, int]
    first: Instant
    last: Instant

    def record(self, reason: str) -> Record:
        """The entry that states the gap."""
        numbers = ((priority.name.lower(), self.counts.get(priority, 0)) for priority in Priority)
        times = (
            ("from_wall_ms", self.first.wall_ms),
            ("from_mono_ms", self.first.mono_ms),
            ("to_wall_ms", self.last.wall_ms),
            ("to_mono_ms", self.last.mono_ms),
        )
        return Record(KIND, "gap", (("reason", reason), *numbers, *times), Priority.EVIDENCE)


def lose(before: Lost | None, at: Instant, records: Iterable[Record]) -> Lost | None:
    """`before` and these records too; None = nothing was lost."""
    return _both(before, Lost(Counter(record.priority for record in records), at, at))


def _both(before: Lost | None, after: Lost | None) -> Lost | None:
    if not after or not after.counts:
        return before
    if before is None:
        return after
    return Lost(Counter(before.counts) + Counter(after.counts), before.first, after.last)


class Backlog:
    """Batches and own records since the last `take`."""

    def __init__(self, max_records: int = MAX_RECORDS) -> None:
        self._max = max_records
        self._clear()

    def _clear(self) -> None:
        self._items: list[Item] = []
        self._shares: dict[int, int] = {}
        self._memory: Memory | None = None
        self._lost: Lost | None = None
        self._first_ms: int | None = None
        self._urgent_ms: int | None = None

    @property
    def first_ms(self) -> int | None:
        """When the oldest waiting batch was made (monotonic); None = nothing waits."""
        return self._first_ms

    @property
    def urgent_ms(self) -> int | None:
        """When the oldest urgent batch was made (monotonic); None = nobody waits."""
        return self._urgent_ms

    def add(self, batch: Batch) -> None:
        """When there are too many records, the oldest of the least worth are given up."""
        at = batch.instant
        self._first_ms = at.mono_ms if self._first_ms is None else self._first_ms
        if self._urgent_ms is None and is_urgent(batch):
            self._urgent_ms = at.mono_ms
        self._memory = batch.memory or self._memory
        self._shares[batch.token] = 0
        self._items.extend(Item(batch.token, at, record) for record in batch.records)
        while len(self._items) > self._max:
            self._give_up()
        while len(self._shares) > MAX_TOKENS:
            del self._shares[next(iter(self._shares))]

    def own(self, record: Record, at: Instant) -> None:
        """Something that the journal says about itself: comes first, nobody waits for it, but it is urgent."""
        self._items.insert(0, Item(OWN, at, record))
        self._first_ms = at.mono_ms if self._first_ms is None else self._first_ms
        self._urgent_ms = at.mono_ms if self._urgent_ms is None else self._urgent_ms

    def lose(self, lost: Lost) -> None:
        """Batches that did not even come this far: the thread was stuck in the disk and its mailbox full."""
        self._lost = _both(self._lost, lost)
        self._first_ms = lost.first.mono_ms if self._first_ms is None else self._first_ms

    def take(self, reason: str, now: Instant) -> Load | None:
        """Everything that waits, the gap first; None = nothing does. `reason` is why a gap arose."""
        if self._first_ms is None:
            return None
        gap = [Item(OWN, now, self._lost.record(reason))] if self._lost else []
        load = Load((*gap, *self._items), tuple(self._shares.items()), self._memory, self._urgent_ms)
        self._clear()
        return load

    def _give_up(self) -> None:
        least = max(item.record.priority for item in self._items)
        index = next(i for i, item in enumerate(self._items) if item.record.priority == least)
        item = self._items.pop(index)
        self._lost = lose(self._lost, item.at, (item.record,))
        if item.token in self._shares:
            self._shares[item.token] += 1


def is_urgent(batch: Batch) -> bool:
    """Orders wait for it, or it holds what must not be lost."""
    return batch.urgent or any(record.priority <= Priority.INCIDENT for record in batch.records)
