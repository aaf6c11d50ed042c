"""What has no wire in the simulated room, and is read from the kernel's files: climate, light, contacts, host,
ports, and what the prober saw of the line. Must not live here: when that is read (world.py), what of it is news
(reporters.py)."""

from __future__ import annotations

from controller.core.room_figures import Zone
from controller.simulation.bench import Bench
from controller.simulation.computer import BenchComputer
from hardware.contract import Reading, Value

HOUR_MS = 3_600_000
STUCK_C = 27.0
"""What a stuck sensor shows, whatever the room is like: between the limits of a fan, where the last word stands."""
_HOST = (("cpu_temp_c", 55.0), ("undervoltage", False))
_DEAD = (("temp_c", None), ("humidity_pct", None), ("error", "EIO"))


def samples(bench: Bench, at_ms: int, now_ms: int, closely: bool) -> tuple[Reading, ...]:
    """All of it at this moment: `now_ms` since the beginning, `at_ms` since the Pi's boot."""
    return (*seldom(bench, at_ms, closely), *figures(bench, at_ms, now_ms))


def seldom(bench: Bench, at_ms: int, closely: bool) -> tuple[Reading, ...]:
    """Ports and line: they tell a change when it happens."""
    ports = Reading("serial", (("at", _ports(bench)), ("others", ())), at_ms)
    return (ports, *bench.eyes.look(closely, at_ms))


def figures(bench: Bench, at_ms: int, now_ms: int) -> list[Reading]:
    """Contacts, host, light, climate, and whether a computer answers."""
    readings = [Reading("input", tuple(bench.levels.items()), at_ms), Reading("host", _HOST, at_ms)]
    if isinstance(bench.codec, BenchComputer):
        readings.append(Reading("codec", (("answers", bench.codec.answers(now_ms)),), at_ms))
    light = (("lux", bench.lux), ("error", ""))
    readings += [Reading(f"light.{spot.place}", light, at_ms) for spot in bench.room.spots]
    hour = now_ms // HOUR_MS % 24
    temp_c, humidity_pct = round(bench.temp_c + (hour - 12) / 6, 1), round(bench.humidity_pct + hour % 3 / 10, 1)
    for zone in bench.room.zones:
        values = _climate(bench, zone, temp_c, humidity_pct)
        readings.append(Reading(f"climate.{zone.place}", values, at_ms))
    return readings


def _climate(bench: Bench, zone: Zone, temp_c: float, humidity_pct: float) -> tuple[tuple[str, Value], ...]:
    """What the sensor at this place shows, well or ill."""
    ill = bench.sensor if bench.sensor_at in ("", zone.place) else "good"
    if ill == "dead":
        return _DEAD
    if ill == "wild" and bench.random.random() < 0.5:
        temp_c = 80.0
    elif ill == "stuck":
        temp_c = STUCK_C
    return ("temp_c", temp_c), ("humidity_pct", humidity_pct), ("error", "")


def _ports(bench: Bench) -> tuple[tuple[str, str], ...]:
    """A cable that is out takes its adaptor along."""
    camera, codec = bench.camera_wire.unplugged, bench.codec_wire.unplugged
    at = (
        ("camera.main", "" if camera else "0403:6001:camera.main"),
        ("codec", "" if codec else "0403:6001:codec"),
    )
    return at[: bench.ports]
