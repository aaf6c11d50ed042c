"""The VISCA camera as a device: how its line is opened and who is on it; or its place in the network.

What must not be here: the protocol (protocols/visca.py, visca_ip.py) and the port itself (wire.py, wire_udp.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hardware.contract import Report
from hardware.protocols.visca import ViscaChain
from hardware.protocols.visca_slot import REPLY_MS
from hardware.pump import Pump

SPEEDS = (9600, 38400)
"""Bits per second to try, the next one after silence. 8 data bits, no parity, 1 stop bit, no flow control, DTR
asserted (EVI-D70 manual: the camera's DSR). The speed is a switch on the camera and cannot be asked for."""

SLOW_SHUTTER_REPLY_MS = 1_500
"""A camera takes one command per picture; with a shutter of 1 s it answers within 1 s (EVI-H100S manual)."""


def conversation(
    names: Sequence[str], *, slow_shutter: bool = False, hide_info: bool = True, lock_remote: bool = False
) -> ViscaChain:
    """The conversation with the cameras of one serial line, nearest first; names as in `camera.<name>`."""
    reply_ms = SLOW_SHUTTER_REPLY_MS if slow_shutter else REPLY_MS
    return ViscaChain(names, reply_ms=reply_ms, hide_info=hide_info, lock_remote=lock_remote)


PORTS: Mapping[str, int] = {"sony": 52381, "udp": 1259, "tcp": 5678}
"""Sony's VISCA over IP has a header and numbers; PTZOptics, Avonic and many clones send bare packets."""


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """A camera in the network; `port` 0 = the usual one of its `transport`, a word of PORTS."""

    host: str
    port: int = 0
    transport: str = "sony"


def camera_pump(
    name: str, place: CameraPlace, report: Callable[[Report], None], clock_ms: Callable[[], int]
) -> Pump:
    """A pump, not yet started, that reports source `camera.<name>` over the network."""
    # Most cameras hang on a serial line.
    from hardware.protocols.visca_ip import BareVisca, ViscaOverIp, datagram, packet
    from hardware.wire import TcpWire
    from hardware.wire_udp import UdpWire

    host, port = place.host, place.port or PORTS[place.transport]
    title = f"camera {name}"
    if place.transport == "sony":
        talk = ViscaOverIp(name, hide_info=True)
        return Pump(title, UdpWire(host, port, datagram), talk, report, clock_ms)
    wire = UdpWire(host, port, packet) if place.transport == "udp" else TcpWire(host, port)
    return Pump(title, wire, BareVisca(name, hide_info=True), report, clock_ms)


def who(chain: ViscaChain) -> tuple[tuple[str, str], ...]:
    """Who answered, for `diemcau check`: (name, vendor:model:rom), "" for one that has not said who it is."""
    return tuple((name, identity or "") for name, identity in chain.identities.items())
