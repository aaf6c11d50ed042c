"""What a line of a Polycom codec may say, as frozen values; and how much of its free text is kept.

Law: values only, no parsing and no decision.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series, command chapters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from hardware.protocols.codec_camera import Position, Preset

MAX_TEXT: Final = 80
"""Longest free text kept of a device, characters: enough for a person to recognise it."""


def bounded(text: str) -> str:
    """Free text of a device, cut to what a record may carry."""
    return text.strip()[:MAX_TEXT]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the device said of itself: a field of the `codec` source, or one of the internal names
    `model`, `serial`, `software`, `uptime_min`, `asleep`."""

    field: str
    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call as told by an event or a `callinfo` line; fields that the line lacks are empty.

    `state` is ringing, connecting, connected, ending, ended, or empty for a word that we do not know."""

    id: str
    state: str
    way: str = ""
    number: str = ""
    kind: str = ""
    event: bool = True


@dataclass(frozen=True, slots=True)
class Roll:
    """Marks of the `callinfo all` list: begin, end, or empty (`system is not in a call`)."""

    mark: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """`listen video ringing`: somebody calls; who it is comes in other lines."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A `netstats` line: rate received, kbps, and packet loss, percent, of the last 5 s."""

    rate_kbps: int | None
    loss_pct: float | None


@dataclass(frozen=True, slots=True)
class Banner:
    """A line of the block that `whoami` and a restart print; `start` at its first line."""

    start: bool = False
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """`error: …` or `info: …`: the device will not do the command in flight. `absent`: it does not know it."""

    word: str
    text: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """`-- login failed, retry --`."""


@dataclass(frozen=True, slots=True)
class Status:
    """One line of the `status` block, or its end: Status("status", "end")."""

    name: str
    word: str


Heard: TypeAlias = (
    Fact | CallSeen | Roll | Ringing | Quality | Banner | Refusal | LoginFailed | Preset | Position | Status
)
