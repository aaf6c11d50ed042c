"""A simulated monitor on RS-232 that speaks as LG's do: `ka 01 01` and an `x` behind each answer. Pure.

UNVERIFIED against a real one: written from the manufacturer's public manuals (RS-232C, command `k a`). Shares no
code with our side. Habits kept: it echoes nothing, answers a command in lower case with set number and OK or NG, is
deaf for some seconds while it wakes, and answers in standby.
"""

from __future__ import annotations

import re

from hardware.contract import NEVER_MS, Report

_COMMAND = re.compile(rb"^ka 01 (00|01|ff)$")
WAKES_MS = 4_000


class SerialMonitor:
    """A `Peer`. `deaf`: it acknowledges and does nothing; `hangs`: nothing comes."""

    def __init__(self) -> None:
        self.on = False
        self.powered = True
        self.deaf = self.hangs = False
        self.commands: list[bytes] = []
        self._deaf_ms = 0
        self._line = b""
        self._out = bytearray()

    @property
    def wake_ms(self) -> int:
        return NEVER_MS

    def mains(self, on: bool, now_ms: int) -> None:
        """Its supply: in standby when it returns."""
        if on and not self.powered:
            self.on, self._deaf_ms = False, now_ms + WAKES_MS
        self.powered = on

    def feed(self, data: bytes, now_ms: int) -> None:
        *lines, rest = (self._line + data).split(b"\r")
        self._line = rest[-40:]
        for line in lines:
            if self.powered and not self.hangs and now_ms >= self._deaf_ms:
                self._hear(line, now_ms)

    def tick(self, now_ms: int) -> None:
        """Nothing happens by itself."""

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out = bytes(self._out)
        self._out.clear()
        return out, ()

    def _hear(self, line: bytes, now_ms: int) -> None:
        match = _COMMAND.match(line)
        if match is None:
            self._out += b"a 01 NG00x"
            return
        self.commands.append(line)
        if match[1] != b"ff" and not self.deaf:
            wakes = match[1] == b"01" and not self.on
            self.on = match[1] == b"01"
            self._deaf_ms = now_ms + WAKES_MS if wakes else self._deaf_ms
        said = match[1] if match[1] != b"ff" else b"01" if self.on else b"00"
        self._out += b"a 01 OK" + said + b"x"
