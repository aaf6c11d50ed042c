"""A VISCA line in memory for the tests: our conversation, the simulated chain, and simulated time between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hardware.contract import Order, OrderId, Reading, Report, Result, Stage, Value
from hardware.protocols.visca import ViscaChain
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import CameraModel

LATENCY_MS = 3
"""One way; a few bytes at 38400 baud."""


class Line:
    """Both ends and the bytes under way. `log` has every byte string with its direction and time."""

    def __init__(
        self, models: Sequence[CameraModel] = (CameraModel(),), names: Sequence[str] = ("main",), seed: int = 1
    ) -> None:
        self.ours = ViscaChain(names)
        self.far = CameraChain(models, seed)
        self.now_ms = 1_000
        self.reports: list[Report] = []
        self.log: list[tuple[int, str, bytes]] = []
        self._flying: list[tuple[int, bool, bytes]] = []
        self._orders = 0

    def open(self, run_ms: int = 3_000) -> Line:
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
            (self.ours if item[1] else self.far).feed(item[2], self.now_ms)
        self.ours.tick(self.now_ms)
        self.far.tick(self.now_ms)
        assert self.ours.wake_ms > self.now_ms
        assert self.far.wake_ms > self.now_ms
        sent, reports = self.ours.take()
        back, _ = self.far.take()
        self.reports += reports
        for data, to_us in ((sent, False), (back, True)):
            if data:
                self.log.append((self.now_ms, "<" if to_us else ">", data))
                self._flying.append((self.now_ms + LATENCY_MS, to_us, data))

    # Orders and what came of them.

    def order(self, target: str, value: Value, within_ms: int = 60_000) -> OrderId:
        self._orders += 1
        order = Order(OrderId("t", self._orders), target, value, within_ms)
        self.ours.ask(order, self.now_ms)
        return order.id

    def results(self, order: OrderId) -> list[tuple[Stage, str]]:
        return [(r.stage, r.code) for r in self.reports if isinstance(r, Result) and r.order == order]

    def finished(self, order: OrderId) -> bool:
        return any(stage is not Stage.ACCEPTED for stage, _ in self.results(order))

    def finish(self, target: str, value: Value, within_ms: int = 60_000) -> tuple[Stage, str]:
        """Order and wait for the last word."""
        order = self.order(target, value, within_ms)
        assert self.until(lambda: self.finished(order), within_ms + 2_000)
        return self.results(order)[-1]

    def last(self, field: str, name: str = "main") -> Value:
        """The newest value told of this field."""
        for report in reversed(self.reports):
            if isinstance(report, Reading) and report.source == f"camera.{name}":
                for key, value in report.values:
                    if key == field:
                        return value
        return None

    def sent(self) -> list[str]:
        """Packets of ours as upper-case hexadecimal words."""
        return [data.hex(" ").upper() for _, way, data in self.log if way == ">"]
