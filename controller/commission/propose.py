"""What was found at a Pi → a room.toml to begin with: the shipped example, with ports and sensors that are there
and without the devices that are not. Pure; looking is `cli_commission_discover`.

Loads, buttons and lamps stay as in the example: wires to a coil cannot be found from here, which step 2 is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Change: TypeAlias = Callable[[str], str]

CODECS = ("polycom", "cisco")
HUMID = ("sht3x", "sht4x", "sht2x", "htu21", "hdc1000", "aht10", "aht20", "bme280", "dht11", "shtc1")
"""Kernel drivers that measure humidity as well: such a sensor is the room's, a bare one the cabinet's."""
LIGHTS = ("bh1750", "tsl2563", "veml7700", "opt3001")


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port by its place, and who answered there: `kind` polycom, cisco, visca, megatec, '' = nobody."""

    path: str
    kind: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything at one Pi. `sensors` by the kernel's names, `chips` labels of expanders, `nut`: upsd answers."""

    ports: tuple[Port, ...] = ()
    sensors: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()
    nut: bool = False

    def port(self, *kinds: str) -> Port | None:
        return next((port for port in self.ports if port.kind in kinds), None)

    def sensor(self, names: tuple[str, ...]) -> str:
        return next((name for name in self.sensors if name.partition("@")[0] in names), "")


def room_toml(found: Found, example: str) -> str:
    """The proposal. Every device that did not answer is left out: a room without it is a whole room."""
    text = example
    for change in (_codec, _camera, _ups, _climate, _chips):
        text = change(found, text)
    return text


def _codec(found: Found, text: str) -> str:
    port = found.port(*CODECS)
    if port is None:
        return without(without(text, "codec"), "codec.")
    text = put(put(text, "codec", "kind", port.kind), "codec", "port", port.path)
    if port.kind == "polycom":
        return text
    # What settings are called is the make's own.
    return put(drop(text, "codec", "speeds"), "codec.settings.sleep", "path", "Standby Delay")


def _camera(found: Found, text: str) -> str:
    port = found.port("visca")
    if port is not None:
        return put(text, "cameras.main", "port", port.path)
    if found.port(*CODECS) is None:
        return _seatless(without(without(text, "cameras."), "seats."))
    text = put(text, "cameras.main", "via", "codec")
    for key in ("load", "port", "speeds", "address"):
        text = drop(text, "cameras.main", key)
    # A Cisco codec counts its presets from 1.
    return _table(text, "seats.overview", lambda body: body.replace("preset = 0", "preset = 2"))


def _seatless(text: str) -> str:
    """A box at the table must say at which seat it stands."""
    return without(without(text, "inputs.talk_chair"), "lamps.talk_chair")


def _ups(found: Found, text: str) -> str:
    port = found.port("megatec")
    if port is None:
        return text if found.nut else without(text, "ups")
    return _replaced(text, "ups", f'[ups]\nkind = "megatec"\nserial = "{port.path}"\n\n')


def _climate(found: Found, text: str) -> str:
    room = found.sensor(HUMID)
    bare = next((name for name in found.sensors if name.startswith("28-")), "")
    for table, name in (("climate.room", room), ("climate.cabinet", bare), ("light.table", found.sensor(LIGHTS))):
        text = put(text, table, "sensor", name) if name else without(text, table)
    return text


def _chips(found: Found, text: str) -> str:
    """Without the expander there is nothing on it."""
    for match in re.findall(r'(?m)^\[([\w.]+)\][^\[]*?^chip = "([\w.-]+)"', text):
        table, chip = match
        if chip not in found.chips:
            text = without(text, table)
    return text


# ---- TOML as lines, so that its comments stay


def put(text: str, table: str, key: str, value: str) -> str:
    """This key of this table, where it is given, with another text as its value."""
    return _table(text, table, lambda body: re.sub(rf'(?m)^{key} = "[^"]*"', lambda _: f'{key} = "{value}"', body))


def drop(text: str, table: str, key: str) -> str:
    return _table(text, table, lambda body: re.sub(rf"(?m)^{key} = .*\n", "", body))


def without(text: str, table: str) -> str:
    """Without this table; a name that ends in a point means every table under it."""
    tail = r"[^\]]+" if table.endswith(".") else ""
    return re.sub(rf"(?ms)^\[{re.escape(table)}{tail}\].*?(?=^\[|\Z)", "", text)


def _replaced(text: str, table: str, by: str) -> str:
    return _table(text, table, lambda _: by)


def _table(text: str, table: str, change: Change) -> str:
    return re.sub(rf"(?ms)^\[{re.escape(table)}\].*?(?=^\[|\Z)", lambda found: change(found[0]), text, count=1)
