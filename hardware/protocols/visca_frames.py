"""VISCA packets: what goes on the wire and what comes off it, as values. Pure, standard library only.

What must not be here: when to send what (visca_slot.py, visca_jobs.py), limits of models (visca_models.py).
Sources: Sony EVI-D70 technical manual (packets, replies, sockets), Sony SRG-300H command list (positions, status).
The classic packet has 3 to 16 bytes, newer cameras with five-digit positions send 17 (SRG-360SHE).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

END = 0xFF
BROADCAST = 8
LONGEST = 24
"""Bytes of a packet with its terminator before the line counts as garbage: the longest known one has 17."""

_LOW = bytes(range(0x80))


class Sort(Enum):
    """What kind of packet was sent; decides which replies may belong to it."""

    COMMAND = auto()
    INQUIRY = auto()
    CANCEL = auto()
    ADDRESS = auto()
    CLEAR = auto()


@dataclass(frozen=True, slots=True)
class Packet:
    """Something to send, without header and terminator. An inquiry says which answers are possible: their
    `lengths` in bytes, and whether each byte is one `nibbles` digit, which unmasks most answers of others."""

    sort: Sort
    body: bytes
    lengths: tuple[int, ...] = ()
    nibbles: bool = False

    def bytes_to(self, address: int) -> bytes:
        """The packet on the wire to camera 1…7 or to all (8)."""
        return bytes((0x80 | address,)) + self.body + bytes((END,))

    def fits(self, data: bytes) -> bool:
        """Can `data` be the answer to this inquiry?"""
        return len(data) in self.lengths and not (self.nibbles and any(byte > 0xF for byte in data))


class Kind(Enum):
    """What a camera may say. SILENCE is ours: nothing came in time."""

    ACK = auto()
    DONE = auto()
    ANSWER = auto()
    ERROR = auto()
    NETWORK = auto()
    ADDRESSES = auto()
    CLEARED = auto()
    NOTICE = auto()
    SILENCE = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """One packet from a camera (address 1…7, 8 = it went round the ring). `code` is the error's second byte,
    or the next free address of an Address Set answer; `data` the payload of an answer."""

    kind: Kind
    address: int = 0
    socket: int = 0
    code: int = 0
    data: bytes = b""


SILENCE = Reply(Kind.SILENCE)

LENGTH_ERROR, SYNTAX_ERROR, BUFFER_FULL, CANCELLED, NO_SOCKET, NOT_EXECUTABLE = 0x01, 0x02, 0x03, 0x04, 0x05, 0x41

ERROR_WORDS = {
    LENGTH_ERROR: "length",
    SYNTAX_ERROR: "syntax",
    BUFFER_FULL: "buffer_full",
    CANCELLED: "cancelled",
    NO_SOCKET: "no_socket",
    NOT_EXECUTABLE: "not_executable",
}


class Framer:
    """Bytes in any cuts in, whole packets (without terminator) out. FF ends a packet and occurs nowhere else, so
    a broken packet costs itself only; bytes below 80 before a header are noise of the line. `dropped` counts."""

    def __init__(self) -> None:
        self.dropped = 0
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that ended in `data`; remembers the rest, never more than a packet's length."""
        *ended, rest = data.split(b"\xff")
        packets = [packet for part in ended if (packet := self._close(part))]
        self._hold(rest)
        return packets

    def reset(self) -> None:
        self._held.clear()

    def _hold(self, part: bytes) -> None:
        kept = part if self._held else part.lstrip(_LOW)
        room = max(0, LONGEST - len(self._held))
        self.dropped += len(part) - len(kept[:room])
        self._held += kept[:room]

    def _close(self, part: bytes) -> bytes:
        self._hold(part)
        packet = bytes(self._held)
        self._held.clear()
        if 2 <= len(packet) < LONGEST:
            return packet
        self.dropped += len(packet) + 1
        return b""


def decode(packet: bytes) -> Reply | None:
    """The meaning of one packet (EVI-D70 manual, "reply packets"); None for what no camera says to a controller."""
    header, body = packet[0], packet[1:]
    if header == 0x80 | BROADCAST:
        return _ring(body)
    if header < 0x90 or header & 0x0F:
        return None
    return _reply((header >> 4) - 8, body)


def _ring(body: bytes) -> Reply | None:
    if body == b"\x01\x00\x01":
        return Reply(Kind.CLEARED, BROADCAST)
    if len(body) == 2 and body[0] == 0x30 and 2 <= body[1] <= 8:
        return Reply(Kind.ADDRESSES, BROADCAST, code=body[1])
    return None


