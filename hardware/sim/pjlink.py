"""A simulated projector with PJLink class 1: lamp, warm-up, cool-down, hours, errors; a `PjLinkServer` each call.

Pure. UNVERIFIED against a real projector: written from the public PJLink class 1 specification (JBMIA), not from
our own conversation. Must not live here: sockets (listen.py).

Habits kept: it speaks first; a wrong digest is answered by `PJLINK ERRA` and the end of the connection; POWR is
answered by ERR3 while it cools; 30 s without a command end the connection; without mains nothing is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5

from hardware.contract import NEVER_MS, Report

IDLE_MS = 30_000
_LINE_MAX = 200


@dataclass
class ProjectorFaults:
    """What may be wrong; change a field while it runs."""

    password: str = ""
    hangs: bool = False
    errors: str = "000000"
    not_now: int = 0
    """So many power commands are answered by ERR3."""
    broken: bool = False
    """Power commands are answered by ERR4."""
    no_power_command: bool = False
    stays_warm: bool = False
    """Cools for ever: says 2 and never 0."""


class Projector:
    """The body. `state`: standby, warming, on, cooling."""

    def __init__(self, warm_ms: int = 30_000, cool_ms: int = 60_000, boot_ms: int = 5_000) -> None:
        self.faults = ProjectorFaults()
        self.state = "standby"
        self.powered = True
        self.lamp_cut_hot = 0
        """How often its mains went while the lamp was hot: what the relay must never do."""
        self._warm_ms, self._cool_ms, self._boot_ms = warm_ms, cool_ms, boot_ms
        self._then_ms = NEVER_MS
        self.ready_ms = 0
        self._lamp_ms = 1_234 * 3_600_000
        self._lit_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        return self._then_ms

    @property
    def hours(self) -> int:
        return self._lamp_ms // 3_600_000

    def lives(self, now_ms: int) -> bool:
        return self.powered and now_ms >= self.ready_ms and not self.faults.hangs

    def advance(self, now_ms: int) -> None:
        if now_ms >= self._then_ms:
            self.state = {"warming": "on", "cooling": "standby"}.get(self.state, self.state)
            self._then_ms = NEVER_MS

    def mains(self, on: bool, now_ms: int) -> None:
        """The relay of its supply. After the mains it is in standby."""
        self.advance(now_ms)
        if on and not self.powered:
            self.ready_ms = now_ms + self._boot_ms
        elif self.powered and not on:
            self.lamp_cut_hot += self.state != "standby"
            self._dark(now_ms)
            self.state, self._then_ms = "standby", NEVER_MS
        self.powered = on

    def turn(self, on: bool, now_ms: int) -> str:
        """POWR 1 or 0."""
        if self.faults.broken or self.faults.no_power_command:
            return "ERR4" if self.faults.broken else "ERR1"
        if self.faults.not_now > 0 or self.state == ("cooling" if on else "warming"):
            self.faults.not_now = max(0, self.faults.not_now - 1)
            return "ERR3"
        if on and self.state == "standby":
            self.state, self._then_ms, self._lit_ms = "warming", now_ms + self._warm_ms, now_ms
        elif not on and self.state == "on":
            self._dark(now_ms)
            self.state = "cooling"
            self._then_ms = NEVER_MS if self.faults.stays_warm else now_ms + self._cool_ms
        return "OK"

    def _dark(self, now_ms: int) -> None:
        if self._lit_ms < NEVER_MS:
            self._lamp_ms += now_ms - self._lit_ms
        self._lit_ms = NEVER_MS


class PjLinkServer:
    """One client's connection, as a `Peer`. `hung_up`: the projector has ended it."""

    def __init__(self, projector: Projector, random: str = "498e4a67") -> None:
        self.projector = projector
        self.hung_up = False
        self.asked: list[str] = []
        self._random = random
        self._greeted = False
        self._free = False
        self._line = bytearray()
        self._out = bytearray()
        self._idle_ms = NEVER_MS
        self._ticked_ms = 0

    def connect(self, now_ms: int) -> None:
        """The same peer calls again: the greeting comes anew."""
        self.hung_up = self._greeted = self._free = False
        self._line.clear()
        self._out.clear()
        self._idle_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        boots_ms = self.projector.ready_ms
        greets_ms = boots_ms if not self._greeted and boots_ms > self._ticked_ms else NEVER_MS
        return min(self.projector.wake_ms, greets_ms, NEVER_MS if self.hung_up else self._idle_ms)

    def tick(self, now_ms: int) -> None:
        self._ticked_ms = now_ms
        self.projector.advance(now_ms)
        if not self._greeted and self.projector.lives(now_ms):
            self._greeted, self._idle_ms = True, now_ms + IDLE_MS
            self._say(f"PJLINK 1 {self._random}" if self.projector.faults.password else "PJLINK 0")
        if now_ms >= self._idle_ms:
            self.hung_up = True

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        out = bytes(self._out)
        self._out.clear()
        return out, ()

    def feed(self, data: bytes, now_ms: int) -> None:
        self.tick(now_ms)
        *lines, rest = (bytes(self._line) + data).split(b"\r")
        self._line = bytearray(rest[-_LINE_MAX:])
        for line in lines if self.projector.lives(now_ms) and not self.hung_up else ():
            self._idle_ms = now_ms + IDLE_MS
            self._hear(line.decode("ascii", errors="replace"), now_ms)

    def _hear(self, line: str, now_ms: int) -> None:
        password = self.projector.faults.password
        if password and not self._free:
            digest = md5((self._random + password).encode(), usedforsecurity=False).hexdigest()
            if not line.startswith(digest):
                self._say("PJLINK ERRA")
                self.hung_up = True
                return
            self._free, line = True, line[len(digest) :]
        self.asked = [*self.asked[-63:], line]
        head, verb, words = line[:2], line[2:6], line[7:]
        if head == "%1":
            self._say(f"%1{verb}={self._answer(verb, words, now_ms)}")

    def _answer(self, verb: str, words: str, now_ms: int) -> str:
        body = self.projector
        digits = {"standby": "0", "on": "1", "cooling": "2", "warming": "3"}
        told = {
            "POWR": digits[body.state],
            "ERST": body.faults.errors,
            "LAMP": f"{body.hours} {int(body.state in ('on', 'warming'))}",
            "INF1": "EPSON",
            "INF2": "EB-L200F",
            "CLSS": "1",
            "NAME": "",
        }
        if verb not in told:
            return "ERR1"
        if words == "?":
            return told[verb]
        if verb == "POWR" and words in ("0", "1"):
            return body.turn(words == "1", now_ms)
        return "ERR2"

    def _say(self, line: str) -> None:
        self._out += line.encode() + b"\r"
