"""The UPS of a room as an adapter: NUT's address notation or a Megatec unit's serial port in, a pump out.

Must not live here: the protocols (protocols/nut.py, megatec.py), sockets and ports (wire.py). A UPS on USB is NUT's
business: we speak to its daemon, on this Pi or elsewhere. One on a contact cable is opened by nobody here: the
kernel raises DTR and RTS at open, which some units take for *shut down*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hardware.contract import Report
from hardware.pump import Pump
from hardware.wire import SerialWire, TcpWire

PORT = 3493
"""upsd's port, registered with IANA."""

_ADDRESS = re.compile(
    r"(?P<ups>[A-Za-z0-9._-]+)(?:@(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:\[\]\s]+)(?::(?P<port>\d{1,5}))?)?"
)


@dataclass(frozen=True, slots=True)
class UpsAddress:
    """`ups[@host[:port]]`, as in every NUT client (`upsc room@localhost`)."""

    ups: str
    host: str = "127.0.0.1"
    port: int = PORT

    @classmethod
    def parse(cls, text: str) -> UpsAddress:
        """Read NUT's notation. Raises ValueError with what was expected."""
        match = _ADDRESS.fullmatch(text)
        port = int(match["port"] or PORT) if match else 0
        if match is None or not 0 < port < 65_536:
            raise ValueError(f"{text!r} is no UPS address; write ups, ups@host or ups@host:port")
        return cls(match["ups"], (match["host"] or "127.0.0.1").strip("[]"), port)


def ups_pump(
    address: UpsAddress,
    report: Callable[[Report], None],
    clock_ms: Callable[[], int],
    user: str | None = None,
    password: str | None = None,
) -> Pump:
    """A pump, not yet started, that reports source `ups` and takes `ups.test` and `ups.shutdown`."""
    from hardware.protocols.nut import Nut  # only the protocol of the unit in question is loaded

    wire = TcpWire(address.host, address.port)
    return Pump("ups", wire, Nut(address.ups, user, password), report, clock_ms)


CABLE_POWER: Mapping[str, tuple[bool, bool]] = {
    "normal": (True, False),
    "reverse": (False, True),
    "both": (True, True),
    "none": (False, False),
}
"""Name → DTR, RTS. They feed the cable's converter; NUT's `cablepower`, whose default is *normal*."""


@dataclass(frozen=True, slots=True)
class MegatecPort:
    """A Megatec unit on a serial port, and its habits (protocols/megatec.py)."""

    path: str
    speed: int = 2400
    cable_power: str = "normal"
    dialect: str = "megatec"
    nominal_v: float = 0.0
    identify: bool = True
    cut_after_s: float = 30.0
    back_after_min: int = 3


def megatec_pump(port: MegatecPort, report: Callable[[Report], None], clock_ms: Callable[[], int]) -> Pump:
    """A pump, not yet started, that reports source `ups` and takes `ups.test`, `ups.shutdown`, `ups.beeper`."""
    from hardware.protocols.megatec import Megatec

    dtr, rts = CABLE_POWER[port.cable_power]
    talk = Megatec(
        port.dialect,
        nominal_v=port.nominal_v,
        identify=port.identify,
        cut_after_s=port.cut_after_s,
        back_after_min=port.back_after_min,
    )
    return Pump("ups", SerialWire(port.path, port.speed, dtr=dtr, rts=rts), talk, report, clock_ms)
