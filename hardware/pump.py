"""One thread that moves one conversation over one wire: the only place where protocols meet I/O and time.

Must not live here: what bytes mean (protocols/), what reports mean (the core). The thread sleeps in poll()
until bytes come, the conversation's own `wake_ms`, or somebody rings; it has no wake-ups of its own.

What goes wrong, and what then happens
- The wire is absent or goes away: said once in the log, closed, tried again for ever; said once when back.
- The other side does not take our bytes: after OUT_MAX the wire counts as gone.
- A conversation or `report` raises: the thread ends loudly through threading.excepthook (the runtime ends the
  process then, systemd starts it again, and nothing switches). It is a defect of ours, never of a device.
"""

from __future__ import annotations

import errno
import logging
import queue
import random
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from hardware.contract import NEVER_MS, Conversation, Order, Reading, Report, Result, Stage
from hardware.wire import Wire, WireError, WireGone

RETRY_MS = (1_000, 5_000)
"""Between two openings, drawn anew each time. Flat, because a person who plugged a cable in waits for it and a
growing pause would let him wait longest after the longest absence; drawn, so that eight ports that left with
one hub, or eighty rooms that lost one server, do not come back in step."""

CONNECT_MS = 5_000
"""A TCP connection that is not there after this will not come over a room's network."""

OUT_MAX = 65_536
"""Bytes that wait for the wire. The largest request of any protocol has some 100."""

MAIL_MAX = 256
"""Orders and calls that wait for the thread. It takes them within a millisecond; a full box means it hangs. Who
writes looks first, so that a handful more may lie there."""

Call = Callable[[int], None]

_log = logging.getLogger(__name__)


def retry_ms() -> int:
    """The pause before the next opening."""
    return random.randint(*RETRY_MS)


