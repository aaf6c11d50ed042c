"""What a script of the VISCA line may want next. Values only.

A *script* is a generator that yields what it wants (`Say`, `Rest`, `Await`) and is resumed with a `Reply`; its
return value is its last word. Who may speak when is the slot's matter (visca_slot.py).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from hardware.protocols.visca_frames import Packet, Reply


@dataclass(frozen=True, slots=True)
class Say:
    """Send a packet and wait for its first reply. `urgent`: a stop; it goes out even when the camera is silent."""

    address: int
    packet: Packet
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Wait so long; resumed with SILENCE."""

    ms: int


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for the end of the command that was acknowledged in this socket, at most so long."""

    address: int
    socket: int
    ms: int


Step: TypeAlias = Say | Rest | Await
Script: TypeAlias = Generator[Step, Reply, str]
