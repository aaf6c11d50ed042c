"""R4 — sound, light, temperature, humidity (004 Đ6.2: conditions of the room are kept).

Hysteresis on fan and dryer; reports outside the band; protects the equipment at the hard limit, but never by
cutting a running call; warns of condensation before powering up and never misses T-60 for it. A sensor that
fails is reported, not believed: the last *decision* stands until the load's maximum on-time.

One sensor that says 80 °C three times over may be a broken one (N14), so as with a bitten smoke wire (R16) its word
alone ends no meeting: while a meeting is expected or on, or people are or hold the room on, a second sensor must be
at its warning. The alarm is told at once, and people can do what a sensor must not. An empty room is closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Mode, Rank
from controller.core.room_figures import Zone
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import (
    close_down,
    current,
    expected,
    in_call,
    in_use,
    live,
    room_on,
    somebody,
)

BLIND_MS = 30 * 60_000
"""A sensor that dies of the heat it told of is believed so long: a room cools in that time, and a dead sensor must
not keep it closed to every meeting after."""

USED_MS = 30 * 60_000
"""As long as an idle room is left on (R2)."""


def climate(v: View) -> Iterator[Yield]:
    """R4: fan and dryer of every zone; they end no meeting, so a room that only watches has them, too."""
    for zone in () if v.mode("R4") is Mode.OFF else v.room.zones:
        yield from _air(v, zone)


def _air(v: View, zone: Zone) -> Iterator[Yield]:
    temp = v.number(f"climate.{zone.place}.temp_c")
    wet = v.number(f"climate.{zone.place}.humidity_pct")
    if zone.fan:
        yield from _switch(v, zone.fan, _hot(v, zone, temp, wet), ("R4.hot", "R4.cool"), zone.place)
    if zone.dryer:
        humid = _between(v, zone.dryer, wet, zone.dry_on_pct, zone.dry_off_pct)
        yield from _switch(v, zone.dryer, humid, ("R4.humid", "R4.dry"), zone.place)


def _switch(v: View, load: str, wish: bool | None, codes: tuple[str, str], place: str) -> Iterator[Yield]:
    """On, off, or (unknown) as this rule last decided, whatever others wanted of the load meanwhile."""
    value = v.mark(f"climate.{load}") if wish is None else "on" if wish else "off"
    if not value:
        return
    code = codes[0] if value == "on" else codes[1]
    if wish is None and value == "on" and _too_long(v, load):
        value, code = "off", "R4.max_on"
    yield Mark(f"climate.{load}", value)
    yield Demand(f"load.{load}", value, Rank.SCHEDULE, Because("R4", code, (place,)))


def _too_long(v: View, load: str) -> bool:
    """A dead sensor does not keep an output on for ever."""
    max_ms = v.tables.loads[f"load.{load}"].max_on_ms
    return bool(max_ms) and v.held(f"climate.{load}", "on", max_ms)


def _hot(v: View, zone: Zone, temp: float | None, wet: float | None) -> bool | None:
    """Too warm while the room is used; or so wet that the equipment must be aired before it is switched on."""
    if temp is None:
        return None
    if wet is not None and wet > zone.wet_pct and any(True for _ in current(v)):
        return True
    if not room_on(v) and temp < zone.warn_c:
        return False
    return _between(v, zone.fan, temp, zone.fan_on_c, zone.fan_off_c)


def _between(v: View, load: str, value: float | None, on: float, off: float) -> bool | None:
    """Hysteresis: between the limits the last decision stands."""
    if value is None:
        return None
    return value >= on or (value > off and v.mark(f"climate.{load}") == "on")


def report(v: View) -> Iterator[Yield]:
    """R4's evidence: outside the band while the room is used; the hard limit; a sensor that is gone."""
    for zone in v.room.zones:
        yield from _limit(v, zone)
        if over_limit(v, zone):
            yield Alert("heat", zone.place, Because("R4", "R4.hard", (zone.place,)))
        temp = v.number(f"climate.{zone.place}.temp_c")
        wet = v.number(f"climate.{zone.place}.humidity_pct")
        if any(v.stuck(f"climate.{zone.place}.{what}") for what in ("temp_c", "humidity_pct")):
            yield Alert("sensor_stuck", zone.place, Because("N14", "N14.stuck", (zone.place,)))
        elif temp is None and v.up_for(120_000):
            yield Alert("sensor_lost", zone.place, Because("R4", "R4.sensor", (zone.place,)))
        if not room_on(v):
            continue
        if temp is not None and not zone.report_low_c <= temp <= zone.report_high_c:
            yield Alert("temperature", zone.place, Because("R4", "R4.report_temp", (zone.place,)))
        if wet is not None and not zone.report_low_pct <= wet <= zone.report_high_pct:
            yield Alert("humidity", zone.place, Because("R4", "R4.report_humidity", (zone.place,)))


