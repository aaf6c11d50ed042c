"""R13, R9 where a computer runs the meeting (`[codec] kind = "pc"`; people 5.6: PC rooms are never hard-cut).

Nobody can tell a computer to shut down, so its power waits until it has done so by itself: what its socket draws
has been below that of a running one for a minute, or it has been silent for the thirty minutes of R13. Its silence
says something only once it has answered before, and while the network between it and us shows that it lives. In
doubt it stays on, whoever wants it off, and people are asked: who stands before it can pull its plug. Only smoke
and water cut it all the same, heat does not; the keeper, when it is alone, never does. A UPS that feeds it is told
to cut only when it is down: else the battery runs to its end.
What no rule can do: keep it alive when the HAND key, which fed it past an open relay, is turned back; see one that
boots, or sleeps, where its socket is not measured.
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

HAZARD = "R16"
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
    """R13: no order *off* reaches its load before it is known to be down; nor the UPS, where that feeds it."""
    name = v.tables.codec_load
    if name and v.seen(name) == "off":
        return
    load, runs = v.tables.loads.get(name), pc_runs(v, v.room.close.silent_ms)
    gates = [(name, "off")] if name else []
    gates += [("ups.shutdown", "return")] if load is None or load.on_ups else []
    for target, value in gates:
        wish = v.desired(target)
        if wish is None or wish.value != value:
            yield Wait(target, value, _why(runs))  # a wish that comes in this very call is held and looked at
        elif wish.because.rule != HAZARD and (runs is not False or not v.past(wish.value_since_ms + _look_ms(v))):
            yield Wait(target, value, _why(runs))
            if runs is not False:
                yield Alert("computer_on", name or "codec", _why(runs))


def _look_ms(v: View) -> int:
    """One that was down a while ago may have been started since: whoever wants it off waits until it would have
    shown itself, or its word is too old to be believed."""
    limits = (v.room.facts.get(name) for name in (ANSWERS, WATTS))
    return max((limit.max_age_ms for limit in limits if limit is not None), default=0)


def _why(runs: Known) -> Because:
    return Because("R13", "R13.computer_unknown" if runs is UNKNOWN else "R13.computer")
