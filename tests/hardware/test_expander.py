"""Inputs of an expander on a chip that writes down what is done to it: by label, edges, levels, no interrupt.

Each in a process of its own, because lgpio is what is imported there.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardware.contract import Reading, Report
from hardware.panel import InputSpec, Panel
from tests.hardware.test_relays import run

SCRIPT = """
import lgpio
from hardware.contract import Edge
from hardware.expander import Expanders
from hardware.panel import InputSpec, Panel
from gpiozero.pins.mock import MockFactory
told = []
inputs = (
    InputSpec("door", 3, chip="pcf8574"),
    InputSpec("smoke", 4, active_low=False, chip="{chip}"),
)
clock = [1_000]
panel = Panel(inputs, told.append, MockFactory(), lambda: clock[0], expanders=Expanders)
panel.levels()
lgpio.drive(2, 3, 0)
clock[0] = 2_000
lgpio.drive(2, 4, 0)
panel.levels()
for report in told:
    print(type(report).__name__, report.input if isinstance(report, Edge) else "", getattr(report, "down", ""))
print(dict(told[0].values), dict(told[-1].values), panel.faults)
panel.stop()
"""


def calls(folder: Path) -> list[tuple[str, int, list[int]]]:
    rows = [json.loads(row) for row in (folder / "chip").read_text().splitlines()]
    return [(row["call"], row["chip"], row["args"]) for row in rows]


def test_found_by_label_edges_wake_and_levels_are_reconciled(tmp_path: Path) -> None:
    said = run(SCRIPT.format(chip="pcf8574"), tmp_path).splitlines()
    assert said == [
        "Reading  ",
        "Edge door True",
        "Edge smoke False",
        "Reading  ",
        "{'door': False, 'smoke': True} {'door': True, 'smoke': False} {}",
    ]
    done = calls(tmp_path)
    assert ("claim_alert", 2, [3, 32]) in done
    assert done[-1] == ("close", 2, [])
    assert [call for call in done if call[0] == "close"] == [("close", 0, []), ("close", 1, []), ("close", 2, [])]


def test_a_chip_without_an_interrupt_is_seen_when_levels_are_looked_at(tmp_path: Path) -> None:
    said = run(SCRIPT.format(chip="pcf8574"), tmp_path, FAKE_LGPIO_NO_IRQ="2").splitlines()
    # The change is told as an edge of the moment in which it was seen.
    assert said[-1] == "{'door': False, 'smoke': True} {'door': True, 'smoke': False} {}"
    assert said.count("Edge door True") == 1
    assert ("claim_input", 2, [3]) in calls(tmp_path)


def test_a_chip_that_is_not_there_costs_its_own_lines_only(tmp_path: Path) -> None:
    said = run(SCRIPT.format(chip="mcp23017"), tmp_path).splitlines()
    assert "'smoke': None} {'door': True, 'smoke': None}" in said[-1]
    assert "no GPIO chip mcp23017" in said[-1]


def test_a_line_that_somebody_else_owns(tmp_path: Path) -> None:
    said = run(SCRIPT.format(chip="pcf8574"), tmp_path, FAKE_LGPIO_NO_IRQ="2", FAKE_LGPIO_BUSY="4").splitlines()
    assert "GPIO busy" in said[-1]
    assert "{'door': False, 'smoke': None}" in said[-1]


@pytest.mark.parametrize("chip", ["pcf8574"])
def test_without_expanders_such_an_input_is_not_readable(chip: str) -> None:
    from gpiozero.pins.mock import MockFactory

    told: list[Report] = []
    panel = Panel((InputSpec("door", 3, chip=chip), InputSpec("power", 4)), told.append, MockFactory())
    panel.levels()
    assert isinstance(told[0], Reading)
    assert dict(told[0].values) == {"door": None, "power": False}
    assert "no expander" in panel.faults["door"]
