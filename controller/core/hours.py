"""R17, R2 — how long each load has run, and how long of that for nobody: the arithmetic of one mark. Pure.

`hours` holds a row for each load that ever ran: (load, ms on, ms of it idle). `running` holds since when and which
loads are being counted, and whether the room is in use; it is of one boot, so a power cut loses what has run since
the last change or the last full hour, never more than an hour. `saved` holds (load, ms) that R2 has kept it off
(rules/saved.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controller.core.memory import Kept
from controller.core.room import Load
from hardware.contract import Value

HOURS, RUNNING, SAVED = "hours", "running", "saved"
HOUR_MS = 3_600_000


def rows(hours: Value) -> dict[str, tuple[int, int]]:
    """The mark as load → (ms on, ms idle)."""
    found: dict[str, tuple[int, int]] = {}
    for row in hours if isinstance(hours, tuple) else ():
        match row:
            case (str(name), int(on_ms), int(idle_ms)):
                found[name] = (on_ms, idle_ms)
    return found


def added(hours: Value, names: tuple[str, ...], ms: int, used: bool) -> Value:
    """The mark after these loads have run for `ms` more."""
    table = rows(hours)
    for name in names:
        on_ms, idle_ms = table.get(name, (0, 0))
        table[name] = (on_ms + ms, idle_ms + (0 if used else ms))
    return tuple((name, *table[name]) for name in sorted(table))


def credited(saved: Value, more: Mapping[str, int]) -> Value:
    """The mark `saved` after these loads were kept off so many ms more."""
    table = _saved(saved)
    for name, ms in more.items():
        table[name] = table.get(name, 0) + ms
    return tuple(sorted(table.items()))


def _saved(saved: Value) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in saved if isinstance(saved, tuple) else ():
        match row:
            case (str(name), int(ms)):
                found[name] = ms
    return found


def energy(loads: Iterable[Load], off_ms: Mapping[str, int]) -> Value:
    """(load, hours, kWh) of each, the energy None where nobody said what it draws."""
    return tuple(
        (load.name, _hours(off_ms[load.name]), _kwh(off_ms[load.name], load.watts) if load.watts else None)
        for load in loads
        if load.name in off_ms
    )


def ran(marks: Mapping[str, Kept], load: Load) -> dict[str, Value]:
    """What a load has run, for people: hours, hours idle, hours that R2 kept it off, and energy where its power is
    known. To the last full hour or change."""
    kept = marks.get(HOURS)
    on_ms, idle_ms = rows(kept.value if kept is not None else None).get(load.name, (0, 0))
    told: dict[str, Value] = {"hours": _hours(on_ms), "idle_hours": _hours(idle_ms)}
    kept = marks.get(SAVED)
    saved_ms = _saved(kept.value if kept is not None else None).get(load.name, 0)
    told["saved_hours"] = _hours(saved_ms)
    if load.watts:
        told |= {"kwh": _kwh(on_ms, load.watts), "idle_kwh": _kwh(idle_ms, load.watts)}
        told["saved_kwh"] = _kwh(saved_ms, load.watts)
    return told


def _hours(ms: int) -> float:
    return round(ms / HOUR_MS, 1)


def _kwh(ms: int, watts: float) -> float:
    return round(ms / HOUR_MS * watts / 1000, 2)
