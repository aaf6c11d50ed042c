"""What a socket draws, by a meter on RS-485: source `codec`, field `watts`. None = it did not answer.

Law of this file: pure; time is an argument. One register holds the figure: PZEM-016 (Peacefair's manual: function
4, register 3, the low word of the power, 0.1 W; its high word is nought below 6.5 kW). Meters that tell a float in
two registers are not supported.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.contract import NEVER_MS, Reading
from hardware.protocols import modbus
from hardware.protocols.modbus import Outcome
from hardware.protocols.modbus_measuring import Measuring


@dataclass(frozen=True, slots=True)
class Meter:
    """Where the figure stands, and how often it is read."""

    unit: int = 1
    function: int = 4
    register: int = 3
    scale: float = 0.1
    period_ms: int = 10_000


class ModbusPower(Measuring):
    """A contract.Conversation with one meter alone on its bus."""

    def __init__(self, meter: Meter, baud: int = 9600) -> None:
        super().__init__(baud)
        self._meter = meter
        self._due_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        return min(self._master.wake_ms, self._due_ms)

    def opened(self, now_ms: int) -> None:
        self._master.opened(now_ms)
        self._due_ms = now_ms

    def closed(self, now_ms: int) -> None:
        self._due_ms = NEVER_MS
        super().closed(now_ms)
        self._tell(None, now_ms)

    def pace(self, period_ms: int) -> None:
        """A computer that shuts down needs minutes: the period stands."""

    def _ask_due(self, now_ms: int) -> None:
        if self._due_ms <= now_ms:
            meter = self._meter
            self._due_ms = now_ms + meter.period_ms
            self._master.ask(modbus.read(meter.unit, meter.function, meter.register, 1, "watts"))

    def _heard(self, outcome: Outcome, now_ms: int) -> None:
        told = None if outcome.code else modbus.registers(outcome.data)[0] * self._meter.scale
        self._tell(told, now_ms)

    def _tell(self, watts: float | None, now_ms: int) -> None:
        self._report(Reading("codec", (("watts", None if watts is None else round(watts, 1)),), now_ms))
