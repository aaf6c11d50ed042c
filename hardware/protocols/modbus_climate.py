"""Climate sensors on one RS-485 bus: the same readings as from the kernel's sensors (hardware.climate).

Law of this file: pure; time is an argument. Which register holds what, with which function, scale and sign, is
configuration: sensors that look alike differ (XY-MD02: function 4, registers 1 and 2, tenths; its clones
hundredths; others function 3 and humidity first).

A sensor that does not answer is told with its figures None and `error` as an errno's name: ETIMEDOUT nobody
answers, EBADMSG bytes without a good CRC, EADDRNOTAVAIL another slave answers, EREMOTEIO the sensor refuses the
register, ENODEV the adaptor is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hardware.contract import NEVER_MS, Reading
from hardware.protocols import modbus
from hardware.protocols.modbus import Outcome, Question
from hardware.protocols.modbus_measuring import Measuring

PERIOD_MS = 30_000
ERRORS = {"silent": "ETIMEDOUT", "garbled": "EBADMSG", "other_unit": "EADDRNOTAVAIL", "closed": "ENODEV"}


@dataclass(frozen=True, slots=True)
class Register:
    """Where a figure stands and what it is worth: `raw` × `scale`."""

    address: int
    scale: float = 0.1
    signed: bool = False

    def value(self, word: int) -> float:
        """Rounded, because 546 × 0.1 is not 54.6 and a reader would see it."""
        return round((modbus.signed(word) if self.signed else word) * self.scale, 3)


@dataclass(frozen=True, slots=True)
class ClimateUnit:
    """One sensor at one place of the room. `humidity` None = it has none."""

    place: str
    unit: int
    function: int
    temp: Register
    humidity: Register | None
    period_ms: int = PERIOD_MS


class ModbusClimate(Measuring):
    """A contract.Conversation with the sensors of one bus; each is read at its own period."""

    def __init__(self, units: Sequence[ClimateUnit], baud: int = 9600) -> None:
        super().__init__(baud)
        self._units = {unit.place: unit for unit in units}
        self._due_ms = dict.fromkeys(self._units, 0)
        self._raw: dict[str, float] = {}

    @property
    def wake_ms(self) -> int:
        return min([self._master.wake_ms, *self._due_ms.values()], default=NEVER_MS)

    def opened(self, now_ms: int) -> None:
        self._master.opened(now_ms)
        self._due_ms = dict.fromkeys(self._units, now_ms)

    def pace(self, period_ms: int) -> None:
        """A room's air needs no haste: the periods stand."""

    def _ask_due(self, now_ms: int) -> None:
        for place, due_ms in self._due_ms.items():
            if due_ms <= now_ms:
                unit = self._units[place]
                self._due_ms[place] = now_ms + unit.period_ms
                self._master.ask(_question(unit, unit.temp, f"temp {place}"))

    def _heard(self, outcome: Outcome, now_ms: int) -> None:
        what, place = outcome.question.key.split(" ", 1)
        unit = self._units[place]
        register = unit.temp if what == "temp" else unit.humidity
        if outcome.code or register is None:
            self._tell(unit, None, None, ERRORS.get(outcome.code, "EREMOTEIO"), now_ms)
            return
        value = register.value(modbus.registers(outcome.data)[0])
        if what == "temp" and unit.humidity is not None:
            self._raw[unit.place] = value
            self._master.ask(_question(unit, unit.humidity, f"humidity {unit.place}"))
        elif what == "temp":
            self._tell(unit, value, None, "", now_ms)
        else:
            self._tell(unit, self._raw.pop(unit.place, None), value, "", now_ms)

    def _tell(self, unit: ClimateUnit, temp: float | None, wet: float | None, error: str, now_ms: int) -> None:
        values = (("temp_c", temp), ("humidity_pct", wet), ("error", error))
        self._report(Reading(f"climate.{unit.place}", values, now_ms))


def _question(unit: ClimateUnit, register: Register, key: str) -> Question:
    """One register a question: some clones refuse a read that reaches beyond what they have."""
    return modbus.read(unit.unit, unit.function, register.address, 1, key)
