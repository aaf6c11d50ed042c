"""VISCA in datagrams: a thin coat around the conversation of one camera (visca.py), which stays as it is on a line.

Pure. A `Conversation`: its bytes are datagrams one after the other, each with its header of eight bytes, so that
the wire can cut them (`datagram`) and any cuts are understood. What must not be here: what a camera is asked.
Source: Sony SRG and BRC command lists, "VISCA over IP": type, length, sequence number; 02 00 RESET.

Laws of this file
- The numbers begin with 0 after RESET; a lost datagram is sent again with its own number; 0F 01 (number not as
  expected) to a repeated datagram means that only the answer was lost, else that the camera restarted: RESET. In
  both cases the conversation asks again, which harms nothing: every command of ours is a set-point.
- A first reply (ACK, answer, refusal) counts when it carries the number of the last packet, completions when they
  carry one of the last few; what comes twice counts once. Clones that number every reply 0 are taken as they are.
- Address Set, Network Change and IF_Clear for all do not exist over IP: they are not sent.

Without header (TCP 5678, UDP 1259 of PTZOptics, Avonic) the camera speaks as on a line: `BareVisca`.
"""

from __future__ import annotations

from collections import OrderedDict

from hardware.contract import NEVER_MS, Order, Report
from hardware.protocols.visca import ViscaChain

HEADER = 8
"""Bytes: type 2, length 2, number 4, most significant first."""

COMMAND, INQUIRY, REPLY, CONTROL, CONTROL_REPLY = b"\x01\x00", b"\x01\x10", b"\x01\x11", b"\x02\x00", b"\x02\x01"
_TYPES = (COMMAND, INQUIRY, REPLY, b"\x01\x20", CONTROL, CONTROL_REPLY)
RESET, NOT_EXPECTED = b"\x01", b"\x0f\x01"
LONGEST = 24
"""Bytes of a payload before it counts as garbage; Sony's longest has 16, newer cameras send 17."""

REPLY_MS = 1_000
"""What the conversation waits for a first reply; Sony's modules wait two seconds, and ours asks again by itself."""

AGAIN_MS = 300
"""A datagram without a first reply goes again with its own number: three frames and a slow switch."""

TRIES = 2
"""Beyond the first one; then it is the conversation's turn to ask who is there."""

FOR_ALL = 0x88
_ECHOES = {b"\x88\x30\x01\xff": b"\x88\x30\x02\xff", b"\x88\x01\x00\x01\xff": b"\x88\x01\x00\x01\xff"}
"""Address Set and IF_Clear for all, and what a chain of one camera says to them."""

KEPT = 16
"""Numbers whose completions are still awaited: two sockets, and what may overtake."""


def datagram(data: bytes) -> int:
    """How long the first datagram of this row is; all of it when it has no header of ours."""
    length = HEADER + int.from_bytes(data[2:4], "big") if len(data) >= HEADER else len(data)
    return length if length <= HEADER + LONGEST else len(data)


def packet(data: bytes) -> int:
    """How long the first packet is where there is no header: up to its FF."""
    return data.find(b"\xff") + 1 or len(data)


