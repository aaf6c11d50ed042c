"""N14 — every output that has a longest time on ends by itself, whatever rule or person wants it; it is said
before.

The keeper has the same limit and keeps it without us, a moment later. Then the load rests, or whoever wants it
would have it back at once. What a meeting uses is not cut around the meeting: the use lock refuses that (N9).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Load, Rank
from controller.core.tables import target
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield

EARLY_MS = 5_000
"""Before the keeper's own limit: it hears of the contact a moment earlier than we do."""
SOON_MS = 10 * 60_000
REST_MS = 10 * 60_000
"""A motor or a coil that has run for its longest time cools so long."""


def max_on(v: View) -> Iterator[Yield]:
    """Rank of the lock: above what people hold, so that nobody forgets it on; below its refusals."""
    for load in v.room.loads:
        if load.max_on_ms:
            yield from _limit(v, load)


def _limit(v: View, load: Load) -> Iterator[Yield]:
    name, mark, contact = target(load), f"rest.{load.name}", f"relay.{load.name}"
    because = Because("N14", "N14.max_on", (load.name, round(load.max_on_ms / 60_000)))
    over = v.stayed(contact, "on", load.max_on_ms - EARLY_MS)
    rested = v.mark(mark) is True and v.held(mark, True, max(REST_MS, load.min_off_ms))
    if over:
        yield Mark(mark, True)
    elif rested:
        yield Mark(mark, False)
    if over or (v.mark(mark) is True and not rested):
        yield Demand(name, "off", Rank.USE_LOCK, because)
    elif v.stayed(contact, "on", load.max_on_ms - min(SOON_MS, load.max_on_ms // 4)):
        yield Alert("max_on_soon", name, because)
