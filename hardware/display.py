"""A display or projector with a control port in the network: its place in, a pump out.

What must not be here: the protocol (protocols/pjlink.py) and sockets (wire.py). One pump holds one connection:
PJLink projectors serve one client at a time.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.contract import Report
from hardware.protocols.pjlink import PORT, PjLink
from hardware.pump import Pump
from hardware.wire import TcpWire


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
