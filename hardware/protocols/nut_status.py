"""What NUT variables mean in our vocabulary: `ups.status` tokens and numbers into the fields of source `ups`.

Pure. Must not live here: when to ask (nut.py). What a UPS does not say is None, never zero: a Megatec type
has no runtime at all. Source: NUT docs/new-drivers.txt (status data) and docs/nut-names.txt (variables).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from hardware.contract import Value

Values = tuple[tuple[str, Value], ...]

_NUMBER = re.compile(r"[-+]?[0-9]{1,9}(?:\.[0-9]{0,9})?", re.ASCII)

_SILENT: tuple[str, ...] = (
    "source", "status", "low", "testing", "charge_pct", "estimated", "runtime_s", "load_pct", "input_v",
    "battery_v", "temp_c", "replace", "overload", "bypassed", "regulating", "alarm", "beeper", "test_result",
    "model",
)  # fmt: skip
"""Every field but `link`: all of them unknown while upsd cannot say."""

_GUESS = frozenset({"blazer_ser", "blazer_usb", "nutdrv_qx"})
"""Drivers of units that do not know their charge: NUT reckons it from the battery's voltage (their manuals)."""

_BEEPER: Mapping[str, str] = {"enabled": "on", "disabled": "off", "muted": "off"}

_TEXT_MAX = 120
"""Characters of a UPS's own words that are passed on; the longest known alarm texts have about 60."""


def tokens(variables: Mapping[str, str]) -> frozenset[str]:
    """The set in `ups.status`; unknown tokens are kept, for new ones appear with every NUT release."""
    return frozenset(clean(variables.get("ups.status", "")).split())


def waits(status: frozenset[str]) -> bool:
    """True while the list is not to be believed: upsd has no data yet (WAIT), or the status has not come."""
    return not status or "WAIT" in status


def unknown(link: str, status: frozenset[str] = frozenset()) -> Values:
    """A reading that says only how upsd answered; every other field is unknown, above all `source`."""
    said = " ".join(sorted(status)) or None
    return (("link", link), *((name, said if name == "status" else None) for name in _SILENT))


def known(variables: Mapping[str, str], testing: bool) -> Values:
    """A full reading from a complete list; `testing` as nut.py judged it."""
    return _known(tuple(variables.items()), testing)


@lru_cache(maxsize=8)  # in rest one poll after the other brings the same list
def _known(listed: tuple[tuple[str, str], ...], testing: bool) -> Values:
    variables = dict(listed)
    status = tokens(variables)
    return (
        ("link", "ok"),
        ("source", source(status)),
        ("status", " ".join(sorted(status))),
        ("low", bool(status & {"LB", "FSD"})),
        ("testing", testing),
        *_numbers(variables),
        ("replace", "RB" in status),
        ("overload", "OVER" in status),
        ("bypassed", "BYPASS" in status),
        ("regulating", bool(status & {"TRIM", "BOOST"})),
        ("alarm", clean(variables.get("ups.alarm", ""))),
        ("beeper", _BEEPER.get(variables.get("ups.beeper.status", ""))),
        ("test_result", _said(variables, "ups.test.result")),
        ("model", _model(variables)),
    )


def source(status: frozenset[str]) -> str | None:
    """`mains` (OL), `battery` (OB), or None when neither or both are claimed (OFF, BYPASS alone, nonsense)."""
    claimed = status & {"OL", "OB"}
    if len(claimed) != 1:
        return None
    return "mains" if "OL" in claimed else "battery"


def _numbers(variables: Mapping[str, str]) -> Values:
    """Limits are those of what a UPS of a room can show; beyond them it is a driver's nonsense, so unknown."""
    runtime = number(variables.get("battery.runtime"), 0, 10_000_000)
    charge_pct = number(variables.get("battery.charge"), 0, 100)
    return (
        ("charge_pct", charge_pct),
        ("estimated", None if charge_pct is None else variables.get("driver.name", "") in _GUESS),
        ("runtime_s", None if runtime is None else int(runtime)),
        ("load_pct", number(variables.get("ups.load"), 0, 500)),
        ("input_v", number(variables.get("input.voltage"), 0, 1000)),
        ("battery_v", number(variables.get("battery.voltage"), 0, 1000)),
        ("temp_c", number(variables.get("ups.temperature"), -40, 150)),
    )


def number(text: str | None, low: float, high: float) -> float | None:
    """A plain decimal number within low…high, else None: `---.-`, `nan`, `1e9` and blanks are no numbers."""
    if text is None or _NUMBER.fullmatch(text.strip()) is None:
        return None
    value = float(text)
    return value if low <= value <= high else None


def clean(text: str) -> str:
    """Words of a device made fit for a screen and a record: printable, bounded, trimmed."""
    fit = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return fit[:_TEXT_MAX].strip()


def _said(variables: Mapping[str, str], name: str) -> str | None:
    return clean(variables[name]) if name in variables else None


def _model(variables: Mapping[str, str]) -> str | None:
    maker = variables.get("ups.mfr") or variables.get("device.mfr") or ""
    model = variables.get("ups.model") or variables.get("device.model") or ""
    return clean(f"{maker.strip()} {model.strip()}") or None
