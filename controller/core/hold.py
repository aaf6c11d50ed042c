"""People's set-points: put, dropped, refused at the door. A hold always has an end or a way to end it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from controller.core.draft import Draft
from controller.core.instant import Trust
from controller.core.memory import Hold
from controller.core.records import Because, Priority
from controller.core.room import Class, Rank
from controller.core.tables import tables
from hardware.contract import NEVER_MS, Value


def put(
    draft: Draft,
    name: str,
    targets: tuple[str, ...],
    value: Value,
    rank: Rank,
    because: Because,
    until_ms: int,
) -> None:
    """Set or replace the hold `name`. Its wall-clock end is kept only when the clock is trusted."""
    now = draft.now
    known = until_ms < NEVER_MS and now.trust >= Trust.RTC
    wall_ms = now.wall_ms + until_ms - now.mono_ms if known else 0
    draft.holds[name] = Hold(name, targets, value, rank, because, now.mono_ms, until_ms, wall_ms)
    why: dict[str, Value] = {"rule": because.rule, "code": because.code, "args": because.args}
    draft.say("hold", name, Priority.EVIDENCE, value=value, **why)


def drop(draft: Draft, name: str) -> None:
    """End the hold `name`, if there is one."""
    if draft.holds.pop(name, None) is not None:
        draft.say("hold.end", name, Priority.EVIDENCE)


def refusal(draft: Draft, target: str, value: Value, rank: Rank) -> Because | None:
    """Why a demand of this rank would be refused now, by the refusals of the last decision."""
    for refused, at, limit, because in draft.old.refused:
        if refused == target and at == value and rank <= limit:
            return because
    return None


BY_HAND = frozenset({"R1.press", "hold.press", "hold.off_now"})
"""Reasons of what somebody in the room set at the panel."""


FRESH_MS = 60_000
"""An order lives for 30 s and its sender needs some to see the room: who sent it has not seen this press."""


def by_hand(draft: Draft, targets: Iterable[str], value: Value, rank: Rank) -> str:
    """The first of `targets` that a person in the room has just set otherwise, or ''. Who is there sees what it
    would do: the desk's wish to the contrary is refused, unless a named person forces it (`rank`). What was held
    off for ten seconds stays so whatever the desk wants."""
    now_ms = draft.now.mono_ms
    here = [h for h in draft.holds.values() if h.because.code in BY_HAND and h.until_ms > now_ms]
    here = [h for h in here if h.rank >= Rank.PERSON or (rank < Rank.PERSON and now_ms < h.since_ms + FRESH_MS)]
    return next((name for name in targets for h in here if name in h.targets and h.value != value), "")


def overrule(draft: Draft, targets: tuple[str, ...], value: Value, rank: Rank = Rank.MANUAL) -> None:
    """A later wish of `rank` for `targets`: single loads that were held otherwise are let go, and a room that is
    held otherwise goes without them. Two holds of one rank would else pull at one load, which no rule can decide. A
    light that somebody has switched off stays so for this use of the room, whoever keeps the room on (R28)."""
    loads = tables(draft.room).loads
    for hold in tuple(draft.holds.values()):
        if hold.value == value or not Rank.MANUAL <= hold.rank <= rank or not set(hold.targets) & set(targets):
            continue
        if hold.because.code == "hold.cycle":
            continue  # its off is the way to on, and it has an end of its own
        load = loads.get(hold.name)
        if load is not None and load.cls is Class.LIGHT and hold.value == "off":
            continue
        if left := tuple(name for name in hold.targets if name not in targets):
            draft.holds[hold.name] = replace(hold, targets=left)
        else:
            drop(draft, hold.name)


def storm_ends(draft: Draft) -> None:
    """The clock is known again: a storm ends at the time that was said, not when a doubtful clock would have it."""
    storm = draft.holds.get("storm")
    if storm is not None and storm.until_wall_ms and draft.now.trust >= Trust.RTC:
        left_ms = storm.until_wall_ms - draft.now.wall_ms
        until_ms = draft.now.mono_ms + min(left_ms, draft.room.storm.max_ms)
        draft.holds["storm"] = replace(storm, until_ms=until_ms)
