"""What is known of a camera that is reached through the codec (`camera.via = codec`).

Law: pure. The readings are those of any camera; what is weaker here than over VISCA: the head's own power,
faults and movement cannot be asked. `power` follows the codec's sleep, `moving` is judged from positions, and
`preset` is shown when the position, asked twice, has come to rest (or, where the codec cannot tell positions,
when the slowest travel is over).
Source: Polycom Integrator's Reference Manual, preset, camera; Cisco API reference guides, Camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hardware.protocols.facts import Facts

_LIVE: Final = ("power", "ready", "moving", "preset", "pan", "tilt", "zoom", "parked", "fault")
STEADY: Final = 2
"""Steps that two readings of a resting head may differ."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset was recalled (`go`) or stored (`set`): by us, or by somebody at the remote control."""

    verb: str
    number: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where the head is, model steps."""

    pan: int
    tilt: int
    zoom: int


class CameraFacts:
    """The state behind the source `camera.<name>`; `pending` is a preset that the head is on its way to,
    `parking` the one that stands for its place of rest, `owned` that an order of ours waits for it, `driving` that
    a drive must still be stopped."""

    def __init__(self, name: str) -> None:
        self.facts = Facts(f"camera.{name}", ("answers", "identity", "power", "ready", "preset", "parked", "fault"))
        self.name = name
        self.pending: int | None = None
        self.parking: int | None = None
        self.owned = False
        self.driving = False
        self.still_n = 0
        self._place: Position | None = None
        self._from: Position | None = None
        self._frames: dict[int, Position] = {}

    @property
    def unsettled(self) -> bool:
        """Is the head on its way to a preset that nobody has confirmed yet?"""
        return self.pending is not None

    def hear(self, heard: Preset | Position) -> None:
        """A preset was recalled or stored, by us or at the remote control, or a position was told."""
        if isinstance(heard, Position):
            self._at(heard)
        elif heard.verb == "set":
            self._frames.pop(heard.number, None)
        else:
            self.leave()
            self._from = self._place or self._from
            self.pending, self._place = heard.number, None
            self.facts.put("moving", True)

    def strays(self, axis: str, steps: int) -> bool:
        """A position told on the way: does the head leave the place where it is thought to rest?"""
        place = self._place
        if place is None or self.unsettled or self.owned or self.driving:
            return False
        rests: int = getattr(place, axis)
        return abs(rests - steps) > STEADY

    def stored_anew(self) -> None:
        """Somebody stored a preset, and nobody said which: no frame that was seen before says anything now."""
        self._frames.clear()

    def _at(self, place: Position) -> None:
        old, self._place = self._place, place
        for field, value in (("pan", place.pan), ("tilt", place.tilt), ("zoom", place.zoom)):
            self.facts.put(field, value)
        self.still_n = self.still_n + 1 if old is not None and _near(old, place) else 0
        if self.pending is None:
            self.facts.put("moving", self.driving or (old is not None and not self.still_n))
            if (old is not None and not self.still_n) or self.facts.get("preset") is None:
                self.leave()

    def leave(self) -> None:
        """The head left its place: no preset and no park position is shown any more."""
        self.still_n = 0
        self.facts.put("preset", -1)
        self.facts.put("parked", False)

    def arrive(self, wanted: int | None = None) -> bool:
        """The head came to rest after a recall; False when it rests elsewhere than this preset did before, or when
        somebody recalled another than the one that is `wanted`.

        The codec acknowledges a recall whether or not the head follows; only a frame seen before can tell. A head
        that went, and rests elsewhere, found its preset stored anew: that frame is no measure any more."""
        number, self.pending = self.pending, None
        parking, self.parking = self.parking, None
        self.facts.put("moving", False)
        frame = None if number is None else self._frames.get(number)
        if number is None:
            return False
        if frame is not None and self._place is not None and not _near(frame, self._place):
            if self._from is not None and not _near(self._from, self._place):
                del self._frames[number]
            return False
        if self._place is not None:
            self._frames[number] = self._place
        self.facts.put("preset", number)
        self.facts.put("parked", number == parking)
        return wanted in (None, number)

    def stored(self, number: int) -> None:
        """The present frame, if it is known and at rest, was stored under this number."""
        if self._place is not None and self.still_n:
            self._frames[number] = self._place
            self.facts.put("preset", number)

    def set_awake(self, awake: bool) -> None:
        """The codec woke or went to sleep; the head follows it."""
        self.facts.put("power", "on" if awake else "standby")
        self.facts.put("ready", awake)

    def identify(self, model: str) -> None:
        """The codec that carries the camera said who it is."""
        self.facts.put("identity", f"codec:{model}")
        self.facts.put("answers", True)
        self.facts.put("fault", "")

    def unknown(self, answers: bool | None) -> None:
        """The codec cannot be asked."""
        self.pending, self._place, self.still_n = None, None, 0
        self.facts.put("answers", answers)
        self.facts.forget(_LIVE)


def _near(one: Position, other: Position) -> bool:
    """Is this the same place, but for the head's own play?"""
    apart = (one.pan - other.pan, one.tilt - other.tilt, one.zoom - other.zoom)
    return max(map(abs, apart)) <= STEADY
