"""N20, the trip planner: which rooms need a technician's hand, with what, when they are free, in which order. Pure.

There is no map here and none is asked for: rooms of one commune are one stop, communes under one unit stand
together where the day of their need is the same. What is urgent goes before what is near: danger, then whatever
stands in the way of a meeting, by the day of that meeting. The order is a proposal; who drives knows the roads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.dashboard.collate import key

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
ZONE_MS = 7 * HOUR_MS
BEFORE_MS, AFTER_MS = 90 * MINUTE_MS, 30 * MINUTE_MS
"""A room is not worked in from so long before a meeting to so long after it (N9)."""
READY_MS = HOUR_MS
WORK_MS = HOUR_MS
"""What a visit needs at least."""
OPENS_MS, CLOSES_MS = 7 * HOUR_MS, 17 * HOUR_MS + 30 * MINUTE_MS
DAYS = 8
LATER = 99
NEEDS_HAND = frozenset({"battery", "climate", "device", "evidence", "line", "power", "safety", "settings", "tests"})
"""Families of incidents that a person in the room can mend; only those of one room. A cut of a commune and a
provider's line are not mended by driving there."""
CHORES = frozenset({"cleaning_due", "maintenance_due", "warranty"})
_GRAVE = frozenset(
    {
        "battery_failed", "battery_short", "disk", "failed", "fault", "heat", "keeper_down", "leak", "line_down",
        "lost", "needs_hand", "no_media", "no_picture", "no_sound", "not_ready", "port_gone", "silent",
        "silent_codec", "smoke", "stale", "undervoltage",
    }
)  # fmt: skip
"""A meeting does not take place well with it. `fault`: somebody in the room reported it."""
_PARTS: Mapping[str, tuple[str, ...]] = {
    "battery": ("backup_short", "battery_failed", "battery_old", "battery_short", "replace_battery"),
    "ups_cable": ("ups_bypassed", "ups_unknown", "overload"),
    "sensor": ("sensor_lost", "sensor_stuck", "motion_blind", "motion_stuck"),
    "adaptor": ("another_device", "port_gone", "port_moved"),
    "supply": ("undervoltage",),
    "card": ("disk", "evidence_doubtful", "evidence_missing", "journal", "keeper_down"),
    "clock": ("clock",),
    "device": ("failed", "lost", "needs_hand", "silent_codec"),
    "controller": ("silent", "silent_left", "stale"),
    "network": ("line_bad", "line_down", "line_slow"),
    "cables": ("no_media", "no_picture", "no_sound"),
    "fan": ("condensation", "heat", "humidity", "temperature"),
    "lamp": ("dark",),
    "detector": ("leak", "smoke"),
    "passwords": ("login_refused",),
    "sheet": ("frame_drift", "frame_missing", "setting_drift"),
    "cleaning": ("cleaning_due",),
    "tools": ("maintenance_due", "warranty"),
}
_PART = {code: part for part, codes in _PARTS.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that was tried from afar. `verb`, `stage`: as in ORDERS."""

    at_ms: int
    verb: str
    stage: str
    by: str


@dataclass(frozen=True, slots=True)
class Defect:
    """`incident` 0 = reported by somebody in the room, or a chore; `things`: (code of alert, subject or '')."""

    code: str
    from_ms: int
    things: tuple[tuple[str, str], ...]
    incident: int = 0
    text: str = ""

    @property
    def chore(self) -> bool:
        return all(code in CHORES for code, _ in self.things)


@dataclass(frozen=True, slots=True)
class Room:
    """A room with something to mend. `busy`: its meetings as (start, end), by start."""

    slug: str
    name: str
    unit: int = 0
    unit_name: str = ""
    above: int = 0
    busy: tuple[tuple[int, int], ...] = ()
    defects: tuple[Defect, ...] = ()
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """When the room can be worked in; `until_ms` its end on that day."""

    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Visit:
    """`ready_by_ms`: an hour before the next meeting; `late`: no time is left before it."""

    room: Room
    parts: tuple[str, ...]
    grave: bool
    slot: Slot | None
    ready_by_ms: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class Area:
    """One stop: the rooms of one commune."""

    unit: int
    name: str
    above: int
    visits: tuple[Visit, ...] = field(default=())


def plan(rooms: Iterable[Room], now_ms: int) -> list[Area]:
    """The stops in the order that is proposed. Rooms that have chores only are on the way or not in it."""
    by: dict[tuple[int, str], list[Visit]] = {}
    for room in rooms:
        if room.defects:
            place = (room.unit, room.unit_name if room.unit else room.slug)
            by.setdefault(place, []).append(visit(room, now_ms))
    areas = [
        Area(unit, visits[0].room.unit_name or visits[0].room.name, visits[0].room.above, _sorted(visits, now_ms))
        for (unit, _), visits in by.items()
        if any(not defect.chore for one in visits for defect in one.room.defects)
    ]
    return sorted(areas, key=lambda area: (_day(area, now_ms), area.above, key(area.name), area.unit))


def visit(room: Room, now_ms: int) -> Visit:
    codes = [code for defect in room.defects for code, _ in defect.things]
    coming = next((start_ms for start_ms, _ in room.busy if start_ms > now_ms), None)
    slot = free(room.busy, now_ms)
    by_ms = None if coming is None else coming - READY_MS
    late = by_ms is not None and (slot is None or slot.from_ms + WORK_MS > by_ms)
    return Visit(room, parts(codes), any(code in _GRAVE for code in codes), slot, by_ms, late)


def parts(codes: Iterable[str]) -> tuple[str, ...]:
    """What to take along, each once, in a fixed order; what has no part of its own wants tools."""
    wanted = {_PART.get(code, "tools") for code in codes}
    return tuple(part for part in _PARTS if part in wanted)


def free(busy: Sequence[tuple[int, int]], now_ms: int) -> Slot | None:
    """The first time of at least WORK_MS within working hours when nobody meets; None within DAYS."""
    for slot in _open(now_ms):
        found = _within(slot, busy)
        if found is not None:
            return found
    return None


def _open(now_ms: int) -> Iterator[Slot]:
    midnight_ms = (now_ms + ZONE_MS) // DAY_MS * DAY_MS - ZONE_MS
    for day in range(DAYS):
        begins_ms = midnight_ms + day * DAY_MS
        yield Slot(max(now_ms, begins_ms + OPENS_MS), begins_ms + CLOSES_MS)


def _within(slot: Slot, busy: Sequence[tuple[int, int]]) -> Slot | None:
    from_ms = slot.from_ms
    for start_ms, end_ms in busy:
        taken_ms, left_ms = start_ms - BEFORE_MS, end_ms + AFTER_MS
        if left_ms <= from_ms or taken_ms >= slot.until_ms:
            continue
        if taken_ms - from_ms >= WORK_MS:
            return Slot(from_ms, taken_ms)
        from_ms = max(from_ms, left_ms)
    return Slot(from_ms, slot.until_ms) if slot.until_ms - from_ms >= WORK_MS else None


def _sorted(visits: Iterable[Visit], now_ms: int) -> tuple[Visit, ...]:
    return tuple(
        sorted(
            visits, key=lambda one: (_need(one, now_ms), one.ready_by_ms or now_ms + LATER * DAY_MS, one.room.slug)
        )
    )


def _day(area: Area, now_ms: int) -> int:
    return min(_need(one, now_ms) for one in area.visits)


def _need(one: Visit, now_ms: int) -> int:
    """-1 danger; else in how many days a meeting needs what is broken; LATER: none does."""
    if any(defect.code == "safety" for defect in one.room.defects):
        return -1
    if not one.grave:
        return LATER + 1
    return LATER if one.ready_by_ms is None else _date(one.ready_by_ms) - _date(now_ms)


def _date(ms: int) -> int:
    return (ms + ZONE_MS) // DAY_MS
