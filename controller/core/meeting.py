"""One occurrence of a meeting, and the same once its lead has begun (`Booked`). Clauses: R18, N2."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """This room's part in one meeting: roles are per meeting, never of the room (mission.md)."""

    CHAIR = "chair"
    DESK = "desk"
    BACKUP = "backup"
    MEMBER = "member"


class Policy(StrEnum):
    """Who may speak in a meeting (R9)."""

    CHAIR_LED = "chair_led"
    OPEN = "open"
    PRESENTER = "presenter"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One occurrence. `start_ms`, `end_ms`, `breaks` are Unix times; `uid` is unique per occurrence and
    keeps its value when the occurrence is moved. `tentative`: checked, but powered only once confirmed.
    `seats`: frames of this meeting that differ from the room's own (R8).
    `rehearse`: spans in which the room may rehearse for it; `due_ms`: when the result must be there (R6)."""

    uid: str
    title: str
    start_ms: int
    end_ms: int
    role: Role = Role.MEMBER
    policy: Policy = Policy.CHAIR_LED
    presents: bool = False
    tentative: bool = False
    secret: bool = False
    external: bool = False
    numbers: tuple[str, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    seats: tuple[tuple[str, int], ...] = ()
    rehearse: tuple[tuple[int, int], ...] = ()
    due_ms: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting whose lead has begun, with its edges in monotonic time: from now on a stepped wall clock
    does not move it, only a Calendar event does. `on_by_ms` power-up begins; `ready_ms` = T-60 (R1).
    `late`: '' in time, 'late' (we were off or down), 'short_notice' (we were told too late)."""

    meeting: Meeting
    on_by_ms: int
    ready_ms: int
    start_ms: int
    end_ms: int
    breaks: tuple[tuple[int, int], ...] = ()
    late: str = ""
