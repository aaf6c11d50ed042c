"""`pytest --hardware room.toml`: the codec's suite runs over the port that the file names; without it not at all.

The devices here are simulated ones on ptys; the pytest is a process of its own, as a person would start it at the
bench.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hardware.contract import Peer
from hardware.sim.cisco import CiscoCodec
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms

ROOT = Path(__file__).parents[2]
SUITE = "tests/hardware/classes/test_codec_class.py"
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


def pytest_words(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE, *words]
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
    assert "22 passed" in done.stdout, done.stdout
