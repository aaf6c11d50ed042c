"""Modbus RTU, the master's side: frames, CRC, and one question at a time on a bus of several slaves.

Law of this file: pure; time is an argument. What registers mean is not known here. It is used by the controller
for sensors and by the keeper for relay boards, so it imports nothing: `dataclasses` costs what the keeper's start
must not.

An answer ends where its own length says; silence only separates our questions (3.5 characters, and the time that
an RS-485 adaptor needs to turn round). It is looked for at every place of what came, because adaptors put a false
byte before it and some give our own question back. Only the right slave, function, length and CRC make an answer;
anything else is waited out and told as what it was.

Outcome codes: `` = good, `silent`, `garbled` (bytes came, no frame), `other_unit` (another slave answered),
`exception_<n>` (the slave refuses: 1 function, 2 address, 3 value, 4 broken, 6 busy), `closed`.

Source: MODBUS over serial line V1.02 (2.5.1 framing, 2.5.1.2 CRC), MODBUS application protocol V1.1b3.
"""

from __future__ import annotations

from typing import NamedTuple

READ_COILS, READ_HOLDING, READ_INPUT, WRITE_COIL, WRITE_COILS = 1, 3, 4, 5, 15
ANSWER_MS = 500
"""Sensors of this class answer within 100 ms, boards within 50; a USB adaptor adds 16."""
TRIES = 3
TURN_MS = 5
"""An adaptor with automatic direction holds the line for a character or two after our last byte."""
HEARD_MAX = 512
"""Twice the longest frame: more is a device that talks without being asked."""
NEVER_MS = 1 << 62
"""As in hardware.contract, which is not imported here."""


class Question(NamedTuple):
    """To `unit`: `body` without CRC begins with the function. `key` says to the asker what the answer is for."""

    unit: int
    body: bytes
    key: str = ""


class Outcome(NamedTuple):
    """`data`: what a read gave (registers, or bits of coils); empty after a write or a failure."""

    question: Question
    code: str
    data: bytes = b""


def crc(data: bytes) -> bytes:
    """The two check bytes as they are sent, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def read(unit: int, function: int, address: int, count: int, key: str = "") -> Question:
    """Read `count` coils (function 1) or registers (3, 4) from `address` on."""
    return Question(unit, bytes((function, *address.to_bytes(2), *count.to_bytes(2))), key)


def write_coil(unit: int, address: int, on: bool, function: int = WRITE_COIL, key: str = "") -> Question:
    """Switch one coil, with function 5 or, for boards that know no other, 15."""
    if function == WRITE_COIL:
        return Question(unit, bytes((WRITE_COIL, *address.to_bytes(2), 0xFF if on else 0, 0)), key)
    return Question(unit, bytes((WRITE_COILS, *address.to_bytes(2), 0, 1, 1, int(on))), key)


def registers(data: bytes) -> tuple[int, ...]:
    """The unsigned 16-bit words of an answer to function 3 or 4."""
    return tuple(int.from_bytes(data[n : n + 2]) for n in range(0, len(data) - 1, 2))


def signed(word: int) -> int:
    """Two's complement, for temperatures below zero."""
    return word - 0x10000 if word & 0x8000 else word


