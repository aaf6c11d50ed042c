"""The deciding thread: drain the queue, decide once, route what came out. The only mutable place of a decision.

Many threads report, one decides. The queue is bounded: full means that the loop is stuck, and then the watchdog
is no longer fed. A switching step waits for its record at most two seconds (R3) and then goes out unlogged; it
never blocks the loop. Devices, journal and link are reached only through `Hands`.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from controller.core import report, views
from controller.core.ask import Rule
from controller.core.decide import decide
from controller.core.events import Calendar, Command, Event, Rejected, Started, Stepped
from controller.core.gasp import Gasp, gasp
from controller.core.instant import Instant
from controller.core.lamps import lamps as shown_lamps
from controller.core.lamps import lamps_due_ms
from controller.core.parts import Tree
from controller.core.phases import phase
from controller.core.recall import Recall
from controller.core.records import Priority, Record
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.runtime.alike import alike
from controller.runtime.batch import Batch, Committed
from controller.runtime.hands import Full, Hands, Item, full_views
from controller.runtime.quiet import Quiet
from hardware.contract import NEVER_MS, Edge, Order, Reading, Result

INBOX = 10_000
"""Two minutes of everything that a room can say; more waiting means that nobody decides any more. Threads look
before they put, so that a handful more may lie there."""
RECORD_WAIT_MS = 2_000
"""A dying card blocks for a minute: a step waits this long for its record, then acts and records late."""
PULSE_MS = 10_000
"""The loop wakes at least this often to renew the outputs' lease and to feed the watchdog."""
DETAIL_MS = 1_000
"""Full views are built no more often than this; the summary goes out with the change."""
BREATH_MS = 50
"""They take longer to build than all else of a decision: who waits for the summary, for an answer or for a step's
record has the processor first."""
LOOK_MS = 60_000
"""Full views of a state that stands are built this often, when it was decided anew: time changes some of them."""
REFRESH_MS = 300_000
"""Unchanged views are handed out again this often, so that whoever reads them sees that somebody is alive."""
LATE = 64
"""Records that wait for the next decision; there is one for each step that the disk has held up."""

