"""The wires: no pulse at start, no release at exit, proved with a chip that writes down every call.

Each proof runs in a process of its own, because what is proved is how the process begins and ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.keeper_table import Line
from hardware.relays import Bank, GpiozeroWires, LineError

FAKE = Path(__file__).parent / "fake_lgpio"
ROOT = Path(__file__).parents[2]

CODEC = Line("codec", 17)
LAMP = Line("ready", 5, kind="lamp")
LOW = Line("board", 22, active_high=False)

# How the two ways of the product and, for comparison, gpiozero as it comes put two lines on the chip.
OURS = """
from hardware.keeper_table import Line
from hardware.relays import Bank, GpiozeroWires, LgpioWires, steady_factory
bank = Bank({wires}, (Line("high", 17), Line("low", 22, active_high=False)))
bank.apply({{"high": True, "low": False}})
print(bank.read(), bank.broken)
bank.apply({{"high": True, "low": True}})
print(bank.read())
"""
WAYS = {
    "lgpio": OURS.format(wires="LgpioWires()"),
    "gpiozero": OURS.format(wires="GpiozeroWires(steady_factory(0, 0xC03111))"),
}
STOCK = """
from gpiozero import Device, OutputDevice
from gpiozero.pins.lgpio import LGPIOFactory
class Pi4(LGPIOFactory):
    def _get_revision(self):
        return 0xC03111
Device.pin_factory = Pi4(0)
relays = OutputDevice(17, initial_value=True), OutputDevice(22, active_high=False)
relays[1].on()
"""


def run(script: str, folder: Path, **env: str) -> str:
    """What the script printed; the chip's log is `folder`/chip."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": f"{FAKE}:{ROOT}", "FAKE_LGPIO": str(folder / "chip"), **env},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def history(folder: Path, pin: int) -> list[object]:
    """What the wire did: its levels as driven, 'in' or 'free' where nobody drove it."""
    rows = [json.loads(row) for row in (folder / "chip").read_text().splitlines()]
    named = {"claim_input": "in", "free": "free"}
    return [named.get(row["call"], row["args"][-1]) for row in rows if row["args"] and row["args"][0] == pin]


def calls(folder: Path) -> list[str]:
    return [json.loads(row)["call"] for row in (folder / "chip").read_text().splitlines()]


@pytest.mark.process
@pytest.mark.parametrize("way", WAYS)
def test_a_line_is_claimed_with_its_level_written_when_it_changes_and_left_alone(way: str, tmp_path: Path) -> None:
    printed = run(WAYS[way], tmp_path)
    assert printed == "{'high': True, 'low': False} {}\n{'high': True, 'low': True}\n"
    assert history(tmp_path, 17) == [1]
    assert history(tmp_path, 22) == [1, 0]
    assert calls(tmp_path) == ["open", "claim_output", "claim_output", "write"]


@pytest.mark.process
def test_gpiozero_as_it_comes_shows_both_defects_on_the_same_chip(tmp_path: Path) -> None:
    run(STOCK, tmp_path)
    assert history(tmp_path, 17) == ["in", 0, 1, "in", "in"]
    assert history(tmp_path, 22) == ["in", 0, 1, 0, "in", "in"], (
        "0 = an active-low relay clicks before it is set off"
    )


@pytest.mark.process
@pytest.mark.parametrize("way", WAYS)
def test_a_second_process_finds_the_line_as_it_was_and_moves_nothing(way: str, tmp_path: Path) -> None:
    again = WAYS[way].replace('"low": False', '"low": True')
    run(WAYS[way], tmp_path)
    run(again, tmp_path)
    assert history(tmp_path, 17) == [1, 1]
    assert history(tmp_path, 22) == [1, 0, 0]


@pytest.mark.process
@pytest.mark.parametrize("way", WAYS)
def test_a_line_that_somebody_else_owns_is_told_and_the_others_work(way: str, tmp_path: Path) -> None:
    printed = run(WAYS[way], tmp_path, FAKE_LGPIO_BUSY="17")
    assert printed.startswith("{'high': None, 'low': False} {'high': 'high: GPIO 17: GPIO busy'}")


@pytest.mark.process
def test_the_header_is_found_by_label_and_an_expander_too(tmp_path: Path) -> None:
    script = OURS.format(wires="LgpioWires()").replace('Line("high", 17)', 'Line("high", 3, chip="pcf8574")')
    run(script, tmp_path)
    rows = [json.loads(row) for row in (tmp_path / "chip").read_text().splitlines()]
    assert [(row["chip"], *row["args"]) for row in rows if row["call"] == "claim_output"] == [(2, 3, 1), (0, 22, 1)]


