"""The journal's thread: takes from the mailbox, commits when it is time, and never gives up on the disk.

Lives here: when to commit, when to try again, what the loop is told about it. Must not live here: SQL (store.py),
what a commit holds (ledger.py). Nothing else may enter this thread; it speaks only through `report`.

A disk that refuses (full, read-only, broken) is said once, then tried again every `retry_ms`, flat: a room runs for
years, and who freed the disk should not wait for a back-off. Meanwhile the room goes on.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from controller.core.chain import Head
from controller.core.instant import Instant
from controller.runtime.backlog import Lost
from controller.runtime.batch import Acked, Ask, Batch, Report, Rows
from controller.runtime.ledger import Ledger, Recovered
from controller.runtime.store import DiskError
from hardware.contract import Reading

SLOW_MS = 2_000
"""A step waits this long for its record, then acts without; a dying card blocks for 20-60 s."""

MAX_ASKS = 16
"""The outbox has one question open at a time; the rest is room for a restarted link."""


@dataclass(frozen=True, slots=True)
class Ack:
    """The centre stored everything up to `seq`, which was written in `boot`."""

    boot: str
    seq: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Write everything now and close."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch_ms`: how long quiet records wait for company; `retry_ms`: between two tries at a disk that refuses."""

    batch_ms: int
    retry_ms: int


Mail: TypeAlias = Batch | Ack | Ask | Lost | Stop


class Writer:
    """`turn()` does one round and returns False after Stop; `run()` is the thread."""

    def __init__(
        self,
        ledger: Ledger,
        mailbox: queue.SimpleQueue[Mail],
        report: Callable[[Report], None],
        now: Callable[[], Instant],
        pace: Pace,
    ) -> None:
        self._ledger, self._mailbox, self._report = ledger, mailbox, report
        self._now, self._pace = now, pace
        self._asks: deque[Ask] = deque(maxlen=MAX_ASKS)
        self._ack: Ack | None = None
        self._trouble, self._said, self._unlogged_ms = "ok", "", 0
        self._gap_reason = "stalled"
        self._retry_at_ms, self._say_at_ms = 0, 0
        self.head = Head()
        """Newest committed entry. For other threads to read: a reference changes in one piece."""
        self.busy_since_ms = 0
        """Since when (monotonic) the present work with the disk goes on; 0 = none does. Read by other threads."""

    def run(self, recovered: Callable[[Recovered], None]) -> None:
        """The thread's life. `recovered` is called once, as soon as the disk has answered or refused."""
        recovered(self.start())
        if self._ledger.is_open and self._ledger.unchecked:
            self._at_disk(self._ledger.check)
        while self.turn():
            pass

    def start(self) -> Recovered:
        """Open the journal; nothing recovered when it cannot be opened now."""
        found = [Recovered()]

        def work() -> None:
            found[0] = self._ledger.open()

        self._at_disk(work)
        self.head = self._ledger.head
        if found[0].acked:
            self._report(Acked(found[0].acked))
        return found[0]

    def turn(self) -> bool:
        """Wait for mail or for the next deadline, then do what is due."""
        going = True
        for mail in self._wait():
            going = self._handle(mail) and going
        now_ms = self._now().mono_ms
        if not self._ledger.is_open and (now_ms >= self._retry_at_ms or not going):
            self.start()
        if self._ledger.is_open:
            self._at_disk(self._answer)
        if self._ledger.is_open and (not going or self._due(now_ms)):
            self._at_disk(self._commit if going else self._finish)
        if not going:
            self._ledger.close()
        self._say(self._now().mono_ms)
        return going

    def _wait(self) -> list[Mail]:
        """All mail that is there: several urgent batches share one commit."""
        mail: list[Mail] = []
        try:
            mail.append(self._mailbox.get(timeout=self._patience_ms() / 1000))
            mail.extend(self._mailbox.get_nowait() for _ in range(self._mailbox.qsize()))  # nobody else takes
        except queue.Empty:
            pass
        return mail

    def _patience_ms(self) -> int:
        deadline_ms = self._say_at_ms
        if not self._ledger.is_open:
            deadline_ms = min(deadline_ms, self._retry_at_ms)
        elif self._ledger.due:
            return 0
        elif self._ledger.backlog.first_ms is not None:
            deadline_ms = min(deadline_ms, self._ledger.backlog.first_ms + self._pace.batch_ms)
        return max(0, deadline_ms - self._now().mono_ms)

    def _handle(self, mail: Mail) -> bool:
        match mail:
            case Batch():
                self._ledger.add(mail)
            case Lost():
                self._ledger.backlog.lose(mail)
            case Ask():
                self._asks.append(mail)
            case Ack():
                self._ack = mail
        return not isinstance(mail, Stop)

    def _due(self, now_ms: int) -> bool:
        first_ms = self._ledger.backlog.first_ms
        return self._ledger.due or (first_ms is not None and now_ms - first_ms >= self._pace.batch_ms)

    def _at_disk(self, work: Callable[[], None]) -> None:
        """Anything that touches the disk. What the disk throws at us ends here."""
        self.busy_since_ms = self._now().mono_ms
        try:
            work()
        except DiskError as error:
            self._refused(error)
        if self._now().mono_ms - self.busy_since_ms > SLOW_MS:
            self._said = ""  # the loop may have noticed the stall: tell it again where we are now
        self.busy_since_ms = 0

    def _refused(self, error: DiskError) -> None:
        self._retry_at_ms = self._now().mono_ms + self._pace.retry_ms
        try:
            self._ledger.fail(error)
        except DiskError as worse:
            error = worse
            self._ledger.close()
        if not self._ledger.is_open:
            self._trouble = self._gap_reason = error.word if error.word in ("full", "readonly") else "failed"

    def _answer(self) -> None:
        """What the link wants to know. An open question stays until the disk answers it."""
        if self._ack is not None and self._ledger.acknowledge(self._ack.boot, self._ack.seq):
            self._report(Acked(self._ack.seq))
        self._ack = None
        while self._asks:
            self._report(Rows(self._asks[0], self._ledger.rows(self._asks[0])))
            self._asks.popleft()

    def _commit(self, clean: bool = False) -> None:
        waited_since_ms = self._ledger.urgent_ms
        done = self._ledger.commit(self._gap_reason, clean)
        now_ms = self._now().mono_ms
        if waited_since_ms is not None:
            self._unlogged_ms = now_ms - waited_since_ms
        self._trouble = "slow" if now_ms - self.busy_since_ms > SLOW_MS else "ok"
        self._gap_reason = "stalled"
        self.head = self._ledger.head
        for committed in done:
            self._report(committed)

    def _finish(self) -> None:
        self._commit(clean=True)

    def _say(self, now_ms: int) -> None:
        """On every change, and as often as batches are due, so that silence means a dead thread."""
        if self._trouble == self._said and now_ms < self._say_at_ms:
            return
        self._said, self._say_at_ms = self._trouble, now_ms + self._pace.batch_ms
        values = (("state", self._said), ("unlogged_s", self._unlogged_ms / 1000))
        self._report(Reading("journal", values, now_ms))
