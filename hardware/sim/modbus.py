"""Slaves on a simulated RS-485 bus: climate sensors like the XY-MD02, relay boards like Waveshare's.

A `Peer`. Written from the data sheets and the Modbus specification, not with our encoder (its CRC is a table).
A slave acts only on a whole frame for its own address with a good check; everything else it lets pass. Memory
survives the master; relays fall when the board loses its supply, and stand as they are when only the Pi does.

Not simulated: ASCII mode, broadcast other than the board's own address 0, register writes of the sensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hardware.contract import NEVER_MS, Report


def _row(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


_TABLE = tuple(_row(byte) for byte in range(256))
REPLY_MS = 20
"""From a request's end to the answer's beginning."""
FRAME_MS = 50
"""A request that is not whole after this is forgotten. A real slave hears 4 ms of silence; a pty has no time."""
PRINT_MS = 1_000
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


def check_bytes(data: bytes) -> bytes:
    """CRC-16 of Modbus as sent: low byte, high byte."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return bytes((crc & 0xFF, crc >> 8))


@dataclass
class Faults:
    """`silent` no answer; `bad_crc` every check is wrong; `other_unit` answers with the next address; `exception`
    refuses with this code (0 = does not); `late_ms` answers so much later; `noise` a false byte before each answer;
    `prints` the sensor prints its readings by itself; `stuck` relays do not follow, though the board says yes;
    `unpowered` the slave has no supply."""

    silent: bool = False
    bad_crc: bool = False
    other_unit: bool = False
    exception: int = 0
    late_ms: int = 0
    noise: bool = False
    prints: bool = False
    stuck: bool = False
    unpowered: bool = False


class RefusedError(Exception):
    """The slave answers with this exception code."""


@dataclass
class ClimateSlave:
    """An XY-MD02: input registers 1 (temperature, int16, tenths) and 2 (humidity, tenths), function 4."""

    unit: int = 1
    temp_c: float = 26.5
    humidity_pct: float = 62.0
    faults: Faults = field(default_factory=Faults)

    def registers(self) -> dict[int, int]:
        return {1: round(self.temp_c * 10) & 0xFFFF, 2: round(self.humidity_pct * 10)}

    def respond(self, function: int, body: bytes) -> bytes:
        """The answer's bytes after the function. Raises RefusedError."""
        if function not in (3, 4):
            raise RefusedError(ILLEGAL_FUNCTION)
        start, count = body[0] * 256 + body[1], body[2] * 256 + body[3]
        known = {0x101: self.unit, 0x102: 9600} if function == 3 else self.registers()
        if not 1 <= count <= 125:
            raise RefusedError(ILLEGAL_VALUE)
        if any(place not in known for place in range(start, start + count)):
            raise RefusedError(ILLEGAL_ADDRESS)
        words = [known[place] for place in range(start, start + count)]
        return bytes((2 * count,)) + b"".join(bytes((word >> 8, word & 0xFF)) for word in words)

    def supply(self, on: bool) -> None:
        """Its supply comes or goes."""
        self.faults.unpowered = not on


@dataclass
class MeterSlave(ClimateSlave):
    """A PZEM-016: input registers 3 and 4 are the power, low word first, tenths of a watt, function 4."""

    watts: float = 0.0

    def registers(self) -> dict[int, int]:
        tenths = round(self.watts * 10)
        return {3: tenths & 0xFFFF, 4: tenths >> 16}


