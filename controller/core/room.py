"""The room as the core sees it: a table that config.py compiles from room.toml. Frozen values, no behaviour
beyond look-ups; defaults of rule parameters live in config.py with their sources, not here.

Times are milliseconds. A load's target is `load.<name>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from controller.core.room_drift import NO_DRIFT, Drift
from controller.core.room_figures import (
    Battery,
    Calls,
    Close,
    Duty,
    Floor,
    Idle,
    Mains,
    Owned,
    Pc,
    PowerUp,
    Presence,
    Rehearsal,
    Safety,
    Spot,
    Upkeep,
    Volume,
    Zone,
)
from controller.core.room_line import NO_LINE, NO_REDIAL, Line, Redial
from controller.core.room_window import CALM, NEVER, Storm, Updates
from hardware.contract import Value


class Mode(StrEnum):
    """How far a rule that cuts, hangs up or mutes may go (people.md 5.1)."""

    OFF = "off"
    WATCH = "watch"
    REMIND = "remind"
    ENFORCE = "enforce"


FIXED = frozenset({"R3", "R13"})
"""Rules without a mode: the order of switching and the farewell before a cut hold orders back, they give none, and
without them relays weld and a codec is cut in the middle of its update."""


class Rank(IntEnum):
    """Who wins over whom at one target. USE_LOCK is the rank of refusals only. PERSON: a person's `off now`."""

    IDLE = 20
    SCHEDULE = 30
    HEAL = 40
    MANUAL = 50
    USE_LOCK = 60
    POWER = 70
    PERSON = 80
    SAFETY = 81
    BYPASS = 90


class Class(StrEnum):
    """Load classes of field.md; the class decides order, shedding and what `holds` in a meeting."""

    NETWORK = "network"
    DISPLAY = "display"
    CAMERA = "camera"
    CODEC = "codec"
    MIXER = "mixer"
    AMPLIFIER = "amplifier"
    LIGHT = "light"
    FAN = "fan"
    DEHUMIDIFIER = "dehumidifier"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Load:
    """One switched outlet group. `proof` names the fact that shows the effect ('' = by relay only)."""

    name: str
    cls: Class
    needs: tuple[str, ...] = ()
    meeting: bool = True
    proof: str = ""
    warmup_ms: int = 0
    settle_on_ms: int = 2_000
    settle_off_ms: int = 5_000
    min_off_ms: int = 15_000
    max_on_ms: int = 0
    on_ups: bool = False
    shed: bool = False
    holds_over_reset: bool = False
    watts: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that must hold for a value: equal to it, or to what `when` maps it to; `absent`: the value is
    not the id of any row of a tuple fact ('all': the tuple is empty)."""

    fact: str
    when: tuple[tuple[Value, Value], ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be ordered. `carrier`: the target that must be proven `on` first ('' = none)."""

    name: str
    carrier: str
    done: tuple[Evidence, ...]
    proven: tuple[Evidence, ...]
    prefer: Value = None
    prove_ms: int = 10_000
    effect_ms: int = 90_000
    tries: int = 3
    again_ms: int = 600_000
    min_off_ms: int = 0
    max_on_ms: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """One row of the sequence table: `target` may go to `value` when `after` is at `is_` for `settle_ms`.

    `hard`: also gates when nobody wants `after` at `is_` (a child needs its parent). `effect`: wait for the
    proven effect, else the contact is enough. Open anyway `give_up_ms` after the wish began.
    """

    target: str
    value: Value
    after: str
    is_: Value
    settle_ms: int
    give_up_ms: int
    hard: bool = False
    effect: bool = False


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What to believe of a fact: older than `max_age_ms` = stale (0 = never stale); outside low…high =
    implausible; a jump of more than `jump` needs three in a row; within `dead_band` = unchanged; not moved
    by a digit for `stuck_ms` while a like fact was = stuck (0 = not looked for). `silent_age_ms`: age of a False
    where that means a device that is silent, which is asked seldom while it has no power."""

    max_age_ms: int = 0
    silent_age_ms: int = 0
    dead_band: float = 0.0
    low: float | None = None
    high: float | None = None
    jump: float = 0.0
    stuck_ms: int = 0


@dataclass(frozen=True, slots=True)
class Button:
    """What a wired input means: `role` one of power duty check help talk bypass for what a finger moves, smoke leak
    motion tamper door for contacts; `seat` for talk buttons."""

    input: str
    role: str
    seat: str = ""


@dataclass(frozen=True, slots=True)
class Lamp:
    """A wired lamp: `role` one of ready power device line mic talk duty check help; `seat` for talk boxes."""

    name: str
    role: str
    seat: str = ""


class Seat(NamedTuple):
    """A named seat: which camera shows it, by which preset (R8)."""

    name: str
    camera: str
    preset: int


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """Everything that decisions need to know of one room and that does not change while it runs. Compared by
    identity, so that tables derived from it (`tables.py`) can be kept beside it. `clock_settle_ms`: a wall clock
    may decide an *off* only so long after its last step (N3). `seats`: name, camera, preset (R8).
    `codec`: its make, '' in a room without one, where `pc` may stand in for it."""

    name: str
    loads: tuple[Load, ...]
    targets: Mapping[str, Target]
    edges: tuple[Edge, ...]
    facts: Mapping[str, FactSpec]
    buttons: tuple[Button, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    cameras: tuple[str, ...] = ()
    displays: tuple[str, ...] = ()
    seats: tuple[Seat, ...] = ()
    codec: str = ""
    pc: Pc | None = None
    has_ups: bool = False
    zones: tuple[Zone, ...] = ()
    spots: tuple[Spot, ...] = ()
    buzzer: str = ""
    modes: Mapping[str, Mode] = field(default_factory=dict)
    accepted: bool = False
    power_up: PowerUp = field(default_factory=PowerUp)
    idle: Idle = field(default_factory=Idle)
    mains: Mains = field(default_factory=Mains)
    battery: Battery = field(default_factory=Battery)
    rehearsal: Rehearsal = field(default_factory=Rehearsal)
    upkeep: Upkeep = field(default_factory=Upkeep)
    devices: tuple[Owned, ...] = ()
    floor: Floor = field(default_factory=Floor)
    calls: Calls = field(default_factory=Calls)
    duty: Duty = field(default_factory=Duty)
    volume: Volume = field(default_factory=Volume)
    close: Close = field(default_factory=Close)
    safety: Safety = field(default_factory=Safety)
    presence: Presence = field(default_factory=Presence)
    line: Line = NO_LINE
    redial: Redial = NO_REDIAL
    updates: Updates = NEVER
    storm: Storm = CALM
    drift: Drift = NO_DRIFT
    utc_offset_ms: int = 7 * 3_600_000
    clock_settle_ms: int = 900_000
