"""What is believed of a Megatec UPS after some readings: bits that agreed, the middle voltage, rating, name. Pure.

No line of the protocol has a check sum, and noise can turn one digit into another: a change of the bits counts when
three readings in a row agree, and the battery's voltage is the middle of the last three. Must not live here: when
to ask (megatec.py), what bits mean (megatec_facts.py).
"""

from __future__ import annotations

from collections import deque
from statistics import median

from hardware.protocols.megatec_facts import Known, facts, tokens
from hardware.protocols.megatec_lines import Figures, Status
from hardware.protocols.nut_orders import SelfTest
from hardware.protocols.nut_status import Values

AGREE = 3
"""Readings in a row that must agree before a change is believed."""

SHUTDOWN_BIT = 6


class Belief:
    """`bits` are the believed ones, '' before the first three. Name and rating outlive silence."""

    def __init__(self, nominal_v: float | None) -> None:
        self.nominal_v = nominal_v
        self.model = ""
        self.fsd = False
        """The shutdown bit is stuck in some units: it is believed once it was seen at rest."""
        self.forget()

    def forget(self) -> None:
        """Silence: the next readings must agree anew."""
        self.bits = self._seen = ""
        self.battery = False
        self.figures: Figures | None = None
        self._agreed = 0
        self._volts: deque[float] = deque(maxlen=AGREE)

    @property
    def unsettled(self) -> bool:
        """The last reading is another than what is believed: look again soon."""
        return self._seen != self.bits

    def hear(self, status: Status) -> None:
        """One reading."""
        self._agreed = self._agreed + 1 if status.bits == self._seen else 1
        self._seen = status.bits
        if status.battery_v is not None:
            self._volts.append(status.battery_v)
        if self._agreed >= AGREE:
            self.bits = status.bits
            self.fsd = self.fsd or self.bits[SHUTDOWN_BIT] == "0"

    def values(self, status: Status, test: SelfTest, now_ms: int) -> Values:
        """The facts of this reading with the bits that are believed."""
        said = tokens(status, self.bits, self.fsd)
        self.battery = "OB" in said
        volts = median(self._volts) if self._volts else None
        known = Known(self.nominal_v, self.figures, self.model)
        return facts(said, status, self.bits, volts, test.runs(said, now_ms), known)
