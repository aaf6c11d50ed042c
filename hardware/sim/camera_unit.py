"""One simulated VISCA camera: its supply, its memory, its two sockets and the replies that wait for their time.

What must not be here: the meaning of packets (camera_commands.py), the serial line and its noise (camera.py).
Written from the Sony EVI-D70, EVI-D80 and SRG-300H command lists; it shares nothing with hardware/protocols.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.contract import NEVER_MS
from hardware.sim.camera_head import HOME, CameraModel, Faults, Frame, Head

SETTINGS: dict[bytes, bytes] = {
    b"\x04\x38": b"\x02", b"\x04\x35": b"\x00", b"\x04\x39": b"\x00", b"\x04\x33": b"\x03", b"\x04\x06": b"\x03",
    b"\x04\x3e": b"\x03", b"\x04\x34": b"\x02", b"\x04\x53": b"\x02", b"\x04\x5a": b"\x03", b"\x04\x01": b"\x03",
    b"\x04\x51": b"\x03", b"\x06\x06": b"\x03", b"\x06\x08": b"\x02", b"\x06\x44": b"\x03",
    b"\x7e\x01\x18": b"\x02",
    b"\x7e\x04\x00": b"\x00", b"\x04\x48": b"\x01\x00\x00\x00", b"\x04\x28": b"\x01\x00\x00\x00",
    b"\x04\x61": b"\x03", b"\x04\x62": b"\x03", b"\x04\x63": b"\x00", b"\x04\x66": b"\x03",
    b"\x04\x22": b"\x00\x00\x00\x00", b"\x04\x43": b"\x00\x00\x08\x00", b"\x04\x44": b"\x00\x00\x08\x00",
    b"\x04\x4a": b"\x00\x00\x00\x00", b"\x04\x4b": b"\x00\x00\x00\x0a", b"\x04\x4c": b"\x00\x00\x00\x01",
    b"\x04\x4d": b"\x00\x00\x00\x00", b"\x04\x4e": b"\x00\x00\x00\x07", b"\x04\x42": b"\x00\x00\x00\x08",
}  # fmt: skip
"""Plain settings: what is written with 01 is read back with 09. Bytes after the 01/09, and the factory value."""


@dataclass(frozen=True, slots=True)
class Running:
    """A long command in a socket; `what` is one of recall home move zoom."""

    what: str
    done_ms: int


class Unit:
    """One camera. Packets here are without header and terminator; `due` gives those that leave now."""

    def __init__(self, model: CameraModel) -> None:
        self.model = model
        self.faults = Faults()
        self.head = Head(model)
        self.presets: dict[int, Frame] = {}
        self.settings = dict(SETTINGS)
        self.powered = self.awake = True
        self.address = 1
        self.last_preset = 0
        self.ready_ms = 0
        self._boot_ms = -1
        self._zero_ms = NEVER_MS
        self.driving = False
        self.sockets: dict[int, Running] = {}
        self._out: list[tuple[int, bytes]] = []

    # The world's side.

    def mains(self, on: bool, now_ms: int) -> None:
        """The relay of its supply: dark at once; on return it boots, says Network Change and initialises."""
        if on == self.powered:
            return
        self.powered, self.faults.hung = on, False
        self.sockets.clear()
        self._out.clear()
        self.driving = False
        self.head.stop(now_ms)
        self._boot_ms, self._zero_ms = -1, NEVER_MS
        if on:
            self.address, self.awake = 1, True
            self._boot_ms = now_ms + self.model.boot_ms
            self.initialise(self._boot_ms, self.model.init_ms)

    def initialise(self, now_ms: int, lasts_ms: int) -> None:
        self.ready_ms = now_ms + lasts_ms
        self.head.go(HOME, 0x18, now_ms)
        if self.model.recalls_zero:
            self._zero_ms = self.ready_ms

    def remote(self, frame: Frame, now_ms: int) -> None:
        """A person moves the head with the infra-red remote control."""
        self.head.go(frame, 0x10, now_ms)

    def network_change(self, now_ms: int) -> None:
        self.say(b"\x38", now_ms)

    def lit(self) -> bool:
        """Powered and past its boot and not hung: passes and answers packets."""
        return self.powered and self._boot_ms < 0 and not self.faults.hung

    @property
    def wake_ms(self) -> int:
        """When something is due next; the first of `_out` is the earliest."""
        if not self.powered:
            return NEVER_MS
        wake_ms = self._out[0][0] if self._out else NEVER_MS
        if 0 <= self._boot_ms < wake_ms:
            wake_ms = self._boot_ms
        for run in self.sockets.values():
            wake_ms = min(wake_ms, run.done_ms)
        return min(wake_ms, self._zero_ms)

    def due(self, now_ms: int) -> list[bytes]:
        """Do what is due; the packets that leave the camera now, without header and terminator."""
        if 0 <= self._boot_ms <= now_ms:
            self._boot_ms = -1
            self.network_change(now_ms)
        if self._zero_ms <= now_ms:
            self._zero_ms = NEVER_MS
            self.head.go(self.presets.get(0, HOME), self.model.recall_speed, now_ms)
        for socket, run in sorted(self.sockets.items()):
            if run.done_ms <= now_ms:
                del self.sockets[socket]
                self.complete(socket, now_ms)
        leaving = [packet for at, packet in self._out if at <= now_ms]
        self._out = [item for item in self._out if item[0] > now_ms]
        return leaving

    def clear(self, now_ms: int) -> None:
        """IF_Clear: both sockets are empty, and what ran in them ends where it is."""
        if self.sockets:
            self.sockets.clear()
            self.head.stop(now_ms)

    # Replies.

    def say(self, packet: bytes, at_ms: int) -> None:
        self._out.append((at_ms, packet))
        self._out.sort(key=lambda item: item[0])

    def reply(self, packet: bytes, now_ms: int) -> None:
        if not self.faults.mute:
            self.say(packet, now_ms + self.model.frame_ms)

    def error(self, code: int, now_ms: int, socket: int = 0) -> None:
        self.reply(bytes((0x60 | socket, code)), now_ms)

    def ack(self, socket: int, now_ms: int) -> None:
        if not self.faults.no_ack:
            self.reply(bytes((0x40 | socket,)), now_ms)

    def complete(self, socket: int, now_ms: int) -> None:
        if not (self.faults.mute or self.faults.no_completion):
            self.say(bytes((0x50 | socket,)), now_ms)

    def quick(self, now_ms: int) -> None:
        """ACK and completion of a command that needs no motion; with both sockets busy it uses none of them."""
        socket = self.free() or 0
        self.ack(socket, now_ms)
        self.complete(socket, now_ms + 2 * self.model.frame_ms)

    def long(self, what: str, done_ms: int, now_ms: int) -> None:
        socket = self.free()
        self.ack(socket, now_ms)
        self.sockets[socket] = Running(what, max(done_ms, now_ms + self.model.frame_ms) + self.model.frame_ms)

    def free(self) -> int:
        return next((n for n in range(1, self.model.sockets + 1) if n not in self.sockets), 0)

    def abort(self, socket: int, now_ms: int) -> None:
        """A newer recall takes over: cancelled at once, or (PTZOptics) completed late all the same."""
        del self.sockets[socket]
        if self.faults.late_completion_ms:
            self.complete(socket, now_ms + self.faults.late_completion_ms)
        else:
            self.error(0x04, now_ms, socket)

    def running(self, *what: str) -> bool:
        return any(run.what in what for run in self.sockets.values())

    def head_busy(self, now_ms: int) -> bool:
        """A motion of the head that nothing but its end or a stop makes way for."""
        return self.running("recall", "home", "move") or self.driven(now_ms)

    def driven(self, now_ms: int) -> bool:
        return self.driving and self.head.turning(now_ms)

    def status(self, now_ms: int) -> int:
        """Pan-tilt status word: bits 13-12 initialisation, 11-10 motion, 9-8 and 5-4 faults, 3-0 end stops."""
        left, right = self.head.pan.ends(now_ms)
        low, high = self.head.tilt.ends(now_ms)
        word = left | right << 1 | high << 2 | low << 3 | self.faults.head_fault
        word |= 0x1000 if now_ms < self.ready_ms else 0x2000
        return word | (0x0400 if self.head.turning(now_ms) else 0x0800)
