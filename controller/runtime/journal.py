"""The journal as the loop sees it: everything here returns at once, whatever the disk does.

Lives here: the mailbox to the journal's thread and its bounds. Must not live here: the disk (ledger.py, store.py).
All methods belong to the loop's thread: with one thread that puts, the mailbox cannot fill between look and put.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

from controller.core.chain import Head
from controller.core.instant import Instant
from controller.core.memory import Memory
from controller.runtime.backlog import Lost, is_urgent, lose
from controller.runtime.batch import Ask, Batch, Report
from controller.runtime.ledger import Ledger, Recovered
from controller.runtime.writer import SLOW_MS, Ack, Mail, Pace, Stop, Writer
from hardware.contract import Reading

MAX_BYTES = 64 << 20
"""Some 200,000 entries: years of a quiet room, weeks of full history; checked in a second or two after a power
cut, and a small part of the smallest card."""

BATCH_S = 600
"""Quiet records wait this long for company: 144 small writes a day instead of thousands."""

RETRY_S = 10.0
START_S = 10.0
"""A dying card may block for a minute; a room that cannot remember must still come up when somebody presses."""

STOP_S = 1.5
"""A clean stop takes less than 2 s in all."""

MAILBOX = 512
"""Batches that wait while the disk blocks: at ten a second nearly a minute, as long as a dying card blocks."""

QUIET_MAILBOX = 256
"""The second half of the mailbox is for what somebody waits for, or what must not be lost."""


class Journal:
    """`report` is called on the journal's thread with Committed, Acked, Rows and readings of source `journal`: it
    must only put them into the loop's queue. `now` is `Clock.now`."""

    def __init__(
        self,
        path: Path,
        report: Callable[[Report], None],
        boot: str,
        now: Callable[[], Instant],
        *,
        max_bytes: int = MAX_BYTES,
        batch_s: float = BATCH_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._mailbox: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        ledger = Ledger(path, boot, now, max_bytes)
        pace = Pace(round(batch_s * 1000), round(retry_s * 1000))
        self._writer = Writer(ledger, self._mailbox, report, now, pace)
        self._thread: threading.Thread | None = None
        self._lost: Lost | None = None
        self._memory: Memory | None = None
        self._said_stuck = False
        self.recovered = Recovered()
        """What `start` found: memory, whether the last life ended cleanly, the newest trusted time."""

    def start(self, wait_s: float = START_S) -> Memory | None:
        """Open or create the file and begin to write. None = nothing to remember: a new file, one that was broken
        and moved aside, or a disk that refused or did not answer within `wait_s`."""
        answer: queue.Queue[Recovered] = queue.Queue(1)
        thread = threading.Thread(target=self._writer.run, args=(answer.put,), name="journal", daemon=True)
        self._thread = thread
        thread.start()
        try:
            self.recovered = answer.get(timeout=wait_s)
        except queue.Empty:
            self.recovered = Recovered()
        return self.recovered.memory

    @property
    def head(self) -> Head:
        """Number and hash of the newest entry on disk, for the state report."""
        return self._writer.head

    def write(self, batch: Batch) -> None:
        """Hand over a batch; `Committed(batch.token, …)` tells when it is on disk. Never waits and never raises:
        when the mailbox is full, the records are given up, counted, and stated by a gap entry later."""
        if self._memory is not None and batch.memory is None:
            batch = Batch(batch.token, batch.instant, batch.records, self._memory, batch.urgent)
        room = MAILBOX if is_urgent(batch) else QUIET_MAILBOX
        if self._lost is not None and self._put(self._lost, room - 1):
            self._lost = None
        if self._lost is None and self._put(batch, room):
            self._memory = None
            return
        self._lost = lose(self._lost, batch.instant, batch.records)
        self._memory = batch.memory

    def ack(self, boot: str, seq: int) -> None:
        """The centre stored everything up to `seq`; Acked(seq) follows when that is an entry of boot `boot`. When
        there is no room it is forgotten: the centre acknowledges again."""
        self._put(Ack(boot, seq), QUIET_MAILBOX)

    def ask(self, ask: Ask) -> bool:
        """Ask for stored entries; Rows follows. False = no room, ask again later."""
        return self._put(ask, QUIET_MAILBOX)

    def look(self, now_ms: int) -> Reading | None:
        """Call it while a record is awaited: the thread itself cannot speak while the disk holds it. Says once per
        stall that the journal is slow and for how long; the thread says when it is over."""
        since_ms = self._writer.busy_since_ms
        stuck = since_ms != 0 and now_ms - since_ms > SLOW_MS
        said, self._said_stuck = self._said_stuck, stuck
        if not stuck or said:
            return None
        return Reading("journal", (("state", "slow"), ("unlogged_s", (now_ms - since_ms) / 1000)), now_ms)

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Write what waits, close, end the thread. False = the disk did not let us in time; what was not reported
        as committed may be lost, and the process may end all the same."""
        if self._thread is None:
            return True
        self._mailbox.put(Stop())
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _put(self, mail: Mail, room: int) -> bool:
        if self._mailbox.qsize() >= room:
            return False
        self._mailbox.put(mail)
        return True
