"""The line and whom to call again, as the core sees them (R12, R22). Frozen values; defaults with their sources
live in the configuration. A place's name is that of its source `line.<name>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Spot(StrEnum):
    """Where on the way out a place stands, nearest first."""

    GATEWAY = "gateway"
    PROVIDER = "provider"
    TARGET = "target"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Place:
    """Something that is probed."""

    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Limits:
    """From here on the line is called slow, or bad, over 60 s."""

    loss_ratio: float
    rtt_ms: float
    jitter_ms: float


@dataclass(frozen=True, slots=True)
class Line:
    """`places`: nearest first. `ours`: probes leave by the meeting's own line; figures of a management port or 4G
    are never held against a provider. `provider`, `circuit`, `hotline`: whom to phone, with which number."""

    places: tuple[Place, ...] = ()
    ours: bool = True
    provider: str = ""
    circuit: str = ""
    hotline: str = ""
    warn: Limits = Limits(0.01, 150, 30)
    bad: Limits = Limits(0.05, 300, 50)
    phone_ms: int = 300_000
    ask_ms: int = 1_800_000


@dataclass(frozen=True, slots=True)
class Redial:
    """R12: addresses to call again (`main`: where the meeting names none), how, and after how long; `alone_ms`: the
    longest wait while no centre can say that many rooms fell together."""

    main: str = ""
    backup: str = ""
    protocol: str = "auto"
    kbps: int = 0
    least_ms: int = 20_000
    most_ms: int = 60_000
    alone_ms: int = 180_000
    tries: int = 3


NO_LINE, NO_REDIAL = Line(), Redial()
