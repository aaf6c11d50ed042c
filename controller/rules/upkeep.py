"""R17 — clean and maintain on schedule (004 Đ6.7): running hours of every load, days since the last cleaning and
maintenance, and the end of each device's warranty. R2's evidence is here too: how long of it nobody was there.

Reminders begin outside meetings and stand until somebody says that it is done (`maintenance done WHAT`, who is
recorded). The first trusted clock of a room begins the count. Hours are written at a change and once an hour.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.hours import HOUR_MS, HOURS, RUNNING, added
from controller.core.records import Because
from controller.core.room import Load
from controller.core.tables import target
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import expected, live, maybe_call
from hardware.contract import Value


def hours(v: View) -> Iterator[Yield]:
    """Count what runs."""
    kept = v.mark(RUNNING)
    counted = kept[2] if isinstance(kept, tuple) else ()
    names = tuple(load.name for load in v.room.loads if _runs(v, load, counted))
    if not names and not kept:
        return
    used = maybe_call(v) or any(True for _ in expected(v)) or any(True for _ in live(v, v.room.idle.end_grace_ms))
    since_ms, was_used, before = kept if isinstance(kept, tuple) else (v.now.mono_ms, used, ())
    if not isinstance(since_ms, int) or not isinstance(before, tuple):
        return
    due = v.past(since_ms + HOUR_MS)
    if due or (before, was_used) != (names, used):
        loads = tuple(str(name) for name in before)
        if loads and v.now.mono_ms > since_ms:
            yield Mark(HOURS, added(v.mark(HOURS), loads, v.now.mono_ms - since_ms, was_used is True))
        yield Mark(RUNNING, (v.now.mono_ms, used, names) if names else "")


def _runs(v: View, load: Load, counted: Value) -> bool:
    """A contact that cannot be read, as just after a start, is where it was."""
    seen = v.seen(target(load))
    return seen == "on" or (seen is None and isinstance(counted, tuple) and load.name in counted)


def due(v: View) -> Iterator[Yield]:
    """Cleaning, maintenance, warranties: told in days, by a clock that may decide."""
    for what, every_ms in v.room.upkeep.every_ms:
        yield from _remind(v, what, every_ms)
    for device in v.room.devices:
        if device.warranty_ms and _past(v, device.warranty_ms - v.room.upkeep.warranty_ms):
            yield Alert("warranty", device.name, Because("R17", "R17.warranty", (device.name,)))


def _remind(v: View, what: str, every_ms: int) -> Iterator[Yield]:
    done = v.mark(f"done.{what}")
    done_ms = done[0] if isinstance(done, tuple) else None
    if not isinstance(done_ms, int) or not v.past_wall(done_ms):  # in the future: the clock was wrong
        if v.clock_ok():
            yield Mark(f"done.{what}", (v.now.wall_ms, ""))
        return
    if v.mark(f"due.{what}") == done_ms:
        yield Alert(f"{what}_due", "room", Because("R17", f"R17.{what}", (round(every_ms / 86_400_000),)))
    elif _past(v, done_ms + every_ms) and not any(True for _ in expected(v)):
        yield Mark(f"due.{what}", done_ms)


def _past(v: View, wall_ms: int) -> bool:
    return v.past_wall(wall_ms) and v.clock_ok()
