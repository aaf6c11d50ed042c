"""Which entries of the journal are published next (N13). Pure: time is an argument, entries come and go as values.

Lives here: order, pace and repetition of sending. Must not live here: MQTT, SQLite, clocks.

Order: evidence, incident, what the centre asked for again, state, telemetry; the older first. What was sent is
remembered as one number for each priority, however long the link was down: entries beyond it that memory does not
hold are asked from the journal (`Ask`, answered by `rows`). A PUBACK only frees a place in the window; an entry is
done with when the centre itself acknowledges it, and all are sent again after a reconnect until it does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from controller.core.chain import Entry
from controller.core.records import Priority
from controller.runtime.batch import Ask, Rows
from hardware.contract import NEVER_MS

PER_SECOND = 20
"""A province of rooms that return together after a power cut must not drown the centre."""

WINDOW = 20
"""Published and not yet received by the broker; as many as the MQTT client may have under way."""

SILENT_MS = 2_000
"""After this a place in the window is free without an answer: the client below has a window of its own, and its
keepalive finds a broker that stopped. What is lost by this the centre asks for again."""

HELD = 64
"""Entries kept in memory for each priority, 100 kB in all; the rest is asked from the journal when it is due."""

PROBE_MS = 300_000
"""An acknowledgement may be lost, or the centre may have been away: the oldest unacknowledged entry is sent again
this often, and its answer tells where the centre stands."""

AGAIN = 16
"""Ranges that the centre wants again; it asks once more for what we forgot."""


ASK_AGAIN_MS = 5_000
"""A question to the journal had no room in its mailbox, or its disk is slow."""


@dataclass(frozen=True, slots=True)
class Publish:
    """`hist`: sent before, or written before this connection: nothing to act on now."""

    entry: Entry
    hist: bool


class _Lane:
    """Entries of one priority that follow `sent`: `held` is the beginning of them; `more`: the journal may hold
    others after those. A range that is wanted again is a lane too, with an end `last` and `left` entries to go."""

    def __init__(self, priority: Priority | None, sent: int, last: int = NEVER_MS, left: int = NEVER_MS) -> None:
        self.priority, self.sent, self.last, self.left = priority, sent, last, left
        self.held: deque[Entry] = deque()
        self.more = True
        self.missed = False
        """An entry came that was not taken since the journal was asked: its answer may be without it."""

    @property
    def empty(self) -> bool:
        return not self.held and not self.more

    def offer(self, entry: Entry) -> None:
        """A new entry: taken when nothing lies between it and `held`."""
        if self.more or len(self.held) >= HELD:
            self.more = self.missed = True
        else:
            self.held.append(entry)

    def ask(self) -> Ask:
        self.missed = False
        return Ask(self.sent, self.last, self.priority, min(HELD, self.left))

    def fill(self, rows: Rows) -> None:
        """The journal's answer; as many as asked for means that there may be more."""
        self.held.extend(entry for entry in rows.entries if entry.seq > self.sent)
        self.left -= len(rows.entries)
        self.more = self.left > 0 and (self.missed or len(rows.entries) >= rows.ask.limit)

    def skip(self, seq: int) -> None:
        """Everything up to `seq` is done with."""
        self.sent = max(self.sent, seq)
        while self.held and self.held[0].seq <= seq:
            self.held.popleft()


