"""Rooms, meetings and situations for the tests of core and rules: the shipped example, compiled, with changes.

A `Sit` is what a rule can look at, written down by hand; `day.py` has a whole room that lives.
Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from controller.config_compile import compile_room
from controller.core.ask import Rule
from controller.core.instant import Instant, Trust
from controller.core.meeting import Booked, Meeting
from controller.core.memory import Hold, Kept
from controller.core.records import Because
from controller.core.room import Mode, Rank, Room
from controller.core.state import Alarm, Desired, Fact, Press, Proof, Quality, State, Track
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Refuse, Wait, Yield
from hardware.contract import NEVER_MS, Value
from tests.controller.rooms_on_paper import changed

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIDNIGHT_MS = 1_772_384_400_000
"""Monday 2 March 2026, 00:00 in Viet Nam, as Unix time."""
UP_MS = 10 * DAY_MS
"""Monotonic time at that midnight: the Pi has run for ten days."""
WHY = Because("test", "test")


@cache
def _paper(accepted: bool) -> Room:
    return compile_room(changed(room__accepted=accepted))


def a_room(accepted: bool = True, modes: Mapping[str, Mode] | None = None, **changes: Any) -> Room:
    """The example room; `modes` are set beside its own, every other field by name."""
    room = _paper(accepted)
    return replace(room, modes={**room.modes, **(modes or {})}, **changes)


def poor_room(**changes: Any) -> Room:
    """A room of four loads without codec, camera, UPS, sensors or panel."""
    nothing: dict[str, Any] = {"codec": None, "ups": None, "cameras": {}, "seats": {}, "climate": {}}
    room = compile_room(changed(room__accepted=True, loads__fan=None, loads__camera=None, **nothing))
    return replace(room, buttons=(), **changes)


def clock(hour: float = 0.0, trust: Trust = Trust.NTP) -> Instant:
    """The given hour of the Monday, with the monotonic clock running along."""
    ms = round(hour * HOUR_MS)
    return Instant(UP_MS + ms, MIDNIGHT_MS + ms, trust)


def mono(hour: float) -> int:
    return clock(hour).mono_ms


def a_meeting(start: float = 8.0, end: float = 10.0, uid: str = "giao-ban", **changes: Any) -> Meeting:
    """A meeting by hours of the Monday."""
    return Meeting(
        uid,
        "Họp giao ban",
        MIDNIGHT_MS + round(start * HOUR_MS),
        MIDNIGHT_MS + round(end * HOUR_MS),
        **changes,
    )


def a_booked(
    start: float = 8.0, end: float = 10.0, late: str = "", on_by: float | None = None, **more: Any
) -> Booked:
    """The meeting once its lead has begun, 66 min before its start if not said."""
    meeting = a_meeting(start, end, **more)
    shift = UP_MS - MIDNIGHT_MS
    return Booked(
        meeting,
        mono(start - 1.1 if on_by is None else on_by),
        mono(start - 1),
        mono(start),
        mono(end),
        tuple((a + shift, b + shift) for a, b in meeting.breaks),
        late,
    )


def a_hold(name: str, value: Value, targets: tuple[str, ...] = (), rank: Rank = Rank.MANUAL, **more: Any) -> Hold:
    return Hold(name, targets, value, rank, WHY, more.pop("since_ms", 0), more.pop("until_ms", NEVER_MS), **more)


@dataclass(frozen=True)
class Sit:
    """A situation at an hour of the Monday. `facts`: good values, or whole `Fact`s; those and `marks` have been
    so for `since_ms` ms. `seen`: target → its shown value, or a whole `Track`. `want`: target → wish."""

    hour: float = 7.5
    facts: Mapping[str, Any] = field(default_factory=dict)
    since_ms: int = HOUR_MS
    marks: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    want: Mapping[str, Any] = field(default_factory=dict)
    booked: tuple[Booked, ...] = ()
    holds: tuple[Hold, ...] = ()
    down: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    room: Room = field(default_factory=a_room)
    trust: Trust = Trust.NTP
    stepped_ms: int = 0
    started_ms: int = UP_MS - DAY_MS
    modes: Mapping[str, Mode] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        return clock(self.hour, self.trust)

    def ago(self, ms: int) -> int:
        return self.now.mono_ms - ms

    def state(self) -> State:
        return State(
            boot="boot",
            started_ms=self.started_ms,
            facts={n: _fact(v, self.ago(self.since_ms)) for n, v in self.facts.items()},
            presses={n: Press(True, 0, True, self.ago(HOUR_MS), 0, 2) for n in self.down},
            marks={n: _mark(v, self.ago(self.since_ms)) for n, v in self.marks.items()},
            desired={n: _wish(v, self.ago(self.since_ms)) for n, v in self.want.items()},
            tracks={n: self._track(n, v) for n, v in self.seen.items()},
            alerts={(code, "room"): Alarm(code, "room", WHY, 0) for code in self.alerts},
            meetings=tuple(b.meeting for b in self.booked),
            booked=self.booked,
            holds={h.name: h for h in self.holds},
            modes=self.modes,
            stepped_ms=self.stepped_ms,
        )

    def _track(self, name: str, value: Any) -> Track:
        if isinstance(value, Track):
            return value
        since_ms = self.ago(self.since_ms)
        off_ms = since_ms if value == "off" else 0
        return Track(Proof.PROVEN, since_ms, self._wanted(name), value, done_ms=since_ms, off_ms=off_ms)

    def _wanted(self, name: str) -> Value:
        wish = self.want.get(name)
        return wish.value if isinstance(wish, Desired) else wish

    def view(self) -> View:
        return View(self.state(), self.now, self.room)


def _fact(value: Any, since_ms: int) -> Fact:
    return value if isinstance(value, Fact) else Fact(value, Quality.GOOD, since_ms, since_ms)


def _mark(value: Any, since_ms: int) -> Kept:
    return value if isinstance(value, Kept) else Kept(value, since_ms, (since_ms,) if value else ())


def _wish(value: Any, since_ms: int) -> Desired:
    return value if isinstance(value, Desired) else Desired(value, Rank.SCHEDULE, WHY, since_ms, since_ms)


def stale(value: Value, at_ms: int = 0) -> Fact:
    """A fact that was good once."""
    return Fact(value, Quality.STALE, at_ms, at_ms)


def said(rule: Rule, sit: Sit) -> tuple[Yield, ...]:
    """Everything that the rule yields in the situation."""
    return tuple(rule(sit.view()))


def demands(words: Iterable[Yield]) -> dict[str, Value]:
    return {w.target: w.value for w in words if isinstance(w, Demand)}


def alerts(words: Iterable[Yield]) -> set[str]:
    return {w.code for w in words if isinstance(w, Alert)}


def marks(words: Iterable[Yield]) -> dict[str, Value]:
    return {w.name: w.value for w in words if isinstance(w, Mark)}


def waits(words: Iterable[Yield]) -> dict[tuple[str, Value], str]:
    return {(w.target, w.value): w.because.code for w in words if isinstance(w, Wait)}


def refusals(words: Iterable[Yield]) -> dict[tuple[str, Value], Rank]:
    return {(w.target, w.value): w.rank for w in words if isinstance(w, Refuse)}


def ranks(words: Iterable[Yield]) -> set[Rank]:
    return {w.rank for w in words if isinstance(w, Demand)}


def codes(words: Iterable[Yield]) -> set[str]:
    """The reasons of everything that has one."""
    return {w.because.code for w in words if not isinstance(w, Mark)}


MEETING_LOADS = ("display", "camera", "codec", "mixer", "amplifier")


def all_loads(value: Value) -> dict[str, Any]:
    """Every load of the example's meeting room at `value`."""
    return {f"load.{name}": value for name in MEETING_LOADS}