def _reply(address: int, body: bytes) -> Reply | None:
    what, socket = body[0] >> 4, body[0] & 0xF
    if body == b"\x38":
        return Reply(Kind.NETWORK, address)
    if what == 4 and len(body) == 1:
        return Reply(Kind.ACK, address, socket)
    if what == 5:
        return Reply(Kind.ANSWER if len(body) > 1 else Kind.DONE, address, socket, data=body[1:])
    if what == 6 and len(body) == 2:
        return Reply(Kind.ERROR, address, socket, body[1])
    if body[0] == 0x07:
        return Reply(Kind.NOTICE, address, data=body[1:])
    return None


def digits(value: int, count: int) -> bytes:
    """A number spread over `count` bytes, one hexadecimal digit each, two's complement: -1200 → 0F 0B 05 00."""
    return bytes((value >> 4 * place) & 0xF for place in range(count - 1, -1, -1))


def number(data: bytes) -> int:
    """The unsigned number of `digits`."""
    value = 0
    for byte in data:
        value = value << 4 | byte & 0xF
    return value


def signed(data: bytes) -> int:
    """The signed number of `digits`."""
    value = number(data)
    return value - (1 << 4 * len(data)) if data[0] & 0x8 else value


def _inquiry(body: str, *lengths: int, nibbles: bool = True) -> Packet:
    return Packet(Sort.INQUIRY, b"\x09" + bytes.fromhex(body), lengths, nibbles)


ADDRESS_SET = Packet(Sort.ADDRESS, b"\x30\x01")
CLEAR_ALL = Packet(Sort.CLEAR, b"\x01\x00\x01")

VERSION = _inquiry("0002", 7, nibbles=False)
POWER = _inquiry("0400", 1)
MEMORY = _inquiry("043F", 1, nibbles=False)
ZOOM = _inquiry("0447", 4)
STATUS = _inquiry("0610", 2, nibbles=False)
MAX_SPEED = _inquiry("0611", 2, nibbles=False)
POSITION = _inquiry("0612", 8, 9, 10)


def command(body: bytes) -> Packet:
    """Anything after `8x 01`."""
    return Packet(Sort.COMMAND, b"\x01" + body)


POWER_ON = command(b"\x04\x00\x02")
POWER_STANDBY = command(b"\x04\x00\x03")
CLEAR_ONE = command(b"\x00\x01")
"""IF_Clear of one camera, answered `z0 50` without ACK."""

HOME = command(b"\x06\x04")
MENU_OFF = command(b"\x06\x06\x03")
ZOOM_STOP = command(b"\x04\x07\x00")
STOP = command(b"\x06\x01\x01\x01\x03\x03")
STOP_CISCO = command(b"\x06\x01\x03\x03\x03\x03")
"""The PrecisionHD guide's stop; tried when the usual one is a syntax error."""
HIDE_INFO = command(b"\x7e\x01\x18\x03")
LOCK_REMOTE = command(b"\x06\x08\x03")


def cancel(socket: int) -> Packet:
    """Stop the command in a socket (EVI-D70 manual); answered 6y 04, or 6y 05 when there is none."""
    return Packet(Sort.CANCEL, bytes((0x20 | socket,)))


def recall(preset: int) -> Packet:
    return command(bytes((0x04, 0x3F, 0x02, preset)))


def store(preset: int) -> Packet:
    return command(bytes((0x04, 0x3F, 0x01, preset)))


def drive(pan: int, tilt: int, pan_speed: int, tilt_speed: int) -> Packet:
    """Pan right and tilt up are positive; the sign is the way. A speed byte is never 0: a BRC-300 answers a
    syntax error to it even for an axis that stands (obs-ptz issue 40)."""
    ways = (1 if pan < 0 else 2 if pan else 3, 2 if tilt < 0 else 1 if tilt else 3)
    return command(bytes((0x06, 0x01, max(1, pan_speed), max(1, tilt_speed), *ways)))


def zoom_drive(speed: int) -> Packet:
    """Closer (positive, tele) or wider (negative), |speed| 1…7; 0 stops."""
    if speed == 0:
        return ZOOM_STOP
    return command(bytes((0x04, 0x07, (0x20 if speed > 0 else 0x30) | min(7, abs(speed)))))


def zoom_to(zoom: int) -> Packet:
    return command(b"\x04\x47" + digits(zoom, 4))


def move(pan: bytes, tilt: bytes, speeds: tuple[int, int]) -> Packet:
    """Absolute position with positions already in the model's `digits`."""
    return command(b"\x06\x02" + bytes(speeds) + pan + tilt)
