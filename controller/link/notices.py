"""What the link tells the deciding loop: frozen values. Nothing here acts or reads bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from controller.core.events import Command, Rejected
from hardware.contract import Reading


@dataclass(frozen=True, slots=True)
class Ack:
    """The centre stored this room's records up to `seq` (numbers go on over boots)."""

    boot: str
    seq: int


@dataclass(frozen=True, slots=True)
class Again:
    """The centre asks for the records `first` to `last` once more, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class CalendarText:
    """iCalendar text as it came; whoever parses it keeps its own copy."""

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class CertificateText:
    """A certificate as it came (PEM), not yet looked at."""

    text: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The room's certificate was renewed: its serial number in hex and its end (Unix seconds)."""

    serial: str
    until: int


@dataclass(frozen=True, slots=True)
class Online:
    """Connected, subscribed, birth and views sent: records may follow. `via` is `main` or `backup`.
    Whatever was handed over before this and not acknowledged must be handed over again."""

    via: str


@dataclass(frozen=True, slots=True)
class Down:
    """There is no connection: it ended, or could not be made; said once per broker and reason until the next
    `Online`, never while another broker serves. `code`: dns
    unreachable refused timeout tls files credentials kicked keepalive shutdown protocol lost."""

    via: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker refused something we sent (reason ≥ 0x80): nobody received it. Said once per topic and
    connection. `reason` is the MQTT 5 reason code."""

    topic: str
    reason: int


LinkEvent: TypeAlias = (
    Reading | Command | Rejected | Ack | Again | CalendarText | CertificateText | Renewed | Online | Down | Refused
)
