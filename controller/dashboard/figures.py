"""Figures of rooms over a period, from what rooms recorded. Pure: rows in, values out.

Honest by construction: what is not known, not applicable or could not be made never counts as passed; a stretch
without records is stated as a gap. No score and no order of rank: rooms stand in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

HOUR_MS = 3_600_000
GAP_MS = 36 * HOUR_MS
"""A room at rest records several lines a day; nothing for so long is a gap, and is said."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `at_ms` as best known; `sure`: its clock was trusted or its time was worked out later."""

    room: str
    seq: int
    at_ms: int
    sure: bool
    kind: str
    subject: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """An incident as far as reports need it; `own` None = nobody has said."""

    room: str
    code: str
    from_ms: int
    until_ms: int
    cause: str = ""
    own: bool | None = None


Why = tuple[str, bool | None]
"""Cause (else the code of the incident), and whether it was the site's own (R30)."""


@dataclass(slots=True)
class Cut:
    """Interruptions of one cause."""

    times: int = 0
    minutes: float = 0.0


@dataclass(slots=True)
class Meetings:
    """Of one room in the period. `told_late`: those that no room could have been ready for are counted apart."""

    held: int = 0
    on_time: int = 0
    late: int = 0
    told_late: int = 0
    unknown: int = 0
    tested: int = 0
    test_failed: int = 0
    untested: int = 0


@dataclass(slots=True)
class Figures:
    """Of one room; hours are hours, kWh are kWh, None = not known."""

    room: str
    meetings: Meetings = field(default_factory=Meetings)
    on_h: float = 0.0
    outages: int = 0
    outage_h: float = 0.0
    outside_h: float = 0.0
    saved_h: float = 0.0
    saved_kwh: float | None = None
    interruptions: dict[Why, Cut] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)


_CLIMATE = ("temperature", "humidity", "heat", "condensation")
_TOLD_LATE = ("short_notice",)


def of_room(
    room: str,
    rows: Sequence[Row],
    meetings: Mapping[str, int],
    ended: Iterable[Ended],
    span: tuple[int, int],
    heard: Sequence[int] | None = None,
    before: Sequence[Row] = (),
) -> Figures:
    """`span`: [from, to) in Unix ms, no part of it to come. `meetings`: uid → start of those in it that this room
    belonged to. `heard`: when anything was heard of the room, None = `rows` are all that was. `before`: what the
    room said before the span: whether it was on, what was amiss, and tests of the span's first meetings."""
    found = Figures(room)
    known = [*before, *rows]
    _meetings(found.meetings, known, meetings)
    found.on_h = _spans(known, span, _on)
    found.outages, found.outage_h = _count(rows, "on_battery"), _spans(known, span, _alerting(("on_battery",)))
    found.outside_h = _spans(known, span, _alerting(_CLIMATE))
    found.saved_h, found.saved_kwh = _saved(rows)
    for one in ended:
        if one.room == room and span[0] <= one.from_ms < span[1]:
            cut = found.interruptions.setdefault((one.cause or one.code, one.own), Cut())
            cut.times += 1
            cut.minutes += (one.until_ms - one.from_ms) / 60_000
    found.gaps = gaps([row.at_ms for row in rows] if heard is None else heard, span)
    return found


def together_ms(spans: Sequence[tuple[int, int]]) -> int:
    """How long at least one of them lasted; `spans` by their beginning."""
    total, until_ms = 0, 0
    for first_ms, last_ms in spans:
        total += max(0, last_ms - max(first_ms, until_ms))
        until_ms = max(until_ms, last_ms)
    return total


def _meetings(into: Meetings, rows: Sequence[Row], meetings: Mapping[str, int]) -> None:
    ready: dict[str, str] = {}
    tests: dict[str, str] = {}
    short = {row.subject for row in rows if row.kind == "meeting.booked" and row.body.get("late") in _TOLD_LATE}
    for row in rows:
        name, _, uid = row.subject.partition(".")
        value = row.body.get("value")
        if row.kind != "noted" or uid not in meetings:
            continue
        if name == "ready":
            ready[uid] = str(value)
        elif name == "check" and isinstance(value, list | tuple) and value:
            tests[uid] = str(value[0])
    for uid in meetings:
        into.held += 1
        word = ready.get(uid, "")
        into.on_time += word == "in_time"
        into.told_late += word != "in_time" and uid in short
        into.late += word == "late" and uid not in short
        into.unknown += word not in ("in_time", "late") and uid not in short
        into.tested += tests.get(uid) == "passed"
        into.test_failed += tests.get(uid) == "failed"
        into.untested += tests.get(uid) not in ("passed", "failed")


def _on(row: Row, now: bool) -> bool:
    return row.body.get("to") not in ("off", "unknown") if row.kind == "phase" else now


def _alerting(codes: Sequence[str]) -> Any:
    active: set[tuple[str, str]] = set()

    def look(row: Row, _now: bool) -> bool:
        key = (str(row.body.get("alert")), row.subject)
        if row.kind == "alert" and key[0] in codes:
            active.add(key)
        elif row.kind == "alert.end":
            active.discard(key)
        elif row.kind == "started":
            active.clear()
        return bool(active)

    return look


def _spans(rows: Sequence[Row], span: tuple[int, int], look: Any) -> float:
    """Hours for which `look` held, within the span and up to its end; a gap counts for nothing."""
    edges, held = [span[0]], [False]
    for row in rows:
        edges.append(min(max(row.at_ms, span[0]), span[1]))
        held.append(look(row, held[-1]))
    stretches = zip(held, pairwise([*edges, span[1]]), strict=True)
    return sum((last - first) / HOUR_MS for now, (first, last) in stretches if now and last - first < GAP_MS)


def _count(rows: Sequence[Row], code: str) -> int:
    return sum(row.kind == "alert" and row.body.get("alert") == code for row in rows)


def _saved(rows: Sequence[Row]) -> tuple[float, float | None]:
    """Hours and kWh that closings saved (R2): rows of [load, hours, kWh or null]."""
    hours, kwh = 0.0, None
    for row in rows:
        value = row.body.get("value")
        if row.kind == "noted" and row.subject == "saved" and isinstance(value, list | tuple):
            for one in value:
                if isinstance(one, list | tuple) and len(one) == 3:
                    hours += float(one[1] or 0)
                    kwh = kwh if one[2] is None else (kwh or 0.0) + float(one[2])
    return hours, kwh


def gaps(heard: Iterable[int], span: tuple[int, int]) -> list[tuple[int, int]]:
    """Stretches of the span of which nothing is known; `heard` in its order."""
    times = [span[0], *(at_ms for at_ms in heard if span[0] <= at_ms < span[1]), span[1]]
    return [(first, second) for first, second in pairwise(times) if second - first > GAP_MS]
