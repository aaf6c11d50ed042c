"""What a client may write into the simulated upsd, and how that judges a value before its driver sees it.

Pure. Written from net-protocol.txt (GET TYPE, LIST RANGE, SET VAR) and from what upsd 2.8.0 answered: text is
measured, a number with a range is compared, anything else is the driver's business. Every variable here changes how
the UPS behaves. Not here: who may write, and whether the UPS is there (nut.py); SET TRACKING: nobody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.sim.ups import SimUps, UpsSpec


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`, kept in the spec's `field` in units of 1/`scale`."""

    field: str
    low: int
    high: int
    scale: int = 1

    @property
    def type(self) -> str:
        return "RW RANGE NUMBER"

    def shown(self, spec: UpsSpec) -> str:
        return f"{getattr(spec, self.field) / self.scale:.0f}"

    def refusal(self, value: str) -> str:
        fits = value.isascii() and value.isdigit() and len(value) < 10 and self.low <= int(value) <= self.high
        return "" if fits else "ERR INVALID-VALUE"

    def write(self, spec: UpsSpec, value: str) -> None:
        setattr(spec, self.field, int(value) * self.scale)


@dataclass(frozen=True, slots=True)
class Text:
    """Up to `most` bytes, kept in the spec's `field`."""

    field: str
    most: int

    @property
    def type(self) -> str:
        return f"RW STRING:{self.most}"

    def shown(self, spec: UpsSpec) -> str:
        return str(getattr(spec, self.field))

    def refusal(self, value: str) -> str:
        return "ERR TOO-LONG" if len(value.encode()) > self.most else ""

    def write(self, spec: UpsSpec, value: str) -> None:
        setattr(spec, self.field, value)


WRITABLE: Mapping[str, Number | Text] = {
    "battery.charge.low": Number("low_pct", 5, 50),
    "battery.runtime.low": Number("low_runtime_s", 30, 1800),
    "ups.delay.shutdown": Number("cut_delay_ms", 12, 600, 1000),
    "ups.delay.start": Number("start_delay_ms", 0, 9999, 1000),
    "ups.id": Text("id", 8),
}


def shown(ups: SimUps) -> dict[str, str]:
    """The writable variables as they stand."""
    return {name: of.shown(ups.spec) for name, of in WRITABLE.items()}


def type_of(name: str) -> str:
    """Words of GET TYPE: what is neither text nor of a range counts as a number, whatever it holds."""
    return WRITABLE[name].type if name in WRITABLE else "NUMBER"


def write(ups: SimUps, name: str, value: str, fails: bool) -> str:
    """The answer to SET VAR of a variable that the UPS has; `fails`: the driver does not take it."""
    of = WRITABLE.get(name)
    if of is None:
        return "ERR READONLY"
    if refusal := of.refusal(value):
        return refusal
    if fails:
        return "ERR SET-FAILED"
    of.write(ups.spec, value)
    return "OK"
