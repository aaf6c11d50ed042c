"""`diemcau demo --headless` as a person starts it: real broker, real upsd, our own processes; and clearing away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.services, pytest.mark.process]
DEMO = [sys.executable, "-m", "controller", "demo"]
DAY_S = 290
"""The day takes some 130 s; a machine that is busy with other tests may need twice that."""


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    env = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(
        [*DEMO, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ours(folder: Path) -> list[str]:
    """Command lines of living processes that work in the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def gone(folder: Path) -> None:
    """All processes of the demo are; one that was killed may be seen for a moment."""
    end = time.monotonic() + 10
    while left := ours(folder):
        assert time.monotonic() < end, left


@pytest.mark.timeout(DAY_S + 30)
def test_a_whole_meeting_day_is_observed(tmp_path: Path) -> None:
    with start(tmp_path, "--headless", "--speed", "1000", "--lang", "en") as demo:
        said = demo.communicate(timeout=DAY_S)[0]
    assert demo.returncode == 0, said
    assert (last := re.fullmatch(r"demo day: (\d+) of (\d+) steps observed", said.splitlines()[-1])), said
    assert last[1] == last[2]
    gone(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(90)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, "--lang", "en") as demo:
        assert demo.stdout is not None
        assert "Ctrl-C" in demo.stdout.readline()  # all is started by then
        demo.send_signal(number)
        said = demo.communicate(timeout=60)[0]
    assert demo.returncode == 130, said
    gone(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("--speed", "0"), ("--speed", "x"), ("--r9", "off"), ("--no-such",)])
def test_a_wrong_word_starts_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    with start(tmp_path, *words) as demo:
        demo.communicate(timeout=60)
    assert demo.returncode == 64
    assert list(tmp_path.iterdir()) == []
