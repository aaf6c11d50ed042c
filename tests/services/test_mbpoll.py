"""mbpoll, a Modbus master by other people (Debian package), reads and writes our far ends on a pty."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from controller.demo import binaries
from hardware.sim.serve import Carrier, carrier

pytestmark = pytest.mark.services


@pytest.fixture
def line(tmp_path: Path) -> Path:
    return tmp_path / "bus"


def started(kind: str, line: Path, *faults: str) -> Carrier:
    far_end = carrier(kind, str(line), faults=faults)
    far_end.start()
    return far_end


def mbpoll(line: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = binaries.find("mbpoll")
    assert program is not None, "make setup-tests"
    common = [str(program), "-m", "rtu", "-b", "9600", "-P", "none", "-1", "-0", "-o", "1.0"]
    return subprocess.run([*common, *words], capture_output=True, text=True, timeout=30, check=False)


def test_it_reads_the_sensor(line: Path) -> None:
    far_end = started("modbus", line)
    try:
        said = mbpoll(line, "-a", "1", "-t", "3", "-r", "1", "-c", "2", str(line))
    finally:
        far_end.stop()
    assert said.returncode == 0, said.stderr
    assert [row.split()[-1] for row in said.stdout.splitlines() if row.startswith("[")] == ["265", "620"]


def test_it_switches_and_reads_the_relays(line: Path) -> None:
    far_end = started("relayboard", line)
    try:
        wrote = mbpoll(line, "-a", "1", "-t", "0", "-r", "0", str(line), "1", "0", "1")
        one = mbpoll(line, "-a", "1", "-t", "0", "-r", "5", str(line), "1")
        read = mbpoll(line, "-a", "1", "-t", "0", "-r", "0", "-c", "8", str(line))
    finally:
        far_end.stop()
    assert (wrote.returncode, one.returncode, read.returncode) == (0, 0, 0), wrote.stderr + one.stderr
    values = [row.split()[-1] for row in read.stdout.splitlines() if row.startswith("[")]
    assert values == ["1", "0", "1", "0", "0", "1", "0", "0"]


def test_it_notices_a_wrong_check(line: Path) -> None:
    far_end = started("modbus", line, "bad_crc")
    try:
        said = mbpoll(line, "-a", "1", "-t", "3", "-r", "1", str(line))
    finally:
        far_end.stop()
    assert "CRC" in said.stdout + said.stderr
