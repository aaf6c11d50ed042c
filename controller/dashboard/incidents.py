"""Incidents as a difference: what should be alerting now, collapsed to causes, compared with what is open. Pure.

Computed from what is so at this moment only, so that lost messages and restarts of anybody cannot leave an incident
open or forget one. One cause is one incident (N7): a commune's power cut, a provider's line, a broker's restart, a
call that dropped for many. What tells them apart: a last gasp before the silence is the mains; a goodbye is
somebody's hand; silence without either is the machine or the line, which the return tells (incidents_after.py);
everybody's silence at once is the broker. Nobody is blamed here (R30).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MINUTE_MS = 60_000
STALE_MS = 11 * MINUTE_MS
"""A room says its state every five minutes; twice that and a little is silence, whatever the broker believes."""
HOLD_MS = MINUTE_MS
"""An alert that is gone within this was a blip, and one that came back within it never left."""
EXPECT_MS = 30 * MINUTE_MS
"""So long an incident may last before its expected end is asked for (people.md 4)."""
AT_ONCE = frozenset(
    {"help", "smoke", "leak", "not_ready", "needs_hand", "no_sound", "no_picture", "no_media", "dropped"}
)
ALL_RATIO = 0.6
MANY = 3
"""So many rooms of one provider, meeting or network are no coincidence."""
PAIR = 2
"""Two rooms of one unit without mains are one power cut."""

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "safety": ("smoke", "leak"),
    "power": ("on_battery", "battery_short", "undervoltage", "from_battery", "silent_power", "hurry", "unsure"),
    "line": ("line_down", "line_slow", "line_bad", "phone_provider", "silent", "stale"),
    "call": ("dropped", "no_media", "no_sound", "no_picture", "redial_spent"),
    "climate": ("temperature", "humidity", "heat", "condensation", "sensor_lost", "sensor_stuck", "dark"),
    "battery": ("battery_old", "replace_battery", "battery_failed", "ups_bypassed", "ups_unknown", "overload"),
    "settings": (
        "setting_drift",
        "frame_drift",
        "frame_missing",
        "port_gone",
        "port_moved",
        "another_device",
        "tamper",
    ),
    "help": ("help",),
    "evidence": ("evidence_doubtful", "evidence_missing"),
    "tests": ("check_failed", "check_missing", "backup_short", "not_ready"),
}
FAMILY = {code: family for family, codes in _FAMILIES.items() for code in codes}
QUIET = frozenset(
    {
        "bypass", "by_hand", "cleaning_due", "closing_soon", "computer_off", "computer_on", "cut_put_off",
        "desk_away", "door", "duty_leader", "duty_missing", "duty_remind", "end", "expect_asked", "floor_long",
        "maintenance_due", "max_on_soon", "mic_out_of_turn", "mic_reminder", "remind", "setting_unread",
        "unseen", "volume_outside",
        "warranty", "contact_lost", "heal", "own_dial", "people_over",
    }
)  # fmt: skip
"""What a room says to people and what is no incident: reminders, things in hand, notes of the floor."""
PROPOSED = {"power": "mains", "line": "provider", "call": "provider", "climate": "device", "battery": "device",
            "settings": "handling", "tests": "device", "device": "device", "broker": "centre"}  # fmt: skip


SILENT = frozenset({"silent", "stale"})
EVIDENCE_KEY = "evidence:"


@dataclass(frozen=True, slots=True)
class Seen:
    """One room as last heard. `state`, `gasp`: bodies of those topics, {} = none; `spoke_ms`: when it last did;
    `left`: its last word was a goodbye; `doubts`: what is found of its journal, as codes of alerts."""

    room: str
    unit: str = ""
    provider: str = ""
    online: bool | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    gasp: Mapping[str, Any] = field(default_factory=dict)
    spoke_ms: int = 0
    left: bool = False
    doubts: frozenset[str] = frozenset()

    @property
    def boot(self) -> str:
        """The life in which it spoke last."""
        return str(self.state.get("boot") or "")


@dataclass(frozen=True, slots=True, order=True)
class Alert:
    """Something that should be looked at, of one room."""

    room: str
    code: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What one incident is about. `scope`: room, unit, provider, meeting, network."""

    key: str
    code: str
    scope: str
    alerts: frozenset[Alert]
    meeting: str = ""

    @property
    def proposed(self) -> str:
        """What the machine takes for the cause. Silence alone proves nothing: machine and line look alike."""
        codes = {alert.code for alert in self.alerts}
        if self.scope == "room" and codes <= SILENT:
            return "unknown"
        if codes == {"silent_left"}:
            return "handling"
        return PROPOSED.get(self.code, "unknown")

    @property
    def rooms(self) -> tuple[str, ...]:
        return tuple(sorted({alert.room for alert in self.alerts}))


def should(rooms: Iterable[Seen], now_ms: int) -> frozenset[Alert]:
    """What is so now. A room that is silent has one alert: what it said before is not known to be so any more."""
    return frozenset(alert for room in rooms for alert in _of(room, now_ms))


def _of(room: Seen, now_ms: int) -> Iterable[Alert]:
    for doubt in room.doubts:
        yield Alert(room.room, doubt)
    if room.online is None and not room.state:
        return  # known by name alone: nothing is expected of it yet
    if room.online is False:
        silence = "silent_power" if room.gasp.get("reason") else "silent_left" if room.left else "silent"
        yield Alert(room.room, silence)
    elif now_ms - room.spoke_ms > STALE_MS:
        yield Alert(room.room, "stale")
    else:
        if room.state.get("help") == "called":  # acknowledged: somebody at the desk has it in hand
            yield Alert(room.room, "help")
        codes = room.state.get("incidents", ())
        for code in codes if isinstance(codes, list | tuple) else ():
            if isinstance(code, str) and code not in QUIET:
                yield Alert(room.room, code[:40])


