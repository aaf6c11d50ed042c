"""Both ends of a codec's line on simulated time, for the tests: no thread, no sleep, bytes only."""

from __future__ import annotations

from typing import Generic, TypeVar

from hardware.contract import Conversation, Order, OrderId, Peer, Reading, Report, Result, Stage, Value

Ours = TypeVar("Ours", bound=Conversation)
Far = TypeVar("Far", bound=Peer)
MINUTE_MS = 60_000


class Line(Generic[Ours, Far]):
    """Our side `ours` and the far end `codec` on one line."""

    def __init__(self, ours: Ours, far: Far, open_port: bool = True) -> None:
        self.ours = ours
        self.codec = far
        self.now = 0
        self.reports: list[Report] = []
        self.sent: list[tuple[int, str]] = []
        self.orders = 0
        if open_port:
            self.ours.opened(0)
            self._move()

    def _move(self) -> None:
        for _ in range(50):
            data, reports = self.ours.take()
            self.reports += reports
            back, _ = self.codec.take()
            if not data and not back:
                return
            if data:
                self.sent += [(self.now, text) for text in data.decode().split("\r") if text]
                self.codec.feed(data, self.now)
            if back:
                self.ours.feed(back, self.now)
        raise AssertionError("both ends talk without end")

    def until(self, at_ms: int) -> None:
        """Let time pass until `at_ms`."""
        self._move()
        while (wake_ms := min(self.ours.wake_ms, self.codec.wake_ms)) <= at_ms:
            self.now = max(self.now, wake_ms)
            self.codec.tick(self.now)
            self.ours.tick(self.now)
            assert self.ours.wake_ms > self.now
            assert self.codec.wake_ms > self.now
            self._move()
        self.now = at_ms
        self.codec.tick(at_ms)
        self.ours.tick(at_ms)
        self._move()

    def run(self, ms: int) -> None:
        """Let `ms` pass."""
        self.until(self.now + ms)

    def order(self, target: str, value: Value, within_ms: int = 30_000) -> OrderId:
        """Order it; run the room to see what becomes of it."""
        self.orders += 1
        order_id = OrderId("boot", self.orders)
        self.ours.ask(Order(order_id, target, value, within_ms), self.now)
        self._move()
        return order_id

    def do(self, target: str, value: Value, within_ms: int = 30_000) -> list[tuple[str, str]]:
        """Order it, wait for the last word, and tell all results as (stage, code)."""
        order_id = self.order(target, value, within_ms)
        self.run(within_ms + 1_000)
        return self.results(order_id)

    def results(self, order_id: OrderId) -> list[tuple[str, str]]:
        """What was answered to one order."""
        return [(r.stage.value, r.code) for r in self.reports if isinstance(r, Result) and r.order == order_id]

    def value(self, field: str, source: str = "codec") -> Value:
        """The last reported word on a field; raises KeyError when there was none."""
        for report in reversed(self.reports):
            if isinstance(report, Reading) and report.source == source and field in dict(report.values):
                return dict(report.values)[field]
        raise KeyError(field)

    def results_of(self, n: int) -> list[tuple[str, str]]:
        """What was answered to the n-th order."""
        return self.results(OrderId("boot", n))

    def texts(self, since_ms: int = 0) -> list[str]:
        """The commands sent since then."""
        return [text for at_ms, text in self.sent if at_ms >= since_ms]


def done(results: list[tuple[str, str]], code: str = "") -> bool:
    """Accepted, then done."""
    return results == [(Stage.ACCEPTED.value, ""), (Stage.DONE.value, code)]
