"""The controller as a real process with devices on real wires: a camera and a codec on ptys, a real upsd."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from controller.demo.services import UPS_NAME, Ups
from hardware.contract import Peer
from hardware.sim.camera import CameraChain
from hardware.sim.cisco import CiscoCodec
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from tests.process.house import House
from tests.process.watch import until

pytestmark = [pytest.mark.process, pytest.mark.services]

SPEEDS = ({"speeds": [9600, 115200]}, {"speeds": [9600, 38400]})
"""As in room.example.toml; both devices are at the second, as in the demo."""


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@pytest.mark.parametrize(("kind", "peer"), [("polycom", PolycomCodec()), ("cisco", CiscoCodec())])
def test_devices_answer_whenever_they_come_and_switch_nothing(tmp_path: Path, kind: str, peer: Peer) -> None:
    camera = PtyFarEnd(CameraChain(), tmp_path / "camera", now_ms, 38_400)
    codec = PtyFarEnd(peer, tmp_path / "codec", now_ms, 115_200)
    ups = Ups(tmp_path / "ups")
    try:
        camera.start()
        port = ups.start()
        with House(
            codec={"kind": kind, "load": "mixer", "port": str(tmp_path / "codec"), "period_s": 5, **SPEEDS[0]},
            cameras={"main": {"load": "light", "port": str(tmp_path / "camera"), "period_s": 2, **SPEEDS[1]}},
            ups={"host": "127.0.0.1", "port": port, "name": UPS_NAME, "period_s": 2},
        ) as house:
            watcher = house.start_keeper()
            house.start()
            until(lambda: house.detail("camera", "main.answers") is True, "the camera answers")
            until(lambda: house.detail("ups", "source") == "mains", "the UPS answers")
            assert house.detail("codec", "answers") is not True
            codec.start()
            until(lambda: house.detail("codec", "answers") is True, "a codec that was plugged in later answers")
            ups.set(**{"ups.status": "OB DISCHRG"})
            until(lambda: house.detail("ups", "source") == "battery", "on battery")
            assert house.end() == 0
            assert watcher.moves() == []
    finally:
        ups.stop()
        codec.stop()
        camera.stop()
