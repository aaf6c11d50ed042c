"""Cisco's own library (jsxapi, MIT) drives our far end on a pty: an independent reader of what it says.

The library knows how a codec logs in, answers and tells; where our far end said it otherwise, it would wait for
ever, refuse, or tell another value. Its first `OK` must end in LF alone, as over SSH, for which it was made.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo import binaries, outside
from hardware.sim.cisco import CiscoCodec
from hardware.sim.codec_parts import FarEnd
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms

pytestmark = pytest.mark.services

DRIVE = outside.SOURCE / "drive.js"
PASSWORD = "mat-khau"


def drive(folder: Path, far: CiscoCodec, *words: str) -> list[tuple[str, object]]:
    """What the library saw, in order."""
    far.faults.lf = True
    far.far_end(FarEnd(rings_ms=300, ends_ms=200))
    running = PtyFarEnd(far, folder / "codec", monotonic_ms)
    running.start()
    node = binaries.find("node")
    assert node is not None, "node is missing: run `make setup-tests`"
    env = {**os.environ, "NODE_PATH": str(outside.modules())}
    try:
        command = [str(node), str(DRIVE), str(folder / "codec"), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    finally:
        running.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    return [pair for line in done.stdout.splitlines() for pair in json.loads(line).items()]


@pytest.fixture(params=["", PASSWORD], ids=["open", "login"])
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[tuple[str, object]]]:
    far = CiscoCodec(1, password=request.param)
    yield drive(tmp_path, far, *filter(None, [request.param]))
    assert all("resultId" in command for _, command in list(far.received)[2:])


def values(seen: list[tuple[str, object]], name: str) -> list[object]:
    return [value for key, value in seen if key == name]


def test_the_library_has_a_whole_call_with_our_far_end(seen: list[tuple[str, object]]) -> None:
    assert seen[:2] == [("ready", True), ("product", "Cisco TelePresence SX20")]
    assert values(seen, "volume") == ["50", "30"]
    assert values(seen, "autoanswer") == ["On"]
    calls = values(seen, "call")
    assert calls == ["Dialling", "Connecting", "Ringing", "Connecting", "Connected", "Disconnecting", "ghost"]
    (call_id,) = values(seen, "dialled")
    assert values(seen, "listed") == [[[call_id, "mcu@example.com", "Connected"]]]
    assert values(seen, "gone") == [call_id]
    assert values(seen, "cause") == ["LocalDisconnect"]


def test_errors_and_the_microphone_that_opens_at_hang_up(seen: list[tuple[str, object]]) -> None:
    assert values(seen, "refused") == [
        "Unknown command",
        "No match on address expression",
        "Invalid or missing parameters",
    ]
    assert values(seen, "mute") == ["On", "Off"]
