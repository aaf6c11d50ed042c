"""Climate sensors on a bus: the readings of hwmon, whatever the register map; and every way to fail by name."""

from __future__ import annotations

import pytest

from hardware.contract import Order, OrderId, Reading, Result, Stage
from hardware.protocols.modbus_climate import ClimateUnit, ModbusClimate, Register
from hardware.sim.modbus import Bus, ClimateSlave
from tests.hardware.protocols.bus_kit import Line

MD02 = ClimateUnit("room", 1, 4, Register(1, 0.1, signed=True), Register(2, 0.1))


def a_line(*units: ClimateUnit, slaves: tuple[ClimateSlave, ...] = (), cut: int = 64) -> Line:
    talk = ModbusClimate(units or (MD02,))
    talk.opened(0)
    return Line(talk, Bus(slaves or (ClimateSlave(),)), cut)


def readings(line: Line) -> list[dict[str, object]]:
    return [{**dict(r.values), "source": r.source} for r in line.reports if isinstance(r, Reading)]


@pytest.mark.parametrize("cut", [1, 3, 64])
def test_a_reading_is_that_of_a_kernel_sensor(cut: int) -> None:
    line = a_line(slaves=(ClimateSlave(1, -20.5, 54.6),), cut=cut).run(2_000)
    good = {"source": "climate.room", "temp_c": -20.5, "humidity_pct": 54.6, "error": ""}
    assert readings(line) == [good]


def test_it_is_read_every_period() -> None:
    assert len(readings(a_line().run(91_000))) == 4


def test_two_sensors_on_one_bus_are_asked_in_turn() -> None:
    other = ClimateUnit("cabinet", 2, 4, Register(1, 0.1, signed=True), None)
    line = a_line(MD02, other, slaves=(ClimateSlave(1, 21.0, 50.0), ClimateSlave(2, 33.3, 40.0))).run(1_000)
    told = {str(row["source"]): (row["temp_c"], row["humidity_pct"]) for row in readings(line)}
    assert told == {"climate.room": (21.0, 50.0), "climate.cabinet": (33.3, None)}


def test_a_clone_with_another_scale_and_unsigned() -> None:
    word = ClimateUnit("room", 1, 4, Register(1, 0.01), None)
    assert readings(a_line(word, slaves=(ClimateSlave(1, -0.1),)).run(1_000))[0]["temp_c"] == 655.35


@pytest.mark.parametrize(
    ("fault", "error"),
    [("silent", "ETIMEDOUT"), ("bad_crc", "EBADMSG"), ("other_unit", "EADDRNOTAVAIL"), ("unpowered", "ETIMEDOUT")],
)
def test_a_fault_has_a_name_and_ends(fault: str, error: str) -> None:
    line = a_line()
    setattr(line.bus.faults, fault, True)
    told = readings(line.run(10_000))
    assert [(row["temp_c"], row["error"]) for row in told] == [(None, error)]
    setattr(line.bus.faults, fault, False)
    assert readings(line.run(30_000))[-1]["error"] == ""


def test_a_refused_register() -> None:
    line = a_line(ClimateUnit("room", 1, 4, Register(9), None)).run(2_000)
    assert readings(line)[-1]["error"] == "EREMOTEIO"


@pytest.mark.parametrize("fault", ["noise", "prints"])
def test_a_dirty_line_is_read_all_the_same(fault: str) -> None:
    line = a_line()
    setattr(line.bus.faults, fault, True)
    assert readings(line.run(61_000))[-1]["error"] == ""


def test_a_late_answer_belongs_to_nobody() -> None:
    line = a_line()
    line.bus.faults.late_ms = 1_600
    assert {row["error"] for row in readings(line.run(29_000))} == {"ETIMEDOUT"}


def test_an_unplugged_adaptor_is_told_at_every_period() -> None:
    line = a_line().run(1_000)
    line.ours.closed(line.now_ms)  # type: ignore[attr-defined]
    assert [row["error"] for row in readings(line.run(60_000))] == ["", "ENODEV", "ENODEV"]


def test_it_takes_no_orders() -> None:
    talk = ModbusClimate((MD02,))
    talk.pace(1)
    talk.ask(Order(OrderId("b", 1), "climate.room", 1, 100), 5)
    assert talk.take()[1] == (Result(OrderId("b", 1), Stage.REFUSED, "unknown_target", 5),)
