"""The deciding thread: drain the queue, decide once, route what came out. The only mutable place of a decision.

Many threads report, one decides. The queue is bounded: full means that the loop is stuck, and then the watchdog
is no longer fed. A switching step waits for its record at most two seconds (R3) and then goes out unlogged; it
never blocks the loop. Devices, journal and link are reached only through `Hands`.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from controller.core import report, views
from controller.core.ask import Rule
from controller.core.decide import decide
from controller.core.events import Calendar, Command, Event, Rejected, Started, Stepped
from controller.core.instant import Instant
from controller.core.phases import phase
from controller.core.records import Record, Reply
from controller.core.report import Tree
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.runtime.batch import Batch, Committed
from hardware.contract import NEVER_MS, Edge, Order, Reading, Result

INBOX = 10_000
"""Two minutes of everything that a room can say; more waiting means that nobody decides any more."""
RECORD_WAIT_MS = 2_000
"""A dying card blocks for a minute: a step waits this long for its record, then acts and records late."""
PULSE_MS = 10_000
"""The loop wakes at least this often to renew the outputs' lease and to feed the watchdog."""
DETAIL_MS = 1_000
"""Full views are built no more often than this; the summary goes out with the change."""

_EVENTS = (Reading, Result, Edge, Command, Rejected, Calendar, Stepped, Started)
Item: TypeAlias = object


@dataclass(frozen=True, slots=True)
class Hands:
    """Everything that the loop may do to the world; each returns at once and never raises."""

    order: Callable[[Order], None]
    pace: Callable[[Mapping[str, int]], None]
    lamps: Callable[[Mapping[str, str]], None]
    renew: Callable[[], None]
    write: Callable[[Batch], None]
    publish: Callable[[Mapping[str, Tree], Mapping[str, Mapping[str, Tree]]], None]
    answer: Callable[[Reply], None]
    other: Callable[[Item], None]
    turn: Callable[[Instant], None]
    due_ms: Callable[[], int]
    pulse: Callable[[str], None]
    stepped: Callable[[Instant], Stepped | None]


@dataclass(slots=True)
class _Held:
    """Orders that wait for the record of their step."""

    orders: tuple[Order, ...]
    until_ms: int


@dataclass(slots=True)
class Loop:
    """One room's deciding loop. `report` may be called from any thread; everything else from one."""

    room: Room
    rules: Sequence[tuple[str, Rule]]
    clock: Callable[[], Instant]
    hands: Hands
    state: State = field(default_factory=State)
    inbox: queue.Queue[Item] = field(default_factory=lambda: queue.Queue(INBOX))
    overflow: bool = False
    stopping: bool = False
    _held: dict[int, _Held] = field(default_factory=dict)
    _token: int = 0
    _shown: tuple[object, ...] = ()
    _views_ms: int = NEVER_MS
    _pulse_ms: int = 0
    _detail_ms: int = 0
    _late: list[Record] = field(default_factory=list)

    def report(self, item: Item) -> None:
        """Put an observation; never blocks, never raises. What does not fit is lost, and the watchdog bites."""
        try:
            self.inbox.put_nowait(item)
        except queue.Full:
            self.overflow = True

    def run(self) -> None:
        """Decide until `stop`."""
        while not self.stopping:
            self.step(self._drain())

    def stop(self) -> None:
        """End `run` soon; nothing is switched."""
        self.stopping = True
        self.report(None)

    def _drain(self) -> list[Item]:
        now_ms = self.clock().mono_ms
        due_ms = min(
            [self.state.wake_ms, self._pulse_ms, self._views_ms, *(h.until_ms for h in self._held.values())]
        )
        items: list[Item] = []
        try:
            items.append(self.inbox.get(timeout=max(0.0, (due_ms - now_ms) / 1000)))
            while True:
                items.append(self.inbox.get_nowait())
        except queue.Empty:
            return items

    def step(self, items: Sequence[Item]) -> Outcome:
        """One round: what came in, one decision, what goes out."""
        now = self.clock()
        events: list[Event] = []
        for item in items:
            if isinstance(item, _EVENTS):
                events.append(item)
                continue
            if isinstance(item, Committed):
                self._release(item.token)
            if item is not None:
                self.hands.other(item)
        step = self.hands.stepped(now)
        if step is not None:
            events.append(step)
        outcome = decide(self.state, events, now, self.room, self.rules)
        changed = outcome.state.wake_ms != self.state.wake_ms or bool(outcome.records or outcome.orders)
        self.state = outcome.state
        self._write(outcome, now)
        for reply in outcome.replies:
            self.hands.answer(reply)
        self._overdue(now)
        if changed or now.mono_ms >= self._views_ms:
            self._show(now)
        self.hands.turn(now)
        self._pulse(now)
        return outcome

    def _write(self, outcome: Outcome, now: Instant) -> None:
        records = (*outcome.records, *self._late)
        self._late.clear()
        steps = tuple(o for o in outcome.orders if o.target.startswith("load."))
        if records or outcome.memory is not None:
            self._token += 1
            self.hands.write(Batch(self._token, now, records, outcome.memory, urgent=bool(steps)))
            if steps:
                self._held[self._token] = _Held(steps, now.mono_ms + RECORD_WAIT_MS)
        for order in outcome.orders:
            if order not in steps:
                self.hands.order(order)

    def _release(self, token: int) -> None:
        """The record of these steps is on disk: now they may be done."""
        held = self._held.pop(token, None)
        for order in held.orders if held is not None else ():
            self.hands.order(order)

    def _overdue(self, now: Instant) -> None:
        """The disk stalls: act, and record that the step was not logged before."""
        for token, held in tuple(self._held.items()):
            if now.mono_ms < held.until_ms:
                continue
            self._release(token)
            body = (("unlogged_s", RECORD_WAIT_MS / 1000),)
            self._late.extend(Record("unlogged", o.target, body) for o in held.orders)

    def _show(self, now: Instant) -> None:
        due_ms = views.lamps_due_ms(self.state, now)
        self._views_ms = NEVER_MS if due_ms is None else due_ms
        lamps = views.lamps(self.state, now, self.room)
        pace = views.pace(self.state, self.room)
        summary = report.summary(self.state, now, self.room)
        old = self._shown or (None, None, None)
        if lamps != old[0]:
            self.hands.lamps(lamps)
        if pace != old[1]:
            self.hands.pace(pace)
        self._shown = (lamps, pace, summary)
        if now.mono_ms >= self._detail_ms + DETAIL_MS:
            self._detail_ms = now.mono_ms
            self.hands.publish(summary, report.details(self.state, now, self.room))
        else:
            self._views_ms = min(self._views_ms, self._detail_ms + DETAIL_MS)
            if summary != old[2]:
                self.hands.publish(summary, {})

    def _pulse(self, now: Instant) -> None:
        """Alive: renew the lease of the outputs and feed the watchdog, unless the inbox overflowed."""
        if now.mono_ms < self._pulse_ms:
            return
        self._pulse_ms = now.mono_ms + PULSE_MS
        if self.overflow:
            self.overflow = not self.inbox.empty()
            return
        self.hands.renew()
        self.hands.pulse(phase(self.state, self.room))
