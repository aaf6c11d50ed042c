"""The weekly hours in which codecs may update themselves, and the storm, as the core sees them. Frozen."""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Updates:
    """From `start_ms` after the local midnight that begins `weekday` (Monday 0), for `for_ms`; 0 = never."""

    weekday: int = 0
    start_ms: int = 0
    for_ms: int = 0


@dataclass(frozen=True, slots=True)
class Storm:
    """`until_wall_ms`: Unix time up to which a storm is known of beforehand, 0 = none; `max_ms`: the longest that
    one order may last."""

    until_wall_ms: int = 0
    max_ms: int = 72 * HOUR_MS


NEVER = Updates()
CALM = Storm()
