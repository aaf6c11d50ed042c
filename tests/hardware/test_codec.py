"""The codec as a device: its line's speeds, who is on it, and the same talk over a real port in real time."""

import threading
import time
from pathlib import Path

import pytest

from hardware import codec
from hardware.contract import Reading, Report
from hardware.pump import Pump
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.wire import SerialWire
from tests.hardware.protocols.polycom_room import Room


def test_who_answered() -> None:
    room = Room(codec.conversation(camera="main"), PolycomCodec(1))
    assert codec.who(room.ours) == (("codec", ""),)
    room.until(5_000)
    assert codec.who(room.ours) == (("codec", "RealPresence Group 700:82140E0A1234CN"),)
    assert codec.SPEEDS[0] == 9600


def clock_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.mark.process
def test_a_codec_on_a_pty_is_met_and_registered_with(tmp_path: Path) -> None:
    known, talk = threading.Event(), codec.conversation()

    def report(item: Report) -> None:
        if isinstance(item, Reading) and dict(item.values).get("in_call") is False:
            known.set()

    far = PtyFarEnd(PolycomCodec(1), tmp_path / "codec", clock_ms)
    far.start()
    pump = Pump("codec", SerialWire(str(tmp_path / "codec"), 9600), talk, report, clock_ms)
    pump.start()
    try:
        assert known.wait(30)
        assert codec.who(talk) == (("codec", "RealPresence Group 700:82140E0A1234CN"),)
    finally:
        assert pump.stop()
        far.stop()
