"""People's set-points: put, dropped, refused at the door. A hold always has an end or a way to end it."""

from __future__ import annotations

from dataclasses import replace

from controller.core.draft import Draft
from controller.core.instant import Trust
from controller.core.memory import Hold
from controller.core.records import Because, Priority
from controller.core.room import Rank
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


def storm_ends(draft: Draft) -> None:
    """The clock is known again: a storm ends at the time that was said, not when a doubtful clock would have it."""
    storm = draft.holds.get("storm")
    if storm is not None and storm.until_wall_ms and draft.now.trust >= Trust.RTC:
        left_ms = storm.until_wall_ms - draft.now.wall_ms
        until_ms = draft.now.mono_ms + min(left_ms, draft.room.storm.max_ms)
        draft.holds["storm"] = replace(storm, until_ms=until_ms)
