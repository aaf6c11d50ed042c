"""Kernel files in a tree of our own: both families and 1-Wire, renumbered, broken and gone."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.climate import (
    ClimateSensor,
    LightSensor,
    SensorError,
    find,
    milli,
    plain,
    scaled,
    sensors,
    w1_celsius,
    w1_slave,
)

GOOD_W1 = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def hwmon(root: Path, number: int, name: str, address: str = "1-0044", **files: str) -> Path:
    """As the kernel does it: the class folder holds links into the device's own folder."""
    device = root / "devices" / "i2c-1" / address
    real = write(device / "hwmon" / f"hwmon{number}", name=name + "\n", **files)
    (real / "device").symlink_to(device)
    (root / "class/hwmon").mkdir(parents=True, exist_ok=True)
    (root / f"class/hwmon/hwmon{number}").symlink_to(real)
    return real


def iio(root: Path, number: int, name: str, **files: str) -> Path:
    real = write(root / "devices" / "dht@4" / f"iio:device{number}", name=name + "\n", **files)
    (root / "bus/iio/devices").mkdir(parents=True, exist_ok=True)
    (root / f"bus/iio/devices/iio:device{number}").symlink_to(real)
    return real


def read(root: Path, name: str = "sht3x") -> dict[str, object]:
    (reading,) = ClimateSensor("room", name, lambda: 77, root).read()
    assert (reading.source, reading.at_ms) == ("climate.room", 77)
    return dict(reading.values)


def test_hwmon(tmp_path: Path) -> None:
    hwmon(tmp_path, 3, "cpu_thermal", "soc", temp1_input="50000\n")
    hwmon(tmp_path, 4, "sht3x", temp1_input="23125\n", humidity1_input="61250\n")
    assert read(tmp_path) == {"temp_c": 23.125, "humidity_pct": 61.25, "error": ""}


def test_a_new_number_at_every_boot_and_plug(tmp_path: Path) -> None:
    sensor = ClimateSensor("room", "sht3x", lambda: 0, tmp_path)
    for number in (0, 7, 2):
        real = hwmon(tmp_path, number, "sht3x", temp1_input=f"{number}500\n", humidity1_input="50000")
        assert dict(sensor.read()[0].values)["temp_c"] == number + 0.5
        (tmp_path / f"class/hwmon/hwmon{number}").unlink()
        for path in sorted(real.iterdir()):
            path.unlink()
        assert dict(sensor.read()[0].values) == {"temp_c": None, "humidity_pct": None, "error": "ENODEV"}


def test_two_of_a_kind_are_told_apart_by_their_bus_address(tmp_path: Path) -> None:
    hwmon(tmp_path, 0, "sht3x", "1-0044", temp1_input="20000", humidity1_input="1000")
    hwmon(tmp_path, 1, "sht3x", "1-0045", temp1_input="30000", humidity1_input="2000")
    assert read(tmp_path, "sht3x@1-0045")["temp_c"] == 30.0
    assert read(tmp_path, "sht3x@1-0044")["temp_c"] == 20.0
    assert [name for name, _ in sensors(tmp_path)] == ["sht3x@1-0044", "sht3x@1-0045"]


def test_iio(tmp_path: Path) -> None:
    iio(tmp_path, 0, "dht11", in_temp_input="28000\n", in_humidityrelative_input="72000\n")
    assert read(tmp_path, "dht11") == {"temp_c": 28.0, "humidity_pct": 72.0, "error": ""}
    assert read(tmp_path, "dht11@dht@4")["temp_c"] == 28.0


def test_iio_raw_channels(tmp_path: Path) -> None:
    iio(
        tmp_path, 1, "si7020",
        in_temp_raw="6500", in_temp_scale="10.725", in_temp_offset="-4368.913",
        in_humidityrelative_raw="3000", in_humidityrelative_scale="20",
    )  # fmt: skip
    values = read(tmp_path, "si7020")
    assert values["temp_c"] == pytest.approx(22.856, abs=0.01)
    assert values["humidity_pct"] == 60.0


def test_ds18b20_both_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "bus/w1/devices/28-0316a2794dff", w1_slave=GOOD_W1)
    write(tmp_path / "bus/w1/devices/w1-bus-master1", name="x")
    assert read(tmp_path, "28-0316a2794dff") == {"temp_c": 23.125, "humidity_pct": None, "error": ""}
    write(folder, temperature="-1250\n")
    assert read(tmp_path, "28-0316a2794dff")["temp_c"] == -1.25
    write(folder, temperature="85000\n")
    assert read(tmp_path, "28-0316a2794dff") == {"temp_c": None, "humidity_pct": None, "error": "ENODATA"}
    write(folder, temperature="-127000\n")
    assert read(tmp_path, "28-0316a2794dff")["error"] == "ENODEV"


