"""What commissioning must know of a room: plain values, so that its scripts need neither pydantic nor a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.contract import Value


@dataclass(frozen=True, slots=True)
class Outlet:
    """One load. `shows`: the facts that say *it works*; `silent`: the fact that says *it has no power*, '' = only
    the UPS's load or a person can tell. `floor_s`: the least time off of its class (N11). `computer`: one that runs
    the meeting hangs on it, and is never cut while it runs."""

    name: str
    label: str
    cls: str
    on_ups: bool = False
    survives: bool = False
    shows: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    silent: str = ""
    floor_s: float = 5.0
    warm_s: float = 0.0
    computer: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A seat and its picture."""

    name: str
    label: str
    camera: str
    preset: int


@dataclass(frozen=True, slots=True)
class Site:
    """The room on paper. `inputs` and `lamps`: name → role. `sources`: what must say who it is, with the fact that
    shows it. `unused`: ports and sensors of this Pi that room.toml does not name."""

    slug: str
    name: str
    outlets: tuple[Outlet, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    lamps: Mapping[str, str] = field(default_factory=dict)
    seats: tuple[Frame, ...] = ()
    sources: tuple[tuple[str, str, Value], ...] = ()
    codec: bool = False
    mutes: bool = False
    ups: bool = False
    buzzer: str = ""
    unused: tuple[str, ...] = ()

    def outlet(self, name: str) -> Outlet:
        return next(row for row in self.outlets if row.name == name)

    def lamp(self, role: str) -> str:
        """The first lamp of this role, '' = none is wired."""
        return next((name for name, its in self.lamps.items() if its == role), "")

    def has(self, source: str) -> bool:
        return any(row[0] == source for row in self.sources)
