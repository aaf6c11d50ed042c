"""The Pi itself: temperature, supply, throttling, disk, memory, load. One reading of source `host`.

The only file that imports psutil. Must not live here: what is too hot or too full (rules). What this machine
does not have (a PC has no under-voltage alarm) is None.

Sources: Raspberry Pi kernel drivers raspberrypi-hwmon (name `rpi_volt`, in0_lcrit_alarm, sampled every 2 s) and
raspberrypi firmware (`get_throttled`, hexadecimal: bit 0 under-voltage now, 1 capped, 2 throttled, 3 soft
limit, 16–19 the same since boot; writing a mask would clear bits, we only read); thermal sysfs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from hardware.contract import Reading

SYS = Path("/sys")

_THROTTLED = "devices/platform/soc*/soc*:firmware/get_throttled"
"""soc/soc:firmware on a Pi 3 and 4, soc@107c000000/… on a Pi 5."""

_CPU_ZONES = ("cpu-thermal", "cpu_thermal", "x86_pkg_temp", "soc_thermal")

_HEX = re.compile(r"(?:0x)?([0-9a-f]{1,8})\s*", re.ASCII | re.IGNORECASE)
_INT = re.compile(r"(-?[0-9]{1,9})\s*", re.ASCII)


class Host:
    """Reads this machine. `journal` is a folder on the disk whose space matters."""

    def __init__(self, journal: Path, clock_ms: Callable[[], int], root: Path = SYS) -> None:
        self._journal = journal
        self._clock_ms = clock_ms
        self._root = root

    def read(self) -> tuple[Reading, ...]:
        """One reading; never raises OSError."""
        throttled = throttling(self._root)
        values = (
            ("cpu_temp_c", cpu_temp_c(self._root)),
            ("undervoltage", undervoltage(self._root, throttled)),
            ("throttled", throttled),
            ("disk_free_pct", disk_free_pct(self._journal)),
            ("memory_free_pct", round(100.0 - psutil.virtual_memory().percent, 1)),
            ("load_1m", round(psutil.getloadavg()[0], 2)),
            # The boot's own clock: the wall clock jumps when a Pi without RTC first hears of the time.
            ("uptime_s", int(time.clock_gettime(time.CLOCK_BOOTTIME))),
        )
        return (Reading("host", values, self._clock_ms()),)


def cpu_temp_c(root: Path = SYS) -> float | None:
    """Temperature of the processor; the first zone when none is named after it."""
    zones = sorted(root.glob("class/thermal/thermal_zone*"))
    named = [zone for zone in zones if _text(zone / "type").strip() in _CPU_ZONES]
    for zone in [*named, *zones][:1]:
        milli = integer(_text(zone / "temp"))
        return None if milli is None else milli / 1000.0
    return None


def undervoltage(root: Path, throttled: int | None) -> bool | None:
    """Supply below 4.63 V now: the voltage monitor's alarm, else the firmware's bit, else unknown."""
    for folder in sorted(root.glob("class/hwmon/hwmon*")):
        if _text(folder / "name").strip() == "rpi_volt":
            alarm = integer(_text(folder / "in0_lcrit_alarm"))
            if alarm is not None:
                return alarm != 0
    return None if throttled is None else bool(throttled & 1)


def throttling(root: Path = SYS) -> int | None:
    """The firmware's throttling bits."""
    for path in sorted(root.glob(_THROTTLED)):
        match = _HEX.fullmatch(_text(path))
        return None if match is None else int(match[1], 16)
    return None


def disk_free_pct(folder: Path) -> float | None:
    """Free space for us (not for root) where `folder` lies."""
    try:
        return round(100.0 - psutil.disk_usage(str(folder)).percent, 1)
    except OSError:
        return None


def integer(text: str) -> int | None:
    """A whole number alone in a file, else None."""
    match = _INT.fullmatch(text)
    return None if match is None else int(match[1])


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace")
    except OSError:
        return ""
