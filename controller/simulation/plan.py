"""What will happen in a simulated year: meetings, what people do, and which faults strike when.

One seed gives one plan; the plan is made before the first second and never looks at the room. Meetings follow
R18: the 25th, the 15th, the July–August series, and one-off meetings, some of them at short notice, moved or
cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

from controller.calendar_rehearse import due, slots
from controller.core.meeting import Meeting, Policy, Role
from controller.simulation.fault_names import FAULTS, PER_YEAR

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Simulated years begin here, at 07:00 in Vietnam."""
OFFSET = timedelta(hours=7)
ZONE = timezone(OFFSET)
DAY_MS = 86_400_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Act:
    """At `at_ms` (since the beginning) do `what`; `args` are its figures."""

    at_ms: int
    what: str
    args: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`told`: (when, calendar as known from then on). `acts`: people and faults, in order of time."""

    meetings: tuple[Meeting, ...]
    told: tuple[tuple[int, tuple[Meeting, ...]], ...]
    acts: tuple[Act, ...]
    faults: tuple[str, ...]


def make(days: int, seed: int, faults: tuple[str, ...] = FAULTS) -> Plan:
    """The plan of `days` days."""
    random = Random(f"diemcau {seed}")
    meetings = tuple(sorted(_meetings(days, random), key=lambda m: m.start_ms))
    told = _told(meetings, random)
    acts = [act for m in told[-1][1] for act in _people(m, random)]
    acts += [act for m in told[-1][1] for act in _desk(m, Random(f"desk {m.uid} {seed}"))]
    acts += _storms(days, Random(f"storm {seed}"))
    acts += [act for name in faults for act in _faults(name, days, meetings, random)]
    acts = [act for act in acts if 0 < act.at_ms < days * DAY_MS]
    return Plan(meetings, told, tuple(sorted(acts, key=lambda a: (a.at_ms, a.what))), faults)


BEGIN_MS = round(START.timestamp() * 1000)


def begin_ms() -> int:
    """Unix time, ms."""
    return BEGIN_MS


def _wall(day: date, hour: int, minute: int = 0) -> int:
    local = datetime.combine(day, time(hour, minute), UTC) - OFFSET
    return round(local.timestamp() * 1000)


def _meetings(days: int, random: Random) -> Iterator[Meeting]:
    first = START.date()
    for n in range(days):
        day = first + timedelta(days=n)
        if day.weekday() >= 5:
            continue
        if day.day == 25:
            yield _meeting(f"giao-ban.{day}", _wall(day, 8), 180, random)
        elif day.day == 15:
            yield _meeting(f"chuyen-mon.{day}", _wall(day, 14), 150, random)
        elif day.month in (7, 8) and day.weekday() == 2:
            yield _meeting(f"tap-huan.{day}", _wall(day, 8), 420, random, rest=True)
        elif random.random() < 0.25:
            hour = random.choice((8, 9, 14, 15, 19, 22))
            yield _meeting(f"dot-xuat.{day}", _wall(day, hour), random.choice((60, 90, 120, 240)), random)


def _meeting(uid: str, start_ms: int, minutes: int, random: Random, rest: bool = False) -> Meeting:
    end_ms = start_ms + minutes * MINUTE_MS
    breaks = ((start_ms + 180 * MINUTE_MS, start_ms + 300 * MINUTE_MS),) if rest else ()
    roles = (Role.MEMBER, Role.MEMBER, Role.MEMBER, Role.CHAIR, Role.BACKUP)
    policies = (Policy.CHAIR_LED, Policy.CHAIR_LED, Policy.OPEN, Policy.PRESENTER, Policy.OUTSIDE)
    meeting = Meeting(uid, uid, start_ms, end_ms, random.choice(roles), random.choice(policies), breaks=breaks)
    return _rehearsed(meeting)


def _rehearsed(meeting: Meeting) -> Meeting:
    """With the spans of the day before, as the calendar finds them (R6); simulated years know no holidays."""
    start = datetime.fromtimestamp(meeting.start_ms / 1000, ZONE)
    due_ms = round(due(start, "hours").timestamp() * 1000)
    return replace(meeting, rehearse=slots(start, frozenset()), due_ms=due_ms)


def _told(meetings: tuple[Meeting, ...], random: Random) -> tuple[tuple[int, tuple[Meeting, ...]], ...]:
    """The calendar over time: most meetings are known from the beginning, some are told late, moved, cancelled."""
    calendar = {m.uid: m for m in meetings if not m.uid.startswith("dot-xuat")}
    told = [(0, tuple(calendar.values()))]
    changes = [c for m in meetings if m.uid not in calendar for c in _changes(m, random)]
    for at_ms, uid, meeting in sorted(changes, key=lambda c: (c[0], c[1])):
        if meeting is None:
            calendar.pop(uid, None)
        else:
            calendar[uid] = meeting
        told.append((max(0, at_ms), tuple(sorted(calendar.values(), key=lambda m: m.start_ms))))
    return tuple(told)


def _changes(m: Meeting, random: Random) -> Iterator[tuple[int, str, Meeting | None]]:
    """When a one-off meeting becomes known, and what becomes of it."""
    start_ms = m.start_ms - begin_ms()
    yield start_ms - random.choice((20 * MINUTE_MS, 3 * 3_600_000, 2 * DAY_MS, 5 * DAY_MS)), m.uid, m
    fate = random.random()
    if fate < 0.08:
        yield start_ms - 10 * MINUTE_MS, m.uid, None
    elif fate < 0.16:
        moved = replace(m, start_ms=m.start_ms + 3_600_000, end_ms=m.end_ms + 3_600_000)
        yield start_ms - 15 * MINUTE_MS, m.uid, _rehearsed(moved)


def _people(m: Meeting, random: Random) -> Iterator[Act]:
    """A meeting day: duty, the MCU calls, someone opens the microphone, the floor is given, the end."""
    start, end = m.start_ms - begin_ms(), m.end_ms - begin_ms()
    if random.random() < 0.8:
        yield Act(start - random.randrange(20, 58) * MINUTE_MS, "press", ("duty", 200))
    yield from _present(m, start, end)
    yield Act(start - random.randrange(5, 12) * MINUTE_MS, "mcu_calls")
    for _ in range(random.randrange(3)):
        at_ms = random.randrange(start, end)
        yield Act(at_ms, "mic_remote", ("open",))
        yield Act(at_ms + random.randrange(5, 300) * 1000, "mic_remote", ("muted",))
    if random.random() < 0.5:
        at_ms = random.randrange(start, end)
        yield Act(at_ms, "press", ("talk", 3_500))
        yield Act(at_ms + 4 * MINUTE_MS, "press", ("talk", 300))
    if random.random() < 0.1:
        yield Act(random.randrange(start, end), "press", ("power", 4_000))
    if random.random() < 0.1:
        yield Act(random.randrange(start, end), "far_drops")
    yield Act(end + random.randrange(-20, 25) * MINUTE_MS, "mcu_hangs_up")
    if random.random() < 0.15:
        yield Act(end + 26 * MINUTE_MS, "press", ("power", 300))
    if random.random() < 0.2:
        yield Act(end + 12 * 3_600_000, "press", ("power", 300))
        yield Act(end + 12 * 3_600_000 + 30 * MINUTE_MS, "dials_out", ("203.162.4.9",))
        yield Act(end + 12 * 3_600_000 + 50 * MINUTE_MS, "mcu_hangs_up")


def _present(m: Meeting, start: int, end: int) -> Iterator[Act]:
    """Who sits there: oftener than in life, so that the laws see it, a room fills beyond its forty (R19), or nobody
    has come or all have left before the end, and the call goes on (R21)."""
    random = Random(f"present {m.uid} {m.start_ms}")
    kind = random.randrange(6)
    came, left = start - 61 * MINUTE_MS, end + 12 * MINUTE_MS
    if kind == 0:
        came, left = start - 61 * MINUTE_MS, start - 55 * MINUTE_MS  # somebody opened the door, and went
    elif kind == 1:
        left = start + (end - start) // 2
    yield Act(came, "people", (random.randrange(1, 4),))
    if left > start:
        sit = random.randrange(41, 60) if kind == 2 else random.randrange(4, 40)
        yield Act(start - 8 * MINUTE_MS, "people", (sit,))
    yield Act(left, "people", (0,))


_ORDERS: tuple[tuple[int, int, tuple[int | str, ...]], ...] = (
    (-100, -70, ("power", "on")),
    (-30, 0, ("load", "display", "off")),
    (5, 50, ("floor", "grant", "chair")),
    (50, 59, ("floor", "end", "chair")),
    (5, 59, ("mute", "muted")),
    (5, 59, ("mute", "open")),
    (5, 59, ("seat", "recall", 1)),
    (5, 20, ("floor", "request", "chair", "phone")),
    (20, 30, ("floor", "next", "chair")),
    (30, 59, ("floor", "deny", "chair")),
    (-55, -20, ("seat", "store", "chair")),
    (-55, -20, ("seat", "assign", "chair", 2)),
    (-20, 59, ("seat", "confirm")),
    (30, 59, ("acknowledge", "unseen")),
    (-45, -15, ("rollcall", "picture_in", "ok")),
    (-45, -15, ("rollcall", "sound_out", "bad")),
    (-45, 59, ("volume", 30)),
    (5, 59, ("volume", 49)),
    (-50, 59, ("message", "Xin chờ ít phút")),
    (5, 59, ("seat", "show", "overview")),
    (-600, -300, ("seat", "show", "chair")),
    (5, 59, ("call", "hangup")),
    (20, 59, ("power", "off")),
    (-600, -300, ("mute", "open")),
    (-300, -120, ("load", "nowhere", "on")),
)
"""What the control desk may order: between which minutes after the start, and the order. Several are refused."""


def _desk(m: Meeting, random: Random) -> Iterator[Act]:
    """The control desk: some orders around a meeting, one of them sent twice, one too late, one unreadable."""
    start, end = m.start_ms - begin_ms(), m.end_ms - begin_ms()
    for low, high, order in _ORDERS:
        if random.random() < 0.08:
            yield Act(start + random.randrange(low, high) * MINUTE_MS, "desk_orders", order)
    if random.random() < 0.15:
        yield Act(end - 10 * MINUTE_MS, "desk_orders", ("meeting", "extend", m.uid, 30))
    for what in ("desk_twice", "desk_late", "desk_garbage"):
        if random.random() < 0.2:
            yield Act(start, what)
    yield from _upkeep(m, start)
    yield from _cycles(m, start)


def _cycles(m: Meeting, start: int) -> Iterator[Act]:
    """The desk switches a load off and on again, before the lock and in it, where it is refused."""
    random = Random(f"cycle {m.uid}")
    for load in ("display", "codec", "network"):
        if random.random() < 0.25:
            at_ms = start - random.choice((300, 200, 80, 10)) * MINUTE_MS
            yield Act(at_ms - 10 * MINUTE_MS, "desk_orders", ("power", "on"))
            yield Act(at_ms, "desk_orders", ("load", load, "cycle"))
            yield Act(at_ms + 15 * MINUTE_MS, "desk_orders", ("power", "auto"))


def _upkeep(m: Meeting, start: int) -> Iterator[Act]:
    """Somebody works on the devices until shortly before a meeting, and leaves the mode to end by itself."""
    if Random(m.uid).random() < 0.2:
        yield Act(start - 240 * MINUTE_MS, "desk_orders", ("maintenance", "begin", "dust", 210))
        yield Act(start - 40 * MINUTE_MS, "desk_orders", ("maintenance", "done", "cleaning"))


def _storms(days: int, random: Random) -> Iterator[Act]:
    """Every other week, so that the laws see them often, a storm is ordered; one of three is called off."""
    for day in range(days):
        if random.random() < 1 / 14:
            at_ms, minutes = day * DAY_MS + random.randrange(DAY_MS), random.choice((120, 900, 2_400))
            yield Act(at_ms, "desk_orders", ("storm", "on", minutes))
            if random.random() < 1 / 3:
                yield Act(at_ms + minutes * MINUTE_MS // 2, "desk_orders", ("storm", "off"))


def _faults(name: str, days: int, meetings: tuple[Meeting, ...], random: Random) -> Iterator[Act]:
    """Each strikes at random times, two of three near a meeting, and is over after a while; everything is healthy
    in the last 36 hours."""
    count = max(1, round(PER_YEAR.get(name, 10) * days / 365))
    last_ms = max(DAY_MS // 2, days * DAY_MS - 36 * 3_600_000)
    for _ in range(count):
        at_ms = random.randrange(DAY_MS // 4, max(DAY_MS // 4 + 1, last_ms))
        if meetings and random.random() < 0.67:
            near_ms = random.choice(meetings).start_ms - begin_ms()
            at_ms = min(near_ms + random.randrange(-150, 240) * MINUTE_MS, last_ms)
        for_ms = random.choice((2, 20, 90, 300)) * MINUTE_MS + random.randrange(60_000)
        yield Act(at_ms, name, (for_ms, random.randrange(1 << 30)))
