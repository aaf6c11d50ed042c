"""N29: who will not be ready an hour before a meeting of the coming week, why, and who can still do something.
Pure.

A dry run from what is known today: what rooms said, what is open, what is booked. It says reasons and never a
figure of merit: no score, no ranking (people.md 5.4). Sites without a reason are not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

WEEK_MS = 7 * 86_400_000
READY_MS = 60 * 60_000
LEAD_MS = 75 * 60_000
"""Power-up begins by then (people.md 1, T-75)."""
SHOWN_ALERTS = 8
GRAVE = frozenset({"ahead.offline", "ahead.bypass", "ahead.rehearsal", "ahead.maintenance", "ahead.conflict"})
"""Without a hand it will not be ready; the others may still come right by themselves."""
_NOT_ALERTS = frozenset({"bypass", "battery_short", "line_down", "not_ready"})
"""Said by a reason of their own, or of a meeting that is over."""
FIXER: Mapping[str, tuple[str, ...]] = {
    "ahead.offline": ("technician", "provider"),
    "ahead.bypass": ("technician",),
    "ahead.rehearsal": ("technician",),
    "ahead.alert": ("technician", "desk"),
    "ahead.incident": ("desk", "technician"),
    "ahead.battery": ("technician",),
    "ahead.line": ("provider", "technician"),
    "ahead.maintenance": ("desk", "technician"),
    "ahead.conflict": ("desk",),
    "ahead.technician": ("leader", "desk"),
    "ahead.gap": ("desk",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of one room: `code` with its `args`; who can still do something, in this order."""

    code: str
    args: tuple[object, ...] = ()

    @property
    def grave(self) -> bool:
        return self.code in GRAVE

    @property
    def fixers(self) -> tuple[str, ...]:
        return FIXER[self.code]


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one room. `warm_ms`: how long it took to be ready, 0 = never seen; `state` and `checks` as
    the room told them."""

    online: bool = False
    state: Mapping[str, object] = field(default_factory=dict)
    checks: Mapping[str, object] = field(default_factory=dict)
    incidents: tuple[str, ...] = ()
    maintenance: tuple[tuple[int, int, str], ...] = ()
    warm_ms: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A meeting of the week in one room."""

    uid: str
    title: str
    start_ms: int
    end_ms: int
    technician: str = ""


def reasons(due: Due, said: Said, others: Sequence[Due]) -> tuple[Reason, ...]:
    """Of one room for one meeting, the graver first. `others`: what else this room has."""
    found = (*_room(said), *_time(due, said, others))
    return tuple(sorted(found, key=lambda reason: (not reason.grave, reason.code)))


def _room(said: Said) -> Iterator[Reason]:
    if not said.online:
        yield Reason("ahead.offline")
    elif said.state.get("bypass") is True:
        yield Reason("ahead.bypass")
    if failed := failed_items(said.checks):
        yield Reason("ahead.rehearsal", (", ".join(failed),))
    alerts = _words(said.state.get("incidents"))
    if said.online and (other := [code for code in alerts if code not in _NOT_ALERTS]):
        yield Reason("ahead.alert", tuple(other[:SHOWN_ALERTS]))
    for code in said.incidents:
        yield Reason("ahead.incident", (code,))
    if "battery_short" in alerts:
        yield Reason("ahead.battery")
    if said.online and said.state.get("line") in ("lan", "line", "far_end", "bad"):
        yield Reason("ahead.line")


def _time(due: Due, said: Said, others: Sequence[Due]) -> Iterator[Reason]:
    for from_ms, until_ms, reason in said.maintenance:
        if from_ms < due.end_ms and due.start_ms - LEAD_MS < until_ms:
            yield Reason("ahead.maintenance", (from_ms, until_ms, reason))
    for other in others:
        if other.uid == due.uid:
            continue
        if other.start_ms < due.end_ms and due.start_ms < other.end_ms:
            yield Reason("ahead.conflict", (other.title, other.start_ms))
        elif 0 <= due.start_ms - other.end_ms < said.warm_ms:
            gap, warm = (due.start_ms - other.end_ms) // 60_000, -(-said.warm_ms // 60_000)
            yield Reason("ahead.gap", (other.title, gap, warm))
    if not due.technician:
        yield Reason("ahead.technician")


def failed_items(checks: Mapping[str, object]) -> tuple[str, ...]:
    """What the last rehearsal or test found failed, of `detail/checks`: the latest of its kinds counts. What was
    repaired since, as the room's rows show now, is not held against it."""
    made = checks.get("made")
    rows = [row for row in made.values() if isinstance(row, dict)] if isinstance(made, dict) else []
    last = max(rows, key=lambda row: _number(row.get("wall_ms")), default=None)
    now = checks.get("now")
    good = {item for item, row in now.items() if _passed(row)} if isinstance(now, dict) else set()
    return tuple(item for item in _words(last.get("failed") if last else None) if item not in good)


def _passed(row: object) -> bool:
    return isinstance(row, dict) and row.get("result") == "passed"


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def warm_ms(phases: Sequence[tuple[int, str]]) -> int:
    """How long a power-up takes, from (monotonic ms, phase) of one life in order: the median of powering → ready,
    which is when the slowest load is proven. 0 = never seen."""
    took, since = [], None
    for at_ms, name in phases:
        if name == "powering":
            since = at_ms if since is None else since
        elif name == "ready" and since is not None:
            took.append(at_ms - since)
            since = None
        else:
            since = None
    return round(median(took)) if took else 0
