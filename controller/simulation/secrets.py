"""The passwords of a simulated room: what its files hold, and what its devices want."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords of this room's devices, as its files have them; `theirs`: what the devices want, where that is
    another. '' = a port that asks for none."""

    codec: str = ""
    display: str = ""
    ups: str = "secret"
    theirs: str = ""


OPEN = Secrets()