_EVENTS = (Reading, Result, Edge, Command, Rejected, Calendar, Stepped, Started)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What was handed out last."""

    lamps: Mapping[str, str] | None = None
    pace: Mapping[str, int] | None = None
    summary: Mapping[str, Tree] | None = None
    full: Full | None = None
    gasp: Gasp | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """Orders that wait for the record of their step."""

    orders: tuple[Order, ...]
    until_ms: int


@dataclass(slots=True)
class Loop:
    """One room's deciding loop. `report` may be called from any thread and from a signal's handler; everything
    else from one thread. `pulse_ms`: as PULSE_MS, or less where the lease or the watchdog is shorter."""

    room: Room
    rules: Sequence[tuple[str, Rule]]
    clock: Callable[[], Instant]
    hands: Hands
    pulse_ms: int = PULSE_MS
    draw: Callable[[State, Instant, Room], Full] = full_views
    state: State = field(default_factory=State)
    inbox: queue.SimpleQueue[Item] = field(default_factory=queue.SimpleQueue)
    overflow: bool = False
    stopping: bool = False
    _held: dict[int, _Held] = field(default_factory=dict)
    _token: int = 0
    _shown: _Shown = _Shown()
    _views_ms: int = NEVER_MS
    _pulse_ms: int = 0
    _detail_ms: int = NEVER_MS
    _breath_ms: int = 0
    _drawn: State | None = None
    _handed_ms: int = 0
    _late: deque[Record] = field(default_factory=lambda: deque(maxlen=LATE))
    _quiet: Quiet = field(init=False)
    _recall: Recall = field(default_factory=Recall)

    def __post_init__(self) -> None:
        self._quiet = Quiet(self.room.facts)

    def report(self, item: Item) -> None:
        """Put an observation; never blocks, never raises. What does not fit is lost, and the watchdog bites. The
        queue is one that a signal's handler may use while this very thread is taking from it."""
        for due in self._quiet.sift(item):
            if self.inbox.qsize() < INBOX:
                self.inbox.put(due)
            else:
                self.overflow = True

    def note(self, record: Record) -> None:
        """Something that is no decision but must be written down: goes with the next batch, this step's or the
        next. Only from the deciding thread."""
        self._late.append(record)

    def run(self) -> None:
        """Decide until `stop`."""
        while not self.stopping:
            self.step(self._drain())

    def stop(self) -> None:
        """End `run` soon; nothing is switched."""
        self.stopping = True
        self.inbox.put(None)

    def _drain(self) -> list[Item]:
        items: list[Item] = []
        wait_s = max(0, self._due_ms() - self.clock().mono_ms) / 1000
        try:
            items.append(self.inbox.get(timeout=wait_s))
            more = min(self.inbox.qsize(), INBOX - 1)  # they stay: nobody else takes
            items.extend(self.inbox.get_nowait() for _ in range(more))
        except queue.Empty:
            pass
        return self._quiet.take(items)

    def _due_ms(self) -> int:
        held = (held.until_ms for held in self._held.values())
        return min([self.state.wake_ms, self._pulse_ms, self._views_ms, self.hands.due_ms(), *held])

    def step(self, items: Sequence[Item]) -> Outcome:
        """One round: what came in, one decision, what goes out."""
        now = self.clock()
        events, written = self._sort(items)
        step = self.hands.stepped(now)
        if step is not None:
            events.append(step)
        before = self.state
        outcome = self._decided(events, now)
        self.state = outcome.state
        for reply in outcome.replies:
            self.hands.answer(reply)  # first: somebody waits for it, and each later hand wakes a thread that works
        for token in written:
            self._release(token)
        self._overdue(now)
        self._write(outcome, now)
        # The fast path keeps the tracks: nothing that a view shows has changed.
        if outcome.state.tracks is not before.tracks or now.mono_ms >= self._views_ms:
            self._show(now)
        self.hands.turn(now)
        self._pulse(now)
        self._quiet.on = self._rests()
        return outcome

    def _decided(self, events: list[Event], now: Instant) -> Outcome:
        """A word that is not the core's (a record is on disk, the link's news) is no reason to ask every rule
        again: nothing has changed for them, and their own time has not come. At rest the long way is gone with the
        last pulse before that time, so that it needs no waking of its own."""
        if events or now.mono_ms >= self.state.wake_ms:
            soon_ms = now.mono_ms + self.pulse_ms if self._quiet.on else 0
            return decide(self.state, events, now, self.room, self.rules, True, self._recall, soon_ms)
        return Outcome(self.state, (), (), (), self.state.wake_ms)

    def _rests(self) -> bool:
        """Nothing is on its way, so that a word which was said before may wait for the next round."""
        return not self._held and views.FAST_MS not in (self._shown.pace or {"": views.FAST_MS}).values()

    def _sort(self, items: Sequence[Item]) -> tuple[list[Event], list[int]]:
        """The core's events, and what is on disk now; everything else goes where it belongs."""
        events: list[Event] = []
        written: list[int] = []
        for item in items:
            if isinstance(item, _EVENTS):
                events.append(item)
            elif item is not None:
                if isinstance(item, Committed):
                    written.append(item.token)
                self.hands.other(item)
        return events, written

    def _write(self, outcome: Outcome, now: Instant) -> None:
        records = (*outcome.records, *self._late)
        self._late.clear()
        steps = tuple(o for o in outcome.orders if o.target.startswith("load."))
        if records or steps or outcome.memory is not None:
            self._token += 1
            urgent = bool(steps) or self._falls(now)
            self.hands.write(Batch(self._token, now, records, outcome.memory, urgent))
            if steps:
                self._held[self._token] = _Held(steps, now.mono_ms + RECORD_WAIT_MS)
        for order in outcome.orders:
            if order not in steps:
                self.hands.order(order)

    def _falls(self, now: Instant) -> bool:
        """The room begins to gasp: the next life tells by the memory why this one ended (N7), alert or none."""
        last, before = gasp(self.state, now, self.room), self._shown.gasp
        return last is not None and last.reason != (before.reason if before is not None else "")

    def _release(self, token: int) -> tuple[Order, ...]:
        """The record of these steps is on disk, or has been waited for long enough: now they are done."""
        held = self._held.pop(token, None)
        orders = tuple(filter(self._wanted, held.orders)) if held is not None else ()
        for order in orders:
            self.hands.order(order)
        return orders

    def _wanted(self, order: Order) -> bool:
        """Nobody has taken the step back while its record was written: a press that keeps the room on comes before
        an *off* that the disk has held up, or the codec would lose its power for a wish of two seconds ago."""
        track = self.state.tracks.get(order.target)
        return track is not None and track.sent == order and track.want == order.value

    def _overdue(self, now: Instant) -> None:
        """The disk stalls: act, and record that the step was not logged before."""
        for token, held in tuple(self._held.items()):
            if now.mono_ms >= held.until_ms:
                body = (("unlogged_s", RECORD_WAIT_MS / 1000),)
                for order in self._release(token):
                    self.note(Record("unlogged", order.target, body, Priority.INCIDENT))

    def _show(self, now: Instant) -> None:
        """Hand out what has changed: summary, lamps and pace at once, full views at most once a second."""
        due_ms = lamps_due_ms(self.state, now)
        self._views_ms = NEVER_MS if due_ms is None else due_ms
        old = self._shown
        lamps, pace = shown_lamps(self.state, now, self.room), views.pace(self.state, self.room)
        summary = report.summary(self.state, now, self.room)
        last = gasp(self.state, now, self.room) or old.gasp
        if lamps != old.lamps:
            self.hands.lamps(lamps)
        if pace != old.pace:
            self.hands.pace(pace)
        if last is not None and last != old.gasp:
            self.hands.gasp(last)  # before all else: the power may be gone in a moment
        # The first come together: whoever looks once the room is ready finds both.
        full = self._full(now, old.summary not in (None, summary))
        if full is not None or summary != old.summary:
            self.hands.publish(summary, full)
        self._shown = _Shown(lamps, pace, summary, full or old.full, last)

    def _full(self, now: Instant, news: bool) -> Full | None:
        """The full views when they are to be handed out now: changed, or not seen for long. `news`: another
        summary goes out."""
        if self._detail_ms <= now.mono_ms < self._detail_ms + DETAIL_MS:
            self._views_ms = min(self._views_ms, self._detail_ms + DETAIL_MS)
            return None
        if self._stands(now):
            self._views_ms = min(self._views_ms, self._handed_ms + REFRESH_MS)
            return None
        if news and not self._breath_ms:
            self._breath_ms = now.mono_ms + BREATH_MS
        if now.mono_ms < self._breath_ms:
            self._views_ms = min(self._views_ms, self._breath_ms)
            return None
        self._detail_ms, self._drawn, self._breath_ms = now.mono_ms, self.state, 0
        full = self.draw(self.state, now, self.room)
        changed = full != self._shown.full or now.mono_ms >= self._handed_ms + REFRESH_MS
        if changed:
            self._handed_ms = now.mono_ms
        self._views_ms = min(self._views_ms, self._handed_ms + REFRESH_MS)
        return full if changed else None

    def _stands(self, now: Instant) -> bool:
        """The full views would be what they were: not to be asked when they are to be handed out again anyway."""
        due_ms = min(self._detail_ms + LOOK_MS, self._handed_ms + REFRESH_MS)
        return self._drawn is not None and now.mono_ms < due_ms and alike(self._drawn, self.state)

    def _pulse(self, now: Instant) -> None:
        """Alive: renew the lease of the outputs and feed the watchdog, unless the inbox overflowed."""
        if now.mono_ms < self._pulse_ms:
            return
        # Devices were first asked when this began, at the same pace: a third aside no thread waits for another
        # one; only the keeper's asks with the renewal, when its own time comes within half a pace.
        self._pulse_ms = now.mono_ms + (self.pulse_ms if self._pulse_ms else self.pulse_ms * 2 // 3)
        if self.overflow:
            self.overflow = not self.inbox.empty()
            self.note(Record("overflow", "inbox", (("items", INBOX),), Priority.INCIDENT))
            return
        self.hands.pulse(phase(self.state, self.room))
        self.hands.renew()  # last: it wakes a thread that would only wait until this one sleeps again
