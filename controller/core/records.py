"""What is written down. The journal adds time, sequence number and hash chain (N1); the core only says what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from hardware.contract import Value


class Priority(IntEnum):
    """Order of sending to the centre after a cut (N13): the lowest number first."""

    EVIDENCE = 0
    INCIDENT = 1
    STATE = 2
    TELEMETRY = 3


@dataclass(frozen=True, slots=True)
class Because:
    """Why: the rule, a text code of the catalogue, and identities (a meeting's uid, a load) as arguments,
    or a configured figure; never moving ones, so that an unchanged reason stays equal to itself."""

    rule: str
    code: str
    args: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal: `kind` (`order`, `proof`, `alert`, `press`, `command`, `meeting` …), whom it
    is about, and named values."""

    kind: str
    subject: str
    body: tuple[tuple[str, Value], ...] = ()
    priority: Priority = Priority.STATE


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command (mqtt.md `reply`): stage accepted, refused, done, failed or expired."""

    id: str
    stage: str
    code: str = ""
    args: tuple[Value, ...] = ()
