"""N9 — the use lock: nothing goes off in a call, nor in [T-90 min, end + grace] of a booked meeting.

It never ends while media flows. A call that shows no sign of life (the codec silent since, or nothing received
since) holds the room no longer than four hours after it did and after every meeting's end; the lamp says so before.

It is a refusal, never a demand: it removes wishes for *off* of its rank and below before the arbiter chooses.
Safety, a person's forced *off* and power shedding outrank it. Exception: a device *proven dead* before the
call may be power-cycled once if that fits before the start (heal.py marks it).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS
from controller.core.records import Because
from controller.core.room import Class, Mode, Rank
from controller.core.tables import target
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Mark, Refuse, Yield
from controller.rules.common import CALL, in_call, lock_ends_ms, lock_lost, maybe_call


def calling(v: View) -> Iterator[Yield]:
    """N9: a call outlives a restart of ours, also while the codec has yet to tell of it. That of a rehearsal is
    nobody's."""
    call = in_call(v)
    if call is not UNKNOWN:
        yield Mark(CALL, call is True and not v.mark("rehearsal"))


def use_lock(v: View) -> Iterator[Yield]:
    """N9: refuse *off* and *asleep* for everything that a meeting uses."""
    because = lock(v)
    if because is None:
        return
    for load in (*v.tables.meeting, *v.tables.network):
        healing = v.mark(f"heal.{load.name}") == "cycle" and not maybe_call(v)
        # R28: people darken the hall for a projector in the middle of a meeting; no rule does.
        most = Rank.HEAL if load.cls is Class.LIGHT else Rank.USE_LOCK
        yield Refuse(target(load), "off", Rank.SCHEDULE if healing else most, because)
    if v.room.codec:
        yield Refuse("codec.reboot", "now", Rank.USE_LOCK, because)
    if maybe_call(v):
        yield Refuse("codec.power", "asleep", Rank.USE_LOCK, because)
        yield Refuse("codec.hangup", "all", Rank.SCHEDULE, because)


def lock(v: View) -> Because | None:
    """Why the room is locked now, None when it is not."""
    if maybe_call(v) and not lock_lost(v):
        return Because("N9", "N9.in_call")
    for booked in v.booked():
        grace_ms = v.room.idle.end_grace_ms
        if v.past(booked.start_ms - LOCK_BEFORE_MS) and not v.past(booked.end_ms + grace_ms):
            return Because("N9", "N9.meeting", (booked.meeting.uid,))
    return None


WARN_MS = 600_000


def lock_ends(v: View) -> Iterator[Yield]:
    """Ten minutes before a call without a sign of life loses its lock the lamp says so, where anything may be
    closed then."""
    if v.mode("R2") is not Mode.ENFORCE or not maybe_call(v):
        return
    ends_ms = lock_ends_ms(v)
    if ends_ms is not None and not v.past(ends_ms) and v.past(ends_ms - WARN_MS):
        yield Alert("closing_soon", "room", Because("N9", "N9.ends"))
