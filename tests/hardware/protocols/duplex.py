"""A wire in memory for the tests: any conversation of ours, any far end, and simulated time between them."""

from __future__ import annotations

from collections.abc import Callable

from hardware.contract import Conversation, Order, OrderId, Peer, Reading, Report, Result, Stage, Value


class Duplex:
    """Both ends and the bytes under way. `cut` False: what is said is lost. `base_ms` of our clock is 1,000."""

    def __init__(self, ours: Conversation, far: Peer, source: str, latency_ms: int = 3) -> None:
        self.ours, self.far, self.source = ours, far, source
        self.now_ms = 1_000
        self.reports: list[Report] = []
        self.sent: list[bytes] = []
        self.carries = True
        self._latency_ms = latency_ms
        self._flying: list[tuple[int, bool, bytes]] = []
        self._orders = 0

    def open(self, run_ms: int = 0) -> Duplex:
        self.ours.opened(self.now_ms)
        self.run(run_ms)
        return self

    def run(self, for_ms: int) -> None:
        self.until(lambda: False, for_ms)

    def until(self, done: Callable[[], bool], within_ms: int = 60_000) -> bool:
        """Let time pass until `done`; false when it did not come true."""
        end_ms = self.now_ms + within_ms
        while True:
            self._exchange()
            if done():
                return True
            next_ms = min([self.ours.wake_ms, self.far.wake_ms, *(at for at, _, _ in self._flying)])
            if next_ms > end_ms:
                self.now_ms = end_ms
                return done()
            self.now_ms = max(self.now_ms, next_ms)

    def _exchange(self) -> None:
        for item in [item for item in self._flying if item[0] <= self.now_ms]:
            self._flying.remove(item)
            if self.carries:
                (self.ours if item[1] else self.far).feed(item[2], self.now_ms)
        self.ours.tick(self.now_ms)
        self.far.tick(self.now_ms)
        assert self.ours.wake_ms > self.now_ms
        assert self.far.wake_ms > self.now_ms
        out, reports = self.ours.take()
        back, _ = self.far.take()
        self.reports += reports
        self.sent += [out] if out else []
        for data, to_us in ((out, False), (back, True)):
            if data:
                self._flying.append((self.now_ms + self._latency_ms, to_us, data))

    # Orders and what came of them.

    def order(self, target: str, value: Value, within_ms: int = 60_000) -> OrderId:
        self._orders += 1
        order = Order(OrderId("t", self._orders), target, value, within_ms)
        self.ours.ask(order, self.now_ms)
        return order.id

    def results(self, order: OrderId) -> list[tuple[Stage, str]]:
        return [(r.stage, r.code) for r in self.reports if isinstance(r, Result) and r.order == order]

    def finish(self, target: str, value: Value, within_ms: int = 60_000) -> tuple[Stage, str]:
        """Order and wait for the last word."""
        order = self.order(target, value, within_ms)
        assert self.until(lambda: any(s is not Stage.ACCEPTED for s, _ in self.results(order)), within_ms + 2_000)
        return self.results(order)[-1]

    # Facts.

    def readings(self) -> list[dict[str, Value]]:
        return [dict(r.values) for r in self.reports if isinstance(r, Reading) and r.source == self.source]

    def last(self) -> dict[str, Value]:
        """Every field as last told."""
        return {name: value for reading in self.readings() for name, value in reading.items()}

    def shows(self, within_ms: int = 60_000, **wanted: Value) -> bool:
        """Do the facts come to be so?"""
        return self.until(lambda: wanted.items() <= self.last().items(), within_ms)

    def said(self, name: str) -> list[Value]:
        """Everything that this field was told to be, repeats left out."""
        told = [reading[name] for reading in self.readings() if name in reading]
        return [value for n, value in enumerate(told) if n == 0 or told[n - 1] != value]
