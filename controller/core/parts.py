"""The parts of a room's full view that tell of devices, line and dates, each a pure view of the state. Like
`report.py`, which puts them together: no personal data, no names, no sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from controller.core.checks import checks
from controller.core.instant import Instant
from controller.core.room import Room
from controller.core.state import Fact, Quality, State
from controller.core.tables import tables
from controller.core.upkeep import APPROVED
from controller.core.view import View
from hardware.contract import Value

Tree: TypeAlias = Union[Value, "Mapping[str, Tree]"]


def fact_view(fact: Fact) -> Tree:
    """A good value alone; anything else with its quality and since when."""
    if fact.quality is Quality.GOOD:
        return fact.value
    return {"value": fact.value, "quality": fact.quality.value, "since_ms": fact.since_ms}


def facts(state: State, prefix: str) -> dict[str, Tree]:
    return {name[len(prefix) :]: fact_view(fact) for name, fact in state.facts.items() if name.startswith(prefix)}


def good(state: State, name: str) -> Value:
    fact = state.facts.get(name)
    return fact.value if fact is not None and fact.quality is Quality.GOOD else None


def mark(state: State, name: str) -> Value:
    kept = state.marks.get(name)
    return kept.value if kept is not None else None


def figures(state: State, room: Room) -> dict[str, Tree]:
    """N11: what the mains did short of an outage, in the hour that is being counted and in the last noted."""
    found: dict[str, Tree] = {}
    for name in ("sags", "regulated") if room.has_ups else ():
        kept, noted = state.marks.get(name), state.marks.get(f"!{name}")
        counting = kept.value if kept is not None and isinstance(kept.value, tuple) else (0, 0)
        found[name] = {"count": counting[0], "longest_ms": counting[1], "noted": noted.value if noted else None}
    return found


def contacts(state: State, room: Room) -> dict[str, Tree]:
    """Smoke, water, tamper, door. Not motion: who was in a room minute by minute is nobody's business (people)."""
    names = tables(room).inputs("smoke", "leak", "tamper", "door")
    return {name: fact_view(fact) for name in names if (fact := state.facts.get(f"input.{name}")) is not None}


def line_word(state: State, room: Room) -> Value:
    """`lan`, `line`, `far_end`: what is down; `slow`, `bad`; `good`; None = nothing can be said."""
    part, bad = (mark(state, name) for name in ("line.part", "line.bad"))
    if part or bad:
        return part or str(bad).partition(" ")[0].removeprefix("line_")
    known = (good(state, f"line.{place.name}.reachable") for place in room.line.places[1:])
    return "good" if any(word is True for word in known) else None


def line(state: State, room: Room) -> dict[str, Tree]:
    """Link and probes; `measures_line` False: figures of another path, never held against the provider. No phone
    number and no name of a person: this view is retained at the broker."""
    view: dict[str, Tree] = {**facts(state, "link."), "state": line_word(state, room)}
    if room.line.places:
        places: dict[str, Tree] = {place.name: facts(state, f"line.{place.name}.") for place in room.line.places}
        view |= {"measures_line": room.line.ours, "places": places, "lost": mark(state, "call.lost")}
    expect = state.holds.get("expect.line_down.line")
    return view | ({"expect": expect.until_wall_ms or None} if expect is not None else {})


def checked(state: State, now: Instant, room: Room) -> dict[str, Tree]:
    """R6, R7: every item as it stands now, with its figure and why; and the last check of each kind (form A)."""
    rows: dict[str, Tree] = {check.item: _row(*check.row()[1:]) for check in checks(View(state, now, room))}
    rehearsal, rest = state.marks.get("rehearsal"), state.holds.get("rehearse")
    running = rehearsal.value[0] if rehearsal is not None and isinstance(rehearsal.value, tuple) else ""
    made: dict[str, Tree] = {
        name[1:]: _made(kept.value)
        for name, kept in state.marks.items()
        if name.startswith("!check") and kept.value
    }
    return {"now": rows, "made": made, "rehearsal": running, "rehearse": rest.value if rest is not None else "auto"}


def _row(result: Value, figure: Value, why: Value) -> Tree:
    row: dict[str, Tree] = {"result": result}
    return row | ({"figure": figure} if figure is not None else {}) | ({"why": why} if why else {})


def done(state: State) -> dict[str, Tree]:
    """R17: when each thing was last done; by whom is in the record, and no name is told here."""
    kept = {name[5:]: mark.value for name, mark in state.marks.items() if name.startswith("done.")}
    return {name: value[0] if isinstance(value, tuple) else None for name, value in kept.items()}


def _made(value: Value) -> Tree:
    if not isinstance(value, tuple) or len(value) != 5:
        return value
    verdict, wall_ms, failed, unmade, _ = value
    return {"result": verdict, "wall_ms": wall_ms, "failed": failed, "not_made": unmade}


def schedule(state: State) -> dict[str, Tree]:
    booked: dict[str, Tree] = {
        b.meeting.uid: {"start": b.meeting.start_ms, "end": b.meeting.end_ms, "late": b.late} for b in state.booked
    }
    coming: dict[str, Tree] = {
        m.uid: {"start": m.start_ms, "end": m.end_ms, "tentative": m.tentative} for m in state.meetings
    }
    storm = state.holds.get("storm")
    until: dict[str, Tree] = {} if storm is None else {"storm": {"end": storm.until_wall_ms or None}}
    return {"version": state.version, "booked": booked, "meetings": coming, **until}


def drift(state: State) -> dict[str, Tree]:
    """N30: what was approved, and what it is now where that is another; an adaptor or camera that is away keeps its
    word."""
    rows: dict[str, Tree] = {}
    for mark, kept in state.marks.items():
        name = mark.removeprefix(APPROVED)
        if name != mark and kept.value:
            other = state.marks.get(f"another.{name}")
            rows[name] = {"approved": kept.value, "now": (other.value if other is not None else "") or kept.value}
    return rows
