"""What a simulated Polycom codec is made of: its faults, its far end, its calls and its camera's head.

Law: the far end of a wire; knows nothing of our side and shares no code with it. Time is an argument.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series; a report from a real
Group 700 (software 6.2.1) for the order and lateness of lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """What may be wrong with the device or its firmware; all can be changed while it runs."""

    lag: bool = False
    """The answer to a command is handed out only together with the next one."""
    late_echo: bool = False
    """`-> <command>` is printed two exchanges late."""
    blank_lines: bool = False
    line_end: str = "\r\n"
    """`\\r\\r\\n` on some ports."""
    split: bool = False
    """Lines come in two pieces with a pause."""
    noise: float = 0.0
    """Chance, for each line, of garbage before it."""
    deaf: bool = False
    """Acknowledges and does nothing."""
    already_active: bool = False
    """Every registration is answered as already active."""
    unknown: frozenset[str] = frozenset()
    """Beginnings of commands that this firmware does not know."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Beginning of a command → text of the `info:` line that refuses it."""
    loses_in_setup: bool = True
    """Commands are lost while a call is being set up, except hang-up and answer."""
    update_after_sleep: bool = False
    """Once asleep: updates its software, silent for five minutes, then restarts."""
    quiet_moves: bool = True
    """Camera moves are not answered."""
    asks_before_call: bool = False
    """A pop-up opens when somebody calls."""

    @property
    def plain(self) -> bool:
        """Lines come as they should."""
        return not (self.lag or self.late_echo or self.blank_lines or self.split or self.noise)


@dataclass(slots=True)
class FarEnd:
    """How the other site behaves when it is called."""

    answers: bool = True
    rings_ms: int = 3_000
    gives_up_ms: int = 45_000
    ends_ms: int = 1_500


@dataclass(slots=True)
class SimCall:
    """A call in the device; `state` as the manual's words in lower case."""

    id: int
    way: str
    number: str
    kbps: int
    name: str = ""
    state: str = "opened"
    kind: str = "videocall"
    muted: bool = False

    @property
    def line(self) -> str:
        mute = "muted" if self.muted else "notmuted"
        way = f"{self.way}:{self.kind}"
        return f"callinfo:{self.id}:{self.name}:{self.number}:{self.kbps}:{self.state}:{mute}:{way}"


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
