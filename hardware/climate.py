"""Temperature, humidity and light from kernel files: hwmon, IIO and 1-Wire, found by `name`, never by number.

Must not live here: what a value means for the room, jumps and ranges (the core's), when to read (sampler.py).
A read may block for the conversion time (DS18B20: 750 ms). An error is a value: `error` carries the errno's
name and the figures are None; nothing is remembered, for a last number that is believed for ever is a lie.

Sources: kernel docs hwmon/sysfs-interface, hwmon/sht3x; ABI sysfs-bus-iio; w1/slaves/w1_therm; DS18B20 data
sheet (85 °C at power-on). Numbers change at every boot and with every driver loaded earlier.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hardware.contract import Reading

SYS = Path("/sys")

POWER_ON_C = 85.0
"""A DS18B20 that lost its supply for a moment answers exactly this until it has converted again."""

ABSENT_C = 125.0
"""Beyond the sensor's range (-55…125): 127.9 and -127 mean that nobody pulled the line down."""

_NUMBER = re.compile(r"\s*(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*", re.ASCII)
_W1 = re.compile(r"(?:[0-9a-f]{2} ){9}: crc=[0-9a-f]{2} (YES|NO)\n(?:[0-9a-f]{2} ){9}t=(-?[0-9]{1,6})\s*", re.ASCII)
_W1_NAME = re.compile(r"[0-9a-f]{2}-[0-9a-f]{12}")


class SensorError(OSError):
    """The sensor is there and cannot be believed; its errno says why (EBADMSG, ENODATA, ENODEV)."""


def milli(text: str) -> float:
    """m°C or m%RH as the kernel writes them, in °C or %RH. Raises SensorError (EBADMSG) for anything else."""
    return plain(text) / 1000.0


def plain(text: str) -> float:
    """A decimal number alone on its line. Raises SensorError (EBADMSG) for anything else."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise SensorError(errno.EBADMSG, f"not a number: {text[:20]!r}")
    return float(match[1])


def scaled(raw: str, offset: str, scale: str) -> float:
    """An IIO channel without `_input`: (raw + offset) × scale, in milli-units (ABI sysfs-bus-iio)."""
    return (plain(raw) + plain(offset)) * plain(scale) / 1000.0


def w1_slave(text: str) -> str:
    """m°C out of a `w1_slave` file. Raises SensorError: EBADMSG when its CRC is wrong or it is no such file."""
    match = _W1.fullmatch(text)
    if match is None or match[1] != "YES":
        raise SensorError(errno.EBADMSG, "CRC of the 1-Wire sensor is wrong")
    return match[2]


def w1_celsius(text: str) -> float:
    """°C of a DS18B20 from its m°C. Raises SensorError: ENODATA not converted yet, ENODEV nobody there."""
    celsius = milli(text)
    if celsius == POWER_ON_C:
        raise SensorError(errno.ENODATA, "has not measured since its supply came")
    if not -55.0 <= celsius <= ABSENT_C:
        raise SensorError(errno.ENODEV, "nobody answers on the 1-Wire line")
    return celsius


@dataclass(frozen=True, slots=True)
class Found:
    """A sensor's folder and which family of files it holds."""

    family: str
    folder: Path


def sensors(root: Path = SYS) -> Iterator[tuple[str, Found]]:
    """Every sensor the kernel knows now, as (name, place); names as in `find`."""
    return (
        (name if place.family == "w1" else f"{name}@{_device(place.folder)}", place) for name, place in _known(root)
    )


def _known(root: Path) -> Iterator[tuple[str, Found]]:
    """By the driver's word alone: to follow a folder to its device costs more than to read it."""
    for family, pattern in (("hwmon", "class/hwmon/hwmon*"), ("iio", "bus/iio/devices/iio:device*")):
        for folder in sorted(root.glob(pattern)):
            name = _name(folder)
            if name:
                yield name, Found(family, folder)
    for folder in sorted(root.glob("bus/w1/devices/*-*")):
        if _W1_NAME.fullmatch(folder.name):
            yield folder.name, Found("w1", folder)


def find(name: str, root: Path = SYS) -> Found:
    """The sensor `name`: the driver's word (`sht3x`), with its bus address where there are two
    (`sht3x@1-0045`), or a 1-Wire serial (`28-0316a2794dff`). Raises SensorError (ENODEV) when there is none."""
    word, _, device = name.partition("@")
    for known, place in _known(root):
        if known == word and (not device or _device(place.folder) == device):
            return place
    raise SensorError(errno.ENODEV, f"no sensor {name}")


