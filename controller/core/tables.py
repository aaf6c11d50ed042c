"""Look-up tables derived from a Room, built once and kept beside it. They hold nothing that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from controller.core.room import Class, Edge, Load, Room
from hardware.contract import Value

CONTACTS = ("smoke", "leak", "motion", "tamper", "door")
"""Roles of inputs that tell of the room; no finger rests on them."""


@dataclass(frozen=True, slots=True)
class Tables:
    """`edges` by (target, value); `loads` by target; `meeting`: loads powered for meetings, `targets` their names;
    `lead_ms`: the longest way from the first order to the last proof (R1); `codec_load`: target that carries the
    codec; `bypass`: the input that reads the HAND key, '' = none; `settled_ms`: so long after a start all has been
    said that was true before it; `contacts`: inputs that are facts, with role; `ages`: the two ages of its
    FactSpec, for each fact that grows stale; `stuck`: so long unmoved it may be stuck, for each that moves."""

    edges: Mapping[tuple[str, Value], tuple[Edge, ...]]
    loads: Mapping[str, Load]
    meeting: tuple[Load, ...]
    targets: tuple[str, ...]
    network: tuple[Load, ...]
    codec_load: str
    lead_ms: int
    buttons: Mapping[str, str]
    bypass: str
    settled_ms: int
    contacts: Mapping[str, str]
    ages: Mapping[str, tuple[int, int]]
    stuck: Mapping[str, int]

    def inputs(self, *roles: str) -> tuple[str, ...]:
        """The contacts of these roles."""
        return tuple(name for name, role in self.contacts.items() if role in roles)


SETTLING_MS = 120_000
"""A minute until every device has had its first word after a start (N14), and one for three tries of an order."""


def target(load: Load) -> str:
    return f"load.{load.name}"


@lru_cache(maxsize=32)  # one room in a controller, a handful in a simulation or a test run
def tables(room: Room) -> Tables:
    """The tables of `room`, the same object for the same room."""
    edges: dict[tuple[str, Value], tuple[Edge, ...]] = {}
    for edge in room.edges:
        key = (edge.target, edge.value)
        edges[key] = (*edges.get(key, ()), edge)
    loads = {target(load): load for load in room.loads}
    meeting = tuple(load for load in room.loads if load.meeting and load.cls is not Class.NETWORK)
    codec = next((t for t, load in loads.items() if load.cls is Class.CODEC), "")
    return Tables(
        edges=edges,
        loads=loads,
        meeting=meeting,
        targets=tuple(target(load) for load in meeting),
        network=tuple(load for load in room.loads if load.cls is Class.NETWORK),
        codec_load=codec,
        lead_ms=_lead_ms(room, edges, loads),
        buttons={b.input: b.role for b in room.buttons},
        bypass=next((b.input for b in room.buttons if b.role == "bypass"), ""),
        settled_ms=SETTLING_MS + max((t.effect_ms for t in room.targets.values()), default=0),
        contacts={b.input: b.role for b in room.buttons if b.role in CONTACTS},
        ages={name: (spec.max_age_ms, spec.silent_age_ms) for name, spec in room.facts.items() if spec.max_age_ms},
        stuck={name: spec.stuck_ms for name, spec in room.facts.items() if spec.stuck_ms},
    )


def _lead_ms(room: Room, edges: Mapping[tuple[str, Value], tuple[Edge, ...]], loads: Mapping[str, Load]) -> int:
    """R1: the contact of a load closes after the loads before it in the sequence; its effect is proven a
    warm-up later; a child waits for its parent's effect. Inrush gaps add up over all loads."""
    closed: dict[str, int] = {}

    def closes(name: str) -> int:
        if name not in closed:
            closed[name] = 0  # breaks a cycle, which `config check` refuses anyway
            waits = [
                closes(e.after) + e.settle_ms + (loads[e.after].warmup_ms if e.effect else 0)
                for e in edges.get((name, "on"), ())
                if e.after in loads
            ]
            closed[name] = max(waits, default=0) + room.power_up.inrush_gap_ms
        return closed[name]

    meeting = [t for t, load in loads.items() if load.meeting]
    gaps = len(meeting) * room.power_up.inrush_gap_ms
    return max((closes(t) + loads[t].warmup_ms for t in meeting), default=0) + gaps
