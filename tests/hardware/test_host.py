"""The Pi's own health from a tree of kernel files, and from this machine."""

from pathlib import Path

import pytest

from hardware.contract import FIELDS
from hardware.host import Host, cpu_temp_c, disk_free_pct, integer, throttling, undervoltage


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_this_machine(tmp_path: Path) -> None:
    (reading,) = Host(tmp_path, lambda: 5, tmp_path).read()
    values = dict(reading.values)
    assert (reading.source, reading.at_ms, list(values)) == ("host", 5, list(FIELDS["host"]))
    assert (values["cpu_temp_c"], values["undervoltage"], values["throttled"]) == (None, None, None)
    for name in ("disk_free_pct", "memory_free_pct"):
        share = values[name]
        assert isinstance(share, float)
        assert 0 <= share <= 100
    assert isinstance(values["uptime_s"], int)
    assert values["uptime_s"] > 0


def test_the_processors_zone_is_found_by_type(tmp_path: Path) -> None:
    write(tmp_path / "class/thermal/thermal_zone0/type", "gpu\n")
    write(tmp_path / "class/thermal/thermal_zone0/temp", "40000\n")
    assert cpu_temp_c(tmp_path) == 40.0
    write(tmp_path / "class/thermal/thermal_zone1/type", "cpu-thermal\n")
    write(tmp_path / "class/thermal/thermal_zone1/temp", "61234\n")
    assert cpu_temp_c(tmp_path) == 61.234
    write(tmp_path / "class/thermal/thermal_zone1/temp", "?\n")
    assert cpu_temp_c(tmp_path) is None


@pytest.mark.parametrize(
    "place", ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware"], ids=["Pi 4", "Pi 5"]
)
def test_throttling(tmp_path: Path, place: str) -> None:
    assert throttling(tmp_path) is None
    path = tmp_path / "devices/platform" / place / "get_throttled"
    write(path, "50005\n")
    assert throttling(tmp_path) == 0x50005
    write(path, "0x0\n")
    assert throttling(tmp_path) == 0
    write(path, "garbage\n")
    assert throttling(tmp_path) is None


def test_undervoltage(tmp_path: Path) -> None:
    assert undervoltage(tmp_path, None) is None
    assert undervoltage(tmp_path, 0x50000) is False
    assert undervoltage(tmp_path, 0x50005) is True
    write(tmp_path / "class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path / "class/hwmon/hwmon1/name", "rpi_volt\n")
    assert undervoltage(tmp_path, 1) is True
    write(tmp_path / "class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert undervoltage(tmp_path, 1) is False
    write(tmp_path / "class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert undervoltage(tmp_path, 0) is True


def test_a_disk_that_is_not_there(tmp_path: Path) -> None:
    assert disk_free_pct(tmp_path / "none") is None


def test_integers() -> None:
    assert (integer("-5\n"), integer(""), integer("5.0")) == (-5, None, None)
