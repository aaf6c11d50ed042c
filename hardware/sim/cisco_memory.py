"""What a simulated Cisco codec is made of: its faults, its calls, its settings.

Law: the far end of a wire; knows nothing of our side and shares no code with it. Time is an argument.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11), xConfiguration, xStatus Call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Path = tuple[str, ...]


@dataclass(slots=True)
class Faults:
    """What may be wrong with the device or its software; all can be changed while it runs."""

    lf: bool = False
    """Lines end in LF alone: not a fault but how jsxapi reads its first `OK`."""
    lag_ms: int = 0
    """Answers come so much later."""
    interleave: bool = False
    """A block of feedback stands between a command and its result."""
    blank_lines: bool = False
    split: bool = False
    """Lines come in two pieces with a pause."""
    noise: float = 0.0
    """Chance, for each line, of garbage before it."""
    deaf: bool = False
    """Acknowledges and does nothing."""
    no_end: bool = False
    """Answers to queries lack `** end`."""
    no_tags: bool = False
    """`resultId` is not given back."""
    half_json: int = 0
    """So many objects are cut off in the middle."""
    unknown: frozenset[str] = frozenset()
    """Beginnings of commands, in lower case, that this software does not know."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Beginning of a command, in lower case → reason of the error with which it is answered."""
    update_after_sleep: bool = False
    """Once asleep: updates its software, silent for five minutes, then restarts."""
    tells_presets: bool = True
    """Raises events when a preset is recalled or stored: older releases do not."""
    loses_feedback: bool = False
    """Registrations are acknowledged and lost."""


@dataclass(slots=True)
class SimCall:
    """A call in the device; `state` as its Status in lower case."""

    id: int
    way: str
    number: str
    kbps: int
    name: str = ""
    state: str = "dialling"
    kind: str = "Video"
    since_ms: int = 0


STATES = {"dialling": "Dialling", "ringing": "Ringing", "connecting": "Connecting", "connected": "Connected"}


class Settings:
    """xConfiguration: path → value, and which values a path takes. Outlives the power."""

    def __init__(self, conference: Path) -> None:
        on_off = ("On", "Off")
        numbers = tuple(map(str, range(481)))
        self._allowed: dict[Path, tuple[str, ...]] = {
            (*conference, "AutoAnswer", "Mode"): on_off,
            (*conference, "AutoAnswer", "Mute"): on_off,
            (*conference, "AutoAnswer", "Delay"): numbers[:51],
            (*conference, "MicUnmuteOnDisconnect", "Mode"): on_off,
            ("Standby", "Control"): on_off,
            ("Standby", "Delay"): numbers[1:],
            ("SerialPort", "BaudRate"): ("9600", "19200", "38400", "57600", "115200"),
            ("SystemUnit", "Name"): (),
        }
        values = ("Off", "Off", "2", "On", "On", "10", "115200", "Phong hop")
        self.values: dict[Path, str] = dict(zip(self._allowed, values, strict=True))
        self.conference = conference

    def get(self, *tail: str) -> str:
        """The value whose path ends so."""
        return next(value for path, value in self.values.items() if path[-len(tail) :] == tail)

    def find(self, words: Path) -> list[tuple[Path, str]]:
        """Every setting under a path."""
        wanted = tuple(word.lower() for word in words)
        return [(p, v) for p, v in self.values.items() if tuple(w.lower() for w in p)[: len(wanted)] == wanted]

    def set(self, words: Path, value: str) -> bool:
        """Change one; False for a value that it does not take."""
        path = self.find(words)[0][0]
        allowed = self._allowed[path]
        found = next((word for word in allowed if word.lower() == value.lower()), value if not allowed else None)
        if found is not None:
            self.values[path] = found
        return found is not None