class Pump:
    """Carries `conversation` over `wire`, from `start` to `stop`.

    `report` is called on the pump's thread with every report; it must be quick and not raise. `clock_ms` is
    the monotonic clock that stamps them. `ask`, `pace` and `call` may be used from any thread.
    """

    def __init__(
        self,
        name: str,
        wire: Wire,
        conversation: Conversation,
        report: Callable[[Report], None],
        clock_ms: Callable[[], int],
        pause_ms: Callable[[], int] = retry_ms,
    ) -> None:
        self.name = name
        self._wire = wire
        self._talk = conversation
        self._report = report
        self._clock_ms = clock_ms
        self._pause_ms = pause_ms
        self._mail: queue.SimpleQueue[Order | Call] = queue.SimpleQueue()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._stop = threading.Event()
        self._state = "closed"
        self._try_ms = -NEVER_MS
        self._out = bytearray()
        self._said = ""
        self._proven = False
        self._period_ms = self._hunt_ms = 0
        self._thread = threading.Thread(target=self._run, name=f"pump {name}", daemon=True)

    @property
    def alive(self) -> bool:
        """The thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; the first opening is tried at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End the thread and close the wire; True when it ended in time. What was ordered is sent first."""
        self._stop.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        self._bell.close()
        self._ear.close()
        return True

    def ask(self, order: Order) -> None:
        """Hand an order over. Of two for one target that wait together, the earlier is superseded."""
        if self._stop.is_set() or not self._post(order):
            self._report(Result(order.id, Stage.REFUSED, "busy", self._clock_ms()))

    def pace(self, period_ms: int) -> None:
        """Set how often the conversation asks for state; 0 = its default."""
        self._post(lambda now_ms: self._walk(period_ms, now_ms))

    def call(self, function: Call) -> bool:
        """Run `function(now_ms)` on the pump's thread, between two turns; False when the box is full."""
        return self._post(function)

    def _post(self, letter: Order | Call) -> bool:
        if self._mail.qsize() >= MAIL_MAX:
            return False
        self._mail.put(letter)
        self._ring()
        return True

    def _ring(self) -> None:
        # Blocking: the bell rings already. Any other error: the pump was stopped and nobody listens.
        with suppress(OSError):
            self._bell.send(b"!")

    # -- the thread

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._turn()
            self._read_mail()
            self._exchange()
        finally:
            self._wire.close()

    def _turn(self) -> None:
        now_ms = self._clock_ms()
        if self._state == "closed" and now_ms >= self._try_ms:
            self._guard(self._open)
        elif self._state == "opening" and now_ms >= self._try_ms:
            self._lost(WireGone(errno.ETIMEDOUT, f"{self._wire.place}: does not answer; is it switched on?"))
        self._talk.tick(self._clock_ms())
        self._exchange()
        ready = self._sleep()
        self._read_mail()
        if self._state == "opening" and ready:
            self._guard(self._finish)
        elif self._state == "open" and ready & ~select.POLLOUT:
            # Not on POLLOUT alone: reading a serial port that is not readable looks like a hang-up.
            self._guard(self._move)

    def _sleep(self) -> int:
        """Wait for bytes, the bell or the next time; return what the wire is ready for."""
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        if self._state != "closed":
            poll.register(self._wire.fileno(), self._interest())
        ready = dict(poll.poll(self._nap_ms()))
        if ready.pop(self._ear.fileno(), 0):
            self._ear.recv(4096)
        return sum(ready.values())

    def _interest(self) -> int:
        if self._state == "opening":
            return select.POLLOUT
        return select.POLLIN | (select.POLLOUT if self._out else 0)

    def _nap_ms(self) -> int | None:
        wake_ms = self._talk.wake_ms
        if self._state != "open":
            wake_ms = min(wake_ms, self._try_ms)
        if wake_ms >= NEVER_MS:
            return None
        # A conversation that is due again at once may not spin; an hour is far below poll's limit.
        return min(max(wake_ms - self._clock_ms(), 1), 3_600_000)

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except WireError as error:
            self._lost(error)

    def _open(self) -> None:
        if self._wire.open():
            self._opened()
        else:
            self._state, self._try_ms = "opening", self._clock_ms() + CONNECT_MS

    def _finish(self) -> None:
        self._wire.finish()
        self._opened()

    def _opened(self) -> None:
        self._state = "open"
        if self._said:
            self._said = ""
            _log.warning("%s: %s is back", self.name, self._wire.place)
        self._talk.opened(self._clock_ms())

    def _move(self) -> None:
        data = self._wire.read()
        if data:
            self._talk.feed(data, self._clock_ms())

    def _lost(self, error: WireError) -> None:
        was_open = self._state == "open"
        self._wire.close()
        self._out.clear()
        self._state, self._try_ms = "closed", self._clock_ms() + self._pause_ms()
        if not self._said:
            self._said = str(error)
            _log.warning("%s: %s", self.name, error)
        if was_open:
            self._talk.closed(self._clock_ms())

    def _exchange(self) -> None:
        """Send what the conversation wants to say and report what it made, until it has nothing more."""
        while True:
            data, reports = self._talk.take()
            if self._state == "open":
                self._out += data
                self._guard(self._flush)
            for report in reports:
                self._report(report)
            self._hunt(reports)
            if not data and not reports:
                return

    def _flush(self) -> None:
        if self._out:
            del self._out[: self._wire.write(bytes(self._out))]
        if len(self._out) > OUT_MAX:
            raise WireGone(errno.ENOBUFS, f"{self._wire.place}: takes no bytes; switch it off and on")

    def _walk(self, period_ms: int, now_ms: int) -> None:
        self._period_ms = period_ms
        self._hunt_ms = min(self._hunt_ms, now_ms + period_ms)
        self._talk.pace(period_ms)

    def _hunt(self, reports: tuple[Report, ...]) -> None:
        """A port whose device does not answer is opened again at the next of its speeds, if it has several.

        A device that answered once keeps its speed: from then on silence means that it is switched off. One speed
        a period: who is asked seldom because it has no power need not be hunted for either.
        """
        values = (pair for report in reports if isinstance(report, Reading) for pair in report.values)
        said = {value for name, value in values if name == "answers"}
        self._proven = self._proven or True in said
        hunts = not self._proven and self._state == "open" and self._clock_ms() >= self._hunt_ms
        if False in said and hunts and self._wire.vary():
            self._hunt_ms = self._clock_ms() + self._period_ms
            self.reopen(self._clock_ms())

    def reopen(self, now_ms: int) -> None:
        """Close an open wire and open it anew at once: for `call`. One that is not open is being opened anyway."""
        if self._state == "open":
            self._wire.close()
            self._out.clear()
            self._talk.closed(now_ms)
            self._state, self._try_ms = "closed", now_ms

    def _read_mail(self) -> None:
        """Take what waits: of several orders for one target only the last, calls in their turn."""
        orders: dict[str, Order] = {}
        for _ in range(self._mail.qsize()):  # nobody else takes
            letter = self._mail.get_nowait()
            if not isinstance(letter, Order):
                letter(self._clock_ms())
                continue
            earlier = orders.pop(letter.target, None)
            if earlier is not None:
                self._report(Result(earlier.id, Stage.SUPERSEDED, "", self._clock_ms()))
            orders[letter.target] = letter
        for order in orders.values():
            self._talk.ask(order, self._clock_ms())
