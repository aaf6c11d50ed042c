"""Both ends of a Polycom codec's line on simulated time, for the tests."""

from __future__ import annotations

from hardware.contract import Conversation, Peer
from hardware.protocols.polycom import Polycom
from hardware.sim.polycom import PolycomCodec
from tests.hardware.codec_line import MINUTE_MS, Line, done

__all__ = ["MINUTE_MS", "Room", "as_conversation", "as_peer", "done", "settled"]


class Room(Line[Polycom, PolycomCodec]):
    """A Polycom and our side of it, unless others are given."""

    def __init__(
        self, ours: Polycom | None = None, far: PolycomCodec | None = None, open_port: bool = True
    ) -> None:
        super().__init__(ours or Polycom(), far or PolycomCodec(seed=3), open_port)


def settled(ours: Polycom | None = None, far: PolycomCodec | None = None) -> Room:
    """A room whose codec has been met, registered with and asked."""
    room = Room(ours, far)
    room.until(10_000)
    return room


def as_conversation(ours: Polycom) -> Conversation:
    """The type checker's word that it is one."""
    return ours


def as_peer(far: PolycomCodec) -> Peer:
    """The type checker's word that it is one."""
    return far
