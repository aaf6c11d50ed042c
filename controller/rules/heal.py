"""N9's exception, N15's first step: a device that is *proven dead* (its contact closed, its effect absent) may
be power-cycled once, outside a call, if off-time + warm-up + 5 min still fit before the next start.

It demands *off* until the load is off and has rested, then stops demanding; who wanted it on still does.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Class, Load, Rank
from controller.core.state import Proof
from controller.core.tables import target
from controller.core.view import Demand, Mark, View, Yield
from controller.rules.common import maybe_call

SPARE_MS = 5 * 60_000
AGAIN_MS = 24 * 3_600_000
"""Once a day: a device that does not come back needs a hand, not a thousand cycles."""


def heal(v: View) -> Iterator[Yield]:
    """N9, N15: cycle a dead device once."""
    for load in v.tables.meeting:
        name, mark = target(load), f"heal.{load.name}"
        state = v.mark(mark)
        if state in (None, "") and _dead(v, load) and _fits(v, load):
            yield Mark(mark, "cycle")
            state = "cycle"
        if state == "cycle":
            track = v.track(name)
            off = track is not None and track.seen == "off"
            if maybe_call(v) or (off and track is not None and v.past(track.off_ms + load.min_off_ms)):
                yield Mark(mark, "done")
            else:
                yield Demand(name, "off", Rank.HEAL, Because("N9", "N9.heal", (load.name,)))
        if state == "done" and v.held(mark, "done", AGAIN_MS):
            yield Mark(mark, "")


def _dead(v: View, load: Load) -> bool:
    """Its contact is closed and it was asked and is silent. A device that cannot be asked is unknown, not dead."""
    name = target(load)
    track = v.track(name)
    if not load.proof or v.get(load.proof) is not False:
        return False
    return track is not None and track.proof is Proof.FAILED and track.seen == "on" and v.was(name) == "on"


def _fits(v: View, load: Load) -> bool:
    if maybe_call(v) or load.cls is Class.NETWORK:
        return False
    need_ms = load.min_off_ms + load.warmup_ms + SPARE_MS
    return not any(v.past(b.start_ms - need_ms) and not v.past(b.end_ms) for b in v.booked())
