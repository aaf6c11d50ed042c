"""R2's evidence — energy saved: what loads that R2 has switched off would have drawn until they are wanted again.

A figure with an assumption, and told as such: a room that is left on is found the next morning, so no closing
counts for more than `saved_max_h`. What people, an end by hand or a dying battery switch off saves nothing here. A
power cut of the Pi loses what has not been written yet: the figure is a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.hours import SAVED, credited, energy
from controller.core.room import Load
from controller.core.tables import target
from controller.core.view import View
from controller.core.words import Mark, Yield

SAVING = "saving"
"""Mark: (load, since) of what R2 keeps off now."""
NOTED = "!saved"


def saved(v: View) -> Iterator[Yield]:
    """Count each load when R2 keeps it off no longer; one record of all."""
    off = {load.name: since_ms for load in v.room.loads if (since_ms := _since_ms(v, load))}
    kept = v.mark(SAVING)
    over = {
        str(row[0]): min(v.now.mono_ms - row[1], v.room.idle.saved_max_ms)
        for row in (kept if isinstance(kept, tuple) else ())
        if isinstance(row, tuple) and row[0] not in off and isinstance(row[1], int)
    }
    if over:
        yield Mark(SAVED, credited(v.mark(SAVED), over))
        yield Mark(NOTED, "")  # the same figures of two closings are two records
        yield Mark(NOTED, energy(v.room.loads, over))
    yield Mark(SAVING, tuple(sorted(off.items())) or "")


def _since_ms(v: View, load: Load) -> int:
    """Since when R2 has kept it off; 0 = it does not, or found it off."""
    wish, track = v.desired(target(load)), v.track(target(load))
    if wish is None or track is None or wish.value != "off" or wish.because.rule != "R2":
        return 0
    return track.off_ms if track.seen == "off" and track.off_ms >= wish.value_since_ms else 0
