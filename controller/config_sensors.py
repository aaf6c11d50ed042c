"""room.toml: sensors of climate and light, and relay boards on a bus."""

from __future__ import annotations

from typing import Literal

from controller.config_base import AbsolutePath, Name, Sampled, Strict, key, need

DATA = "data sheet"
Baud = Literal[1200, 2400, 4800, 9600, 14400, 19200, 38400, 57600, 115200]
Parity = Literal["none", "even", "odd"]


class ModbusSensor(Strict):
    """A climate sensor on RS-485; the defaults are those of an XY-MD02: `[climate.room.modbus]`."""

    port: AbsolutePath = need("serial port of its bus, by path; not that of a relay board")
    baud: Baud = key(9600, "bits per second, the same for all on the bus", "XY-MD02")
    parity: Parity = key("none", "some units come with even", "XY-MD02, users' reports")
    unit: int = key(1, "its address on the bus", "XY-MD02", ge=1, le=247)
    function: Literal[3, 4] = key(4, "4 input registers, 3 holding registers", "XY-MD02; SHTC3 clones: 3")
    temp_register: int = key(1, "register of the temperature", "XY-MD02", ge=0, le=65535)
    temp_scale: float = key(0.1, "°C for one unit of it", "XY-MD02; MD02 clones: 0.01", gt=0, le=100)
    temp_signed: bool = key(True, "below zero as two's complement", "XY-MD02: 0xFF33 = −20.5 °C")
    humidity_register: int = key(2, "register of the humidity; -1 = it has none", "XY-MD02", ge=-1, le=65535)
    humidity_scale: float = key(0.1, "% for one unit of it", "XY-MD02; MD02 clones: 0.01", gt=0, le=100)


class Board(Strict):
    """A Modbus relay board on a supply and an RS-485 adaptor of its own: `[boards.main]`."""

    port: AbsolutePath = need("serial port of its bus, by path; the keeper opens it")
    baud: Baud = key(9600, "bits per second, the same for all on the bus", "Waveshare and clones")
    parity: Parity = key("none", "parity of the bus", "Waveshare and clones")
    unit: int = key(1, "its address on the bus", "Waveshare and clones", ge=1, le=247)
    write: Literal[5, 15] = key(5, "function that switches a coil", "Waveshare and clones: both")


class Light(Sampled):
    """One place with a light sensor: `[light.table]`."""

    sensor: str = need(
        "the kernel's name of the sensor (bh1750, with two of them bh1750@1-0023)",
        pattern=r"^[A-Za-z0-9_.:@-]{1,40}$",
    )
    period_s: float = key(30, "how often it is read", "a room's light changes by a switch", ge=5, le=300)


class Climate(Sampled):
    """One place with a temperature, perhaps a humidity: `[climate.room]`; by the kernel (`sensor`) or `modbus`."""

    sensor: str | None = key(
        None,
        "the kernel's name of the sensor (sht3x, with two of them sht3x@1-0045) or its 1-Wire serial",
        "hwmon, IIO, w1",
        pattern=r"^[A-Za-z0-9_.:@-]{1,40}$",
    )
    modbus: ModbusSensor | None = key(None, "the sensor's registers, where it hangs on RS-485", "Modbus")
    period_s: float = key(30, "how often it is read", "sht4x: at least 2 s", ge=5, le=300)
    people: bool = key(True, "people sit here; false: a cabinet, only the equipment's limits count", "R4")
    fan: Name | None = key(None, "load that cools it", "R4")
    dryer: Name | None = key(None, "load that dries it", "R4")
