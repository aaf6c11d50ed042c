"""N11 — what the mains does short of an outage: sags on battery shorter than `mains.lost_s` (a generator that
flickers, a motor that starts) and times in which the UPS trims or boosts the voltage. Figures, not outages (R5).

They are counted, and written down once an hour with their number and the longest, for a bad supply has hundreds a
day. What is shorter than the gap between two answers of the UPS may not be seen, and a length is known no better.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.view import UNKNOWN, View
from controller.core.words import Mark, Yield

HOUR_MS = 3_600_000
SAGS, REGULATED = "sags", "regulated"


def figures(v: View) -> Iterator[Yield]:
    """Both kinds, counted alike."""
    if v.room.has_ups:
        yield from _count(v, SAGS, "ups.source", _sagging(v))
        yield from _count(v, REGULATED, "ups.regulating", _regulating(v))


def _sagging(v: View) -> bool | None:
    """None: not known, a self-test, or an outage by now."""
    source = v.get("ups.source")
    if source is UNKNOWN or v.get("ups.testing") is True or v.mark("mains") == "lost":
        return None
    return source == "battery"


def _regulating(v: View) -> bool | None:
    regulating = v.get("ups.regulating")
    return regulating if isinstance(regulating, bool) else None


def _count(v: View, kind: str, fact: str, on: bool | None) -> Iterator[Yield]:
    """One that has ended is added to the hour's figures; the hour begins with its first."""
    begun_ms, tally = v.mark(f"begun.{kind}"), v.mark(kind)
    number, longest_ms = tally if isinstance(tally, tuple) else (0, 0)
    if v.held(f"{kind}.hour", True, HOUR_MS):
        yield Mark(f"!{kind}", (number, _seconds(longest_ms)))
        yield Mark(f"{kind}.hour", False)
        yield Mark(kind, "")
        number, longest_ms = 0, 0
    if on and not begun_ms:
        yield Mark(f"begun.{kind}", v.since_ms(fact))
    elif begun_ms and not on:
        yield Mark(f"begun.{kind}", "")
        if on is False and isinstance(begun_ms, int) and isinstance(longest_ms, int) and isinstance(number, int):
            yield Mark(f"!{kind}", "")  # the same figures in two hours are two records
            yield Mark(kind, (number + 1, max(longest_ms, v.since_ms(fact) - begun_ms)))
            yield Mark(f"{kind}.hour", True)


def _seconds(ms: object) -> float:
    return round(ms / 1000, 1) if isinstance(ms, int) else 0.0
