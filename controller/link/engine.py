"""The life of the link's connections: dial, take over, serve, send, lose, and dial again.

Everything runs on the link's thread, except `_dial`: that blocks, so each attempt has a short-lived thread of
its own, one at a time. While the backup serves, the main broker is tried beside it and takes over only once
it has accepted us. This file has no queue of the loop and no wish of its own: `link.py` hands both in.
"""

from __future__ import annotations

import queue
import select
import threading
from collections.abc import Callable, Mapping

from controller.core.instant import Instant
from controller.link import messages
from controller.link.client import LEFT, OFFLINE, ONLINE, Connection, mono_ms
from controller.link.ears import Ears
from controller.link.messages import Stamp
from controller.link.notices import Down, LinkEvent, Online, Refused
from controller.link.reasons import REFUSED
from controller.link.roads import MAIN, Roads
from controller.link.settings import Settings
from controller.link.shelf import Kind, Letter, Shelf
from controller.link.topics import Topics
from hardware.contract import NEVER_MS, Reading

_IN = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL


class Engine:
    """`wake` interrupts the waiting thread; `chance` gives 0 ≤ x < 1; `discovery` None = nothing is said."""

    def __init__(
        self,
        settings: Settings,
        shelf: Shelf,
        report: Callable[[LinkEvent], None],
        clock: Callable[[], Instant],
        wake: Callable[[], None],
        *,
        discovery: bytes | None,
        offset_ms: int,
        chance: Callable[[], float],
    ) -> None:
        self._settings, self._report, self._clock = settings, report, clock
        self._wake, self._chance = wake, chance
        self._topics, self._offset_ms = Topics(settings.room), offset_ms
        self._shelf, self._discovery = shelf, b""
        self._discover_ms = NEVER_MS
        self._roads = Roads(settings.times, settings.backup is not None, chance, mono_ms())
        self.ears = Ears(self._topics, settings.boot, clock, report)
        self._line: Connection | None = None
        self._trial: Connection | None = None
        self._trial_ms = NEVER_MS
        self._dialling = self._closed = self._fresh = False
        self._dialled: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._known: set[str] = set()
        self._said: set[Down] = set()
        self._refused: set[str] = set()
        if discovery is not None:  # an empty one too: it takes the room out of Home Assistant
            self.discover(discovery)

    # ---- what the thread calls

    def sockets(self) -> list[tuple[int, int]]:
        """File descriptors to wait for, with the poll events of each."""
        open_ = [c for c in (self._line, self._trial) if c and c.fileno() >= 0]
        return [(c.fileno(), select.POLLIN | (select.POLLOUT if c.wants_write else 0)) for c in open_]

    def wake_ms(self) -> int:
        """When `turn` has something to do even if no socket speaks."""
        due = [self._discover_ms]
        if self._line:
            due.append(self._line.deadline_ms())
            if not self._line.wants_write:
                due.append(self._shelf.wake_ms(self._line.space))
        if self._trial:
            due.append(self._trial_ms)
        elif not self._dialling:
            due.append(self._roads.next()[1])
        return min(due)

    def turn(self, ready: Mapping[int, int]) -> None:
        """Serve the sockets that are `ready`, then do whatever is due."""
        for connection in (self._line, self._trial):
            if connection:
                self._serve(connection, ready.get(connection.fileno(), 0))
        self._take_dialled()
        self._judge_trial()
        if self._line and not self._line.alive:
            self._lose(self._line)
        self._choose()
        self._discover()
        self._send()

    def say_down(self) -> None:
        """No connection, and so no knowledge of the centre."""
        self._report(Reading("link", (("desk", "down"), ("centre", None)), self._clock().mono_ms))

    def discover(self, payload: bytes) -> None:
        """What Home Assistant is told of the room, now and whenever it starts."""
        self._discovery = payload
        self._shelf.keep(Letter(Kind.DISCOVERY, self._topics.discovery, payload))

    def close(self) -> None:
        """Send what is due, say `offline`, leave; bounded by `farewell_s`."""
        self._closed = True
        if self._line:
            self._send()
            self._part(self._line)
        if self._trial:
            self._trial.leave()
        self._empty_dialled()

    # ---- dialling

    def _choose(self) -> None:
        via, at_ms = self._roads.next()
        if self._dialling or self._trial or at_ms > mono_ms():
            return
        broker = self._settings.main if via == MAIN else self._settings.backup
        if broker is None:
            return
        # A first connection is clean: what was queued for an earlier life must not act in this one.
        fresh = via not in self._known
        connection = Connection(self._settings, via, broker, clean=fresh, home=bool(self._discovery))
        self._dialling = True
        threading.Thread(target=self._dial, args=(connection,), name="link-dial", daemon=True).start()

    def _dial(self, connection: Connection) -> None:
        connection.dial()
        self._dialled.put(connection)
        if self._closed:
            self._empty_dialled()
        else:
            self._wake()

    def _empty_dialled(self) -> None:
        while not self._dialled.empty():
            self._dialled.get().leave()

    def _take_dialled(self) -> None:
        if self._dialling and not self._dialled.empty():
            self._dialling = False
            self._trial = self._dialled.get()
            self._trial_ms = mono_ms() + round(self._settings.times.connack_s * 1000)

    def _judge_trial(self) -> None:
        trial = self._trial
        if trial is None:
            return
        if trial.alive and not trial.up and mono_ms() >= self._trial_ms:
            trial.ended = "timeout"
        if not trial.alive:
            self._trial = None
            trial.leave()
            self._roads.failed(trial.via, trial.ended, mono_ms())
            if trial.ended == REFUSED:
                self._report(Reading("link", (("login", "refused"),), self._clock().mono_ms))
            if self._line is None:  # beside a serving backup nothing is down
                self._say(Down(trial.via, trial.ended))
        elif trial.up:
            self._trial = None
            self._adopt(trial)

    def _adopt(self, fresh: Connection) -> None:
        """`fresh` becomes the line: the old one first says offline, for the two brokers may be bridged."""
        if self._line:
            self._part(self._line)
        self._line = fresh
        self._known.add(fresh.via)
        self._roads.up(fresh.via, mono_ms())
        self._refused.clear()
        self._shelf.forget_records()
        self._shelf.renew()
        self._fresh = True
        fresh.subscribe()
        fresh.publish(self._topics.of("status"), ONLINE, qos=1, retain=True)

    # ---- serving

    def _serve(self, connection: Connection, mask: int) -> None:
        if mask & select.POLLOUT:
            connection.write()
        if mask & _IN:
            connection.read()
        if connection.up and connection.alive and mono_ms() >= connection.deadline_ms():
            connection.keep()
        while connection.arrived:
            self._hear(connection)
        while connection.refused:
            self._refuse(*connection.refused.popleft())

    def _hear(self, connection: Connection) -> None:
        arrival = connection.arrived.popleft()
        if self.ears.is_home(arrival):
            self._discover_ms = mono_ms() + round(self._settings.times.discovery_spread_s * 1000 * self._chance())
        else:
            self.ears.hear(arrival)

    def _refuse(self, topic: str, reason: int) -> None:
        if topic not in self._refused:
            self._refused.add(topic)
            self._report(Refused(topic, reason))

    def _lose(self, line: Connection) -> None:
        self._line = None
        line.leave()
        self._roads.down(mono_ms())
        self._shelf.forget_records()
        self.say_down()
        self._say(Down(line.via, line.ended))

    def _say(self, down: Down) -> None:
        if down not in self._said:
            self._said.add(down)
            self._report(down)

    # ---- sending

    def _discover(self) -> None:
        if mono_ms() >= self._discover_ms and self._discovery:
            self._discover_ms = NEVER_MS
            self._shelf.keep(Letter(Kind.DISCOVERY, self._topics.discovery, self._discovery), again=True)

    def _send(self) -> None:
        line = self._line
        while line and line.alive and not line.wants_write:
            letter = self._shelf.take(mono_ms(), line.space)
            if letter is None:
                break
            body = self._render(letter, line)
            line.publish(letter.topic, body, qos=letter.qos, retain=letter.retain, to=letter.correlation)
        if self._fresh and line and line.alive and line.subscribed and self._shelf.settled:
            self._greet(line)

    def _greet(self, line: Connection) -> None:
        self._fresh = False
        self._said.clear()
        desk = "up" if line.via == MAIN else "backup"
        # Beside a serving backup the main broker may still refuse us: only its own word ends that.
        login = (("login", "ok"),) if line.via == MAIN else ()
        self._report(Reading("link", (("desk", desk), *login), self._clock().mono_ms))
        self._report(Online(line.via))

    def _render(self, letter: Letter, line: Connection) -> bytes:
        if isinstance(letter.body, bytes):
            return letter.body
        stamp = Stamp(self._settings.boot, self._clock(), self._offset_ms)
        if letter.kind is Kind.BIRTH:
            return messages.birth(letter.body, stamp, via=line.via, address=line.address)
        return (
            messages.state(letter.body, stamp) if letter.kind is Kind.STATE else messages.detail(letter.body, stamp)
        )

    def _part(self, line: Connection) -> None:
        """Leave so that the broker holds `offline`: wait for its word, but not for long."""
        end_ms = mono_ms() + round(self._settings.times.farewell_s * 1000)
        self._flush(line, lambda: line.space > 0 and not line.wants_write, end_ms)
        if line.alive and line.space > 0:
            line.publish(self._topics.of("status"), OFFLINE, qos=1, retain=True, reason=LEFT)
            self._flush(line, lambda: not line.in_flight, end_ms)
        line.leave()

    def _flush(self, line: Connection, done: Callable[[], bool], end_ms: int) -> None:
        poll = select.poll()
        while line.alive and not done() and line.fileno() >= 0 and (left_ms := end_ms - mono_ms()) > 0:
            poll.register(line.fileno(), select.POLLIN | (select.POLLOUT if line.wants_write else 0))
            for _fd, mask in poll.poll(left_ms):
                self._serve(line, mask)
