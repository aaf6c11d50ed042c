"""A room that lives: `decide` in a loop over simulated time, with devices that follow. No thread, no clock.

Time jumps to whatever comes next: the core's own wake, a device that has done something, a sample. Every
outcome is held against the laws that no situation may break (`laws`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from controller.core.decide import decide
from controller.core.events import Calendar, Command, Event, Force, Started, Stepped
from controller.core.instant import Instant, Trust
from controller.core.meeting import Meeting
from controller.core.memory import Memory
from controller.core.phases import PHASES, phase
from controller.core.recall import Recall
from controller.core.records import Record, Reply
from controller.core.room import Rank, Room
from controller.core.state import Outcome, Proof, Quality, State
from controller.core.tables import tables
from controller.rules import RULES
from hardware.contract import Edge, Order, OrderId, Reading, Result, Stage, Value
from tests.controller.far_ends import FarEnds
from tests.controller.room_kit import DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS, UP_MS, a_room

SAMPLE_MS = 10_000
SELDOM_MS = 30_000
"""As seldom as still leaves no fact stale: for tests that live for days."""
FOLLOW_MS = 50
"""A relay, and an answer over a serial line."""

Test: TypeAlias = Callable[["Day"], object]


class Day:
    """One room from an hour of the Monday on. `records`, `orders`, `replies` keep everything with its time."""

    def __init__(self, hour: float = 6.0, room: Room | None = None, boot: str = "b1", **more: Any) -> None:
        self.room = room if room is not None else a_room()
        self.mono_ms: int = more.pop("mono_ms", UP_MS + round(hour * HOUR_MS))
        self.wall_ms = MIDNIGHT_MS + round(hour * HOUR_MS)
        self.trust: Trust = more.pop("trust", Trust.NTP)
        self.fast: bool = more.pop("fast", True)
        self.recall = Recall() if self.fast else None
        self.sample_ms: int = more.pop("sample_ms", SAMPLE_MS)
        self.state, self.memory = State(), None if not more else more.pop("memory")
        self.boot = boot
        self.levels = {button.input: False for button in self.room.buttons}
        self.far = FarEnds(tuple(load.name for load in self.room.loads))
        self.records: list[tuple[int, Record]] = []
        self.orders: list[tuple[int, Order, Rank]] = []
        self.replies: list[Reply] = []
        self._due: list[tuple[int, int, Callable[[], Sequence[Event]]]] = []
        self._n, self._commands = 0, 0
        self._sample_ms = self.mono_ms
        self.begin(self.memory)

    # ---- lives
    def begin(self, memory: Memory | None) -> None:
        self.give(Started(self.boot, memory), Reading("input", tuple(self.levels.items()), self.mono_ms))

    def restart(self, boot: str = "", after_ms: int = 5_000, mono_ms: int | None = None) -> None:
        """The controller (or, with another boot, the Pi) goes and comes back; what was due by then is lost."""
        self._due.clear()
        self.wall_ms += after_ms
        self.mono_ms = self.mono_ms + after_ms if mono_ms is None else mono_ms
        self.boot = boot or self.boot
        self.state, self._sample_ms = State(), self.mono_ms
        self.far.since_ms = {n: min(at, self.mono_ms - HOUR_MS) for n, at in self.far.since_ms.items()}
        self.begin(self.memory)

    # ---- time
    @property
    def now(self) -> Instant:
        return Instant(self.mono_ms, self.wall_ms, self.trust)

    @property
    def hour(self) -> float:
        """Of the Monday, by monotonic time."""
        return (self.mono_ms - UP_MS) / HOUR_MS

    def step_clock(self, by_ms: int, trust: Trust | None = None) -> None:
        self.wall_ms += by_ms
        self.trust = self.trust if trust is None else trust
        self.give(Stepped(by_ms))

    def run(self, ms: float) -> Day:
        self._until(lambda _: False, self.mono_ms + round(ms))
        return self

    def to(self, hour: float) -> Day:
        """Until that hour by monotonic time."""
        return self.run(UP_MS + round(hour * HOUR_MS) - self.mono_ms)

    def until(self, test: Test, within_ms: int = DAY_MS) -> Day:
        """Until the test holds; it must within the time."""
        assert self._until(test, self.mono_ms + within_ms), (
            f"not by {self.hour:.3f} h: {phase(self.state, self.room)}"
        )
        return self

    def _until(self, test: Test, end_ms: int) -> bool:
        while not test(self):
            due_ms = self._due[0][0] if self._due else end_ms
            next_ms = min(self.state.wake_ms, due_ms, self._sample_ms, end_ms)
            self._go(max(next_ms, self.mono_ms))
            if self.mono_ms >= end_ms:
                return bool(test(self))
        return True

    def _go(self, at_ms: int) -> None:
        self.wall_ms += at_ms - self.mono_ms
        self.mono_ms = at_ms
        events: list[Event] = []
        while self._due and self._due[0][0] <= at_ms:
            events += heapq.heappop(self._due)[2]()
        if self._sample_ms <= at_ms:
            self._sample_ms = at_ms + self.sample_ms
            events += [*self.far.readings(at_ms), Reading("input", tuple(self._contacts()), at_ms)]
        self.give(*events)

    def _contacts(self) -> Iterator[tuple[str, bool]]:
        """Levels that are looked at; buttons tell by their edges alone."""
        yield from ((name, self.levels[name]) for name in tables(self.room).contacts)

    def later(self, in_ms: int, what: Callable[[], Sequence[Event]]) -> None:
        self._n += 1
        heapq.heappush(self._due, (self.mono_ms + in_ms, self._n, what))

    # ---- what happens
    def give(self, *events: Event) -> Outcome:
        """One batch, now."""
        self._touched(events)
        outcome = decide(self.state, events, self.now, self.room, RULES, self.fast, self.recall)
        broken = tuple(laws(self.state, outcome, self.now, self.room))
        assert not broken, f"at {self.hour:.4f} h: {broken}"
        self.state = outcome.state
        self.memory = outcome.memory or self.memory
        self.records += [(self.mono_ms, record) for record in outcome.records]
        self.replies += outcome.replies
        for n, order in enumerate(outcome.orders):  # relays follow one after the other
            self.orders.append((self.mono_ms, order, outcome.state.desired[order.target].rank))
            self.later(FOLLOW_MS + n, lambda o=order: self._obeyed(o))  # type: ignore[misc]
        return outcome

    def _touched(self, events: Sequence[Event]) -> None:
        """Contacts stay where they are, whoever restarts."""
        for event in events:
            if isinstance(event, Edge):
                self.levels[event.input] = event.down
            elif isinstance(event, Reading) and event.source == "input":
                self.levels |= {name: value for name, value in event.values if isinstance(value, bool)}

    def _obeyed(self, order: Order) -> Sequence[Event]:
        if order.target in self.far.deaf:
            return ()
        self.far.obey(order, self.mono_ms)
        return (Result(order.id, Stage.DONE, at_ms=self.mono_ms), *self.far.readings(self.mono_ms))

    def look(self) -> Day:
        """All devices are asked now."""
        self.give(*self.far.readings(self.mono_ms))
        return self

    def press(self, name: str, ms: int) -> Day:
        self.give(Edge(name, True, self.mono_ms))
        self.run(ms)
        self.give(Edge(name, False, self.mono_ms))
        return self.run(100)

    def touch(self, name: str, on: bool) -> Day:
        """A contact changes and stays so."""
        self.give(Edge(name, on, self.mono_ms))
        return self

    def command(self, verb: str, *args: Value, force: str = "", hold_ms: int = 0, id: str = "") -> Reply:
        """The desk says; the answer to it."""
        self._commands += 1
        forced = Force(force, "because") if force else None
        key = id or f"c{self._commands}"
        self.give(Command(key, "desk", verb, args, self.mono_ms + 30_000, hold_ms, forced))
        return self.replies[-1]

    def calendar(self, *meetings: Meeting, version: str = "1") -> Day:
        self.give(Calendar(meetings, self.wall_ms + DAY_MS, version))
        return self

    def call(self, number: str = "mcu", way: str = "in", id: str = "1") -> Day:
        self.far.calls((*self.far.codec["calls"], (id, way, "connected", number, "video")))
        return self.look()

    def hang_up(self) -> Day:
        self.far.calls(())
        return self.look()

    # ---- what was seen
    @property
    def phase(self) -> str:
        return phase(self.state, self.room)

    @property
    def codes(self) -> set[str]:
        return {alarm.code for alarm in self.state.alerts.values()}

    def told(self, kind: str, subject: str = "") -> list[dict[str, Value]]:
        """Bodies of the records of a kind."""
        rows = (r for _, r in self.records if r.kind == kind and subject in ("", r.subject))
        return [{**dict(r.body), "subject": r.subject} for r in rows]

    def switched(self, since_ms: int = 0) -> list[tuple[str, Value]]:
        """(target, value) of every order, in order."""
        return [(o.target, o.value) for at_ms, o, _ in self.orders if at_ms >= since_ms]

    def order_ms(self, target: str, value: Value) -> int:
        """When it was last ordered."""
        return max(at_ms for at_ms, o, _ in self.orders if (o.target, o.value) == (target, value))

    def relays(self, value: str) -> set[str]:
        return {name for name, level in self.far.relays.items() if level == value}


def laws(before: State, outcome: Outcome, now: Instant, room: Room) -> Iterator[str]:
    """What holds after every step, whatever happened."""
    if outcome.wake_ms <= now.mono_ms:
        yield f"wakes at {outcome.wake_ms}"
    for name, track in outcome.state.tracks.items():
        if track.proof is Proof.WAITING and track.waiting is None:
            yield f"{name} waits without a reason"
    yield from _order_laws(before, outcome, now, room)
    old, new = phase(before, room), phase(outcome.state, room)
    if old != new and new not in PHASES[old]:
        yield f"phase {old} to {new}"


def _order_laws(before: State, outcome: Outcome, now: Instant, room: Room) -> Iterator[str]:
    in_call = outcome.state.facts.get("codec.in_call")
    fans = {f"load.{n}" for zone in room.zones for n in (zone.fan, zone.dryer)}
    for order in outcome.orders:
        wish = outcome.state.desired.get(order.target)
        if wish is None or wish.value != order.value or not wish.because.code:
            yield f"{order.target} ordered {order.value!r} without a reason"
        elif order.target in tables(room).loads:
            known = in_call is not None and in_call.quality is Quality.GOOD and in_call.value is True
            power = before.tracks.get("load.codec")  # a call that was told before it lost its power is over
            fed_ms = power.off_ms if power is not None and power.seen == "on" else None
            calling = known and fed_ms is not None and in_call is not None and in_call.at_ms >= fed_ms
            if order.value == "off" and calling and wish.rank < Rank.POWER and order.target not in fans:
                yield f"{order.target} off in a call by {wish.because}"
            track = outcome.state.tracks[order.target]
            if order.value == "on" and now.mono_ms < track.off_ms + room.targets[order.target].min_off_ms:
                yield f"{order.target} on too soon"


def answer(order: OrderId, stage: Stage, at_ms: int) -> Result:
    return Result(order, stage, "test", at_ms)


__all__ = ["MINUTE_MS", "Day", "answer", "laws"]