def _name(folder: Path) -> str:
    try:
        return (folder / "name").read_text("ascii", errors="replace").strip()
    except OSError:
        return ""


def _device(folder: Path) -> str:
    # /sys/class/hwmon/hwmon2/device → …/i2c-1/1-0044; the IIO folder itself lies inside its device.
    link = folder / "device"
    return link.resolve().name if link.exists() else folder.resolve().parent.name


class ClimateSensor:
    """One sensor at one place of the room; `read` gives one reading of source `climate.<place>`."""

    def __init__(self, place: str, name: str, clock_ms: Callable[[], int], root: Path = SYS) -> None:
        self._source = f"climate.{place}"
        self._name = name
        self._clock_ms = clock_ms
        self._root = root

    def read(self) -> tuple[Reading, ...]:
        """Look for the sensor and read it; never raises OSError."""
        temp_c = humidity_pct = None
        error = ""
        try:
            # Looked for every time: after a new plug the same sensor has another number.
            place = find(self._name, self._root)
            temp_c = _temperature(place)
            humidity_pct = _humidity(place)
        except OSError as failed:
            error = errno.errorcode.get(failed.errno or 0, "EIO")
        values = (("temp_c", temp_c), ("humidity_pct", humidity_pct), ("error", error))
        return (Reading(self._source, values, self._clock_ms()),)


class LightSensor:
    """One light sensor (BH1750) at one place; `read` gives one reading of source `light.<place>`."""

    def __init__(self, place: str, name: str, clock_ms: Callable[[], int], root: Path = SYS) -> None:
        self._source, self._name = f"light.{place}", name
        self._clock_ms, self._root = clock_ms, root

    def read(self) -> tuple[Reading, ...]:
        """Look for the sensor and read it; never raises OSError."""
        lux, error = None, ""
        try:
            lux = _illuminance(find(self._name, self._root))
        except OSError as failed:
            error = errno.errorcode.get(failed.errno or 0, "EIO")
        return (Reading(self._source, (("lux", lux), ("error", error)), self._clock_ms()),)


def _illuminance(place: Found) -> float:
    """Lux: the ABI's `_input` is in lux already, `_raw` × `_scale` likewise. Raises SensorError (ENODEV) for a
    sensor that measures no light."""
    folder = place.folder
    done = folder / "in_illuminance_input"
    if place.family == "iio" and done.exists():
        return plain(_text(done))
    if place.family != "iio" or not (folder / "in_illuminance_raw").exists():
        raise SensorError(errno.ENODEV, f"{folder.name} measures no light")
    # A scale without a file of its own is 1 (ABI sysfs-bus-iio).
    scale = folder / "in_illuminance_scale"
    return round(plain(_text(folder / "in_illuminance_raw")) * plain(_text(scale) if scale.exists() else "1"), 1)


def _temperature(place: Found) -> float:
    if place.family == "w1":
        return _w1(place.folder)
    if place.family == "hwmon":
        return milli(_text(place.folder / "temp1_input"))
    return _channel(place.folder, "in_temp")


def _humidity(place: Found) -> float | None:
    """None when this sensor has no humidity at all, which is no error."""
    if place.family == "hwmon":
        path = place.folder / "humidity1_input"
        return milli(_text(path)) if path.exists() else None
    if place.family == "iio" and any(place.folder.glob("in_humidityrelative_*")):
        return _channel(place.folder, "in_humidityrelative")
    return None


def _channel(folder: Path, channel: str) -> float:
    done = folder / f"{channel}_input"
    if done.exists():
        return milli(_text(done))
    offset = folder / f"{channel}_offset"
    return scaled(
        _text(folder / f"{channel}_raw"),
        _text(offset) if offset.exists() else "0",
        _text(folder / f"{channel}_scale"),
    )


def _w1(folder: Path) -> float:
    quick = folder / "temperature"
    return w1_celsius(_text(quick) if quick.exists() else w1_slave(_text(folder / "w1_slave")))


def _text(path: Path) -> str:
    text = path.read_text("ascii", errors="replace")
    if not text.strip():
        # An empty file is how some drivers say that the bus gave nothing.
        raise SensorError(errno.ENODATA, f"{path.name} is empty")
    return text
