"""The moving parts of the simulated camera: what a head and a lens do over time, and what a person may break.

What must not be here: bytes (camera_unit.py) and the chain (camera.py). Written from the data sheets (Sony SRG-300H
command list, EVI-D70 and EVI-D100 technical manuals), not from our own driver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

SPEEDS_DEG_S = ((0x01, 1.1), (0x05, 2.9), (0x08, 23.0), (0x0C, 43.0), (0x10, 57.0), (0x14, 72.0), (0x18, 101.0))
"""Speed byte and degrees per second, SRG-300H, slow mode off; between two rows the line between them."""


class Frame(NamedTuple):
    """What a preset keeps."""

    pan: int
    tilt: int
    zoom: int


HOME = Frame(0, 0, 0)


@dataclass(frozen=True, slots=True)
class CameraModel:
    """One product, as its data sheet describes it; the defaults are those of an SRG-300H. Times are ms."""

    name: str = "main"
    vendor: int = 0x0001
    model: int = 0x0513
    rom: int = 0x0100
    sockets: int = 2
    pan: tuple[int, int] = (-0x2200, 0x2200)
    tilt: tuple[int, int] = (-0x0400, 0x1200)
    zoom_max: int = 0x4000
    pan_speed: int = 0x18
    tilt_speed: int = 0x17
    steps_per_deg: float = 51.2
    zoom_steps_per_s: int = 6_000
    digits: tuple[int, int] = (4, 4)
    presets: int = 16
    recall_speed: int = 0x18
    frame_ms: int = 20
    boot_ms: int = 3_000
    init_ms: int = 30_000
    wake_ms: int = 7_000
    standby: str = "refuse"
    recalls_zero: bool = False


@dataclass(slots=True)
class Faults:
    """What is wrong with this camera just now; a test or a person at the demo sets the flags."""

    no_ack: bool = False
    no_completion: bool = False
    mute: bool = False
    hung: bool = False
    zero_speed_rejected: bool = False
    late_completion_ms: int = 0
    menu_open: bool = False
    ignores_moves: bool = False
    head_fault: int = 0
    lose_packets: int = 0
    lose_replies: int = 0
    noise: float = 0.0
    unsupported: set[bytes] = field(default_factory=set)


def degrees_per_s(speed: int) -> float:
    """Degrees per second of speed byte 01…18."""
    low = SPEEDS_DEG_S[0]
    for high in SPEEDS_DEG_S:
        if speed <= high[0]:
            span = max(1, high[0] - low[0])
            return low[1] + (high[1] - low[1]) * (speed - low[0]) / span
        low = high
    return SPEEDS_DEG_S[-1][1]


class Axis:
    """One motor: where it is at any time follows from where it started, how fast, and where it stops."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high
        self._from = self._to = self._began_ms = 0
        self._per_s = 1.0

    def at(self, now_ms: int) -> int:
        """Position in model steps."""
        far = int(max(0, now_ms - self._began_ms) * self._per_s / 1000)
        if far >= abs(self._to - self._from):
            return self._to
        return self._from + (far if self._to > self._from else -far)

    def go(self, to: int, per_s: float, now_ms: int) -> None:
        """Run to `to`, at `per_s` steps a second, not past the end stops."""
        self._from, self._began_ms = self.at(now_ms), now_ms
        self._to = min(self._high, max(self._low, to))
        self._per_s = max(1.0, per_s)

    def drive(self, way: int, per_s: float, now_ms: int) -> None:
        """Run up (1), down (-1) or stand (0) until told otherwise or at the end stop."""
        here = self.at(now_ms)
        self.go(here if way == 0 else self._high if way > 0 else self._low, per_s, now_ms)

    def arrives_ms(self) -> int:
        """When the motor will stand still."""
        return self._began_ms + int(abs(self._to - self._from) * 1000 / self._per_s) + 1

    def moving(self, now_ms: int) -> bool:
        return self.at(now_ms) != self._to

    def ends(self, now_ms: int) -> tuple[bool, bool]:
        """Is it at its low end, at its high end?"""
        here = self.at(now_ms)
        return here <= self._low, here >= self._high


class Head:
    """Pan, tilt and zoom together."""

    def __init__(self, model: CameraModel) -> None:
        self._model = model
        self.pan, self.tilt = Axis(*model.pan), Axis(*model.tilt)
        self.zoom = Axis(0, model.zoom_max)

    def frame(self, now_ms: int) -> Frame:
        return Frame(self.pan.at(now_ms), self.tilt.at(now_ms), self.zoom.at(now_ms))

    def steps_per_s(self, speed: int) -> float:
        return degrees_per_s(speed) * self._model.steps_per_deg

    def turn(self, pan: int, tilt: int, speeds: tuple[int, int], now_ms: int) -> int:
        """Pan and tilt to absolute steps; returns when both will be there."""
        self.pan.go(pan, self.steps_per_s(speeds[0]), now_ms)
        self.tilt.go(tilt, self.steps_per_s(speeds[1]), now_ms)
        return max(self.pan.arrives_ms(), self.tilt.arrives_ms())

    def lens(self, zoom: int, now_ms: int) -> int:
        self.zoom.go(zoom, self._model.zoom_steps_per_s, now_ms)
        return self.zoom.arrives_ms()

    def go(self, frame: Frame, speed: int, now_ms: int) -> int:
        """All three to a frame; returns when the last of them will be there."""
        return max(self.turn(frame.pan, frame.tilt, (speed, speed), now_ms), self.lens(frame.zoom, now_ms))

    def stop(self, now_ms: int) -> None:
        for axis in (self.pan, self.tilt, self.zoom):
            axis.drive(0, 1.0, now_ms)

    def turning(self, now_ms: int) -> bool:
        return self.pan.moving(now_ms) or self.tilt.moving(now_ms)
