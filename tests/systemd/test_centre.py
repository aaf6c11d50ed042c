"""The centre's unit under a real systemd, without broker and network: it starts, and what it may do is enough."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from controller.demo import trees
from controller.demo.binaries import ROOT
from tests.process.watch import until
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import UNITS

PYTHON = ".".join(map(str, sys.version_info[:2]))
SUITE = next((suite for suite, python in trees.SUITES.items() if python == PYTHON), None)
pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
    pytest.mark.skipif(SUITE is None, reason=f"no Debian here has Python {PYTHON}, for which our libraries are"),
]

UNIT = "diemcau-centre.service"
PROGRAM = "/mnt/program"
LIBRARIES = "/mnt/libraries"


def test_the_centre_is_ready_without_broker_and_network_and_a_wrong_file_is_not_tried_again(tmp_path: Path) -> None:
    """On the libraries of this checkout."""
    assert SUITE is not None
    machine = Machine(SUITE, tmp_path, {ROOT: PROGRAM, Path(sysconfig.get_path("purelib")): LIBRARIES})
    try:
        machine.write(f"/etc/systemd/system/{UNIT}", (UNITS / UNIT).read_text(encoding="utf-8"))
        machine.write("/etc/sysusers.d/centre.conf", (UNITS / "sysusers.d/centre.conf").read_text(encoding="utf-8"))
        words = "centre run --centre /etc/diemcau/centre.toml"
        machine.write(
            f"/etc/systemd/system/{UNIT}.d/here.conf",
            f"[Service]\nExecStart=\nExecStart=/usr/bin/python3 -P -m controller {words}\n"
            f"Environment=PYTHONPATH={PROGRAM}:{LIBRARIES}\n",
        )
        text = (UNITS / "centre.example.toml").read_text(encoding="utf-8")
        machine.write("/etc/diemcau/centre.toml", text)
        machine.boot()
        machine.tell("systemctl", "start", UNIT)
        page = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/').status)"
        assert machine.tell("python3", "-c", page).strip() == "200"
        assert machine.tell("stat", "-c", "%U", "/var/lib/diemcau-centre/centre.db").strip() == "diemcau-centre"
        machine.write("/etc/diemcau/centre.toml", "nothing = 1\n")
        machine.tell("systemctl", "restart", UNIT, check=False)
        until(lambda: machine.show(UNIT, "ActiveState") == "failed", "an end that stays", 60)
        assert machine.show(UNIT, "ExecMainStatus") == "78"
    finally:
        machine.remove()
