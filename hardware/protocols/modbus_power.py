"""What a socket draws, by a meter on RS-485: source `codec`, field `watts`. None = it did not answer.

Law of this file: pure; time is an argument. One register holds the figure: PZEM-016 (Peacefair's manual: function
4, register 3, the low word of the power, 0.1 W; its high word is nought below 6.5 kW). Meters that tell a float in
two registers are not supported.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.contract import NEVER_MS, Order, Reading, Report, Result, Stage
from hardware.protocols import modbus
from hardware.protocols.modbus import Master

REPORTS_MAX = 1_000
"""Nobody takes reports: then the newest are kept."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Where the figure stands, and how often it is read."""

    unit: int = 1
    function: int = 4
    register: int = 3
    scale: float = 0.1
    period_ms: int = 10_000


class ModbusPower:
    """A contract.Conversation with one meter alone on its bus."""

    def __init__(self, meter: Meter, baud: int = 9600) -> None:
        self._meter = meter
        self._master = Master(baud)
        self._due_ms = NEVER_MS
        self._reports: list[Report] = []

    @property
    def wake_ms(self) -> int:
        return min(self._master.wake_ms, self._due_ms)

    def opened(self, now_ms: int) -> None:
        self._master.opened(now_ms)
        self._due_ms = now_ms

    def closed(self, now_ms: int) -> None:
        self._master.closed()
        self._due_ms = NEVER_MS
        self._hear(now_ms)
        self._tell(None, now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        self._master.feed(data, now_ms)
        self._hear(now_ms)

    def tick(self, now_ms: int) -> None:
        if self._due_ms <= now_ms:
            meter = self._meter
            self._due_ms = now_ms + meter.period_ms
            self._master.ask(modbus.read(meter.unit, meter.function, meter.register, 1, "watts"))
        self._hear(now_ms)
        self._master.tick(now_ms)
        self._hear(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        reports, self._reports = tuple(self._reports), []
        return self._master.take(), reports

    def ask(self, order: Order, now_ms: int) -> None:
        """A meter takes no orders."""
        self._report(Result(order.id, Stage.REFUSED, "unknown_target", now_ms))

    def pace(self, period_ms: int) -> None:
        """A computer that shuts down needs minutes: the period stands."""

    def _hear(self, now_ms: int) -> None:
        for outcome in self._master.outcomes():
            told = None if outcome.code else modbus.registers(outcome.data)[0] * self._meter.scale
            self._tell(told, now_ms)

    def _tell(self, watts: float | None, now_ms: int) -> None:
        self._report(Reading("codec", (("watts", None if watts is None else round(watts, 1)),), now_ms))

    def _report(self, report: Report) -> None:
        self._reports = [*self._reports[1 - REPORTS_MAX :], report]
