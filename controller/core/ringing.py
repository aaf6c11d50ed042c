"""Calls that come in and ring, in the words of the codec. Pure; who may answer them is R11 (rules/incoming.py).

A ring is what the codec says now: a list that has gone stale rings no more.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.state import Fact, Quality
from hardware.contract import Value

Row = tuple[Value, ...]


def ringing(rows: object) -> tuple[Row, ...]:
    """The rows of `codec.calls` that come in and are not taken yet."""
    if not isinstance(rows, tuple):
        return ()
    return tuple(row for row in rows if isinstance(row, tuple) and len(row) >= 4 and row[1:3] == ("in", "ringing"))


def rings(facts: Mapping[str, Fact]) -> bool:
    """Somebody calls the room now."""
    fact = facts.get("codec.calls")
    return fact is not None and fact.quality is Quality.GOOD and bool(ringing(fact.value))