def _limit(v: View, zone: Zone) -> Iterator[Yield]:
    """Remember since when it is too hot; a sensor that fails then leaves the decision as it is, for a while. One
    that goes on talking and cannot be believed has failed as well: counted is from its last good word."""
    temp, name = v.number(f"climate.{zone.place}.temp_c"), f"heat.{zone.place}"
    blind = f"blind.{name}"
    if temp is not None:
        over = temp >= zone.hard_c or (v.mark(name) == "over" and temp >= zone.warn_c)
        yield Mark(name, "over" if over else "")
        yield Mark(blind, False)
    elif v.mark(name) == "over":
        yield Mark(blind, True)
        if v.held(blind, True, BLIND_MS):
            yield Mark(name, "")


def dark(v: View) -> Iterator[Yield]:
    """Less light at the table than faces need, while the room is used; a light sensor that is gone."""
    for spot in v.room.spots:
        lux, name = v.number(f"light.{spot.place}.lux"), f"dark.{spot.place}"
        if lux is None and v.up_for(120_000):
            yield Alert("sensor_lost", spot.place, Because("R4", "R4.sensor", (spot.place,)))
        used = any(True for _ in live(v)) or in_call(v) is True
        yield Mark(name, "dark" if lux is not None and lux < spot.low_lux and used else "")
        if v.held(name, "dark", spot.dark_ms):
            yield Alert("dark", spot.place, Because("R4", "R4.dark", (spot.place,)))


def condensation(v: View) -> Iterator[Yield]:
    """Too wet to power up: said before T-60 and during, never a reason to be late."""
    for zone in v.room.zones:
        wet = v.number(f"climate.{zone.place}.humidity_pct")
        if wet is not None and wet > zone.wet_pct and any(True for _ in current(v)):
            yield Alert("condensation", zone.place, Because("R4", "R4.condensation", (zone.place,)))


def protect(v: View) -> Iterator[Yield]:
    """At the hard limit for five minutes the equipment is switched off in order, after the call if there is one; in
    a room that is in use only when a second sensor agrees."""
    for zone in v.room.zones:
        if over_limit(v, zone) and not in_use(v) and (agreed(v, zone) or not used(v)):
            yield from close_down(v, Rank.SAFETY, Because("R4", "R4.hard", (zone.place,)))


def agreed(v: View, zone: Zone) -> bool:
    """Another zone's sensor can be believed and is at its warning, too."""
    others = (z for z in v.room.zones if z.place != zone.place)
    temps = ((v.number(f"climate.{z.place}.temp_c"), z.warn_c) for z in others)
    return any(temp is not None and temp >= warn_c for temp, warn_c in temps)


def used(v: View) -> bool:
    """A meeting is expected or on, somebody holds the room on, or was seen in the last half hour."""
    held = v.hold("room")
    by_hand = held is not None and held.value == "on"
    return by_hand or any(True for _ in expected(v)) or somebody(v, USED_MS)


def over_limit(v: View, zone: Zone) -> bool:
    """At the hard limit for five minutes, and not yet below the warning again."""
    return v.held(f"heat.{zone.place}", "over", zone.hard_ms)
