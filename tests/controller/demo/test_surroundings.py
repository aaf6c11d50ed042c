"""The demo's battery and air, and the files that the product's own sensor code reads."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from controller.demo.paper import I2C_SENSOR, W1_SENSOR
from controller.demo.surroundings import Air, Battery, SensorFiles
from hardware.climate import ClimateSensor
from hardware.host import Host

ON = ("network", "codec", "camera")


def test_on_mains_a_full_battery_says_online() -> None:
    told = Battery().turn(0, ON)
    assert (told["ups.status"], told["battery.charge"], told["input.voltage"]) == ("OL", "100", "221.0")


def test_on_battery_charge_and_runtime_fall_until_it_is_low() -> None:
    battery = Battery(mains=False)
    battery.turn(0, ON)
    first, last = battery.turn(10, ON), battery.turn(170, ON)
    assert first["ups.status"] == "OB DISCHRG"
    assert float(first["battery.charge"]) > float(last["battery.charge"])
    assert float(first["battery.runtime"]) > float(last["battery.runtime"])
    assert last["ups.status"] == "OB DISCHRG LB"


def test_fewer_loads_last_longer() -> None:
    much, little = Battery(mains=False), Battery(mains=False)
    for battery, on in ((much, ON), (little, ("network",))):
        battery.turn(0, on)
        battery.turn(60, on)
    assert little.charge_pct > much.charge_pct


def test_with_the_mains_back_it_charges_and_says_so() -> None:
    battery = Battery(charge_pct=50)
    battery.turn(0, ON)
    assert battery.turn(6, ON)["ups.status"] == "OL CHRG"
    assert battery.turn(600, ON)["ups.status"] == "OL"


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans(), st.sets(st.sampled_from(ON))), max_size=20))
def test_the_charge_stays_between_empty_and_full(turns: list[tuple[float, bool, set[str]]]) -> None:
    battery, now_s = Battery(), 0.0
    for step_s, mains, on in turns:
        now_s += step_s
        battery.mains = mains
        told = battery.turn(now_s, on)
        assert 0 <= battery.charge_pct <= 100
        assert told["ups.status"].split()[0] == ("OL" if mains else "OB")


def test_the_cabinet_warms_with_its_loads_and_cools_with_the_fan() -> None:
    air = Air()
    air.turn(0, ())
    for second in range(1, 200):
        warm = air.turn(second, ("network", "display", "camera", "codec", "mixer", "amplifier"))[2]
    for second in range(200, 400):
        cool = air.turn(second, ("network", "codec", "camera", "display", "mixer", "amplifier", "fan"))[2]
    assert warm > 28
    assert cool < 26


def test_the_sensors_of_the_product_read_the_files(tmp_path: Path) -> None:
    files = SensorFiles(tmp_path)
    files.write(26.25, 61.5, 31.0)
    room, cabinet = (ClimateSensor(p, n, lambda: 7, tmp_path) for p, n in (("r", I2C_SENSOR), ("c", W1_SENSOR)))
    assert dict(room.read()[0].values) == {"temp_c": 26.25, "humidity_pct": 61.5, "error": ""}
    assert dict(cabinet.read()[0].values)["temp_c"] == 31.0
    assert dict(Host(tmp_path, lambda: 7, tmp_path).read()[0].values)["cpu_temp_c"] == 47.2


def test_a_dead_sensor_gives_an_error_and_comes_back(tmp_path: Path) -> None:
    files = SensorFiles(tmp_path)
    room = ClimateSensor("room", I2C_SENSOR, lambda: 7, tmp_path)
    files.write(26, 60, 30)
    files.dead.add("room")
    files.write(26, 60, 30)
    assert dict(room.read()[0].values) == {"temp_c": None, "humidity_pct": None, "error": "ENOENT"}
    files.dead.clear()
    files.write(26, 60, 30)
    assert dict(room.read()[0].values)["temp_c"] == 26.0
