"""R19, R21 — how many people are there, and is anybody (004 Đ4.3: at most 40; 002: connected but nobody there).

Only where the codec counts, only in a meeting, and never in a secret or external one. What leaves the room is one
figure a meeting, its peak, and no list of who was when where. That nobody seems to be there is a question to the
desk, once a meeting, when motion sensors and codec agree for ten minutes in a call; it is no finding until a named
person has said so. The words are "no motion noticed": neither sensor knows people (people 5.3).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.room import Mode
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import live, nobody

PEAK = "peak"
"""The mark: (uid, most people counted at once)."""
OPEN = "unseen"
"""The mark: uid of the meeting whose question is open."""
OVER_MS = 60_000
"""A count that stands a minute is no waiter with the tea."""


def count(v: View) -> Iterator[Yield]:
    """R19: the peak of each meeting, noted at its end; more than the limit is said to the meeting's end."""
    uid, peak = _kept(v)
    booked = _counted(v)
    if uid and (booked is None or booked.meeting.uid != uid):
        yield Mark(f"!people.{uid}", peak)
        yield Mark(PEAK, "")
        return
    people = v.number("codec.people")
    if booked is None or people is None:
        return
    uid = booked.meeting.uid
    if people > peak:
        yield Mark(PEAK, (uid, round(people)))
    yield Mark("crowded", people > v.room.presence.people_max)
    if v.held("crowded", True, OVER_MS):
        yield Mark("crowded_in", uid)
    if v.mark("crowded_in") == uid:
        yield Alert("people_over", "room", Because("R19", "R19.over", (uid, v.room.presence.people_max)))


def _kept(v: View) -> tuple[str, int]:
    kept = v.mark(PEAK)
    if isinstance(kept, tuple) and len(kept) == 2 and isinstance(kept[1], int):
        return str(kept[0]), kept[1]
    return "", 0


def _counted(v: View) -> Booked | None:
    """The meeting whose people may be counted: none while a secret or external one is on, nor while those of the
    one before are still leaving."""
    here = list(live(v))
    reserved = any(b.meeting.secret or b.meeting.external for b in here)
    leaving = len(list(live(v, v.room.idle.end_grace_ms))) > len(here)
    return here[0] if here and not reserved and (v.past(here[0].start_ms) or not leaving) else None


def unseen(v: View) -> Iterator[Yield]:
    """R21: in a call for ten minutes, and two sources agree that nobody is there: ask."""
    booked = _counted(v)
    if booked is None or not v.past(booked.start_ms):
        return
    uid = booked.meeting.uid
    told = v.mark(f"!unseen.{uid}")
    if isinstance(told, tuple):
        return  # a person has answered
    if not _nobody(v):
        if v.mark(OPEN):
            yield Mark(OPEN, "")
    elif told is None or v.mark(OPEN) == uid:  # who was asked and has left the matter is not asked again
        asks = v.mode("R21") in (Mode.REMIND, Mode.ENFORCE)
        yield Mark(f"!unseen.{uid}", "asked" if asks else "would")
        yield Mark(OPEN, uid)
        yield Alert("unseen", "room", Because("R21", "R21.unseen", (uid,)))


def _nobody(v: View) -> bool:
    for_ms = v.room.presence.empty_ms
    pressed = v.mark("pressed")
    if isinstance(pressed, int) and not v.past(pressed + for_ms):
        return False
    both = v.stayed("codec.in_call", True, for_ms) and v.stayed("codec.people", 0, for_ms)
    return both and nobody(v, for_ms)
