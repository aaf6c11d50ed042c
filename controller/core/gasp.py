"""N8, the last gasp as a pure view: why this room may fall silent, what its battery holds, which meeting runs.

The centre tells one cause from another by it: silence after a gasp is the mains, silence without one is the machine
or the line (N7). Sending is the link's.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.instant import Instant
from controller.core.room import Room
from controller.core.state import State
from hardware.contract import Value

STEP_PCT = 5
"""The charge is told in steps: a battery that empties in an hour would else be a message every few seconds."""


@dataclass(frozen=True, slots=True)
class Gasp:
    """`reason`: on_battery, low_battery (nearly empty), stop (we close down, or have told the UPS to cut);
    '' = nothing is the matter. `battery_pct`: at least so much, by the last word; None = nobody said."""

    reason: str = ""
    battery_pct: int | None = None
    meeting: str = ""


def gasp(state: State, now: Instant, room: Room) -> Gasp | None:
    """None: nothing can be said yet, so that what an earlier life said stands until the mains is known."""
    mains = _mark(state, "mains")
    if not room.has_ups or mains == "good":
        return Gasp()
    if mains != "lost":
        return None
    charge = _last(state, "ups.charge_pct")
    battery_pct = int(charge // STEP_PCT) * STEP_PCT if isinstance(charge, int | float) else None
    running = (b.meeting.uid for b in state.booked if b.on_by_ms <= now.mono_ms < b.end_ms)
    return Gasp(_reason(state), battery_pct, next(running, ""))


def _reason(state: State) -> str:
    """By what R5 has decided; a room whose mode lets nothing be closed is low all the same."""
    stopping = _mark(state, "stopping")
    shutdown = state.desired.get("ups.shutdown")
    if stopping is True or (shutdown is not None and shutdown.value == "return"):
        return "stop"
    return "low_battery" if stopping or _last(state, "ups.low") is True else "on_battery"


def _mark(state: State, name: str) -> Value:
    kept = state.marks.get(name)
    return kept.value if kept is not None else None


def _last(state: State, name: str) -> Value:
    fact = state.facts.get(name)
    return fact.value if fact is not None else None
