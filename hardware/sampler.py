"""Calls blocking reads (kernel files, psutil) each at its own period and reports what they give.

Must not live here: how a thing is read. Each read has a thread of its own, which sleeps between two reads: a
kernel file can hang for seconds (an I2C bus held down) or for ever, and a hung read may then stop neither the
others nor the process. Nobody need notice it here: its facts grow stale in the core, which says so once.
One wake-up per read and period; a thread that sleeps costs some 50 kB. Their second reads come at different
times, for threads that wake together wake once more, to wait for each other.

A read that raises ends its thread loudly through threading.excepthook: reads turn errors into values.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from hardware.contract import Reading

CLIMATE_MS = 30_000
HOST_MS = 60_000
"""A room's air changes within minutes; the facts live three periods."""

Read = Callable[[], Sequence[Reading]]


def second_ms(n: int, period_ms: int) -> int:
    """When the n-th read is made a second time: by the golden section, for which no few reads meet, whatever
    multiples of each other their periods are."""
    return round(period_ms * ((n + 1) * 0.618034 % 1))


class Sampler:
    """`add` the reads, `start`, and `stop`; every read is made at once, again within `period_ms`, and from then on
    every `period_ms`."""

    def __init__(self, report: Callable[[Reading], None]) -> None:
        self._report = report
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def add(self, name: str, read: Read, period_ms: int) -> None:
        """Before `start` only. Raises ValueError for a period under a second: these are not fast things."""
        if period_ms < 1_000:
            raise ValueError(f"{name}: a period of {period_ms} ms is too short, give 1000 or more")
        waits_s = period_ms / 1000.0, second_ms(len(self._threads), period_ms) / 1000.0
        loop = threading.Thread(target=self._loop, args=(read, *waits_s), daemon=True)
        loop.name = f"sampler {name}"
        self._threads.append(loop)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End all; True when none hung. One that hangs is left to itself: it ends with the process."""
        self._stop.set()
        end_s = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, end_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self, read: Read, period_s: float, wait_s: float) -> None:
        while not self._stop.is_set():
            for reading in read():
                self._report(reading)
            self._stop.wait(wait_s)
            wait_s = period_s
