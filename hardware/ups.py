"""The UPS of a room as an adapter: NUT's address notation in, a pump with the NUT conversation out.

Must not live here: the protocol (protocols/nut.py), sockets (wire.py). A UPS on a serial port, USB or contact
cable is NUT's business: we speak to its daemon only, on this Pi or elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hardware.contract import Report
from hardware.protocols.nut import Nut
from hardware.pump import Pump
from hardware.wire import TcpWire

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
    wire = TcpWire(address.host, address.port)
    return Pump("ups", wire, Nut(address.ups, user, password), report, clock_ms)
