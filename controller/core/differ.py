"""Last step: what has changed between two states, as records. Nothing else writes records of decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

from controller.core.phases import phase, stands
from controller.core.records import Because, Priority, Record
from controller.core.room import Room
from controller.core.state import Proof, Quality, State, Track
from controller.core.upkeep import hushed, told_now
from hardware.contract import Value

Key: TypeAlias = tuple[str, str]
"""Code and subject of an alert."""
_SAID = {
    Proof.PROVEN: Priority.EVIDENCE,
    Proof.FAILED: Priority.INCIDENT,
    Proof.LOST: Priority.STATE,
}
"""Proofs that are written down; the others are steps between."""


def differ(before: State, after: State, room: Room, carried: Collection[Key] = ()) -> Iterator[Record]:
    """Records of everything that a later reader needs to know why each load was as it was. `carried`: alerts of an
    earlier life that are open in the journal."""
    yield from _wishes(before, after)
    yield from _proofs(before, after)
    yield from _alerts(before, after, carried)
    yield from told_now(before, after)
    yield from _would(before, after)
    yield from _marks(before, after)
    if stands(before, after, room):
        return
    old, new = phase(before, room), phase(after, room)
    if old != new:
        yield Record("phase", "room", (("from", old), ("to", new)), Priority.EVIDENCE)


def _why(because: Because) -> tuple[tuple[str, Value], ...]:
    return (("rule", because.rule), ("code", because.code), ("args", because.args))


def _wishes(before: State, after: State) -> Iterator[Record]:
    if before.desired is after.desired:
        return
    for name, desired in after.desired.items():
        old = before.desired.get(name)
        if old is None or (old.value, old.because) != (desired.value, desired.because):
            body = (("value", desired.value), ("rank", desired.rank.name.lower()), *_why(desired.because))
            yield Record("wish", name, body, Priority.STATE)
    for name in before.desired:
        if name not in after.desired:
            yield Record("wish", name, (("value", None),), Priority.STATE)


def _proofs(before: State, after: State) -> Iterator[Record]:
    if before.tracks == after.tracks:
        return
    for name, track in after.tracks.items():
        old = before.tracks.get(name)
        if old is track or track.proof not in _SAID:
            continue
        if old is None or old.proof is not track.proof or old.seen != track.seen:
            supply = _supply(after) if name.startswith("load.") else ()
            yield Record("proof", name, (*_proof(track), *supply), _SAID[track.proof])


def _proof(track: Track) -> tuple[tuple[str, Value], ...]:
    body: tuple[tuple[str, Value], ...] = (("proof", track.proof.value), ("seen", track.seen), ("want", track.want))
    return (*body, ("failed", track.failed)) if track.failed else body


_OF_POWER = ("undervoltage", "on_battery", "overload")


def _supply(state: State) -> tuple[tuple[str, Value], ...]:
    """N28: what the UPS saw while a contact moved or the supply was weak, on one line with it."""
    facts = ((name, state.facts.get(f"ups.{name}")) for name in ("input_v", "load_pct", "battery_v"))
    return tuple((name, f.value) for name, f in facts if f is not None and f.quality is Quality.GOOD)


def _alerts(before: State, after: State, carried: Collection[Key]) -> Iterator[Record]:
    """An alert is written when it begins and when it ends, over restarts too: one that an earlier life has written
    and that is still true goes on without a word."""
    for key, alarm in after.alerts.items():
        if key not in before.alerts and key not in carried:
            body = (("alert", alarm.code), *_why(alarm.because))
            body = (*body, *_supply(after)) if alarm.code in _OF_POWER else body
            body = (*body, ("maintenance", True)) if hushed(after, alarm.code) else body
            yield Record("alert", alarm.subject, body, Priority.INCIDENT)
    for key, alarm in before.alerts.items():
        if key not in after.alerts:
            supply = _supply(after) if alarm.code in _OF_POWER else ()
            yield Record("alert.end", alarm.subject, (("alert", alarm.code), *supply), Priority.INCIDENT)
    for key in carried:
        if key not in after.alerts and key not in after.unsettled:
            yield Record("alert.end", key[1], (("alert", key[0]),), Priority.INCIDENT)


def _would(before: State, after: State) -> Iterator[Record]:
    """In `watch` and `remind` a rule only says what it would have done."""
    for what, because in after.would.items():
        if before.would.get(what) != because:
            yield Record("would", what, _why(because), Priority.EVIDENCE)


def _marks(before: State, after: State) -> Iterator[Record]:
    """Marks that are evidence by themselves: named with a leading `!` by the rule that sets them. What an earlier
    life has noted came back with the memory, and was said then."""
    known = before.marks
    for name, kept in after.marks.items():
        old = known.get(name)
        if old is kept or not name.startswith("!"):
            continue
        if kept.value and old != kept and kept.since_ms >= after.started_ms:
            yield Record("noted", name[1:], (("value", kept.value),), Priority.EVIDENCE)
