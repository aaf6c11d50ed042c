"""What the core knows: one frozen value, replaced as a whole by `decide`. No behaviour lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from controller.core.meeting import Booked, Meeting
from controller.core.memory import Hold, Kept, Memory, Refusal, Told
from controller.core.records import Because, Record, Reply
from controller.core.room import Mode, Rank
from hardware.contract import Order, Value


class Quality(StrEnum):
    """How far a fact may be believed (N14)."""

    GOOD = "good"
    STALE = "stale"
    IMPLAUSIBLE = "implausible"
    STUCK = "stuck"
    NEVER = "never"


class Fact(NamedTuple):
    """The last word of a source on one thing. `value` stays for display when the quality is not good;
    `odd` counts readings in a row that jumped away from what was believed; `still`: where stuck sensors are looked
    for, the last reading to the digit and since when it is that. A tuple, because every answer of every device
    makes a few dozen of them and a frozen dataclass takes twice as long."""

    value: Value
    quality: Quality
    at_ms: int
    since_ms: int
    odd: int = 0
    still: tuple[Value, int] | None = None


class Proof(StrEnum):
    """Where a target stands between wish and effect (N4; the table is in core.md)."""

    NA = "na"
    UNSEEN = "unseen"
    WAITING = "waiting"
    ORDERED = "ordered"
    DONE = "done"
    PROVEN = "proven"
    LOST = "lost"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Desired:
    """What wins at a target, with its reason; kept by identity while nothing changes, so `since` is free."""

    value: Value
    rank: Rank
    because: Because
    since_ms: int
    value_since_ms: int


@dataclass(frozen=True, slots=True)
class Track:
    """The way of one target from wish to effect. `want`: the wish it follows. `seen`: the value that the evidence
    shows, None = unknown. `done_ms`: since when the actuator says so. `failed`: code of the last refusal or
    failure. `off_ms`: when it was last seen to go off, for the minimum off-time. `free_ms`: since when no rule
    holds the order back, NEVER_MS while one does. `given_up`: how it was when its tries last came to nothing,
    None = it has obeyed since. `told`: its last orders, as many as an hour may have."""

    proof: Proof
    since_ms: int
    want: Value = None
    seen: Value = None
    sent: Order | None = None
    sent_ms: int = 0
    done_ms: int = 0
    tries: int = 0
    failed: str = ""
    off_ms: int = 0
    out_of_order: bool = False
    free_ms: int = 0
    waiting: Because | None = None
    given_up: Track | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """One button as its edges tell it: raw level, debounced level, since when each, and presses counted."""

    raw: bool = False
    raw_ms: int = 0
    down: bool = False
    down_ms: int = 0
    count: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person should know, true as long as a rule says so."""

    code: str
    subject: str
    because: Because
    since_ms: int


_NONE: Mapping[Any, Any] = MappingProxyType({})


class State(NamedTuple):
    """Everything. Mappings are never mutated after construction. A tuple, because most calls of `decide` make one
    that differs in a single field, and a frozen dataclass sets all its fields one by one for it."""

    boot: str = ""
    started_ms: int = 0
    facts: Mapping[str, Fact] = _NONE
    presses: Mapping[str, Press] = _NONE
    marks: Mapping[str, Kept] = _NONE
    desired: Mapping[str, Desired] = _NONE
    would: Mapping[str, Because] = _NONE
    refused: tuple[tuple[str, Value, Rank, Because], ...] = ()
    tracks: Mapping[str, Track] = _NONE
    alerts: Mapping[tuple[str, str], Alarm] = _NONE
    meetings: tuple[Meeting, ...] = ()
    edge_ms: int = 0
    version: str = ""
    booked: tuple[Booked, ...] = ()
    over: tuple[str, ...] = ()
    holds: Mapping[str, Hold] = _NONE
    modes: Mapping[str, Mode] = _NONE
    replies: tuple[Reply, ...] = ()
    stepped_ms: int = 0
    inrush_ms: int = 0
    seq: int = 0
    wake_ms: int = 0
    unsettled: tuple[tuple[str, str], ...] = ()
    """Alerts that were open when an earlier life ended and that no rule has spoken of since (decide.py)."""
    refusals: Mapping[tuple[str, ...], Refusal] = _NONE
    """Bad messages that are being counted, by their kind (refusals.py)."""
    answered: tuple[int, int] = (0, 0)
    """Since when the present second counts, and how many refusals were answered in it."""


class Outcome(NamedTuple):
    """What one call of `decide` gives, a tuple as State is. `orders` go out once their `order` records are written
    (R3)."""

    state: State
    orders: tuple[Order, ...]
    records: tuple[Record, ...]
    replies: tuple[Reply, ...]
    wake_ms: int
    memory: Memory | None = None
