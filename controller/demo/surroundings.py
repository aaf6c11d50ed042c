"""What surrounds the demo's room: a battery that follows its loads, and the air in room and cabinet, as the kernel
files that real sensors give.

`Battery` and `Air` are pure (time is an argument, in seconds); `SensorFiles` writes the files. Sources: NUT user
manual (variables, status words of "ups.status"); kernel documentation of hwmon sysfs-interface and w1_therm.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from controller.demo.paper import I2C_SENSOR, W1_SENSOR

WATTS = {"network": 15, "codec": 90, "camera": 20}
"""What hangs on the UPS of the example room, and the Pi itself."""
PI_WATTS = 10
NOMINAL_WATTS = 900
FULL_S = 180.0
"""Full to empty at the load of a meeting: a battery whose end is seen within a demo."""
RUNTIME_S = 2_400
"""What the UPS says of a full battery; it is believed as a real one's word is."""
CHARGE_S = 120.0
LOW_PCT = 12.0


@dataclass(slots=True)
class Battery:
    """A line-interactive UPS."""

    mains: bool = True
    charge_pct: float = 100.0
    _at_s: float | None = None

    def turn(self, now_s: float, on: Collection[str]) -> dict[str, str]:
        """Go on to `now_s` with these loads on; the variables that dummy-ups shall tell."""
        passed_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        watts = PI_WATTS + sum(WATTS.get(name, 0) for name in on)
        share = watts / (PI_WATTS + sum(WATTS.values()))
        change = 100 * passed_s * (1 / CHARGE_S if self.mains else -share / FULL_S)
        self.charge_pct = min(100.0, max(0.0, self.charge_pct + change))
        return self._variables(watts, share)

    def _variables(self, watts: int, share: float) -> dict[str, str]:
        return {
            "ups.status": self._status(),
            "ups.load": f"{100 * watts / NOMINAL_WATTS:.0f}",
            "battery.charge": f"{self.charge_pct:.0f}",
            "battery.runtime": f"{RUNTIME_S * self.charge_pct / 100 / max(share, 0.2):.0f}",
            "battery.voltage": f"{22 + 5.3 * self.charge_pct / 100:.1f}",
            "input.voltage": "221.0" if self.mains else "0.0",
        }

    def _status(self) -> str:
        if self.mains:
            return "OL" if self.charge_pct >= 100 else "OL CHRG"
        return "OB DISCHRG LB" if self.charge_pct < LOW_PCT else "OB DISCHRG"


@dataclass(slots=True)
class Air:
    """Temperature and humidity of the room, temperature of the cabinet; it warms with its loads and cools with the
    fan. `phase` makes one demo's day differ from another's."""

    phase: float = 0.0
    cabinet_c: float = 25.0
    _at_s: float | None = None

    def turn(self, now_s: float, on: Collection[str]) -> tuple[float, float, float]:
        """Room °C, room %RH, cabinet °C at `now_s`."""
        passed_s = 0.0 if self._at_s is None else min(5.0, now_s - self._at_s)
        self._at_s = now_s
        heat = sum(WATTS.get(name, 40) for name in on if name != "fan") / 60
        target_c = 24.5 + heat - (5.0 if "fan" in on else 0.0)
        self.cabinet_c += (target_c - self.cabinet_c) * min(1.0, passed_s / 40)
        slow = math.sin(now_s / 50 + self.phase)
        return 25.5 + 0.8 * slow, 62 - 3 * slow, self.cabinet_c


LIGHT_FILES = ("name", "in_illuminance_raw", "in_illuminance_scale")


@dataclass(slots=True)
class SensorFiles:
    """The files under a faked /sys. `dead`: names of sensors that cannot be read now."""

    sys: Path
    dead: set[str] = field(default_factory=set)

    def write(self, room_c: float, room_pct: float, cabinet_c: float) -> None:
        """Every file whole or not at all: a driver never shows half a number."""
        hwmon, w1 = self.sys / "class/hwmon/hwmon0", self.sys / "bus/w1/devices" / W1_SENSOR
        cpu = self.sys / "class/thermal/thermal_zone0"
        steady = {hwmon / "name": I2C_SENSOR, cpu / "type": "cpu-thermal", cpu / "temp": "47200"}
        room = {hwmon / "temp1_input": _milli(room_c), hwmon / "humidity1_input": _milli(room_pct)}
        _put(steady)
        self._sensor("room", room)
        light = self.sys / "bus/iio/devices/iio:device0"
        # The lamps of a meeting room: 416 raw counts of a BH1750 are 347 lux.
        self._sensor(
            "table", dict(zip((light / n for n in LIGHT_FILES), ("bh1750", "416", "0.833333"), strict=True))
        )
        self._sensor("cabinet", {w1 / "temperature": _milli(cabinet_c)})

    def _sensor(self, place: str, files: Mapping[Path, str]) -> None:
        if place not in self.dead:
            _put(files)
            return
        for path in files:
            path.unlink(missing_ok=True)


def _milli(value: float) -> str:
    return str(round(value * 1000))


def _put(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        draft.write_text(f"{text}\n", encoding="ascii")
        draft.replace(path)