@dataclass
class RelaySlave:
    """Eight relays as coils 0…7. `relays` is where the contacts stand."""

    unit: int = 1
    relays: list[bool] = field(default_factory=lambda: [False] * 8)
    faults: Faults = field(default_factory=Faults)

    def respond(self, function: int, body: bytes) -> bytes:
        """The answer's bytes after the function. Raises RefusedError."""
        place, word = body[0] * 256 + body[1], body[2] * 256 + body[3]
        if function == 1:
            return self._read(place, word)
        if function == 5:
            return self._write_one(place, word, body)
        if function == 15:
            return self._write_many(place, word, body)
        raise RefusedError(ILLEGAL_FUNCTION)

    def _read(self, place: int, count: int) -> bytes:
        self._within(place, count)
        packed = sum(1 << n for n, on in enumerate(self.relays[place : place + count]) if on)
        return bytes((-(-count // 8),)) + packed.to_bytes(-(-count // 8), "little")

    def _write_one(self, place: int, word: int, body: bytes) -> bytes:
        if word not in (0x0000, 0xFF00, 0x5500):
            raise RefusedError(ILLEGAL_VALUE)
        everyone = place == 0x00FF
        if not everyone:
            self._within(place, 1)
        for n in range(len(self.relays)) if everyone else (place,):
            self._turn(n, not self.relays[n] if word == 0x5500 else word == 0xFF00)
        return body[:4]

    def _write_many(self, place: int, count: int, body: bytes) -> bytes:
        self._within(place, count)
        if len(body) < 5 + -(-count // 8) or body[4] != -(-count // 8):
            raise RefusedError(ILLEGAL_VALUE)
        for n in range(count):
            self._turn(place + n, bool(body[5 + n // 8] >> n % 8 & 1))
        return body[:4]

    def _within(self, place: int, count: int) -> None:
        if not count or place + count > len(self.relays):
            raise RefusedError(ILLEGAL_ADDRESS)

    def _turn(self, n: int, on: bool) -> None:
        if not self.faults.stuck:
            self.relays[n] = on

    def supply(self, on: bool) -> None:
        """Its supply comes or goes: without one every relay falls."""
        if not on:
            self.relays = [False] * len(self.relays)
        self.faults.unpowered = not on


Slave = ClimateSlave | RelaySlave


class Bus:
    """Slaves on one pair of wires. Bytes in any cuts; the silence between frames is `FRAME_MS` here."""

    def __init__(self, slaves: Sequence[Slave]) -> None:
        self.slaves = {slave.unit: slave for slave in slaves}
        self._line = b""
        self._line_ms = 0
        self._print_ms = 0
        self._replies: list[tuple[int, bytes]] = []
        self._out = b""

    @property
    def faults(self) -> Faults:
        """Of the first slave, as `diemcau sim --fault` sets them."""
        return next(iter(self.slaves.values())).faults

    @property
    def wake_ms(self) -> int:
        dues = [at_ms for at_ms, _ in self._replies]
        dues += [self._line_ms + FRAME_MS] if self._line else []
        dues += [self._print_ms] if any(slave.faults.prints for slave in self.slaves.values()) else []
        return min(dues, default=NEVER_MS)

    def feed(self, data: bytes, now_ms: int) -> None:
        self._quiet(now_ms)
        self._line = (self._line + data)[-512:]
        self._line_ms = now_ms
        while (size := _request_size(self._line)) and len(self._line) >= size:
            frame, self._line = self._line[:size], self._line[size:]
            self._heard(frame, now_ms)

    def tick(self, now_ms: int) -> None:
        self._quiet(now_ms)
        for slave in self.slaves.values():
            if isinstance(slave, ClimateSlave) and slave.faults.prints and self._print_ms <= now_ms:
                self._out += f"{slave.temp_c:.1f}C,{slave.humidity_pct:.1f}%\r\n".encode()
        self._print_ms = now_ms + PRINT_MS if self._print_ms <= now_ms else self._print_ms
        self._out += b"".join(frame for at_ms, frame in self._replies if at_ms <= now_ms)
        self._replies = [(at_ms, frame) for at_ms, frame in self._replies if at_ms > now_ms]

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out, self._out = self._out, b""
        return out, ()

    def _quiet(self, now_ms: int) -> None:
        if self._line and now_ms - self._line_ms >= FRAME_MS:
            self._line = b""

    def _heard(self, frame: bytes, now_ms: int) -> None:
        slave = self.slaves.get(frame[0])
        if slave is None or check_bytes(frame[:-2]) != frame[-2:]:
            return
        flaws = slave.faults
        if flaws.silent or flaws.unpowered:
            return
        reply = _reply(slave, frame[1], frame[2:-2])
        reply += b"\xff\xff" if flaws.bad_crc else check_bytes(reply)
        self._replies.append((now_ms + REPLY_MS + flaws.late_ms, (b"\x00" if flaws.noise else b"") + reply))


def _reply(slave: Slave, function: int, body: bytes) -> bytes:
    unit = slave.unit + 1 if slave.faults.other_unit else slave.unit
    try:
        if slave.faults.exception:
            raise RefusedError(slave.faults.exception)
        return bytes((unit, function)) + slave.respond(function, body)
    except RefusedError as refused:
        return bytes((unit, function | 0x80, refused.args[0]))


def _request_size(line: bytes) -> int:
    """How long the request at the line's beginning will be; 0 = not known yet."""
    if len(line) < 7:
        return 0
    return 9 + line[6] if line[1] in (15, 16) else 8


class SensorBus(Bus):
    """The far end of `diemcau sim modbus`: one climate sensor at address 1."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__((ClimateSlave(),))


class BoardBus(Bus):
    """The far end of `diemcau sim relayboard`: eight relays at address 1."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__((RelaySlave(),))
