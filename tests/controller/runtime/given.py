"""Values and small helpers that the journal's tests share."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from hypothesis import strategies as st

from controller.core.chain import START, Entry, seal_all
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from controller.runtime.batch import Acked, Committed, Report, Rows
from hardware.contract import Reading, Value

BOOT = "6f1c0c2e-0d7e-4c58-9d3a-0f1f3e1f0a11"


def at(second: int = 0, trust: Trust = Trust.NTP) -> Instant:
    return Instant(second * 1000, 1_790_000_000_000 + second * 1000, trust)


def record(n: int = 0, priority: Priority = Priority.STATE) -> Record:
    return Record("order", f"load.{n}", (("value", "on"), ("n", n)), priority)


def chain(count: int) -> list[Entry]:
    return list(seal_all(((record(n), at(n)) for n in range(1, count + 1)), BOOT, START))


class Told:
    """Keeps what a journal reports, in the order of telling; may be called from any thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._kept: list[Report] = []

    def __call__(self, report: Report) -> None:
        self._queue.put(report)

    @property
    def all(self) -> list[Report]:
        while not self._queue.empty():
            self._kept.append(self._queue.get())
        return self._kept

    @property
    def committed(self) -> list[Committed]:
        return [report for report in self.all if isinstance(report, Committed)]

    @property
    def entries(self) -> list[Entry]:
        return [entry for committed in self.committed for entry in committed.entries]

    @property
    def tokens(self) -> list[int]:
        return [committed.token for committed in self.committed if committed.token]

    @property
    def rows(self) -> list[Rows]:
        return [report for report in self.all if isinstance(report, Rows)]

    @property
    def acked(self) -> list[int]:
        return [report.seq for report in self.all if isinstance(report, Acked)]

    @property
    def states(self) -> list[str]:
        return [str(dict(report.values)["state"]) for report in self.all if isinstance(report, Reading)]


def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait for something that another thread or process does; fails when it does not within a generous time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.002)


class Hands:
    """A clock that is moved by hand; `step_ms` goes by at each look, as if everything took long."""

    def __init__(self, mono_ms: int = 1_000_000) -> None:
        self.mono_ms = mono_ms
        self.step_ms = 0

    def __call__(self) -> Instant:
        self.mono_ms += self.step_ms
        return Instant(self.mono_ms, 1_790_000_000_000 + self.mono_ms, Trust.NTP)


texts = st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values: st.SearchStrategy[Value] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6
)
finite = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
plain_values: st.SearchStrategy[Value] = st.recursive(
    finite, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6
)