def collapse(alerts: Iterable[Alert], rooms: Mapping[str, Seen]) -> frozenset[Cause]:
    """Every alert in exactly one cause."""
    left = set(alerts)
    causes: list[Cause] = []
    for take in (_broker, _power, _provider, _call):
        for cause in take(left, rooms):
            causes.append(cause)
            left -= cause.alerts
    single: dict[tuple[str, str], set[Alert]] = defaultdict(set)
    for alert in left:
        single[alert.room, FAMILY.get(alert.code, "device")].add(alert)
    causes += [
        Cause(f"{family}:{room}", family, "room", frozenset(found)) for (room, family), found in single.items()
    ]
    return frozenset(causes)


def _broker(left: set[Alert], rooms: Mapping[str, Seen]) -> Iterable[Cause]:
    silent = {alert for alert in left if alert.code in ("silent", "stale")}
    known = [room for room in rooms.values() if room.online is not None or room.state]
    if len(silent) >= max(MANY, ALL_RATIO * len(known)):
        yield Cause("broker", "broker", "network", frozenset(silent))


def _power(left: set[Alert], rooms: Mapping[str, Seen]) -> Iterable[Cause]:
    yield from _shared(left, rooms, "power", "unit", PAIR)


def _provider(left: set[Alert], rooms: Mapping[str, Seen]) -> Iterable[Cause]:
    yield from _shared(left, rooms, "line", "provider", MANY)


def _shared(left: set[Alert], rooms: Mapping[str, Seen], family: str, scope: str, least: int) -> Iterable[Cause]:
    """Alerts of one family in so many rooms that share a unit or a provider."""
    by: dict[str, set[Alert]] = defaultdict(set)
    for alert in left:
        room = rooms.get(alert.room)
        shared = "" if room is None else room.unit if scope == "unit" else room.provider
        if shared and FAMILY.get(alert.code) == family:
            by[shared].add(alert)
    for shared, found in sorted(by.items()):
        if len({alert.room for alert in found}) >= least:
            yield Cause(f"{family}@{shared}", family, scope, frozenset(found))


def _call(left: set[Alert], rooms: Mapping[str, Seen]) -> Iterable[Cause]:
    by: dict[str, set[Alert]] = defaultdict(set)
    for alert in left:
        room = rooms.get(alert.room)
        meeting = room.state.get("meeting") if room is not None else None
        if alert.code == "dropped" and isinstance(meeting, Mapping) and meeting.get("uid"):
            by[str(meeting["uid"])].add(alert)
    for uid, found in sorted(by.items()):
        if len(found) >= MANY:
            yield Cause(f"call@{uid}", "call", "meeting", frozenset(found), uid)


# ---- blips


@dataclass(frozen=True, slots=True)
class Since:
    """An alert that has been seen: from when, and when it was so last."""

    from_ms: int
    seen_ms: int


def remember(known: Mapping[Alert, Since], now: Iterable[Alert], now_ms: int) -> dict[Alert, Since]:
    """What is kept from one look to the next: what is so, and what was so a moment ago."""
    found = {alert: Since(known[alert].from_ms if alert in known else now_ms, now_ms) for alert in now}
    lately = {alert: since for alert, since in known.items() if now_ms - since.seen_ms < HOLD_MS}
    return lately | found


def ripe(known: Mapping[Alert, Since], now_ms: int) -> frozenset[Alert]:
    """Alerts that are no blips: so for HOLD_MS, or of a kind for which nobody waits."""
    return frozenset(a for a, since in known.items() if a.code in AT_ONCE or now_ms - since.from_ms >= HOLD_MS)


# ---- the expected end


_NO_END = frozenset({"evidence", "help", "settings", "tests"})
"""What nobody can promise an end of."""


def asks_expected(row: Any, now_ms: int) -> bool:
    """An open incident (a row of it) of which nobody has said when it ends, or whose promised end has passed."""
    if row.code in _NO_END or row.until_ms is not None or row.stage == "mended":
        return False
    if row.expected_ms is not None:
        return bool(row.expected_ms <= now_ms)
    return bool(now_ms - row.from_ms >= EXPECT_MS)


# ---- the difference


@dataclass(frozen=True, slots=True)
class Open:
    """An incident that is open."""

    id: int
    key: str
    alerts: frozenset[Alert]


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: open, join, leave, close. `id` 0 = a new one; `into`: the key of the cause that took its alerts."""

    what: str
    id: int
    cause: Cause | None = None
    alerts: frozenset[Alert] = frozenset()
    into: str = ""


def differ(opened: Sequence[Open], causes: Iterable[Cause]) -> list[Change]:
    """What to do so that exactly the causes are open. Applying it and asking again gives nothing."""
    wanted = {cause.key: cause for cause in causes}
    every = sorted(wanted.values(), key=lambda cause: cause.key)
    changes: list[Change] = []
    for one in opened:
        cause = wanted.pop(one.key, None)
        if cause is None:
            heir = next((c.key for c in every if c.alerts & one.alerts), "")
            changes.append(Change("close", one.id, alerts=one.alerts, into=heir))
            continue
        if fresh := cause.alerts - one.alerts:
            changes.append(Change("join", one.id, cause, fresh))
        if gone := one.alerts - cause.alerts:
            changes.append(Change("leave", one.id, cause, gone))
    changes += [Change("open", 0, cause, cause.alerts) for _, cause in sorted(wanted.items())]
    return changes
