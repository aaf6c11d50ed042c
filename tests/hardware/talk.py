"""A small conversation and a small far end for the carriers' tests: lines out, lines back."""

import queue
import time
from collections.abc import Callable

from hardware.contract import NEVER_MS, Order, Reading, Report, Result, Stage


def clock_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Asker:
    """Says `hello` when opened, then what it is ordered; reports what comes back and its port's life."""

    def __init__(self) -> None:
        self._out = b""
        self._reports: list[Report] = []
        self.period_ms = 0
        self.next_ms = NEVER_MS
        self.ticks = 0

    @property
    def wake_ms(self) -> int:
        return self.next_ms

    def say(self, key: str, value: str | bool, now_ms: int) -> None:
        self._reports.append(Reading("test", ((key, value),), now_ms))

    def opened(self, now_ms: int) -> None:
        self._out += b"hello\n"
        self.say("port", "opened", now_ms)

    def closed(self, now_ms: int) -> None:
        self._out = b""
        self.say("port", "closed", now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        self.say("heard", data.decode("latin-1"), now_ms)
        for word, answers in ((b"MUTE", False), (b"GOOD", True)):
            if word in data:
                self.say("answers", answers, now_ms)

    def tick(self, now_ms: int) -> None:
        self.ticks += 1
        if self.period_ms and now_ms >= self.next_ms:
            self.next_ms = now_ms + self.period_ms
            self.say("tick", "tick", now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, reports = self._out, tuple(self._reports)
        self._out, self._reports = b"", []
        return out, reports

    def ask(self, order: Order, now_ms: int) -> None:
        self._out += str(order.value).encode() + b"\n"
        self._reports.append(Result(order.id, Stage.DONE, "", now_ms))

    def pace(self, period_ms: int) -> None:
        self.period_ms, self.next_ms = period_ms, 0


class Echo:
    """A far end: answers every line with itself in capitals."""

    def __init__(self) -> None:
        self._rest = b""
        self._out = b""

    @property
    def wake_ms(self) -> int:
        return NEVER_MS

    def feed(self, data: bytes, now_ms: int) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._out += b"".join(line.upper() + b"\n" for line in lines)

    def tick(self, now_ms: int) -> None:
        pass

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, self._out = self._out, b""
        return out, ()

    def say(self, data: bytes) -> None:
        self._out += data


class Heard:
    """Collects reports from any thread; waits for them with a deadline."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Report] = queue.Queue()
        self.put: Callable[[Report], None] = self._queue.put

    def until(self, wanted: Callable[[Report], bool], within_s: float = 10.0) -> Report:
        end_s = time.monotonic() + within_s
        seen: list[Report] = []
        while (left_s := end_s - time.monotonic()) > 0:
            try:
                seen.append(self._queue.get(timeout=left_s))
            except queue.Empty:
                break
            if wanted(seen[-1]):
                return seen[-1]
        raise AssertionError(f"not among {seen}")

    def value(self, key: str, value: object) -> Report:
        return self.until(lambda report: isinstance(report, Reading) and (key, value) in report.values)

    def text(self, wanted: str) -> str:
        """Wait until `wanted` was heard, in whatever pieces."""
        text = ""

        def more(report: Report) -> bool:
            nonlocal text
            if isinstance(report, Reading):
                text += "".join(str(value) for key, value in report.values if key == "heard")
            return wanted in text

        self.until(more)
        return text

    def result(self, n: int) -> Result:
        found = self.until(lambda report: isinstance(report, Result) and report.order.n == n)
        assert isinstance(found, Result)
        return found
