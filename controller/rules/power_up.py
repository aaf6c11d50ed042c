"""R1 — on one hour before (000 §1: devices on one hour before the session; 004 Đ8.3).

Demands every load of the room from `on_by`, so that the slowest is *proven* at T-60, until the meeting's end;
writes one readiness record per meeting, in time or late with the reason; keeps the network on at all times.
Between two meetings of one day (R18, no more than `break_max_min`) the room stays on and the codec sleeps: closing
and powering up again would wear the equipment twice, and most faults show at a power-up.
Must not: decide what a meeting is (book.py) or in which order loads go on (the table of edges, R3).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Proof
from controller.core.tables import target
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Wait, Yield
from controller.rules.common import (
    PC_GONE_MS,
    STARTING_MS,
    between,
    current,
    darkened,
    in_call,
    on_bypass,
    pc_runs,
    power_on,
)

WAKE_MS = 5 * 60_000
"""The codec wakes so long before a break is over: it needs a minute, and people come back early."""


def power_up(v: View) -> Iterator[Yield]:
    """R1: on by T-60 minus warm-up, until the end; in a declared break the codec sleeps (004 Đ7), unless another
    meeting's lead has begun in it."""
    meetings = list(current(v))
    resting = all(_in_break(v, booked) for booked in meetings) and _idles(v)
    for booked in meetings:
        because = Because("R1", "R1.meeting", (booked.meeting.uid,))
        for word in power_on(v, Rank.SCHEDULE, because):
            if not (resting and isinstance(word, Demand) and word.target == "codec.power"):
                yield word
        if resting:
            yield from _sleep(v, Because("R18", "R18.break", (booked.meeting.uid,)))


def pause(v: View) -> Iterator[Yield]:
    """R18: between two meetings of one day everything stays on; the codec sleeps once nobody of the first one can
    come back to it (its grace is over and no call is left)."""
    both = between(v)
    if both is None or any(True for _ in current(v)):
        return
    first, then = both
    because = Because("R18", "R18.pause", (then.meeting.uid,))
    resting = v.past(first.end_ms + v.room.idle.end_grace_ms) and _idles(v)
    for word in power_on(v, Rank.SCHEDULE, because):
        if not (resting and isinstance(word, Demand) and word.target == "codec.power"):
            yield word
    if resting:
        yield from _sleep(v, because)


def network(v: View) -> Iterator[Yield]:
    """The room's network and the controller's own line are never switched off by the day's rules."""
    for load in v.tables.network:
        yield Demand(target(load), "on", Rank.IDLE, Because("R1", "R1.network"))


def readiness(v: View) -> Iterator[Yield]:
    """R1's evidence: when everything was proven, and what was missing at T-60."""
    for booked in current(v):
        uid = booked.meeting.uid
        if on_bypass(v):
            # The key closes all loads without us: what cannot be known is not called late.
            if v.past(booked.ready_ms) and v.mark(f"!t60.{uid}") is None:
                yield Mark(f"!t60.{uid}", "by_hand")
            continue
        missing = _missing(v, booked)
        if not missing and v.mark(f"!ready.{uid}") is None:
            late = (booked.late or "late") if v.past(booked.ready_ms) else "in_time"
            yield Mark(f"!ready.{uid}", late)
        if not v.past(booked.ready_ms) or not v.up_for(STARTING_MS):
            continue
        if v.mark(f"!t60.{uid}") is None:
            yield Mark(f"!t60.{uid}", ("not_ready", *missing) if missing else "ready")
        if missing:
            code = f"R1.{booked.late}" if booked.late else "R1.not_ready"
            yield Alert("not_ready", uid, Because("R1", code, (uid, *missing)))


def _missing(v: View, booked: Booked) -> tuple[str, ...]:
    """Loads and devices that the meeting needs and that are not proven; a codec that sleeps in a break is as it
    should be."""
    resting = any(v.past(start) and not v.past(end) for start, end in booked.breaks)
    displays = (f"display.{name}.power" for name in v.room.displays)
    loads = (name for name in v.tables.targets if not darkened(v, name))
    names = (*loads, *displays, *(("codec.power",) if v.room.codec and not resting else ()))
    late = tuple(n for n in names if (t := v.track(n)) is None or t.proof is not Proof.PROVEN or t.want not in _UP)
    pc = v.room.pc
    told = pc is not None and (pc.asked or pc.run_w is not None)
    return (*late, *(("computer",) if told and pc_runs(v, PC_GONE_MS) is not True else ()))


_UP = ("on", "awake", None)


def _idles(v: View) -> bool:
    """Nobody is in a call or calls. One that sleeps and is not heard goes on sleeping: on a bad line each silence
    would wake it and each answer send it to sleep."""
    call = in_call(v)
    return not _rings(v) and (call is False or (call is UNKNOWN and v.was("codec.power") == "asleep"))


def _sleep(v: View, because: Because) -> Iterator[Yield]:
    """Who may be in a call is not told to."""
    yield Demand("codec.power", "asleep", Rank.SCHEDULE, because)
    if in_call(v) is UNKNOWN:
        yield Wait("codec.power", "asleep", because)


def _rings(v: View) -> bool:
    """Somebody calls, or is called: the break is over earlier than it was planned."""
    calls = v.get("codec.calls")
    return isinstance(calls, tuple) and bool(calls)


def _in_break(v: View, booked: Booked) -> bool:
    return any(v.past(start) and not v.past(end - WAKE_MS) for start, end in booked.breaks)
