"""What the threads around the core would put into its inbox: the calendar's window, the link, the journal."""

from __future__ import annotations

from collections.abc import Iterable

from controller.calendar import near
from controller.core.events import Calendar
from controller.core.meeting import Meeting
from controller.simulation.bench import Bench
from hardware.contract import Reading, Report

HOUR_MS = 3_600_000
SELDOM = ("line.", "serial")
"""The prober and the ports tell a change when it happens; the sampler only goes over what they told."""


class Round:
    """What the sampler passes on: figures each time, and of those who tell a change themselves what is new, or what
    was told an hour ago, as with the levels of relays. The year would else be three million times the same word."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[object, int]] = {}

    def news(self, reports: Iterable[Report], now_ms: int) -> tuple[Report, ...]:
        """Those of the reports that the core hears."""
        return tuple(report for report in reports if self._new(report, now_ms))

    def _new(self, report: Report, now_ms: int) -> bool:
        if not isinstance(report, Reading) or not report.source.startswith(SELDOM):
            return True
        values, at_ms = self._told.get(report.source, (None, 0))
        if values == report.values and now_ms < at_ms + HOUR_MS:
            return False
        self._told[report.source] = (report.values, now_ms)
        return True


def next_round_ms(now_ms: int, period_ms: int, ups_ms: int) -> int:
    """When the sampler goes round next (ms since the beginning): together with the UPS, which is asked next at
    `ups_ms`, so that one call of the core takes all that is asked every five minutes. A UPS that is asked more
    often, as on battery, sets no pace; at the latest after one and a half periods."""
    with_ups_ms = ups_ms if ups_ms - now_ms >= period_ms // 2 else ups_ms + period_ms
    return min(with_ups_ms, now_ms + period_ms + period_ms // 2)


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
