"""`pytest --hardware room.toml`: the suites of the classes run over what the file names; without it not at all.

The devices here are simulated ones on ptys; the pytest is a process of its own, as a person would start it at the
bench.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hardware.contract import Peer
from hardware.sim.camera import CameraChain
from hardware.sim.cisco import CiscoCodec
from hardware.sim.listen import ListenFarEnd
from hardware.sim.megatec import MegatecUps
from hardware.sim.modbus import SensorBus
from hardware.sim.pjlink import PjLinkServer, Projector
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms
from hardware.sim.ups import SimUps

ROOT = Path(__file__).parents[2]
SUITE = "tests/hardware/classes/test_codec_class.py"
DEVICES = "tests/hardware/classes/test_device_classes.py"
ROOM = """
[room]
slug = "bench"
name = "Bench"
[loads.codec]
class = "codec"
pin = 17
contact = "latching"
[codec]
kind = "{kind}"
load = "codec"
port = "{port}"
period_s = 5
"""


def pytest_words(*words: str, suite: str = SUITE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", suite, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)


@pytest.mark.process
def test_without_a_bench_no_case_of_it_is_collected() -> None:
    collected = pytest_words("--collect-only").stdout
    assert "[polycom]" in collected
    assert "bench" not in collected
    assert "skipped" not in collected


@pytest.mark.process
@pytest.mark.parametrize(("kind", "peer"), [("polycom", PolycomCodec(1)), ("cisco", CiscoCodec(1))])
def test_the_suite_over_a_port(tmp_path: Path, kind: str, peer: Peer) -> None:
    running = PtyFarEnd(peer, tmp_path / "codec", monotonic_ms)
    running.start()
    room = tmp_path / "room.toml"
    room.write_text(ROOM.format(kind=kind, port=tmp_path / "codec"), encoding="utf-8")
    try:
        done = pytest_words("--hardware", str(room), "-k", "bench")
    finally:
        running.stop()
    assert done.returncode == 0, done.stdout
    assert "23 passed" in done.stdout, done.stdout


WHOLE = """
[room]
slug = "bench"
name = "Bench"
[keeper]
socket = "{folder}/none.sock"
[loads.camera]
class = "camera"
pin = 17
contact = "latching"
[loads.wall]
class = "display"
pin = 27
wake = "pjlink"
host = "127.0.0.1"
port = {wall}
[cameras.main]
load = "camera"
port = "{folder}/camera"
period_s = 1
[ups]
kind = "megatec"
serial = "{folder}/ups"
period_s = 2
[climate.room.modbus]
port = "{folder}/bus"
"""


@pytest.mark.process
def test_the_other_classes_over_ports_and_a_socket(tmp_path: Path) -> None:
    """Everything but the relays, which are a keeper's (tests/hardware/test_keeper_process.py)."""
    peers: dict[str, Peer] = {"camera": CameraChain(), "ups": MegatecUps(SimUps()), "bus": SensorBus()}
    ends = [PtyFarEnd(peer, tmp_path / name, monotonic_ms) for name, peer in peers.items()]
    body = Projector()
    wall = ListenFarEnd(lambda: PjLinkServer(body), ("127.0.0.1", 0), monotonic_ms)
    room = tmp_path / "room.toml"
    try:
        wall.start()
        for end in ends:
            end.start()
        room.write_text(WHOLE.format(folder=tmp_path, wall=wall.port), encoding="utf-8")
        done = pytest_words("--hardware", str(room), "-k", "bench and not relay", suite=DEVICES)
    finally:
        wall.stop()
        for end in ends:
            end.stop()
    assert done.returncode == 0, done.stdout
    assert "17 passed" in done.stdout, done.stdout
