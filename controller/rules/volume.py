"""R28 — operating is not settings (000 §1, 004 Đ8.3): the volume may be changed, and is put back at power-up.

Within the approved band nobody is told of a drift; what it came to is noted once it stands. Outside it, in a
meeting, it is said, and left to people: no machine turns a meeting's sound down. Zoom and lights are people's as
well: a frame that was shown once is not shown again (seats.py), a light has no approved value.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import in_call, live, on_bypass

BACK = "volume"
"""The mark: `due` from the power-up on, `set` once the codec has it."""
NOTED = "!volume"
STANDS_MS = 10_000
"""Somebody who turns a knob has found the place."""
OUTSIDE_MS = 60_000


def put_back(v: View) -> Iterator[Yield]:
    """After its power was off the codec gets the room's own volume, once, and not in a call."""
    level = v.room.volume.level
    if level is None or "codec.volume" not in v.room.targets or on_bypass(v):
        return
    if v.seen(v.tables.codec_load) == "off":
        yield Mark(BACK, "due")
        return
    if v.mark(BACK) != "due" or v.get("codec.power") != "awake":
        return
    track = v.track("codec.volume")
    proven = track is not None and track.want == level and track.proof in (Proof.PROVEN, Proof.FAILED)
    if proven or in_call(v) is True:
        yield Mark(BACK, "set")
    elif v.hold("volume") is None:
        yield Demand("codec.volume", level, Rank.SCHEDULE, Because("R28", "R28.power_up"))


def changed(v: View) -> Iterator[Yield]:
    """What the volume came to, in a call; and that it left the band."""
    level = v.get("codec.volume")
    if in_call(v) is not True or not isinstance(level, int):
        return
    if level != v.mark(NOTED) and v.stayed("codec.volume", level, STANDS_MS):
        yield Mark(NOTED, level)
    band = v.room.volume
    outside = not band.low <= level <= band.high
    if outside and any(True for _ in live(v)) and v.stayed("codec.volume", level, OUTSIDE_MS):
        yield Alert("volume_outside", "codec.volume", Because("R28", "R28.outside", (band.low, band.high)))
