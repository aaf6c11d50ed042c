"""Motion sensors as a source for others (R2, R16, R21): when may their silence be believed?

Silence is what a broken sensor says as well. It is believed only of a sensor that has seen somebody before
(`moved.<name>`), that is good now, and that noticed the last press: a finger on a button is a person in the room,
so a sensor that was still then is blind, and is said to be until it sees somebody, however often is pressed. One
that has moved for twelve hours without a pause is stuck. Nothing of this leaves the room as a log of who was where:
only the alert does.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import blind, missed


def motion(v: View) -> Iterator[Yield]:
    """Remember that a sensor works; say when one cannot be believed."""
    for name in v.tables.inputs("motion"):
        fact = f"input.{name}"
        if v.get(fact) is True:
            yield Mark(f"moved.{name}", True)
            yield from _seen_again(v, name)
        elif missed(v, name):
            yield Mark(f"missed.{name}", True)
        if v.stayed(fact, True, v.room.presence.stuck_ms):
            yield Alert("motion_stuck", name, Because("N14", "contact.stuck", (name,)))
        elif blind(v, name) and v.get(fact) is False:
            yield Alert("motion_blind", name, Because("N14", "contact.blind", (name,)))


def _seen_again(v: View, name: str) -> Iterator[Yield]:
    if v.mark(f"missed.{name}"):
        yield Mark(f"missed.{name}", False)
