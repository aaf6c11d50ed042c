"""What passes between the loop, the journal's thread and the outbox: frozen values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from controller.core.chain import Entry
from controller.core.instant import Instant
from controller.core.memory import Memory
from controller.core.records import Priority, Record
from hardware.contract import Reading

OWN = 0
"""Token of what the journal writes about itself; the loop's tokens begin at 1."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of the loop leaves behind. `token` comes back in `Committed`. `urgent`: orders wait for it;
    evidence and incidents are urgent by themselves. `memory` None = unchanged."""

    token: int
    instant: Instant
    records: tuple[Record, ...]
    memory: Memory | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """The batch `token` is on disk and survives a power cut. `lost`: how many of its records were given up while
    the disk could not be written; a gap entry states them."""

    token: int
    entries: tuple[Entry, ...]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Acked:
    """The centre has everything up to `seq`; checked against the boot that wrote it."""

    seq: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Stored entries wanted: first < seq ≤ last, of one priority (None = any), oldest first, at most `limit`."""

    after: int
    last: int
    priority: Priority | None
    limit: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to an Ask. Fewer than `limit` entries: there are no more."""

    ask: Ask
    entries: tuple[Entry, ...]


Report: TypeAlias = Committed | Acked | Rows | Reading
