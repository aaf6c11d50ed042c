"""What simulated codecs have in common because it is no part of their protocol: the site at the other end of a
call, and a camera's head that travels.

Law: the far end of a wire; knows nothing of our side and shares no code with it. Time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class FarEnd:
    """How the other site behaves when it is called."""

    answers: bool = True
    rings_ms: int = 3_000
    gives_up_ms: int = 45_000
    ends_ms: int = 1_500


Place = tuple[float, float, float]
LIMITS = ((-880.0, 880.0), (-300.0, 300.0), (0.0, 1023.0))
SPEED = 0.3
"""Steps per millisecond: end to end in six seconds."""


class Head:
    """The camera's head: it travels, and remembers presets over a loss of power."""

    def __init__(self) -> None:
        self._from: Place = (0.0, 0.0, 0.0)
        self._to: Place = (0.0, 0.0, 0.0)
        self._since_ms = 0
        self.presets: dict[int, Place] = {}
        self.continuous = False

    def place(self, now_ms: int) -> Place:
        """Where it points now."""
        way = SPEED * max(0, now_ms - self._since_ms)
        at = [one + max(-way, min(way, two - one)) for one, two in zip(self._from, self._to, strict=True)]
        return (at[0], at[1], at[2])

    def go(self, to: Place, now_ms: int) -> None:
        """Begin to travel."""
        self._from, self._to, self._since_ms = self.place(now_ms), to, now_ms

    def move(self, word: str, now_ms: int) -> None:
        """One word of `camera near move`."""
        if word in ("continuous", "discrete"):
            self.continuous = word == "continuous"
            return
        axis, side = {
            "left": (0, 0),
            "right": (0, 1),
            "down": (1, 0),
            "up": (1, 1),
            "zoom-": (2, 0),
            "zoom+": (2, 1),
        }.get(word, (-1, 0))
        to = list(self.place(now_ms))
        if axis >= 0:
            step = 20 if side else -20
            low, high = LIMITS[axis]
            to[axis] = LIMITS[axis][side] if self.continuous else max(low, min(high, to[axis] + step))
        self.go((to[0], to[1], to[2]), now_ms)
