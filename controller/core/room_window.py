"""The weekly hours in which codecs may update themselves, as the core sees them. Frozen; no behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Updates:
    """From `start_ms` after the local midnight that begins `weekday` (Monday 0), for `for_ms`; 0 = never."""

    weekday: int = 0
    start_ms: int = 0
    for_ms: int = 0


NEVER = Updates()
