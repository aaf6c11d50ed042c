"""The room's link to the centre: what the deciding loop calls, and the thread that does it.

The loop's calls put into a bounded queue and wake the thread; they neither block nor raise. The thread sleeps
until a socket speaks, something is due, or the loop has put something: no polling. What arrives goes to
`report`, on the link's thread: it must only put into a queue.
"""

from __future__ import annotations

import contextlib
import queue
import random
import select
import socket
import threading
from collections.abc import Callable, Mapping

from controller.core.instant import Instant
from controller.core.records import Reply
from controller.link import messages
from controller.link.client import mono_ms
from controller.link.engine import Engine
from controller.link.messages import Tree
from controller.link.notices import LinkEvent
from controller.link.settings import Settings
from controller.link.shelf import Kind, Letter, Shelf
from controller.link.topics import Topics

INBOX = 512
"""What the loop hands over between two turns of the thread; more means that the thread is stuck. Who hands over
looks first, so that a handful more may lie there."""
_LONGEST_MS = 3_600_000
"""The poll's limit is 24 days; an hour is never reached while the keepalive runs."""

Job = Callable[[], object]


class Link:
    """`report` gets every LinkEvent; `clock` is the loop's clock, for stamps and deadlines of commands.
    `discovery` (see `discovery.payload`): REMOVAL takes the room out of Home Assistant, None says nothing to it."""

    def __init__(
        self,
        settings: Settings,
        report: Callable[[LinkEvent], None],
        clock: Callable[[], Instant],
        *,
        discovery: bytes | None = None,
        offset_ms: int = 7 * 3_600_000,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._topics, self._farewell_s = Topics(settings.room), settings.times.farewell_s
        self._inbox: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._rung = False
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._polled: list[tuple[int, int]] | None = None
        self._poll = select.poll()
        self._shelf = Shelf(settings.times)
        self._engine = Engine(
            settings,
            self._shelf,
            report,
            clock,
            self._wake,
            discovery=discovery,
            offset_ms=offset_ms,
            chance=chance,
        )
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin connecting; returns at once, with or without a broker."""
        self._engine.say_down()
        self._thread.start()

    def stop(self) -> None:
        """Say `offline`, leave and end the thread, within a second. The link is not used again."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(self._farewell_s + 0.4)
        elif self._thread.ident is None:
            self._woken.close()
        self._waker.close()

    def birth(self, view: Mapping[str, Tree]) -> bool:
        """Keep `view` (fw, slot, capabilities) as birth and send it, also when it is the same as before."""
        letter = Letter(Kind.BIRTH, self._topics.of("birth"), view)
        return self._put(lambda: self._shelf.keep(letter, again=True))

    def state(self, view: Mapping[str, Tree]) -> bool:
        """Keep the summary and send it if it changed; boot, seconds and time are added when it goes out."""
        return self._keep(Letter(Kind.STATE, self._topics.of("state"), view))

    def detail(self, part: str, view: Mapping[str, Tree]) -> bool:
        """Keep the full view of `part` and send it if it changed."""
        return self._keep(Letter(Kind.DETAIL, self._topics.detail(part), view))

    def gasp(self, payload: bytes) -> bool:
        """Keep the last gasp (`messages.gasp`), or clear it with b""."""
        return self._keep(Letter(Kind.GASP, self._topics.of("gasp"), payload))

    def update(self, payload: bytes) -> bool:
        """Keep the state of the update (`messages.update`)."""
        return self._keep(Letter(Kind.UPDATE, self._topics.of("update"), payload))

    def discover(self, payload: bytes) -> bool:
        """From now on the room is announced to Home Assistant like this (`discovery.payload`), or taken back."""
        return self._put(lambda: self._engine.discover(payload))

    def record(self, payload: bytes) -> bool:
        """Send a journal record (`messages.record`). Lost when not connected or too many wait: the outbox
        keeps it until the centre acknowledges, paces, and begins anew after each `Online`."""
        letter = Letter(Kind.RECORD, self._topics.of("record"), payload)
        return self._put(lambda: self._shelf.record(letter))

    @property
    def records_waiting(self) -> int:
        """How many it holds that the broker's window has no place for: a slow line. Any thread may look."""
        return self._shelf.waiting

    def reply(self, answer: Reply) -> bool:
        """Answer a command, on `reply` and on the response topic that it came with."""
        return self._put(lambda: self._answer(answer))

    def rebirth(self) -> bool:
        """Send birth and every view once more."""
        return self._put(self._shelf.renew)

    def _keep(self, letter: Letter) -> bool:
        return self._put(lambda: self._shelf.keep(letter))

    def _put(self, job: Job) -> bool:
        """False: the link is stopped or its thread stuck, and `job` is lost."""
        if self._stopping.is_set() or self._inbox.qsize() >= INBOX:
            return False
        self._inbox.put(job)
        self._wake()
        return True

    def _wake(self) -> None:
        """One ring serves all that is put before the thread looks: it lets go of the bell first and looks then."""
        if self._rung:
            return
        self._rung = True
        # A full pair has woken the thread already; a closed one has no thread any more.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    # ---- the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            ready = self._wait()
            self._do_jobs()
            self._engine.turn(ready)
        self._do_jobs()
        self._engine.close()
        self._woken.close()

    def _wait(self) -> dict[int, int]:
        sockets = self._engine.sockets()
        if sockets != self._polled:
            self._polled, self._poll = sockets, select.poll()
            for fd, events in ((self._woken.fileno(), select.POLLIN), *sockets):
                self._poll.register(fd, events)
        left_ms = min(max(self._engine.wake_ms() - mono_ms(), 0), _LONGEST_MS)
        ready = dict(self._poll.poll(left_ms))
        if ready.pop(self._woken.fileno(), 0):
            self._woken.recv(INBOX)
        self._rung = False
        return ready

    def _do_jobs(self) -> None:
        for _ in range(self._inbox.qsize()):
            self._inbox.get_nowait()()

    def _answer(self, answer: Reply) -> None:
        payload, own = messages.reply(answer), self._topics.of("reply")
        response, correlation = self._engine.ears.asker(answer.id)
        now_ms = mono_ms()
        if response != own:
            self._shelf.answer(Letter(Kind.REPLY, own, payload), now_ms)
        if response:
            self._shelf.answer(Letter(Kind.REPLY, response, payload, correlation), now_ms)
