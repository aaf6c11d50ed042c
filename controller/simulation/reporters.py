"""What the threads around the core would put into its inbox: the calendar's window, the link, the journal."""

from __future__ import annotations

from collections.abc import Iterable

from controller.calendar import near
from controller.core.events import Calendar
from controller.core.meeting import Meeting
from controller.simulation.bench import Bench
from hardware.contract import Reading

HOUR_MS = 3_600_000


def window(meetings: Iterable[Meeting], wall_ms: int, version: str) -> Calendar:
    """The meetings around `wall_ms`, as the schedule hands them out."""
    shown = tuple(m for m in meetings if m.end_ms > wall_ms - 12 * HOUR_MS and near(m, wall_ms))
    return Calendar(shown, wall_ms + 24 * HOUR_MS, version)


def link_word(bench: Bench, at_ms: int) -> Reading:
    """How the centre is reached now."""
    centre = True if bench.desk() == "up" else None
    return Reading("link", (("desk", bench.desk()), ("centre", centre)), at_ms)


def journal_word(bench: Bench, at_ms: int) -> Reading:
    """How its disk is."""
    return Reading("journal", (("state", bench.disk), ("unlogged_s", 0.0)), at_ms)
