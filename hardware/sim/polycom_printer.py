"""How a simulated Polycom codec prints: late, twice, in pieces, with garbage, if so wished.

Law: the far end of a wire; shares no code with our side. Pieces of a line stay in order.
Source: seen on a real Group 700, software 6.2.1: replies one exchange late, echoes two, blank lines, split lines.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from hardware.sim.polycom_memory import Faults

REPLY_MS = 40
"""A short reply at 9600 Bd."""
PIECE_MS = 30


class Printer:
    """Lines in, bytes out; `later(ms, what)` is the codec's clock."""

    def __init__(
        self, rng: random.Random, faults: Faults, later: Callable[[int, Callable[[], None]], None]
    ) -> None:
        self._rng = rng
        self._faults = faults
        self._later = later
        self._out = bytearray()
        self._pieces = bytearray()
        self._held: list[str] = []
        self._echoes: deque[str] = deque()
        self._muted = False

    def take(self) -> bytes:
        """The bytes printed since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def clear(self) -> None:
        """The power went: nothing is left to print."""
        self._out.clear()
        self._pieces.clear()
        self._held.clear()
        self._echoes.clear()
        self._muted = False

    def mute(self) -> None:
        """It hangs: nothing more is printed until the power goes."""
        self.clear()
        self._muted = True

    def echo(self, text: str) -> None:
        """The command's echo, two exchanges late."""
        if self._faults.late_echo:
            self._echoes.append(text)
            if len(self._echoes) > 2:
                self.say(f"-> {self._echoes.popleft()}")

    def reply(self, lines: list[str]) -> None:
        """The answer to a command: soon, or (lag) with the next one."""
        if self._faults.lag:
            self._held.extend(lines)
        elif lines:
            self._later(REPLY_MS, lambda: self._say_all(lines))

    def release(self) -> None:
        """Another command came: what was held back is printed."""
        held, self._held = self._held, []
        self._say_all(held)

    def _say_all(self, lines: list[str]) -> None:
        if self._faults.plain:
            self.write("".join(f"{line}{self._faults.line_end}" for line in lines).encode())
            return
        for line in lines:
            self.say(line)

    def say(self, line: str) -> None:
        """One line, with all that may be wrong with it."""
        data = f"{line}{self._faults.line_end}".encode()
        if self._faults.noise and self._rng.random() < self._faults.noise:
            garbage = bytes(self._rng.randrange(256) for _ in range(self._rng.randint(1, 12)))
            data = garbage + b"\r\n" + data
        if self._faults.blank_lines:
            data = b"\r\n" + data + b"\r\n"
        self.write(data)

    def write(self, data: bytes) -> None:
        """Raw bytes, in one piece or two."""
        if self._muted:
            return
        if self._pieces:
            self._pieces += data
        elif self._faults.split and len(data) > 3:
            cut = self._rng.randrange(1, len(data) - 1)
            self._out += data[:cut]
            self._pieces += data[cut:]
            self._later(PIECE_MS, self._rest)
        else:
            self._out += data

    def _rest(self) -> None:
        self._out += self._pieces
        self._pieces.clear()
