"""R13, R9 where a computer runs the meeting (`[codec] kind = "pc"`; people 5.6: PC rooms are never hard-cut).

Nobody can tell a computer to shut down, so its power waits until it has done so by itself: what its socket draws
has been below that of a running one for a minute, or it has been silent for the thirty minutes of R13. Its silence
says something only once it has answered before, and while the network between it and us shows that it lives. In
doubt it stays on, whoever wants it off, and people are asked: who stands before it can pull its plug. Only smoke
and water cut it all the same; the keeper, when it is alone, never does.
Must not: say what a computer that is down means for the room (common.in_call, idle_off.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.computer import ANSWERS, PC_STARTS, WATTS
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import UNKNOWN, Known, View
from controller.core.words import Alert, Demand, Mark, Wait, Yield
from controller.rules.common import PC_ANSWERED, PC_DRAWS, PC_GONE_MS, pc_runs

SPARE_MS = 60_000
"""Beyond the warm-up: a cold morning, a check of its disk."""


def computer(v: View) -> Iterator[Yield]:
    """Remember what it has shown; keep its power; let its microphone go when nobody can hear it any more."""
    pc = v.room.pc
    if pc is None:
        return
    if v.get(ANSWERS) is True:
        yield Mark(PC_ANSWERED, True)
    watts = v.number(WATTS)
    if pc.run_w is not None and watts is not None:
        yield Mark(PC_DRAWS, watts >= pc.run_w)
    if v.tables.codec_load and (pc.asked or pc.run_w is not None):
        yield from _starts(v, v.tables.codec_load)
    yield from _power(v)
    if pc.mutes and v.seen("codec.mute") == "muted" and pc_runs(v, PC_GONE_MS) is False:
        yield Demand("codec.mute", "open", Rank.IDLE, Because("R9", "R9.rest"))


def _starts(v: View, name: str) -> Iterator[Yield]:
    """Its load is proven by the relay alone, so that nobody calls one that was shut down a dead device; whether it
    has come up with its power is another question, and *may we start?* waits for the answer."""
    track = v.track(name)
    if track is None or track.seen is None:
        return
    if track.seen == "off" or v.get(ANSWERS) is True or v.mark(PC_DRAWS) is True:
        yield Mark(PC_STARTS, "starting" if track.seen == "off" else "up")
    elif v.mark(PC_STARTS) == "starting" and v.past(track.done_ms + v.tables.loads[name].warmup_ms + SPARE_MS):
        yield Mark(PC_STARTS, "late")
    if v.mark(PC_STARTS) == "late" and track.seen == "on":
        yield Alert("computer_off", name, Because("R1", "R1.computer"))


def _power(v: View) -> Iterator[Yield]:
    """R13: no order *off* reaches its load before it is known to be down."""
    name = v.tables.codec_load
    runs = pc_runs(v, v.room.close.silent_ms)
    if not name or runs is False:
        return
    wish = v.desired(name)
    if wish is None or wish.value != "off":
        yield Wait(name, "off", _why(runs))  # a wish that comes in this very call is held until it was looked at
    elif wish.rank < Rank.SAFETY:
        yield Wait(name, "off", _why(runs))
        yield Alert("computer_on", name, _why(runs))


def _why(runs: Known) -> Because:
    return Because("R13", "R13.computer_unknown" if runs is UNKNOWN else "R13.computer")