def bits(data: bytes, count: int) -> tuple[bool, ...]:
    """The coils of an answer to function 1."""
    return tuple(bool(data[n // 8] >> n % 8 & 1) for n in range(count))


def silence_ms(baud: int) -> int:
    """3.5 characters of 11 bits; above 19,200 baud the standard fixes 1.75 ms. Rounded up, at least 2."""
    return max(2, -(-38_500 // baud)) if baud <= 19_200 else 2


def answer(question: Question, heard: bytes) -> Outcome | None:
    """The answer to `question` somewhere in what was heard; None = not (yet) there."""
    for start in range(len(heard)):
        found = _answer_at(question, heard[start:])
        if found is not None:
            return found
    return None


def _answer_at(question: Question, heard: bytes) -> Outcome | None:
    function = question.body[0]
    if len(heard) < 5 or heard[0] != question.unit or heard[1] & 0x7F != function:
        return None
    if heard[1] & 0x80:
        return Outcome(question, f"exception_{heard[2]}") if _whole(heard, 5) else None
    if function in (WRITE_COIL, WRITE_COILS):
        echoed = heard[1:6] == question.body[:5]
        return Outcome(question, "") if echoed and _whole(heard, 8) else None
    length = _data_length(question.body)
    if heard[2] != length or not _whole(heard, length + 5):
        return None
    return Outcome(question, "", heard[3 : 3 + length])


def _data_length(body: bytes) -> int:
    count = int.from_bytes(body[3:5])
    return -(-count // 8) if body[0] == READ_COILS else 2 * count


def _whole(heard: bytes, length: int) -> bool:
    return len(heard) >= length and crc(heard[: length - 2]) == heard[length - 2 : length]


def stranger(question: Question, heard: bytes) -> bool:
    """Did a whole answer of another slave come: two with one address, or one that was set wrongly?"""
    others = (Question(unit, question.body) for unit in set(heard) - {question.unit})
    return any(answer(other, heard) is not None for other in others)


class Master:
    """The questions of one bus, in their order. `feed`, `tick`, `take` as every machine here, and `outcomes`. What
    is asked while nobody is on the wire ends as `closed` at once."""

    def __init__(self, baud: int = 9600) -> None:
        self._gap_ms = silence_ms(baud) + TURN_MS
        self._open = False
        self._waiting: list[tuple[Question, int]] = []
        self._asked: Question | None = None
        self._left = 0
        self._heard = b""
        self._until_ms = self._free_ms = 0
        self._out = b""
        self._outcomes: list[Outcome] = []

    @property
    def idle(self) -> bool:
        """Nothing is asked and nothing waits to be."""
        return self._asked is None and not self._waiting

    @property
    def wake_ms(self) -> int:
        if self._asked is not None:
            return self._until_ms
        return self._free_ms if self._waiting else NEVER_MS

    def opened(self, now_ms: int) -> None:
        self._open, self._heard, self._out = True, b"", b""
        self._free_ms = now_ms + self._gap_ms

    def closed(self) -> None:
        """The port is gone: everything that was asked ends."""
        gone = [self._asked] if self._asked is not None else []
        self._outcomes += [Outcome(question, "closed") for question in (*gone, *(q for q, _ in self._waiting))]
        self._open, self._asked, self._waiting, self._out = False, None, [], b""

    def ask(self, question: Question, tries: int = TRIES) -> None:
        """`tries`: how often it is sent before it counts as unanswered."""
        if self._open:
            self._waiting.append((question, tries))
        else:
            self._outcomes.append(Outcome(question, "closed"))

    def feed(self, data: bytes, now_ms: int) -> None:
        self._free_ms = max(self._free_ms, now_ms + self._gap_ms)
        if self._asked is None:
            return  # nobody was asked: a late answer, a sensor that prints by itself
        self._heard = (self._heard + data)[-HEARD_MAX:]
        found = answer(self._asked, self._heard)
        if found is not None:
            self._end(found)

    def tick(self, now_ms: int) -> None:
        if self._asked is not None and self._until_ms <= now_ms:
            self._late(self._asked, now_ms)
        if self._asked is None and self._waiting and self._free_ms <= now_ms:
            self._asked, self._left = self._waiting.pop(0)
            self._send(self._asked, now_ms)

    def take(self) -> bytes:
        """What goes out now."""
        out, self._out = self._out, b""
        return out

    def outcomes(self) -> tuple[Outcome, ...]:
        """What has ended since the last call."""
        outcomes, self._outcomes = tuple(self._outcomes), []
        return outcomes

    def _send(self, question: Question, now_ms: int) -> None:
        frame = bytes((question.unit,)) + question.body
        self._out, self._heard = frame + crc(frame), b""
        self._left -= 1
        self._until_ms = now_ms + ANSWER_MS

    def _late(self, question: Question, now_ms: int) -> None:
        if self._left:
            self._send(question, now_ms)
            return
        code = "silent" if not self._heard else "other_unit" if stranger(question, self._heard) else "garbled"
        self._free_ms = now_ms + self._gap_ms
        self._end(Outcome(question, code))

    def _end(self, outcome: Outcome) -> None:
        self._asked, self._heard = None, b""
        self._outcomes.append(outcome)
