"""What a law may ask of the world, and the time in which it asks."""

from __future__ import annotations

from typing import Protocol

from controller.core.instant import Instant
from controller.core.room import Room


class Truth(Protocol):
    """What a law may ask of the world."""

    room: Room

    def contact(self, load: str) -> bool: ...

    def in_call(self) -> bool: ...

    def healthy_since_ms(self) -> int: ...

    def booted_ms(self) -> int: ...

    def shows(self, preset: int) -> bool: ...

    def line_part(self) -> str: ...

    def driven(self, load: str) -> bool:
        """Its line, whatever the contact does."""

    def sticks(self, load: str) -> bool:
        """Its line follows no order."""

    def fell(self) -> tuple[str, ...]:
        """Lines that moved when the Pi was last reset."""

    def keeps(self) -> bool:
        """The keeper can write what it must know after a reset."""

    def numbers(self) -> tuple[str, ...]:
        """Whom the codec is connected with."""

    def mic_open(self) -> bool: ...

    def computer_runs(self) -> bool:
        """A computer runs the meetings here, and it is up: a cut of its power would hurt it."""

    def people(self) -> int: ...

    def temp_c(self) -> float: ...


def world_ms(now: Instant, truth: Truth) -> int:
    """Time that goes on over restarts of the Pi."""
    return now.mono_ms + truth.booted_ms()
