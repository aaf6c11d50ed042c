"""Hours of the line out of readings (R22): loss, delay, jitter and time without reach, for each place and the call.

Pure: time is an argument. A reading stands for what came before it: ten seconds while the line is looked at
closely, a minute for a burst at rest. So a busy meeting and a quiet night weigh by their time, not by their probes.
An hour holds what it saw (`seen_s`): a gap is stated, never filled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from controller.core.instant import Instant, Trust
from hardware.contract import Reading, Value

HOUR_MS = 3_600_000
STANDS_S = 60.0
"""The window of the figures."""
DOWN_S = 700.0
"""The longest pause between two readings of a place at rest, and a margin."""
CALL = "call"


class Row(NamedTuple):
    """One place in one hour; None = nothing was measured. `kind`: how it was probed ('' = by the codec)."""

    name: str
    kind: str
    seen_s: int
    down_s: int
    loss_ratio: float | None
    rtt_ms: float | None
    rtt_max_ms: float | None
    jitter_ms: float | None


class Hour(NamedTuple):
    """`start_ms`: Unix time of its beginning. `sure`: the clock was trusted at its end."""

    start_ms: int
    sure: bool
    rows: tuple[Row, ...]


@dataclass(slots=True)
class _Mean:
    """A mean that is weighted by time."""

    weight_s: float = 0.0
    total: float = 0.0
    most: float = 0.0

    def add(self, value: Value, weight_s: float) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.weight_s += weight_s
            self.total += value * weight_s
            self.most = max(self.most, value)

    def get(self, digits: int) -> float | None:
        return round(self.total / self.weight_s, digits) if self.weight_s else None


@dataclass(slots=True)
class _Sum:
    kind: str = ""
    down_s: float = 0.0
    loss: _Mean = field(default_factory=_Mean)
    rtt: _Mean = field(default_factory=_Mean)
    jitter: _Mean = field(default_factory=_Mean)

    def row(self, name: str) -> Row:
        most = round(self.rtt.most, 1) if self.rtt.weight_s else None
        figures = (self.loss.get(4), self.rtt.get(1), most, self.jitter.get(1))
        return Row(name, self.kind, round(self.loss.weight_s), round(self.down_s), *figures)


class Hours:
    """`note` every reading, `close` now and then."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}
        self._last: dict[str, tuple[int, bool]] = {}
        """Name → when it last spoke, and was it out of reach then?"""
        self._hour: int | None = None

    def note(self, reading: Reading) -> None:
        """A place's figures, or the call's as the codec counts them."""
        values = dict(reading.values)
        if reading.source == "codec":
            if values.get("in_call") is not False and isinstance(values.get("loss_pct"), int | float):
                loss = float(values["loss_pct"]) / 100  # type: ignore[arg-type]
                self._add(CALL, {"loss_ratio": loss, "jitter_ms": values.get("jitter_ms")}, reading.at_ms)
        elif reading.source.startswith("line."):
            self._add(reading.source.removeprefix("line."), values, reading.at_ms)

    def _add(self, name: str, values: dict[str, Value], at_ms: int) -> None:
        total = self._sums.setdefault(name, _Sum())
        before_ms, was_down = self._last.get(name, (None, False))
        past_s = STANDS_S if before_ms is None else max(0, at_ms - before_ms) / 1000
        weight_s = min(past_s, STANDS_S)
        if was_down:
            total.down_s += min(past_s, DOWN_S)
        total.kind = str(values.get("kind") or total.kind)
        total.loss.add(values.get("loss_ratio"), weight_s)
        total.rtt.add(values.get("rtt_ms"), weight_s)
        total.jitter.add(values.get("jitter_ms"), weight_s)
        self._last[name] = (at_ms, values.get("reachable") is False)

    def close(self, now: Instant) -> Hour | None:
        """The hour that has ended since the last call; None = none has, or nothing was measured in it."""
        hour = now.wall_ms // HOUR_MS
        before, self._hour = self._hour, hour
        if before is None or hour == before or not self._sums:
            return None
        rows = tuple(total.row(name) for name, total in sorted(self._sums.items()))
        self._sums = {}
        return Hour(before * HOUR_MS, now.trust >= Trust.RTC, rows)


def worst(hours: list[Hour], most: int) -> dict[str, dict[str, Value]]:
    """The hours in which something was lost, slow or out of reach, worst first as `1`, `2` … Hours of an untrusted
    clock are left out: they would name the wrong hour of the day."""
    found = [(hour.start_ms, row) for hour in hours if hour.sure for row in hour.rows if row.name != "gateway"]
    found = [
        (at, row) for at, row in found if row.down_s or (row.loss_ratio or 0) >= 0.01 or (row.rtt_ms or 0) >= 150
    ]
    found.sort(key=lambda pair: (pair[1].down_s, pair[1].loss_ratio or 0, pair[1].rtt_ms or 0), reverse=True)
    return {str(n): {"start_ms": at_ms, **row._asdict()} for n, (at_ms, row) in enumerate(found[:most], 1)}


def busy(hours: list[Hour], offset_ms: int) -> tuple[int, ...]:
    """Hours of the room's day that congest: on the average of all days one percent lost, or 150 ms, outside."""
    losses: dict[int, list[float]] = {}
    delays: dict[int, list[float]] = {}
    for hour in hours:
        of_day = (hour.start_ms + offset_ms) // HOUR_MS % 24
        for row in hour.rows if hour.sure else ():
            if row.name != "gateway" and not row.down_s:
                losses.setdefault(of_day, []).extend([row.loss_ratio] if row.loss_ratio is not None else [])
                delays.setdefault(of_day, []).extend([row.rtt_ms] if row.rtt_ms is not None else [])
    return tuple(h for h in sorted(losses) if _mean(losses[h]) >= 0.01 or _mean(delays.get(h, [])) >= 150)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def body(hour: Hour, measures_line: bool) -> tuple[tuple[str, Value], ...]:
    """The hour as the body of a record: one tuple a place, in the order of `Row`."""
    rows = tuple((row.name, tuple(row[1:])) for row in hour.rows)
    return (("start", hour.start_ms), ("sure", hour.sure), ("measures_line", measures_line), *rows)
