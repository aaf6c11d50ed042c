"""What a simulated Polycom codec is made of: its faults and its calls.

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
