"""A VISCA daisy chain of one to seven simulated cameras: the far end of the camera's serial line.

A `Peer`: bytes in, bytes out, time as an argument; carried on a pty for people and third-party programs, in memory
for simulated time. What must not be here: what a packet means (camera_commands.py). Written from the Sony EVI-D70
technical manual ("VISCA communication specifications") and not from our own driver.

Not simulated: focus and exposure beyond remembering their settings, the infra-red key reports, VISCA over IP.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hardware.contract import NEVER_MS, Report
from hardware.sim.camera_commands import receive
from hardware.sim.camera_head import CameraModel, Faults, Frame
from hardware.sim.camera_unit import Unit

MOST_CAMERAS = 7
"""Addresses 1 to 7; the controller is 0."""

LONGEST = 32
"""Bytes kept while waiting for a terminator: twice the longest packet of the newest models (17)."""


class CameraChain:
    """`cameras` in the order of the cable, all powered and initialised; `seed` makes the noise repeatable.

    The world switches supplies with `mains` and looks at the truth with `unit`; faults are flags of `faults(i)`.
    Raises ValueError for no camera or more than seven.
    """

    def __init__(self, cameras: Sequence[CameraModel] = (CameraModel(),), seed: int = 0) -> None:
        if not 1 <= len(cameras) <= MOST_CAMERAS:
            raise ValueError(f"a VISCA chain has 1 to {MOST_CAMERAS} cameras, not {len(cameras)}")
        self._units = [Unit(model) for model in cameras]
        self._random = Random(seed)
        self._line = bytearray()
        self._replies: list[tuple[int, bytes]] = []
        self._out = bytearray()

    def unit(self, index: int) -> Unit:
        """The camera at `index` of the cable, for looking at the truth."""
        return self._units[index]

    def faults(self, index: int) -> Faults:
        return self._units[index].faults

    def frame(self, index: int, now_ms: int) -> Frame:
        """Where the head and the lens really are."""
        return self._units[index].head.frame(now_ms)

    def mains(self, index: int, on: bool, now_ms: int) -> None:
        """Switch the supply of one camera. A dark camera breaks the chain behind it; the one before it notices."""
        was = self._units[index].powered
        self._units[index].mains(on, now_ms)
        if was and not on and index > 0 and self._reaches(index - 1):
            self._units[index - 1].network_change(now_ms)

    def _reaches(self, index: int) -> bool:
        return all(unit.lit() for unit in self._units[: index + 1])

    @property
    def wake_ms(self) -> int:
        wake_ms = self._replies[0][0] if self._replies else NEVER_MS
        for unit in self._units:
            wake_ms = min(wake_ms, unit.wake_ms)
        return wake_ms

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes of the controller in any cuts. Wrong ones are lost without a word, as on a real line."""
        *ended, rest = data.split(b"\xff")
        for part in ended:
            packet = bytes(self._line) + part
            self._line.clear()
            if 2 <= len(packet) < LONGEST:
                self._route(packet[0], packet[1:], now_ms)
        self._line += rest
        del self._line[LONGEST:]

    def _route(self, header: int, body: bytes, now_ms: int) -> None:
        if header == 0x88:
            self._broadcast(body, now_ms)
            return
        for unit in self._units:
            if not unit.lit():
                return
            if header == 0x80 | unit.address:
                receive(unit, body, now_ms)
                return

    def _broadcast(self, body: bytes, now_ms: int) -> None:
        """Each camera takes its part and passes it on; the last one that is reached sends it back."""
        reached = [unit for i, unit in enumerate(self._units) if self._reaches(i)]
        if not reached or any(unit.faults.mute for unit in reached):
            return
        if len(body) == 2 and body[0] == 0x30:
            for offset, unit in enumerate(reached):
                unit.address = body[1] + offset
            body = bytes((0x30, body[1] + len(reached)))
        elif body == b"\x01\x00\x01":
            for unit in reached:
                unit.clear(now_ms)
        else:
            return
        self._replies.append((now_ms + reached[0].model.frame_ms, b"\x88" + body + b"\xff"))

    def tick(self, now_ms: int) -> None:
        """Let what is due leave the cameras and travel to the controller."""
        while self._replies and self._replies[0][0] <= now_ms:
            self._send(self._replies.pop(0)[1], 0)
        for index, unit in enumerate(self._units):
            if unit.wake_ms > now_ms:
                continue
            for body in unit.due(now_ms):
                if self._reaches(index):
                    self._send(bytes(((unit.address + 8) << 4 & 0xF0,)) + body + b"\xff", index)

    def _send(self, packet: bytes, index: int) -> None:
        faults = self._units[index].faults
        if faults.lose_replies > 0:
            faults.lose_replies -= 1
            return
        if faults.noise and self._random.random() < faults.noise:
            packet = self._disturb(packet)
        self._out += packet

    def _disturb(self, packet: bytes) -> bytes:
        """Stray bytes before the packet, inside it, or a bit turned over."""
        junk = self._random.randbytes(self._random.randint(1, 4))
        cut = self._random.choice((0, 0, self._random.randrange(len(packet))))
        return packet[:cut] + junk + packet[cut:]

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """Bytes for the controller. A far end has nothing to report."""
        data = bytes(self._out)
        self._out.clear()
        return data, ()
