"""The codec as a device: its line's speeds and who is on it."""

from hardware import codec
from hardware.sim.polycom import PolycomCodec
from tests.hardware.protocols.polycom_room import Room


def test_who_answered() -> None:
    room = Room(codec.conversation(camera="main"), PolycomCodec(1))
    assert codec.who(room.ours) == (("codec", ""),)
    room.until(5_000)
    assert codec.who(room.ours) == (("codec", "RealPresence Group 700:82140E0A1234CN"),)
    assert codec.SPEEDS[0] == 9600
