"""What a camera model can do: ranges, speeds, digits, presets. A small table and the arithmetic on it, pure.

What must not be here: packets, states. Sources: the Sony technical manuals of each model (EVI-D70, EVI-D80,
SRG-120DH, SRG-300H/SE, SRG-360SHE, BRC-X1000, BRC-X400, BRC-AM7 command lists). An unknown model is no error: it
gets the narrowest speeds of the table and no range check of ours; it then answers 60 02 itself.
EVI-D100 and EVI-HD1 are not in the table: no source gives their model number, they count as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware.protocols.visca_frames import Packet, digits, move

SLOWEST_DEG_S = ((0x01, 1.1), (0x05, 2.9), (0x08, 23.0), (0x0C, 43.0), (0x10, 57.0), (0x14, 72.0), (0x18, 101.0))
"""Speed byte and degrees per second of the SRG-300H, slow mode off; other models are of the same order."""

FULL_TURN_DEG = 350
"""No head of the table turns further; what a motion of unknown length may have to cross."""

_START_MS = 4_000
"""Added to every motion: starting, stopping, a slow lens (wide to tele takes about 3 s), one video frame or two."""

_VENDORS = (0x0001, 0x0020)
"""Sony; FCB blocks and EVI-D70 answer 0020. Others put firmware dates there (PTZOptics), so no number is theirs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`pan` and `tilt` are ranges in steps (None = not known), `slack` how far two readings of a head at rest may
    differ, `single` says that an absolute move has one speed for both axes, `reserved` are numbers that look like
    presets and do something else."""

    pan: tuple[int, int] | None = None
    tilt: tuple[int, int] | None = None
    pan_speed: int = 0x18
    tilt_speed: int = 0x14
    zoom_max: int = 0x7AC0
    presets: int = 255
    reserved: range = range(90, 100)
    digits: tuple[int, int] = (4, 4)
    single: bool = False
    steps_per_deg: float = 14.4
    slack: int = 2

    def with_speeds(self, pan: int, tilt: int) -> Limits:
        """The same with the maximum speeds that the camera told itself (inquiry 06 11), never more than ours."""
        return replace(self, pan_speed=_clamp(pan, self.pan_speed), tilt_speed=_clamp(tilt, self.tilt_speed))

    def holds(self, pan: int, tilt: int, zoom: int) -> bool:
        """May this position be ordered?"""
        inside = _inside(pan, self.pan, self.digits[0]) and _inside(tilt, self.tilt, self.digits[1])
        return inside and 0 <= zoom <= self.zoom_max

    def takes(self, preset: int) -> bool:
        """May this preset be ordered? 90…99 are special on wide-spread clones (95 opens the menu)."""
        return 0 <= preset < self.presets and preset not in self.reserved

    def move(self, pan: int, tilt: int) -> Packet:
        """The absolute move at full speed, in this model's own layout."""
        speeds = (self.pan_speed, 0 if self.single else self.tilt_speed)
        return move(digits(pan, self.digits[0]), digits(tilt, self.digits[1]), speeds)

    def travel_ms(self, degrees: float, speed: int) -> int:
        """When a motion over so many degrees at this speed byte must be over: twice the table's time, because
        heads accelerate and models differ, and a fixed part. At speed 01 a full turn needs over 5 minutes, at 18
        under 4 s: one time-out for all would be either useless or wrong."""
        return _START_MS + int(2_000 * degrees / _degrees_per_s(speed))

    def recall_ms(self) -> int:
        """The same for a motion whose way and speed only the camera knows: the full turn at the slowest speed."""
        return self.travel_ms(FULL_TURN_DEG, 1)


def _clamp(told: int, most: int) -> int:
    return max(1, min(told, most))


def _inside(value: int, span: tuple[int, int] | None, places: int) -> bool:
    half = 1 << 4 * places - 1
    low, high = span or (-half, half - 1)
    return low <= value <= high


def _degrees_per_s(speed: int) -> float:
    """The table's row at or below `speed`: never faster than the camera."""
    return max(per_s for byte, per_s in SLOWEST_DEG_S if byte <= max(1, speed))


UNKNOWN = Limits()

_EVI = Limits(presets=6, reserved=range(0), zoom_max=0x7AC0)
_SRG = Limits((-0x2200, 0x2200), (-0x0400, 0x1200), tilt_speed=0x17, reserved=range(0), steps_per_deg=51.2, slack=6)
_SRG16 = replace(_SRG, presets=16)
_SRG100 = replace(_SRG, presets=100, single=True)
_WIDE = Limits(
    (-0x153FF, 0x15400), (-0x3BFF, 0xB400), 0x18, 0x18, 0x7AC0, 16, range(0), (5, 5), True, 511.0, 32
)  # fmt: skip
_BRC = Limits(None, None, 0x18, 0x14, 0x7AC0, 100, range(0), (5, 4), False, 235.9, 24)

MODELS: dict[int, Limits] = {
    0x0402: replace(_EVI, pan=(-0x370, 0x370), tilt=(-0x12C, 0x12C), steps_per_deg=8.8),
    0x040E: replace(_EVI, pan=(-0x8DB, 0x8DB), tilt=(-0x190, 0x4B0), tilt_speed=0x17, steps_per_deg=13.3),
    0x050C: replace(_EVI, pan=(-0x1E1B, 0x1E1B), tilt=(-0x38B, 0xFF0), steps_per_deg=45.3, slack=6),
    0x050D: replace(_EVI, pan=(-0x1E1B, 0x1E1B), tilt=(-0x38B, 0xFF0), steps_per_deg=45.3, slack=6),
    0x0511: replace(_SRG16, pan=(-0x1400, 0x1400), tilt=(-0x500, 0x500), tilt_speed=0x14),
    0x0513: _SRG16,
    0x0516: _SRG16,
    0x0519: _BRC,
    0x051A: _BRC,
    0x051B: _BRC,
    0x051C: _SRG100,
    0x051D: _SRG100,
    0x0604: _WIDE,
    0x0605: _WIDE,
    0x0617: _SRG100,
    0x061C: _SRG100,
    0x061F: _SRG100,
    0x0620: _SRG100,
    0x0621: _SRG100,
    0x0622: _SRG100,
    0x051E: replace(_WIDE, pan=None, tilt=None, presets=100, single=False),
    0x051F: replace(_WIDE, pan=(-0x2AB98, 0x2AB98), tilt=(-0x7530, 0x33450), presets=100, single=False),
}


def limits_of(version: bytes) -> Limits:
    """The limits for the seven bytes of a version answer; UNKNOWN for a stranger."""
    vendor, model = int.from_bytes(version[0:2], "big"), int.from_bytes(version[2:4], "big")
    return MODELS.get(model, UNKNOWN) if vendor in _VENDORS else UNKNOWN


def identity_of(version: bytes) -> str:
    """vendor:model:rom, four hexadecimal digits each: "0001:0513:0100"."""
    return ":".join(version[k : k + 2].hex().upper() for k in (0, 2, 4))