class Outbox:
    """After every call look at `take`, and again when `wake_ms` (monotonic) has come. What the centre is known to
    have from earlier lives comes as `acked`: the journal reports it when it opens."""

    def __init__(self) -> None:
        self._newest, self._acked = 0, 0
        self._live_from = NEVER_MS
        self._up = False
        self._lanes: dict[Priority, _Lane] = {}
        self._again: deque[_Lane] = deque(maxlen=AGAIN)
        self._under_way: dict[int, int] = {}
        self._times: deque[int] = deque(maxlen=PER_SECOND)
        self._asked: tuple[_Lane, Ask] | None = None
        self._ask_again_ms = self._probe_ms = self.wake_ms = NEVER_MS

    @property
    def unacknowledged(self) -> int:
        """How many numbers, of those seen here, the centre has not acknowledged (trimmed ones included)."""
        return max(0, self._newest - self._acked)

    def up(self, now_ms: int) -> None:
        """A connection stands and the birth was sent: everything unacknowledged is due."""
        self.down()
        self._up = True
        self._live_from = NEVER_MS
        self._lanes = {priority: _Lane(priority, self._acked) for priority in Priority}
        self._probe_ms = now_ms + PROBE_MS
        self.wake_ms = now_ms

    def down(self) -> None:
        """The connection is gone: what was under way counts as not sent."""
        self._up = False
        self._lanes.clear()
        self._again.clear()
        self._under_way.clear()
        self._asked = None
        self.wake_ms = NEVER_MS

    def committed(self, entries: Iterable[Entry]) -> None:
        """Entries that are on disk now; not before, or a power cut would give their numbers to other content."""
        for entry in entries:
            self._newest = max(self._newest, entry.seq)
            if self._up:
                self._live_from = min(self._live_from, entry.seq)
                self._lanes[entry.priority].offer(entry)

    def acked(self, seq: int, now_ms: int) -> None:
        """The journal found the centre's acknowledgement up to `seq` good."""
        self._acked = max(self._acked, seq)
        self._under_way = {number: due for number, due in self._under_way.items() if number > seq}
        self._probe_ms = now_ms + PROBE_MS
        for lane in self._lanes.values():
            lane.skip(seq)

    def again(self, first: int, last: int) -> None:
        """The centre lacks first…last (both included); nonsense is ignored. Only while connected."""
        last = min(last, NEVER_MS)
        if self._up and 1 <= first <= last:
            self._again.append(_Lane(None, first - 1, last, last - first + 1))

    def received(self, seq: int) -> None:
        """The broker's PUBACK for `seq` came, with whatever reason: its place in the window is free."""
        self._under_way.pop(seq, None)

    def rows(self, rows: Rows) -> None:
        """The journal's answer to the last Ask; an answer to an older one is ignored."""
        if self._asked is not None and self._asked[1] == rows.ask:
            lane, self._asked = self._asked[0], None
            lane.fill(rows)

    def take(self, now_ms: int) -> tuple[tuple[Publish, ...], Ask | None]:
        """What to publish now, and what to ask the journal for."""
        ready: list[Publish] = []
        self._under_way = {number: due for number, due in self._under_way.items() if due > now_ms}
        if self._up and now_ms >= self._probe_ms:
            self._probe(now_ms)
        while (lane := self._lane()) is not None and lane.held and self._may_send(now_ms):
            ready.append(self._send(lane, now_ms))
        ask = self._question(lane, now_ms)
        self.wake_ms = self._next_ms(lane, now_ms) if self._up else NEVER_MS
        return tuple(ready), ask

    def _lane(self) -> _Lane | None:
        """The first lane that has, or may have, something to send."""
        while self._again and self._again[0].empty:
            self._again.popleft()
        order = [*self._lanes.values()]
        order[2:2] = list(self._again)[:1]
        return next((lane for lane in order if not lane.empty), None)

    def _may_send(self, now_ms: int) -> bool:
        return len(self._under_way) < WINDOW and self._pace_ms() <= now_ms

    def _pace_ms(self) -> int:
        """When the next may go: a second after the twentieth before it."""
        return self._times[0] + 1000 if len(self._times) == PER_SECOND else 0

    def _send(self, lane: _Lane, now_ms: int) -> Publish:
        entry = lane.held.popleft()
        lane.sent = entry.seq
        self._newest = max(self._newest, entry.seq)
        self._times.append(now_ms)
        self._under_way[entry.seq] = now_ms + SILENT_MS
        return Publish(entry, hist=lane.priority is None or entry.seq < self._live_from)

    def _question(self, lane: _Lane | None, now_ms: int) -> Ask | None:
        if lane is None or lane.held or (self._asked is not None and now_ms < self._ask_again_ms):
            return None
        self._asked = (lane, lane.ask())
        self._ask_again_ms = now_ms + ASK_AGAIN_MS
        return self._asked[1]

    def _probe(self, now_ms: int) -> None:
        self._probe_ms = now_ms + PROBE_MS
        if self.unacknowledged and not self._again:
            self._again.append(_Lane(None, self._acked, left=1))

    def _next_ms(self, lane: _Lane | None, now_ms: int) -> int:
        if lane is None:
            return self._probe_ms if self.unacknowledged else NEVER_MS
        if not lane.held:
            return min(self._ask_again_ms, self._probe_ms)
        if len(self._under_way) >= WINDOW:
            return min(*self._under_way.values(), self._probe_ms)
        return min(max(self._pace_ms(), now_ms + 1), self._probe_ms)
