"""What time it is, and how far that may be believed. Clause: N3 (clock trust)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Trust(IntEnum):
    """How good the wall clock is. HELD: carried over from disk, a lower bound of the true time."""

    UNKNOWN = 0
    HELD = 1
    RTC = 2
    NTP = 3


class Instant(NamedTuple):
    """`mono_ms` counts since the Pi's boot and never jumps; `wall_ms` is Unix time and may. A tuple, as
    State is: each call of `decide` has a new one."""

    mono_ms: int
    wall_ms: int
    trust: Trust