@pytest.mark.process
def test_a_chip_that_is_not_there_breaks_its_lines_only(tmp_path: Path) -> None:
    script = OURS.format(wires="LgpioWires()").replace('Line("high", 17)', 'Line("high", 3, chip="pcf8575")')
    assert run(script, tmp_path).startswith("{'high': None, 'low': False} {'high': 'no GPIO chip pcf8575'}")


@pytest.mark.process
def test_gpiozero_without_its_chip_says_so_in_our_words(tmp_path: Path) -> None:
    script = """
from hardware.relays import LineError, steady_factory
try:
    steady_factory(9, 0xC03111)
except LineError as error:
    print(error)
"""
    (tmp_path / "chip").touch()
    assert run(script, tmp_path) == "gpiozero: can not open gpiochip\n"


# Mock factory: the demo's wires


def test_mock_pins_stand_where_the_table_says() -> None:
    factory = MockFactory()
    bank = Bank(GpiozeroWires(factory), (CODEC, LOW, LAMP, Line("far", 9, chip="pcf8574")))
    bank.apply({"codec": True, "board": True, "ready": False, "far": True})
    assert [bool(factory.pin(pin).state) for pin in (17, 22, 5)] == [True, False, False]
    assert bank.pins() == {"codec": True, "board": True, "ready": False, "far": True}
    bank.apply({"codec": True, "board": False, "ready": True, "far": False})
    assert [bool(factory.pin(pin).state) for pin in (17, 22, 5)] == [True, True, True]
    assert bank.read() == {"codec": True, "board": False, "far": False}


def test_a_pin_in_use_is_broken_until_it_is_free() -> None:
    factory = MockFactory()
    first = Bank(GpiozeroWires(factory), (CODEC,))
    first.apply({"codec": True})
    second = Bank(GpiozeroWires(factory), (Line("other", 17),))
    second.apply({"other": True})
    assert "in use" in second.broken["other"]
    assert second.read() == {"other": None}


# The bank on wires that fail


class Wires:
    """Wires in memory, which fail for the names in `bad`."""

    def __init__(self) -> None:
        self.high: dict[str, bool] = {}
        self.bad: set[str] = set()
        self.done: list[tuple[str, str, bool]] = []

    def _do(self, what: str, line: Line, high: bool) -> None:
        if line.name in self.bad:
            raise LineError(f"{line.name}: gone")
        self.done.append((what, line.name, high))
        self.high[line.name] = high

    def claim(self, line: Line, high: bool) -> None:
        self._do("claim", line, high)

    def write(self, line: Line, high: bool) -> None:
        self._do("write", line, high)

    def read(self, line: Line) -> bool:
        if line.name in self.bad:
            raise LineError(f"{line.name}: gone")
        return self.high[line.name]


def test_only_what_changes_is_written() -> None:
    wires = Wires()
    bank = Bank(wires, (CODEC, LOW))
    for _ in range(3):
        bank.apply({"codec": False, "board": False})
    bank.apply({"codec": True, "board": False})
    assert wires.done == [("claim", "codec", False), ("claim", "board", True), ("write", "codec", True)]


def test_a_line_that_moved_by_itself_is_read_and_written_anew_only_by_an_order() -> None:
    wires = Wires()
    bank = Bank(wires, (CODEC,))
    bank.apply({"codec": True})
    wires.high["codec"] = False
    assert bank.read() == {"codec": False}
    bank.apply({"codec": False})
    assert len(wires.done) == 1
    bank.apply({"codec": True})
    assert wires.done[-1] == ("write", "codec", True)


def test_a_lamp_is_read_only_when_it_cannot_be_driven() -> None:
    wires = Wires()
    bank = Bank(wires, (LAMP,))
    bank.apply({"ready": False})
    assert bank.read() == {}
    wires.bad = {"ready"}
    bank.apply({"ready": True})
    assert bank.read() == {"ready": None}


@pytest.mark.parametrize("dies_in", ["apply", "read"])
def test_a_line_that_dies_is_unknown_and_claimed_anew_when_mended(dies_in: str) -> None:
    wires = Wires()
    bank = Bank(wires, (CODEC, LOW))
    bank.apply({"codec": False, "board": False})
    wires.bad = {"codec"}
    bank.apply({"codec": dies_in == "apply", "board": True})
    assert bank.read() == {"codec": None, "board": True}
    assert bank.broken == {"codec": "codec: gone"}
    wires.bad = set()
    bank.apply({"codec": True, "board": True})
    assert bank.read()["codec"] is None
    bank.mend()
    bank.apply({"codec": True, "board": True})
    assert (wires.done[-1], bank.read()) == (("claim", "codec", True), {"codec": True, "board": True})
