"""The commands of a simulated Polycom codec that only keep a word and tell it, or tell what never changes.

Law: as `polycom_commands.py`. Other programs than ours talk to it too, and ask for these when they have logged in.
Source: Polycom Integrator's Reference Manual for RealPresence Group Series; the calendar's list: a real Group 700.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardware.sim.polycom_unit import Unit

Lines = list[str]
ILLEGAL = "error: command has illegal parameters"

WORDS = {
    "mpautoanswer": ("yes", "no", "donotdisturb"),
    "mpmode": ("auto", "discussion", "presentation", "fullscreen"),
}
"""Settings that take one of these words."""

KEPT = {
    "mpautoanswer": "no",
    "mpmode": "auto",
    "audiotransmitlevel": "0",
    "lanport": "auto",
    "gatekeeperip": "192.0.2.2",
    "ipaddress": "192.0.2.10",
    "systemname": '"Diem cau"',
}
"""What it came with."""

LEVELS_DB = range(-5, 11)
"""Of `audiotransmitlevel`; the manual's range was not read."""


def _keeps(unit: Unit, words: list[str]) -> Lines:
    name = words[0]
    wanted = words[1] if len(words) == 2 else ""
    if wanted in WORDS.get(name, ()):
        unit.kept[name] = unit.kept[name] if unit.faults.deaf else wanted
        return [f"{name} {wanted}"]
    return [f"{name} {unit.kept[name]}"] if wanted == "get" else [ILLEGAL]


def _level(unit: Unit, words: list[str]) -> Lines:
    steps = {"up": 1, "down": -1}
    now = int(unit.kept["audiotransmitlevel"])
    match words[1:]:
        case ["get"]:
            wanted = now
        case ["up" | "down" as way]:
            wanted = min(LEVELS_DB[-1], max(LEVELS_DB[0], now + steps[way]))
        case ["set", number] if number.removeprefix("-").isdecimal() and int(number) in LEVELS_DB:
            wanted = int(number)
        case _:
            return [ILLEGAL]
    unit.kept["audiotransmitlevel"] = str(now if unit.faults.deaf else wanted)
    return [f"audiotransmitlevel {wanted}"]


def _gendial(_unit: Unit, words: list[str]) -> Lines:
    tone = words[1] if len(words) == 2 else ""
    return [f"gendial {tone}"] if tone and tone in "0123456789*#" and len(tone) == 1 else [ILLEGAL]


def _button(_unit: Unit, words: list[str]) -> Lines:
    return [" ".join(words)] if len(words) > 1 else [ILLEGAL]


def _calendar(_unit: Unit, words: list[str]) -> Lines:
    if words[1:] == ["list", "today"]:
        return ["calendarmeetings list begin", "calendarmeetings list end"]
    return [ILLEGAL]


PLAIN_HANDLERS: dict[str, Callable[[Unit, list[str]], Lines]] = {
    **dict.fromkeys(KEPT, _keeps),
    "audiotransmitlevel": _level,
    "gendial": _gendial,
    "button": _button,
    "calendarmeetings": _calendar,
}