def test_only_temperature_is_no_error(tmp_path: Path) -> None:
    hwmon(tmp_path, 0, "lm75", temp1_input="21000")
    iio(tmp_path, 0, "max31856", in_temp_raw="2100", in_temp_scale="10")
    assert read(tmp_path, "lm75") == {"temp_c": 21.0, "humidity_pct": None, "error": ""}
    assert read(tmp_path, "max31856") == {"temp_c": 21.0, "humidity_pct": None, "error": ""}


def test_errors_of_the_kernel_are_values(tmp_path: Path) -> None:
    real = hwmon(tmp_path, 0, "sht3x", temp1_input="23000", humidity1_input="x")
    assert read(tmp_path) == {"temp_c": 23.0, "humidity_pct": None, "error": "EBADMSG"}
    (real / "temp1_input").write_text("\n")
    assert read(tmp_path)["error"] == "ENODATA"
    (real / "temp1_input").unlink()
    assert read(tmp_path)["error"] == "ENOENT"
    (real / "temp1_input").mkdir()
    assert read(tmp_path) == {"temp_c": None, "humidity_pct": None, "error": "EISDIR"}


def test_an_input_error_of_the_bus(tmp_path: Path) -> None:
    """Our own memory's file gives a true EIO where nothing is mapped: as a sensor that was unplugged does."""
    real = hwmon(tmp_path, 0, "sht3x")
    (real / "temp1_input").symlink_to("/proc/self/mem")
    assert read(tmp_path) == {"temp_c": None, "humidity_pct": None, "error": "EIO"}


def test_folders_without_a_name_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "class/hwmon/hwmon0")
    write(tmp_path / "class/hwmon/hwmon1", name="\n")
    with pytest.raises(SensorError, match="no sensor sht3x"):
        find("sht3x", tmp_path)


def test_the_real_tree_of_this_machine_is_readable() -> None:
    assert all(os.fspath(place.folder) for _, place in sensors())


@pytest.mark.parametrize("text", ["", "nan", "1e3", "12 13", "--5", "0x20", "١٢", "1" * 10])
def test_no_numbers(text: str) -> None:
    with pytest.raises(SensorError):
        milli(text)


def test_numbers() -> None:
    assert milli("-40000\n") == -40.0
    assert plain(" 12.5\n") == 12.5
    assert scaled("100", "0", "10") == 1.0


@pytest.mark.parametrize("text", ["", GOOD_W1.replace("YES", "NO"), GOOD_W1.replace("t=", "t= "), "YES\nt=1\n"])
def test_a_wrong_crc(text: str) -> None:
    assert w1_slave(GOOD_W1) == "23125"
    with pytest.raises(SensorError):
        w1_slave(text)


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_a_sensor_error(text: str) -> None:
    for parse in (milli, w1_slave, w1_celsius):
        with suppress(SensorError):
            parse(text)


# Light


def lux(root: Path, name: str = "bh1750") -> tuple[object, object]:
    (reading,) = LightSensor("table", name, lambda: 5, root).read()
    assert (reading.source, reading.at_ms) == ("light.table", 5)
    values = dict(reading.values)
    return values["lux"], values["error"]


def test_raw_counts_times_scale_are_lux(tmp_path: Path) -> None:
    iio(tmp_path, 3, "bh1750", in_illuminance_raw="416\n", in_illuminance_scale="0.833333\n")
    assert lux(tmp_path) == (346.7, "")


def test_a_driver_that_reckons_itself_and_one_without_a_scale(tmp_path: Path) -> None:
    real = iio(tmp_path, 1, "bh1750", in_illuminance_raw="416\n")
    assert lux(tmp_path) == (416.0, "")
    write(real, in_illuminance_input="512.5\n")
    assert lux(tmp_path) == (512.5, "")


@pytest.mark.parametrize(("files", "error"), [({"in_illuminance_raw": "\n"}, "ENODATA"), ({}, "ENODEV")])
def test_a_light_sensor_that_says_nothing(tmp_path: Path, files: dict[str, str], error: str) -> None:
    iio(tmp_path, 1, "bh1750", **files)
    assert lux(tmp_path) == (None, error)


def test_a_thermometer_measures_no_light_and_an_absent_sensor_is_said(tmp_path: Path) -> None:
    hwmon(tmp_path, 3, "sht3x", temp1_input="1")
    assert lux(tmp_path, "sht3x") == (None, "ENODEV")
    assert lux(tmp_path, "veml7700") == (None, "ENODEV")
