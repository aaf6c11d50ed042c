"""What simulated codecs have in common on their port: power, boot, time, and what people and the far end do alike.

Law: of a `hardware.contract.Peer`; no thread, no clock; the same seed gives the same bytes. Their protocols, logins
and memories are their own, and nothing here is shared with our side.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from hardware.contract import NEVER_MS, Report
from hardware.sim.codec_parts import FarEnd

BOOT_MS = (60_000, 120_000)
UPDATE_MS = 300_000


class Call(Protocol):
    """One call."""

    @property
    def id(self) -> int:
        """As the codec prints it."""
        ...


class Calls(Protocol):
    """The calls of a codec."""

    @property
    def connected(self) -> bool: ...

    def ring(self, number: str, name: str, kbps: int) -> Call: ...

    def dial(self, number: str, kbps: int) -> Call: ...


class Unit(Protocol):
    """The codec behind the port."""

    now_ms: int
    far: FarEnd
    muted: bool

    @property
    def calls(self) -> Calls: ...

    def set_muted(self, muted: bool) -> None: ...


class Printer(Protocol):
    """What writes on the line, as late and untidily as the codec does."""

    def take(self) -> bytes: ...

    def mute(self) -> None: ...


class CodecPort:
    """The port of a codec. Who builds on it sets `unit` and `_printer`, and says what a boot and darkness are."""

    unit: Unit
    _printer: Printer

    def __init__(self, seed: int, on: bool, boot_ms: tuple[int, int]) -> None:
        self._boot_ms = boot_ms
        self._rng = random.Random(seed)
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._now_ms = 0
        self._line = b""
        self._typed_user = ""
        self._up = self.powered = on
        self.hung = False
        self.received: deque[tuple[int, str]] = deque(maxlen=2_000)
        self.failed_logins = 0

    def _boot(self) -> None:
        """It is up and speaks."""
        raise NotImplementedError

    def _dark(self) -> None:
        """Its power, or its system, has gone."""
        raise NotImplementedError

    # The wire.

    @property
    def up(self) -> bool:
        """It has power and has booted."""
        return self._up

    @property
    def _lives(self) -> bool:
        return self._up and not self.hung

    @property
    def in_call(self) -> bool:
        """A call is up."""
        return self.powered and self.unit.calls.connected

    @property
    def wake_ms(self) -> int:
        """When `tick` must be called next."""
        return self._heap[0][0] if self._heap else NEVER_MS

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        while self._heap and self._heap[0][0] <= now_ms:
            at_ms, _, what = heapq.heappop(self._heap)
            self._set_now(at_ms)
            what()
        self._set_now(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """What the codec has sent."""
        return self._printer.take(), ()

    # What happens to it.

    def mains(self, on: bool, now_ms: int) -> None:
        """Its supply comes or goes; presets and settings stay, a hang does not."""
        self._set_now(now_ms)
        if on == self.powered:
            return
        self.powered = on
        self._dark()
        self.hung = False
        if on:
            self._later(self._rng.randint(*self._boot_ms), self._boot)

    def reboot(self, now_ms: int) -> None:
        """It restarts by itself."""
        self._set_now(now_ms)
        if self.powered:
            self._dark()
            self._later(self._rng.randint(*self._boot_ms), self._boot)

    def hang(self) -> None:
        """It is powered and silent; only a power cycle cures it."""
        self.hung = True
        self._printer.mute()

    # What people do.

    def ring(self, number: str, now_ms: int, name: str = "", kbps: int = 1024) -> int:
        """The far end calls; the call's id, -1 when nobody is there to hear it."""
        self._set_now(now_ms)
        return self.unit.calls.ring(number, name, kbps).id if self._lives else -1

    def far_end(self, behaviour: FarEnd) -> None:
        """How the other side behaves from now on."""
        self.unit.far = behaviour

    def person_mutes(self, muted: bool, now_ms: int) -> None:
        """Somebody presses the mute key of a table microphone or of the remote control."""
        self._set_now(now_ms)
        if self._lives and muted != self.unit.muted:
            self.unit.set_muted(muted)

    def person_dials(self, number: str, now_ms: int) -> int:
        """Somebody dials on the touch panel or with the remote control."""
        self._set_now(now_ms)
        return self.unit.calls.dial(number, 1024).id if self._lives else -1

    # Inside.

    def _set_now(self, now_ms: int) -> None:
        self._now_ms = max(self._now_ms, now_ms)
        self.unit.now_ms = self._now_ms

    def _later(self, ms: int, what: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (self._now_ms + max(1, ms), self._count, what))
