"""A far end behind a UDP port, in real time: whoever sends a datagram is answered at the address it came from.

Must not live here: what the far end says. Like pty.py, it uses our pump to move bytes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

from hardware.contract import Peer, Report
from hardware.pump import Pump
from hardware.sim.pty import AsConversation
from hardware.wire import READ_MAX

Cut = Callable[[bytes], list[bytes]]


class BoundWire:
    """A bound UDP socket as a `Wire`: `cut` makes single datagrams of what is to be sent."""

    def __init__(self, address: tuple[str, int], cut: Cut) -> None:
        self._cut = cut
        self._peer: tuple[str, int] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def place(self) -> str:
        return f"port {self.port}"

    def open(self) -> bool:
        return True

    def finish(self) -> None:
        """It is bound from the beginning."""

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes:
        with suppress(OSError):
            data, self._peer = self._socket.recvfrom(READ_MAX)
            return data
        return b""

    def write(self, data: bytes) -> int:
        peer = self._peer
        for datagram in self._cut(data) if peer is not None else ():
            # Nobody there any more: lost, as on any network.
            with suppress(OSError):
                self._socket.sendto(datagram, peer or ("", 0))
        return len(data)

    def close(self) -> None:
        self._socket.close()

    def vary(self) -> bool:
        return False


class UdpFarEnd:
    """Runs `peer` at `address` (port 0 = any free one) from `start` to `stop`. Raises OSError at `start`."""

    def __init__(self, peer: Peer, address: tuple[str, int], cut: Cut, clock_ms: Callable[[], int]) -> None:
        self._peer, self._address, self._cut, self._clock_ms = peer, address, cut, clock_ms
        self._pump: Pump | None = None
        self.port = 0

    def start(self) -> None:
        wire = BoundWire(self._address, self._cut)
        self.port = wire.port
        self._pump = Pump("far end", wire, AsConversation(self._peer), _drop, self._clock_ms)
        self._pump.start()

    def stop(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.stop()

    def call(self, function: Callable[[int], None]) -> bool:
        """Run `function(now_ms)` on the far end's thread; False when it does not run."""
        return self._pump is not None and self._pump.call(function)


def _drop(report: Report) -> None:
    """Far ends report nothing."""
