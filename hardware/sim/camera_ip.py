"""One VISCA camera behind UDP: datagrams with a header and numbers, lost, doubled and swapped on the way.

A `Peer` whose bytes are datagrams one after the other. Written from Sony's command lists ("VISCA over IP") and not
from our driver. What must not be here: the camera itself (camera.py), sockets (udp.py).

Habits kept: the number must be the expected one, else 0F 01 and nothing is done; RESET makes 0 the next; a reply
carries the number of what it answers, a completion that of its command; Network Change is not told; a camera that
had no power begins with 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hardware.contract import Report
from hardware.sim.camera import CameraChain

_HEADER = 8
_LONGEST = 32


@dataclass
class NetFaults:
    """What the network or a clone does; shares are of the datagrams in one direction."""

    lost_there: float = 0.0
    lost_back: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0
    lose_there: int = 0
    """So many of the next ones are lost."""
    lose_back: int = 0
    clone: bool = False
    """Numbers nothing: takes any, replies with 0."""
    no_header: bool = False
    """Speaks bare packets, as on TCP 5678 and UDP 1259."""


class CameraOverIp:
    """`chain` is the camera itself, with its own faults; `faults` are those of the way."""

    def __init__(self, seed: int = 0, chain: CameraChain | None = None) -> None:
        self.chain = chain or CameraChain(seed=seed)
        self.faults = NetFaults()
        self.refused = 0
        """Datagrams with a number that was not expected."""
        self._random = Random(f"net {seed}")
        self._expected = 0
        self._first: list[int] = []
        self._sockets: dict[int, int] = {}
        self._late = b""
        self._out = bytearray()

    @property
    def wake_ms(self) -> int:
        return self.chain.wake_ms

    def tick(self, now_ms: int) -> None:
        self.chain.tick(now_ms)
        data, _ = self.chain.take()
        *packets, _ = data.split(b"\xff")
        for packet in packets:
            self._reply(packet + b"\xff")

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out = bytes(self._out)
        self._out.clear()
        return out, ()

    def feed(self, data: bytes, now_ms: int) -> None:
        """A row of whole datagrams."""
        if self.faults.no_header:
            self.chain.feed(data, now_ms)
            return
        for datagram in cut(data):
            if not self._falls(self.faults.lost_there, "lose_there"):
                self._hear(datagram, now_ms)

    def _hear(self, datagram: bytes, now_ms: int) -> None:
        if not self.chain.unit(0).lit():
            self._expected = 0
            return
        kind, number, body = datagram[:2], int.from_bytes(datagram[4:8], "big"), datagram[_HEADER:]
        if kind == b"\x02\x00":
            self._control(number, body)
        elif kind not in (b"\x01\x00", b"\x01\x10"):
            self._put(b"\x02\x00", number, b"\x0f\x02")
        elif number != self._expected and not self.faults.clone:
            self.refused += 1
            self._put(b"\x02\x00", number, b"\x0f\x01")
        else:
            self._expected = (number + 1) % (1 << 32)
            self._first.append(number)
            del self._first[:-8]
            self.chain.feed(body, now_ms)

    def _control(self, number: int, body: bytes) -> None:
        if body == b"\x01":
            self._expected = 0
            self._first.clear()
            self._sockets.clear()
            self._put(b"\x02\x01", number, b"\x01")

    def _reply(self, packet: bytes) -> None:
        """Find the number that this reply belongs to."""
        kind, socket = packet[1] >> 4, packet[1] & 0xF
        if self.faults.no_header:
            self._out += packet
            return
        if kind == 3:  # Network Change is for chains
            return
        if kind in (5, 6) and socket in self._sockets and socket:
            number = self._sockets.pop(socket)
        else:
            number = self._first.pop(0) if self._first else self._expected
            if kind == 4:
                self._sockets[socket] = number
        self._put(b"\x01\x11", 0 if self.faults.clone else number, packet)

    def _put(self, kind: bytes, number: int, body: bytes) -> None:
        datagram = kind + len(body).to_bytes(2, "big") + number.to_bytes(4, "big") + body
        if self._falls(self.faults.lost_back, "lose_back"):
            return
        late, self._late = self._late, b""
        if not late and self._random.random() < self.faults.swapped:
            self._late = datagram
            return
        times = 2 if self._random.random() < self.faults.doubled else 1
        self._out += datagram * times + late

    def _falls(self, share: float, counter: str) -> bool:
        left = getattr(self.faults, counter)
        if left > 0:
            setattr(self.faults, counter, left - 1)
            return True
        return self._random.random() < share


def cut(data: bytes) -> list[bytes]:
    """A row of datagrams as single ones; what is shorter than a header or its own length is thrown away."""
    found = []
    while len(data) >= _HEADER:
        size = _HEADER + int.from_bytes(data[2:4], "big")
        if not _HEADER < size <= min(len(data), _HEADER + _LONGEST):
            break
        found.append(data[:size])
        data = data[size:]
    return found
