"""The controller as a real process beside a real keeper: start, one press, kill, stop, wrong words."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.house import House
from tests.process.watch import LOADS, WAIT_S, until

pytestmark = pytest.mark.process

ON = [(name, True) for name in LOADS]


@pytest.fixture
def house() -> Iterator[House]:
    with House() as made:
        yield made


def test_it_says_that_it_is_ready_and_alive_and_stops_when_told(house: House) -> None:
    watcher = house.start_keeper()
    house.start()
    for _ in range(3):
        house.systemd.until("WATCHDOG=1")
    house.systemd.until("STATUS=off")
    assert house.end() == 0
    house.systemd.until("STOPPING=1")
    assert watcher.moves() == []
    assert house.verify().returncode == 0


def test_one_press_powers_up_without_network_clock_or_calendar_and_outlives_a_restart(house: House) -> None:
    house.start()
    watcher = house.start_keeper()  # whoever comes later is found
    house.press()
    until(lambda: watcher.on(*LOADS), "all loads on")
    assert watcher.moves() == ON
    until(lambda: watcher.on("ready"), "the lamp says so")
    until(lambda: house.view()["state"]["phase"] == "ready", "the view says so")
    assert house.detail("loads", "light", "code") == "R1.press"
    assert house.end() == 0
    (house.folder / "run/state.json").unlink()
    house.start()
    until(lambda: (house.view().get("state") or {}).get("phase") == "ready", "it rules again")
    house.systemd.until("WATCHDOG=1")
    assert watcher.moves() == ON


def test_killed_in_the_middle_of_a_power_up_nothing_falls_and_the_rest_follows(house: House) -> None:
    watcher = house.start_keeper()
    house.start()
    house.press()
    until(lambda: watcher.on("light"), "the first load on")
    assert house.end(signal.SIGKILL) == -signal.SIGKILL
    house.start()
    until(lambda: watcher.on(*LOADS), "all loads on")
    house.systemd.until("WATCHDOG=1")
    assert watcher.moves() == ON, "each load came on once, and none went off between"
    assert house.end() == 0
    assert house.verify().returncode == 0


def test_a_wrong_word_ends_with_78_and_opens_nothing(house: House) -> None:
    watcher = house.start_keeper()
    house.room.write_text(house.room.read_text(encoding="utf-8").replace("lease_s", "lease"), encoding="utf-8")
    house.start(wait=False)
    assert house.process is not None
    assert house.process.wait(WAIT_S) == 78
    assert "keeper.lease" in house.log
    assert not house.journal.exists()
    assert not (house.folder / "pins").exists()
    assert watcher.moves() == []


def test_who_reads_the_configuration_ends_with_the_controller(house: House) -> None:
    house.room.unlink()
    os.mkfifo(house.room)  # nobody will ever write: its reader would wait for good
    house.start(wait=False)
    assert house.process is not None
    pid = house.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    until(lambda: bool(children.read_text(encoding="ascii").split()), "the reader was started")
    (reader,) = children.read_text(encoding="ascii").split()
    house.end(signal.SIGKILL)
    until(lambda: not lives(int(reader)), "it ended too")


def lives(pid: int) -> bool:
    """A process that nobody has waited for yet has ended all the same."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def test_a_plan_that_was_kept_starts_the_same_room(house: House) -> None:
    house.start_keeper()
    house.start()
    first = house.view().get("detail", {}).get("loads")
    assert house.end() == 0
    kept = house.folder / "cache" / "plan"
    assert kept.exists()
    made_ns = kept.stat().st_mtime_ns
    house.start()
    assert house.end() == 0
    assert first is not None
    assert house.view()["detail"]["loads"].keys() == first.keys()
    assert kept.stat().st_mtime_ns == made_ns, "nobody made it again"


DEATH = """
import sys, threading
from pathlib import Path
from gpiozero.pins.mock import MockFactory
from controller.cli_run import live

def pins(*_):
    def boom():
        raise RuntimeError("this thread dies")
    threading.Thread(target=boom, name="doomed").start()
    return MockFactory()

sys.exit(live([Path(sys.argv[1])], pins, Path(sys.argv[2])))
"""


def test_a_thread_that_dies_ends_the_process_loudly(house: House) -> None:
    watcher = house.start_keeper()
    house.start(DEATH, wait=False)
    assert house.process is not None
    assert house.process.wait(WAIT_S) == 1
    assert "this thread dies" in house.log
    assert watcher.moves() == []
    assert house.verify().returncode == 0, "the journal was closed in order"


PINLESS = """
import sys
from pathlib import Path
from controller.cli_run import live

def pins(*_):
    raise OSError("no such chip")

sys.exit(live([Path(sys.argv[1])], pins, Path(sys.argv[2])))
"""


def test_pins_that_cannot_be_opened_cost_the_buttons_and_not_the_room(house: House) -> None:
    house.start_keeper()
    house.start(PINLESS)
    until(lambda: (house.view().get("state") or {}).get("phase") == "off", "it rules")
    assert "panel.absent" in house.log
    assert "no such chip" in house.log
    assert house.end() == 0
