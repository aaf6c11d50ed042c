"""What can happen to the core: one union of frozen values. Devices' words come from `hardware.contract`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from controller.core.meeting import Meeting
from controller.core.memory import Memory
from hardware.contract import Edge, Reading, Result, Value


@dataclass(frozen=True, slots=True)
class Calendar:
    """The occurrences that touch [now − 12 h, now + 48 h]; `edge_ms` (Unix time): when a new one is needed."""

    window: tuple[Meeting, ...]
    edge_ms: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Force:
    """A named person overrides a refusal and says why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Command:
    """A set-point from outside the room. `verb` as in mqtt.md (`power`, `load`, `floor`, `mute` …); `args`
    are its validated words; `until_ms` is monotonic: past it the command is refused as expired.
    `hold_ms`: how long the set-point holds (0 = as long as its verb says: an *on* like a press, else until replaced
    or `auto`). `here`: whoever says it stands in the room."""

    id: str
    by: str
    verb: str
    args: tuple[Value, ...]
    until_ms: int
    hold_ms: int = 0
    force: Force | None = None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something came that could not be read as a command; it is recorded or counted, and answered. `by`: who sent
    it, where it says so; `topic`: what it was (`do/power`, `do` for a command that we do not know, `ack` …)."""

    id: str
    code: str
    args: tuple[Value, ...] = ()
    by: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Stepped:
    """The wall clock moved by `by_ms` against the monotonic clock, or its trust changed (`by_ms` = 0)."""

    by_ms: int


@dataclass(frozen=True, slots=True)
class Started:
    """First event of a life: `boot` is this boot's id; what the journal gave back, or None."""

    boot: str
    memory: Memory | None


Event: TypeAlias = Reading | Result | Edge | Command | Rejected | Calendar | Stepped | Started
