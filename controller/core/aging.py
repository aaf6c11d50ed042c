"""What only time makes of a fact (N14): past its age it turns stale, and where its like move and it does not, it is
stuck. Part of the first step of `decide`: rules see quality, not ages. Must not: read events."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.draft import Draft
from controller.core.room import Room
from controller.core.state import Fact, Quality
from controller.core.tables import tables
from hardware.contract import NEVER_MS

_GOOD, _STUCK = Quality.GOOD, Quality.STUCK
"""Looked up once, as in absorb.py."""
_NEVER = Fact(None, Quality.NEVER, 0, 0)


def age(draft: Draft) -> None:
    """Facts past their age turn stale; when the next one will is noted."""
    now_ms, facts, aged_ms = draft.now.mono_ms, draft.facts, NEVER_MS
    for name, (max_age_ms, silent_age_ms) in tables(draft.room).ages.items():
        fact = facts.get(name)
        if fact is None:
            continue
        value, quality, at_ms, since_ms, _, _ = fact
        if quality is not _GOOD and quality is not _STUCK:
            continue
        stale_ms = at_ms + 1 + (silent_age_ms if silent_age_ms and value is False else max_age_ms)
        if now_ms >= stale_ms:
            draft.learn(name, Fact(value, Quality.STALE, at_ms, since_ms))
        elif stale_ms < aged_ms:
            aged_ms = stale_ms
    draft.aged_ms = aged_ms


def aged_ms(facts: Mapping[str, Fact], room: Room) -> int:
    """When the first of these will be too old to be believed, as `age` finds it."""
    ages = tables(room).ages
    good = ((f, *ages[name]) for name, f in facts.items() if name in ages and f.quality in (_GOOD, _STUCK))
    stale = (f.at_ms + 1 + (silent if silent and f.value is False else most) for f, most, silent in good)
    return min(stale, default=NEVER_MS)


def look(draft: Draft) -> None:
    """Stuck: for the whole time not a digit has moved, and one of another like fact has (N14). Looked at when that
    time is full and, where nothing had moved, when it is full again: a still room is no broken sensor."""
    for name, stuck_ms in tables(draft.room).stuck.items():
        fact = draft.facts.get(name)
        if fact is None or fact.still is None or fact.quality is not _GOOD:
            continue
        since_ms = fact.still[1]
        rounds = (draft.now.mono_ms - since_ms) // stuck_ms
        end_ms = since_ms + rounds * stuck_ms
        draft.past(end_ms + stuck_ms)
        if rounds and _moved(draft, name, since_ms, end_ms):
            draft.learn(name, fact._replace(quality=_STUCK))


def _moved(draft: Draft, name: str, since_ms: int, end_ms: int) -> bool:
    others = (draft.facts.get(other, _NEVER).still for other in tables(draft.room).stuck if other != name)
    return any(since_ms < still[1] <= end_ms for still in others if still is not None)
