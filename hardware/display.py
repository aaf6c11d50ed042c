"""A display or projector with a control port, in the network or on RS-232: its place in, a pump out.

What must not be here: the protocols (protocols/pjlink.py, serial_display.py), sockets and ports (wire.py). One pump
holds one connection: PJLink projectors serve one client at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hardware.contract import Report
from hardware.protocols.pjlink import PjLink
from hardware.protocols.pjlink_words import PORT
from hardware.protocols.serial_display import SerialDisplay, Words
from hardware.pump import Pump
from hardware.wire import SerialWire, TcpWire


@dataclass(frozen=True, slots=True)
class SerialPlace:
    """A serial port, and the words of the display on it."""

    path: str
    baud: int
    parity: str
    words: Words


def display_pump(
    name: str,
    host: str,
    port: int,
    password: str | None,
    report: Callable[[Report], None],
    clock_ms: Callable[[], int],
) -> Pump:
    """A pump, not yet started, that reports source `display.<name>` and takes `display.<name>.power`."""
    return Pump(f"display {name}", TcpWire(host, port or PORT), PjLink(name, password), report, clock_ms)


def serial_display_pump(
    name: str, place: SerialPlace, report: Callable[[Report], None], clock_ms: Callable[[], int]
) -> Pump:
    """The same for a display on RS-232."""
    wire = SerialWire(place.path, place.baud, parity=place.parity)
    return Pump(f"display {name}", wire, SerialDisplay(name, place.words), report, clock_ms)
