"""What we know of one VISCA camera, how we ask it, and what we report of it.

What must not be here: orders (visca_jobs.py), the slot (visca_slot.py), start-up of the chain (visca.py).
Sources: Sony EVI-D70 technical manual and SRG-300H command list, "inquiry commands" and "pan-tilt status".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from hardware.contract import Reading, Report, Value
from hardware.protocols.visca_frames import (
    NOT_EXECUTABLE,
    POSITION,
    POWER,
    STATUS,
    SYNTAX_ERROR,
    ZOOM,
    Kind,
    Packet,
    Reply,
    number,
    signed,
)
from hardware.protocols.visca_models import UNKNOWN, Limits, identity_of, limits_of
from hardware.protocols.visca_slot import Link, Slot
from hardware.protocols.visca_steps import Rest, Say, Script, Step

ATTEMPTS = 3
"""An inquiry may be repeated without harm; a fourth try has not been seen to help."""

LOST_AFTER = 3
"""Silent inquiries in a row after which the camera no longer answers."""

UNSUPPORTED_AFTER = 3
"""Syntax errors (or silences of a camera that answers otherwise) after which an item is not asked any more; once
may be a disturbed byte."""

QUICK_MS = 1_000
"""Asking period while something moves or initialises: what the room waits for is not seen later than that."""

QUICK_FOR_MS = 90_000
"""How long an initialisation is watched at the quick pace; heads are ready after about 30 s, or broken."""

FRESH_MS = 2_000
"""Two positions further apart in time say nothing about moving now."""

MOTION = ("ready", "moving", "preset", "pan", "tilt", "zoom", "parked", "fault")
ALL = ("answers", "identity", "power", *MOTION)

_POWER_WORDS = {2: "on", 3: "standby", 4: "fault"}
_AXIS_FAULTS = {1: "lost", 2: "mechanism", 3: "mechanism"}


class Frame(NamedTuple):
    """Where the camera looks, in model steps; None where it did not say or where it does not matter."""

    pan: int | None = None
    tilt: int | None = None
    zoom: int | None = None


NOWHERE = Frame()

HOME_FRAME = -1
"""Key of the home position among the frames that we have seen confirmed."""


class Camera:
    """One camera of the chain: its facts, and the small scripts that ask it. `period_ms` is the idle pace."""

    def __init__(self, name: str, address: int, slot: Slot, reports: list[Report]) -> None:
        self.name, self.address = name, address
        self.period_ms = 0
        self.stop_due_ms = 0
        self.turning = self.zooming = False
        self.frames: dict[int, Frame] = {}
        self.former: dict[int, Frame] = {}
        self._last_version = b""
        self._slot, self._reports = slot, reports
        self.forget()

    def forget(self) -> None:
        """It fell silent or was power-cycled: nothing is known. A stop that is still owed stays owed, and so do
        the frames of its presets, which it keeps without power."""
        self.version = b""
        self.limits: Limits = UNKNOWN
        self.answers = False
        self.power: str | None = None
        self.ready: bool | None = None
        self.moving: bool | None = None
        self.fault: str | None = None
        self.frame = NOWHERE
        self._looked_ms = -FRESH_MS
        self._quick_until_ms = 0
        self._bad: dict[bytes, int] = {}
        self.leave()

    @property
    def now_ms(self) -> int:
        return self._slot.now_ms

    @property
    def link(self) -> Link:
        return self._slot.link(self.address)

    @property
    def identity(self) -> str | None:
        return identity_of(self.version) if self.version else None

    def orphans(self) -> list[int]:
        return self._slot.orphans(self.address)

    def identified(self, version: bytes, speeds: bytes | None) -> None:
        """It said who it is. Frames remembered from another camera at this place are worth nothing."""
        if version != self._last_version:
            self.frames.clear()
            self.former.clear()
        self.version = self._last_version = version
        self.limits = limits_of(version)
        if speeds is not None:
            self.limits = self.limits.with_speeds(speeds[0], speeds[1])
        self.watch_closely()

    def watch_closely(self) -> None:
        self._quick_until_ms = self.now_ms + QUICK_FOR_MS

    # What we claim about the frame.

    def leave(self) -> None:
        """It looks somewhere else now; no preset and not parked."""
        self.preset, self.parked, self._anchor = -1, False, NOWHERE

    def arrive(self, key: int) -> None:
        """The frame of preset `key` (or HOME_FRAME) was confirmed by inquiry; remember where that is, and where it
        was before: who stored it elsewhere may put it back."""
        self.leave()
        if key in self.frames and not self.near(self.frames[key], self.frame):
            self.former[key] = self.frames[key]
        self.preset, self.parked, self._anchor = key, key == HOME_FRAME, self.frame
        self.frames[key] = self.frame

    def near(self, one: Frame, other: Frame) -> bool:
        """The same place, as far as both say something; a head at rest may jitter by the model's slack."""
        slack = (self.limits.slack, self.limits.slack, 16)
        pairs = zip(one, other, slack, strict=True)
        return all(a is None or b is None or abs(a - b) <= c for a, b, c in pairs)

    def at(self, goal: Frame) -> bool:
        """Does it say that it is there? What it does not say is not there."""
        known = all(a is None or b is not None for a, b in zip(goal, self.frame, strict=True))
        return goal != NOWHERE and known and self.near(goal, self.frame)

    # Asking.

    def say(self, packet: Packet, *, urgent: bool = False) -> Say:
        return Say(self.address, packet, urgent)

    def inquire(self, packet: Packet) -> Generator[Step, Reply, bytes | None]:
        """The answer, or None when the camera does not know this item, cannot say now, or is silent."""
        if self._bad.get(packet.body, 0) >= UNSUPPORTED_AFTER:
            return None
        for _ in range(ATTEMPTS):
            reply = yield self.say(packet)
            if reply.kind is Kind.ANSWER:
                self._bad.pop(packet.body, None)
                return reply.data
            if reply.kind is Kind.ERROR and reply.code != SYNTAX_ERROR:
                return None
            if reply.kind is Kind.ERROR or self.link.misses >= LOST_AFTER:
                break
        self._bad[packet.body] = self._bad.get(packet.body, 0) + 1
        return None

    def ask_power(self) -> Generator[Step, Reply, str | None]:
        data = yield from self.inquire(POWER)
        power = _POWER_WORDS.get(data[0]) if data else None
        if power == "on" and self.power == "standby":
            self.watch_closely()
        self.power = power
        if power == "standby":
            self._asleep()
        return power

    def _asleep(self) -> None:
        """In standby pan-tilt inquiries are answered 41, 60 02 or not at all: they are not sent."""
        self.ready, self.moving, self.fault, self.frame = False, False, "", NOWHERE
        if not self.parked:
            self.leave()

    def look(self) -> Generator[Step, Reply, None]:
        """Ask where the head and the lens are and whether they move."""
        status = yield from self.inquire(STATUS)
        position = yield from self.inquire(POSITION)
        zoom = yield from self.inquire(ZOOM)
        before, fresh = self.frame, self.now_ms - self._looked_ms < FRESH_MS
        self.frame = _frame(position, zoom)
        self._looked_ms = self.now_ms
        self._judge(status)
        self.moving = bool(self.moving) or (fresh and not self.near(before, self.frame))
        if not self.near(self._anchor, self.frame):
            self.leave()

    def _judge(self, status: bytes | None) -> None:
        """Pan-tilt status word (SRG-300H command list): 13-12 initialisation, 11-10 motion, 9-8 and 5-4 faults.
        A camera without it is ready when it tells its position: one that initialises refuses to (41)."""
        if status is None:
            self.ready, self.moving, self.fault = self.frame.pan is not None, False, None
            return
        word = int.from_bytes(status, "big")
        phase, motion = word >> 12 & 3, word >> 10 & 3
        self.ready, self.moving = phase == 2, motion == 1
        faults = [f"{axis}_{_AXIS_FAULTS[code]}" for axis, code in _axes(word) if code]
        faults += ["init_failed"] * (phase == 3) + ["move_failed"] * (motion == 3)
        self.fault = " ".join(faults)

    def live(self, settings: tuple[Packet, ...]) -> Script:
        """Ask all there is, report it, rest; for ever. Our settings are made as soon as the camera takes them,
        after each start: a power cut may have undone them."""
        owed = list(settings)
        while True:
            power = yield from self.ask_power()
            if power != "standby":
                yield from self.look()
                owed = yield from self._set(owed)
            if self.link.misses < LOST_AFTER:
                self.tell(ALL)
            yield Rest(self._pause_ms())

    def _set(self, owed: list[Packet]) -> Generator[Step, Reply, list[Packet]]:
        """Send settings; the ones that it cannot take just now. One that it does not know is not owed."""
        left = []
        for packet in owed if self.ready else ():
            reply = yield self.say(packet)
            if reply.kind is Kind.SILENCE or reply.code == NOT_EXECUTABLE:
                left.append(packet)
        return left if self.ready else owed

    def _pause_ms(self) -> int:
        waking = self.ready is False and self.power != "standby" and self.now_ms < self._quick_until_ms
        return min(QUICK_MS, self.period_ms) if self.moving or waking else self.period_ms

    # Reporting.

    def tell(self, fields: tuple[str, ...]) -> None:
        """Report these fields as they were just answered."""
        self.answers = True
        self._report(tuple((field, self._value(field)) for field in fields))

    def tell_silent(self) -> None:
        """Asked three times or more and silent: that is an answer about the camera, too."""
        self.answers = False
        self._report((("answers", False), *((field, None) for field in ALL[1:])))

    def tell_stranger(self) -> None:
        """It answers, but not to the question who it is: nothing else is believed or ordered."""
        self.answers = True
        self._report((("answers", True), *((field, None) for field in ALL[1:])))

    def _report(self, values: tuple[tuple[str, Value], ...]) -> None:
        self._reports.append(Reading(f"camera.{self.name}", values, self.now_ms))

    def _value(self, field: str) -> Value:
        if field in ("pan", "tilt", "zoom"):
            place: int | None = getattr(self.frame, field)
            return place
        value: Value = getattr(self, field)
        return value


def _frame(position: bytes | None, zoom: bytes | None) -> Frame:
    """Eight nibbles are 4+4, nine 5+4 (BRC-X1000), ten 5+5 (SRG-360SHE)."""
    place = number(zoom) if zoom else None
    if position is None:
        return Frame(zoom=place)
    split = (len(position) + 1) // 2
    return Frame(signed(position[:split]), signed(position[split:]), place)


def _axes(word: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("pan", word >> 4 & 3), ("tilt", word >> 8 & 3)
