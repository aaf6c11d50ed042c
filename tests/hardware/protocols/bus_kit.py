"""A master of ours and slaves of the simulator on one line in memory, in time that jumps to what is due."""

from __future__ import annotations

from typing import Protocol, Self

from hardware.sim.modbus import Bus


class Ours(Protocol):
    @property
    def wake_ms(self) -> int: ...

    def feed(self, data: bytes, now_ms: int) -> None: ...

    def tick(self, now_ms: int) -> None: ...


class Line:
    """`sent` is what ours said, frame by frame."""

    def __init__(self, ours: Ours, bus: Bus, cut: int = 64) -> None:
        self.ours, self.bus, self.cut = ours, bus, cut
        self.now_ms = 0
        self.sent: list[bytes] = []
        self.reports: list[object] = []

    def run(self, for_ms: int) -> Self:
        end_ms = self.now_ms + for_ms
        while self.now_ms < end_ms:
            self.step()
            self.now_ms = max(self.now_ms + 1, min(self.ours.wake_ms, self.bus.wake_ms, end_ms))
        self.step()
        return self

    def step(self) -> None:
        self.ours.tick(self.now_ms)
        taken = self.ours.take()  # type: ignore[attr-defined]
        data, reports = taken if isinstance(taken, tuple) else (taken, ())
        self.reports += reports
        if data:
            self.sent.append(data)
            self.bus.feed(data, self.now_ms)
        self.bus.tick(self.now_ms)
        back, _ = self.bus.take()
        for n in range(0, len(back), self.cut):
            self.ours.feed(back[n : n + self.cut], self.now_ms)
