"""What survives a restart. Never facts or tracks: what is observed is read anew (core.md, Restart)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.meeting import Booked, Meeting
from controller.core.records import Because, Reply
from hardware.contract import Value


@dataclass(frozen=True, slots=True)
class Kept:
    """A mark: a value, since when (monotonic), and its last eight changes."""

    value: Value
    since_ms: int
    rises_ms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's set-point: `targets` to `value` until `until_ms` (monotonic; NEVER_MS = until replaced).
    `until_wall_ms` lets it end rightly after a reboot with a trusted clock."""

    name: str
    targets: tuple[str, ...]
    value: Value
    rank: int
    because: Because
    since_ms: int
    until_ms: int
    until_wall_ms: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """How a device was told lately: the `value` of its last order, when its last orders went out (monotonic, as
    many as an hour may have) and the wall clock at the last of them, 0 = it could not be trusted."""

    value: Value
    at_ms: tuple[int, ...]
    wall_ms: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refused messages of one kind (refusals.py): how many were `told` one by one, how many `more` are only
    counted, since when, and the reason of the last of them."""

    kind: tuple[str, ...]
    code: str
    args: tuple[Value, ...]
    since_ms: int
    told: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Written by the journal after every change. Monotonic values are of boot `boot`; in another boot
    marks restart and booked meetings are placed anew from their wall times. `over`: uids that were held or
    skipped and must not begin again. `told` and `given_up`, of what is told over a wire and not by a relay: its
    last orders, and when its tries last came to nothing, so that a restart begins no new count. `alerts`: code and
    subject of what is open in the journal and no more: since when stands there, and a time of another boot means
    nothing."""

    boot: str
    seq: int
    meetings: tuple[Meeting, ...] = ()
    edge_ms: int = 0
    version: str = ""
    booked: tuple[Booked, ...] = ()
    holds: Mapping[str, Hold] = field(default_factory=dict)
    marks: Mapping[str, Kept] = field(default_factory=dict)
    off_ms: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    alerts: tuple[tuple[str, str], ...] = ()
    over: tuple[str, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    given_up: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()


def end_of(memory: Memory | None, boot: str) -> str:
    """N7, how the last life ended: `restart` of the program alone, on battery after its last `gasp` (mains lost),
    with `no_gasp` (the machine died or was reset), or `unknown`."""
    if memory is None or memory.boot == boot:
        return "unknown" if memory is None else "restart"
    mains = memory.marks.get("mains")
    lost = mains is not None and mains.value == "lost"  # by a habitual hand no alert is open
    gasped = lost or any(code in ("on_battery", "battery_short") for code, _ in memory.alerts)
    return "gasp" if gasped else "no_gasp"
