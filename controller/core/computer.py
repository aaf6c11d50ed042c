"""A computer that runs the meeting (`[codec] kind = "pc"`), by what facts say of it this moment. Pure; what its
silence means over time is for rules (rules/computer.py)."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.room import Room
from controller.core.state import Fact
from hardware.contract import Value

ANSWERS, WATTS = "codec.answers", "codec.watts"
PC_STARTS = "pc.starts"
"""Mark: `starting` from its power on, `up` once it has shown itself, `late` when it should have."""


def may_be_heard(facts: Mapping[str, Fact], room: Room) -> bool:
    """It runs as far as anybody knows; False in a room with a codec. By last words, however old: what is taken for
    silent must be known to be so."""
    pc = room.pc
    if pc is None:
        return False
    answers, watts = _last(facts, ANSWERS), _last(facts, WATTS)
    if answers is True or (not pc.asked and pc.run_w is None):
        return True
    return pc.run_w is not None and isinstance(watts, int | float) and watts >= pc.run_w


def _last(facts: Mapping[str, Fact], name: str) -> Value:
    fact = facts.get(name)
    return fact.value if fact is not None else None
