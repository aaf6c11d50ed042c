"""The codec as a device: its line's speeds, who is on it, and the same talk over a real port in real time."""

import threading
import time
from pathlib import Path

import pytest

from hardware import codec
from hardware.contract import Peer, Reading, Report
from hardware.pump import Pump
from hardware.sim.cisco import CiscoCodec
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.wire import SerialWire
from tests.hardware.codec_line import Line


@pytest.mark.parametrize(
    ("kind", "far", "identity", "speed"),
    [
        ("polycom", PolycomCodec(1), "RealPresence Group 700:82140E0A1234CN", 9600),
        ("cisco", CiscoCodec(1), "Cisco TelePresence SX20:FTT1923ABCD", 115200),
    ],
)
def test_who_answered(kind: str, far: Peer, identity: str, speed: int) -> None:
    room = Line(codec.conversation(kind, camera="main"), far)
    assert codec.who(room.ours) == (("codec", ""),)
    room.until(5_000)
    assert codec.who(room.ours) == (("codec", identity),)
    assert codec.SPEEDS[kind][0] == speed


def test_the_cisco_generations_default_speeds_are_hunted_for() -> None:
    assert codec.SPEEDS["cisco"][:2] == (115200, 38400)


def clock_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.mark.process
@pytest.mark.parametrize(
    ("kind", "peer", "identity"),
    [
        ("polycom", PolycomCodec(1), "RealPresence Group 700:82140E0A1234CN"),
        ("cisco", CiscoCodec(1), "Cisco TelePresence SX20:FTT1923ABCD"),
    ],
)
def test_a_codec_on_a_pty_is_met_and_registered_with(tmp_path: Path, kind: str, peer: Peer, identity: str) -> None:
    known, talk = threading.Event(), codec.conversation(kind)

    def report(item: Report) -> None:
        if isinstance(item, Reading) and dict(item.values).get("in_call") is False:
            known.set()

    far = PtyFarEnd(peer, tmp_path / "codec", clock_ms)
    far.start()
    pump = Pump("codec", SerialWire(str(tmp_path / "codec"), 9600), talk, report, clock_ms)
    pump.start()
    try:
        assert known.wait(30)
        assert codec.who(talk) == (("codec", identity),)
    finally:
        assert pump.stop()
        far.stop()
