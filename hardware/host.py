"""The Pi itself: temperature, supply, throttling, disk, memory, load. One reading of source `host`.

Must not live here: what is too hot or too full (rules). What this machine does not have (a PC has no under-voltage
alarm) is None. Three figures of files are read here and not by psutil: it costs 1 MiB and 20 ms of every start.

Sources: Raspberry Pi kernel drivers raspberrypi-hwmon (name `rpi_volt`, in0_lcrit_alarm, sampled every 2 s) and
raspberrypi firmware (`get_throttled`, hexadecimal: bit 0 under-voltage now, 1 capped, 2 throttled, 3 soft
limit, 16–19 the same since boot; writing a mask would clear bits, we only read); thermal sysfs; proc(5) meminfo,
statvfs(3).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from hardware.contract import Reading

SYS = Path("/sys")
PROC = Path("/proc")

_THROTTLED = "devices/platform/soc*/soc*:firmware/get_throttled"
"""soc/soc:firmware on a Pi 3 and 4, soc@107c000000/… on a Pi 5."""

_CPU_ZONES = ("cpu-thermal", "cpu_thermal", "x86_pkg_temp", "soc_thermal")

_MEMORY = re.compile(r"^(MemTotal|MemAvailable):\s+([0-9]{1,15}) kB$", re.ASCII | re.MULTILINE)
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
            ("memory_free_pct", memory_free_pct()),
            ("load_1m", load_1m()),
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
    """Free space for us where `folder` lies, of the space that is ours at all: what root keeps back is neither."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    ours = found.f_blocks - found.f_bfree + found.f_bavail
    return round(100.0 * found.f_bavail / ours, 1) if ours else None


def memory_free_pct(proc: Path = PROC) -> float | None:
    """Memory that programs can have without swapping: the kernel's own estimate."""
    rows = dict(_MEMORY.findall(_text(proc / "meminfo")))
    total, free = int(rows.get("MemTotal", 0)), rows.get("MemAvailable")
    return round(100.0 * int(free) / total, 1) if total and free is not None else None


def load_1m() -> float | None:
    """How many programs ran or waited for a processor, over the last minute."""
    try:
        return round(os.getloadavg()[0], 2)
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