class BareVisca:
    """One camera without a chain: the packets of a line, without those that are for a chain."""

    def __init__(self, name: str, *, reply_ms: int = REPLY_MS, hide_info: bool = False) -> None:
        self.camera = ViscaChain([name], reply_ms=reply_ms, hide_info=hide_info)
        self._out = bytearray()
        self._reports: list[Report] = []

    @property
    def wake_ms(self) -> int:
        return self.camera.wake_ms

    def opened(self, now_ms: int) -> None:
        """The port is there."""
        self.camera.opened(now_ms)
        self._pass_on(now_ms)

    def closed(self, now_ms: int) -> None:
        """The port went away."""
        self.camera.closed(now_ms)
        self._out.clear()
        self._pass_on(now_ms)

    def ask(self, order: Order, now_ms: int) -> None:
        self.camera.ask(order, now_ms)
        self._pass_on(now_ms)

    def pace(self, period_ms: int) -> None:
        self.camera.pace(period_ms)

    def tick(self, now_ms: int) -> None:
        self.camera.tick(now_ms)
        self._pass_on(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Packets in any cuts; never raises."""
        self.camera.feed(data, now_ms)
        self._pass_on(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, reports = bytes(self._out), tuple(self._reports)
        self._out.clear()
        self._reports.clear()
        return out, reports

    def _pass_on(self, now_ms: int) -> None:
        """What the conversation says, on its way; what is for a chain is answered here."""
        while True:
            data, reports = self.camera.take()
            self._reports += reports
            if not data:
                return
            while data:
                one, data = data[: packet(data)], data[packet(data) :]
                if one[0] == FOR_ALL:
                    self.camera.feed(_ECHOES.get(one, b""), now_ms)
                else:
                    self._send(one, now_ms)

    def _send(self, one: bytes, now_ms: int) -> None:
        self._out += one


class ViscaOverIp(BareVisca):
    """One camera behind UDP 52381; reports and orders as `ViscaChain`. `garbage`: bytes that were no datagram, and
    replies that came twice or too late."""

    def __init__(self, name: str, *, reply_ms: int = REPLY_MS, hide_info: bool = False) -> None:
        super().__init__(name, reply_ms=reply_ms, hide_info=hide_info)
        self.garbage = 0
        self._held = bytearray()
        self._next = 0
        self._sent: OrderedDict[int, set[bytes]] = OrderedDict()
        """Number → replies to it that counted, newest last."""
        self._clone = False
        self._last = b""
        self._left = 0
        self._again_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        return min(self.camera.wake_ms, self._again_ms)

    def opened(self, now_ms: int) -> None:
        """The port is there: numbers begin anew."""
        self._held.clear()
        self._clone = False
        self._reset()
        super().opened(now_ms)

    def closed(self, now_ms: int) -> None:
        """The port went away."""
        self._settle()
        super().closed(now_ms)

    def tick(self, now_ms: int) -> None:
        """Send a lost datagram again, with its own number; let the conversation do what is due."""
        if now_ms >= self._again_ms:
            self._left -= 1
            self._out += self._last
            self._again_ms = now_ms + AGAIN_MS if self._left > 0 else NEVER_MS
        super().tick(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Datagrams in any cuts; never raises. What is no header is skipped byte by byte."""
        self._held += data
        while len(self._held) >= HEADER:
            length = int.from_bytes(self._held[2:4], "big")
            if bytes(self._held[:2]) not in _TYPES or not 0 < length <= LONGEST:
                del self._held[0]
                self.garbage += 1
                continue
            if len(self._held) < HEADER + length:
                return
            whole = bytes(self._held[: HEADER + length])
            del self._held[: HEADER + length]
            self._hear(whole[:2], int.from_bytes(whole[4:8], "big"), whole[HEADER:], now_ms)

    def _hear(self, kind: bytes, number: int, payload: bytes, now_ms: int) -> None:
        if kind == REPLY and self._counts(number, payload):
            super().feed(payload, now_ms)
        elif kind == CONTROL and payload == NOT_EXPECTED:
            sent_once = self._left == TRIES
            self._settle()
            if sent_once:
                self._reset()
            # else the camera had it already and only its answer was lost: the conversation asks again.
        elif kind != CONTROL_REPLY:
            self.garbage += 1

    def _counts(self, number: int, payload: bytes) -> bool:
        """Is this reply to be believed: to the last packet, or the end of one that runs, and not for a second
        time?"""
        last = next(reversed(self._sent), 0)
        ends = len(payload) > 1 and payload[1] >> 4 in (5, 6) and payload[1] & 0xF
        self._clone = self._clone or (number == 0 and last > 0 and self._strange(payload))
        if not self._clone:
            if number not in self._sent or not (ends or number == last) or payload in self._sent[number]:
                return False
            self._sent[number].add(payload)
        if self._clone or number == last:
            self._settle()
        return True

    def _strange(self, payload: bytes) -> bool:
        """Number 0 was answered long ago, and by other words: this camera numbers every reply 0."""
        return 0 not in self._sent or (bool(self._sent[0]) and payload not in self._sent[0])

    def _settle(self) -> None:
        """The last datagram needs no other try."""
        self._again_ms, self._left = NEVER_MS, 0

    def _reset(self) -> None:
        self._settle()
        self._sent.clear()
        self._next = 0
        self._out += CONTROL + len(RESET).to_bytes(2, "big") + bytes(4) + RESET

    def _send(self, one: bytes, now_ms: int) -> None:
        kind = INQUIRY if one[1] == 0x09 else COMMAND
        self._last = kind + len(one).to_bytes(2, "big") + self._next.to_bytes(4, "big") + one
        self._sent[self._next] = set()
        if len(self._sent) > KEPT:
            self._sent.popitem(last=False)
        self._next = (self._next + 1) % (1 << 32)
        self._left, self._again_ms = TRIES, now_ms + AGAIN_MS
        self._out += self._last
