"""What R14 compares in this room, as the core sees it. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hardware.contract import Value


class Setting(NamedTuple):
    """A setting of the codec that is compared; `path`: how the codec calls it; `restore`: put back where it has
    drifted."""

    name: str
    path: str
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """`approved`: fact or frame (`frame.<camera>.<preset>`) → what commissioning found and a person approved;
    `frame_steps`: steps of the camera that a recalled picture may stand beside its place."""

    settings: tuple[Setting, ...] = ()
    approved: tuple[tuple[str, Value], ...] = ()
    frame_steps: int = 40


NO_DRIFT = Drift()
