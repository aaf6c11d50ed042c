"""17. No simulator to test without hardware."""

from __future__ import annotations

import subprocess
import sys

from controller.simulation.simulate import Job, simulate
from tests.hardware.keeper_process import ROOT
from tests.scenarios.kit import without

HARDWARE = ("lgpio", "gpiozero", "serial", "paho", "paho.mqtt")


def simulated(*missing: str) -> subprocess.CompletedProcess[str]:
    """Two days with all faults on a machine that lacks these modules."""
    script = (
        f"import sys\nfor name in {missing!r}: sys.modules[name] = None\nfrom controller.cli import main\nmain()"
    )
    words = [sys.executable, "-c", script, "simulate", "--days", "2", "--seed", "4", "--faults", "all"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_whole_room_lives_without_any_hardware_library_or_network() -> None:
    done = simulated(*HARDWARE)
    assert done.returncode == 0, done.stderr[-2000:]


def test_without_its_far_ends_there_is_no_simulation() -> None:
    assert simulated("hardware.sim.polycom").returncode != 0


def test_a_room_without_power_up_and_readiness_breaks_a_law() -> None:
    assert simulate(Job(3, 41, ())).report.violations == []
    run = simulate(Job(3, 41, ()), rules=without("power_up", "readiness"), stop_at_violation=True)
    assert run.report.violations
