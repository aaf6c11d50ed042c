"""The words of PJLink class 1 and what the answers mean. Pure. Source: PJLink class 1 specification (JBMIA)."""

from __future__ import annotations

from hashlib import md5

PORT = 4352
"""IANA: pjlink."""
LINE_MAX = 136
"""Letters of the longest answer of class 1."""
POWERS = ("standby", "on", "cooling", "warming")
"""By the digit of POWR."""
PARTS = ("fan", "lamp", "temperature", "cover", "filter", "other")
"""By the place in ERST; 2 = error."""
POWER, ERRORS, LAMP = "%1POWR ?", "%1ERST ?", "%1LAMP ?"
WORDS = {"on": "%1POWR 1", "standby": "%1POWR 0"}
"""By what is ordered."""
NAMES = ("%1INF1 ?", "%1INF2 ?")
"""Maker and model."""
SLOW = (ERRORS, LAMP)
"""What changes seldom."""


def digest(random: str, password: str) -> str:
    """What goes before the first command."""
    return md5((random + password).encode(), usedforsecurity=False).hexdigest()


def power_of(value: str) -> str:
    """'' = no answer that is known."""
    return POWERS[int(value)] if value in ("0", "1", "2", "3") else ""


def bad_parts(value: str) -> str | None:
    """The parts that are in error, '' = none; None = no answer that is known."""
    if len(value) != len(PARTS):
        return None
    return " ".join(part for part, digit in zip(PARTS, value, strict=True) if digit == "2")


def lamp_hours(value: str) -> int | None:
    """Of the first lamp."""
    hours = value.split(" ")[0]
    return int(hours) if hours.isdecimal() else None


def named(value: str) -> str:
    """A name as it may be shown."""
    return "".join(c for c in value if c.isprintable())[:32]
