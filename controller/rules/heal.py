"""N15 — bounded repair of a device that is *proven dead* (its contact closed, its effect absent): its port is
opened anew (for a camera on a line that is Address Set and IF_Clear as well), then its power is cycled once,
then a person is called. It never stops silently: what is spent, or not allowed now, is an incident that needs a
hand.

A silent device is told nothing by words: it has not identified itself, and nothing that can switch is sent
before. The cycle keeps to N9: outside a call, and only if off-time + warm-up + 5 min still fit before the next
start. It demands *off* until the load is off and has rested, then stops demanding; who wanted it on still does.
The budget is one cycle a day, kept over restarts; the desk may order another (`heal`), which the use lock
refuses at the door.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Class, Load, Rank
from controller.core.state import Proof
from controller.core.tables import target
from controller.core.upkeep import HOLD
from controller.core.view import Alert, Demand, Mark, View, Yield
from controller.rules.common import maybe_call, unplugged

SPARE_MS = 5 * 60_000
AGAIN_MS = 24 * 3_600_000
"""Once a day: a device that does not come back needs a hand, not a thousand cycles."""
REOPEN_MS = 30_000
"""A port that was opened anew has asked its device three times by then."""
CYCLE_MS = 10 * 60_000
"""A load that is not off by then is held on by somebody."""


def heal(v: View) -> Iterator[Yield]:
    """N9, N15: the ladder of every load that meetings need; one whose plug is pulled is not dead."""
    if unplugged(v):
        return
    for load in v.tables.meeting:
        spent, stage = f"spent.{load.name}", v.mark(f"heal.{load.name}")
        if v.mark(spent) is True and v.held(spent, True, AGAIN_MS):
            yield Mark(spent, False)
        if stage or _dead(v, load):
            yield from _STAGES[str(stage or "")](v, load)


def _new(v: View, load: Load) -> Iterator[Yield]:
    """Dead: what costs nobody anything comes first."""
    yield Mark(f"heal.{load.name}", "reopen" if _port(load) in v.room.targets else "reopened")


def _reopen(v: View, load: Load) -> Iterator[Yield]:
    mark = f"heal.{load.name}"
    if v.get(load.proof) is True:
        yield Mark(mark, "")
    elif v.held(mark, "reopen", REOPEN_MS):
        yield Mark(mark, "reopened")
    else:
        yield Demand(_port(load), "reopen", Rank.HEAL, Because("N15", "N15.reopen", (load.name,)))


def _reopened(v: View, load: Load) -> Iterator[Yield]:
    """Still dead: its power, if that is allowed and not spent; else a person."""
    mark, spent = f"heal.{load.name}", f"spent.{load.name}"
    if not _dead(v, load):
        if v.get(load.proof) is True or v.seen(target(load)) == "off":
            yield Mark(mark, "")
    elif v.mark(spent) is True:
        yield _hand(load, "N15.needs_hand")
    elif _fits(v, load):
        yield Mark(spent, True)
        yield Mark(mark, "cycle")
    else:
        yield _hand(load, "N15.not_now")


def _cycle(v: View, load: Load) -> Iterator[Yield]:
    name, mark = target(load), f"heal.{load.name}"
    track = v.track(name)
    rested = track is not None and track.seen == "off" and v.past(track.off_ms + load.min_off_ms)
    if maybe_call(v) or rested or v.held(mark, "cycle", CYCLE_MS):
        yield Mark(mark, "done")
    else:
        yield Demand(name, "off", Rank.HEAL, Because("N9", "N9.heal", (load.name,)))


def _done(v: View, load: Load) -> Iterator[Yield]:
    if v.held(f"heal.{load.name}", "done", AGAIN_MS):
        yield Mark(f"heal.{load.name}", "")
    elif _dead(v, load):
        yield _hand(load, "N15.needs_hand")


_STAGES = {"": _new, "reopen": _reopen, "reopened": _reopened, "cycle": _cycle, "done": _done}


def _hand(load: Load, code: str) -> Alert:
    return Alert("needs_hand", target(load), Because("N15", code, (load.name,)))


def _port(load: Load) -> str:
    """The order that opens the port of what hangs on this load."""
    return load.proof.removesuffix("answers") + "port"


def _dead(v: View, load: Load) -> bool:
    """Its contact is closed and it was asked and is silent. A device that cannot be asked is unknown, not dead."""
    name = target(load)
    track = v.track(name)
    if not load.proof or v.get(load.proof) is not False:
        return False
    return track is not None and track.proof is Proof.FAILED and track.seen == "on" and v.was(name) == "on"


def _fits(v: View, load: Load) -> bool:
    """Nobody is in a call, nobody has a hand in it (N19), and it would be back before it is needed."""
    if maybe_call(v) or load.cls is Class.NETWORK or v.hold(HOLD) is not None:
        return False
    need_ms = load.min_off_ms + load.warmup_ms + SPARE_MS
    return not any(v.past(b.start_ms - need_ms) and not v.past(b.end_ms) for b in v.booked())
