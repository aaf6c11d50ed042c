"""R16 — no fire, no liquids (004 Đ6.1). Alarm at once; loads are cut in order; nothing returns by itself.

A contact counts when it has stood for three seconds; from then on it is remembered until it is quiet again *and* a
person has acknowledged it (a press of BẬT / TẮT or KIỂM TRA in the room, an order of the desk): over restarts and
power cuts, for what burned or stood in water is looked at before it is switched on.

The cut spares network and Pi. At once when nobody is there or a second witness agrees (another contact, the air at
its hard limit); else after 30 s, and not while KIỂM TRA held for three seconds puts it off: a bitten wire must not
end a meeting. The alarm is never switched off; `cut` alone obeys the mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Class, Rank
from controller.core.tables import target
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.climate import over_limit
from controller.rules.common import HAZARDS, STARTING_MS, end_devices, in_call, nobody


def alarm(v: View) -> Iterator[Yield]:
    """R16: say what burns or leaks; remember it until a person has acknowledged it."""
    for name in v.tables.inputs(*HAZARDS):
        role, mark, fact = v.tables.contacts[name], f"hazard.{name}", f"input.{name}"
        on = v.stayed(fact, True, v.room.safety.filter_ms)
        if on:
            yield Mark(mark, "on")
        if on or v.mark(mark):
            code = f"R16.{role}" if v.get(fact) is not False else f"R16.{role}_over"
            yield Alert(role, name, Because("R16", code, (name,)))


def decided(v: View) -> Iterator[Yield]:
    """R16: the moment of the cut; once decided it stands until the hazard was acknowledged."""
    marks = [f"hazard.{name}" for name in v.tables.inputs(*HAZARDS) if v.mark(f"hazard.{name}")]
    if not marks:
        yield Mark("cut.hazard", "")
        return
    if v.mark("cut.hazard"):
        return
    held = v.hold("false_alarm") is not None
    if held:
        yield Alert("cut_put_off", "room", Because("R16", "R16.put_off"))
    waited = any(v.held(mark, "on", v.room.safety.cut_ms) for mark in marks)
    if not held and _burning(v) and (waited or _sure(v, len(marks))):
        yield Mark("cut.hazard", marks[0].partition(".")[2])


def _burning(v: View) -> bool:
    """A contact still stands, or cannot be read any more: one that fell back alone ends no meeting, and one that
    has not been read yet since our start says nothing."""
    marked = [f"input.{name}" for name in v.tables.inputs(*HAZARDS) if v.mark(f"hazard.{name}")]
    return any(v.get(fact) is True or (v.get(fact) is UNKNOWN and v.up_for(STARTING_MS)) for fact in marked)


def _sure(v: View, witnesses: int) -> bool:
    """Nobody is there to look, or a second witness says the same."""
    empty = nobody(v, v.room.presence.empty_ms) and in_call(v) is False
    return empty or witnesses > 1 or any(over_limit(v, zone) for zone in v.room.zones)


def cut(v: View) -> Iterator[Yield]:
    """R16: everything off in order but the network; the Pi hangs on none of our loads."""
    name = v.mark("cut.hazard")
    if not name:
        return
    because = Because("R16", "R16.cut", (str(name),))
    yield from end_devices(v, Rank.SAFETY, because)
    for load in v.room.loads:
        if load.cls is not Class.NETWORK:
            yield Demand(target(load), "off", Rank.SAFETY, because)


def contacts(v: View) -> Iterator[Yield]:
    """N14: a contact that cannot be read is said; smoke that nobody hears of is no quiet."""
    for name in v.tables.contacts:
        if v.get(f"input.{name}") is UNKNOWN and v.up_for(STARTING_MS):
            yield Alert("contact_lost", name, Because("N14", "contact.lost", (name,)))
