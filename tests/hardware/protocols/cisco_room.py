"""Both ends of a Cisco codec's line on simulated time, for the tests."""

from __future__ import annotations

import re

from hardware.contract import Value
from hardware.protocols.cisco import Cisco
from hardware.sim.cisco import CiscoCodec
from tests.hardware.codec_line import MINUTE_MS, Line, done

__all__ = ["MCU", "MINUTE_MS", "Room", "bare", "done", "settled"]

MCU: Value = ("10.1.0.1", "sip", 1024)


class Room(Line[Cisco, CiscoCodec]):
    """A Cisco and our side of it, unless others are given."""

    def __init__(self, ours: Cisco | None = None, far: CiscoCodec | None = None, open_port: bool = True) -> None:
        super().__init__(ours or Cisco(), far or CiscoCodec(seed=3), open_port)


def settled(ours: Cisco | None = None, far: CiscoCodec | None = None) -> Room:
    """A room whose codec has been met, registered with and asked."""
    room = Room(ours, far)
    room.until(15_000)
    return room


def bare(texts: list[str]) -> list[str]:
    """Commands without their tags."""
    return [re.sub(r' \| resultId="dc\d+"$', "", text) for text in texts]
