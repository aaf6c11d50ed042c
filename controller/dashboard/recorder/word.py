"""What passes between hearing, storing and telling."""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.dashboard.recorder.hear import Heard


@dataclass(frozen=True, slots=True)
class Word:
    """One message as it came."""

    topic: str
    size: int
    start: bytes
    heard: Heard
    at_ms: int


@dataclass(slots=True)
class Owed:
    """What the rooms are to be told after the commit: stored up to (boot, seq); ranges wanted again."""

    acks: dict[str, tuple[str, int]] = field(default_factory=dict)
    again: dict[str, tuple[int, int]] = field(default_factory=dict)
