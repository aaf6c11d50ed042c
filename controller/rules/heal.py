"""N15 — bounded repair of a device that is *proven dead* (its contact closed, its effect absent): its port is
opened anew (for a camera on a line that is Address Set and IF_Clear as well), then its power is cycled once,
then a person is called. It never stops silently: what is spent, or not allowed now, is an incident that needs a
hand.

A codec that answers and does not do what it is told (*green but dead*) takes the same way with a step between: it
is told to start anew, once a day, never in the use lock and never while it updates itself. After each step it is
given until its orders are tried again: it answered all the time, so that alone proves nothing. Only then its power
is cycled, and being no dead device, not in the lock either.

A silent device is told nothing by words: it has not identified itself, and nothing that can switch is sent
before. The cycle keeps to N9: outside a call, also one that only a computer or a silent codec knows of, and only if
off-time + warm-up + 5 min still fit before the next start. It demands *off* until the load is off and has rested,
then stops demanding; who wanted it on still does.
The budget is one cycle a day, kept over restarts; the desk may order another (`heal`), which the use lock
refuses at the door.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Class, Load, Rank
from controller.core.state import Proof, Track
from controller.core.tables import target
from controller.core.upkeep import HOLD
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import STARTING_MS, current, in_call, maybe_call, nobody, unplugged
from controller.rules.use_lock import lock

SPARE_MS = 5 * 60_000
AGAIN_MS = 24 * 3_600_000
"""Once a day: a device that does not come back needs a hand, not a thousand cycles."""
REOPEN_MS = 30_000
"""A port that was opened anew has asked its device three times by then."""
REBOOT_MS = 60_000
RETRIED_MS = 11 * 60_000
"""An order that has failed is tried again after ten minutes."""
_TOLD = ("codec.power", "codec.mute", "codec.autoanswer")
"""Set-points that every codec has."""
_NOTHING = ("no_effect", "timeout")
CYCLE_MS = 10 * 60_000
"""A load that is not off by then is held on by somebody."""


def heal(v: View) -> Iterator[Yield]:
    """N9, N15: the ladder of every load that meetings need; one whose plug is pulled is not dead."""
    if unplugged(v):
        return
    for load in v.tables.meeting:
        stage = v.mark(f"heal.{load.name}")
        for spent in (f"spent.{load.name}", f"spent.{load.name}.reboot"):
            if v.mark(spent) is True and v.held(spent, True, AGAIN_MS):
                yield Mark(spent, False)
        if stage or _dead(v, load) or _sick(v, load):
            yield from _STAGES[str(stage or "")](v, load)


def _new(v: View, load: Load) -> Iterator[Yield]:
    """Dead: what costs nobody anything comes first."""
    first = "reopen" if _dead(v, load) else "again"
    yield Mark(f"heal.{load.name}", first if _port(load) in v.room.targets else "reopened")


def _reopen(v: View, load: Load) -> Iterator[Yield]:
    mark = f"heal.{load.name}"
    if _well(v, load):
        yield Mark(mark, "")
    elif v.held(mark, "reopen", REOPEN_MS):
        yield Mark(mark, "reopened")
    else:
        yield Demand(_port(load), "reopen", Rank.HEAL, Because("N15", "N15.reopen", (load.name,)))


def _again(v: View, load: Load) -> Iterator[Yield]:
    """Its port is opened anew, once, and it is told again: what has failed is forgotten with the port."""
    mark, port = f"heal.{load.name}", v.track(_port(load))
    kept = v.kept(mark)
    began_ms = kept.since_ms if kept is not None else 0
    if port is None or port.sent_ms < began_ms or port.proof is Proof.ORDERED:
        yield Demand(_port(load), "reopen", Rank.HEAL, Because("N15", "N15.reopen", (load.name,)))
    if v.held(mark, "again", REOPEN_MS) and (_sick(v, load) or v.held(mark, "again", RETRIED_MS)):
        yield Mark(mark, "" if _well(v, load) else "reopened")


def _reopened(v: View, load: Load) -> Iterator[Yield]:
    """Still dead: its power, if that is allowed and not spent; else a person. One that answers: by words first."""
    mark, spent, sick = f"heal.{load.name}", f"spent.{load.name}", _lingers(v, load)
    if not sick and not _dead(v, load):
        if v.get(load.proof) is True or v.seen(target(load)) == "off":
            yield Mark(mark, "")
    elif sick and v.get("codec.updating") is not False:
        return  # whatever it does now, it may never come back from a cut
    elif sick and v.mark(f"{spent}.reboot") is not True and _fits(v, load) and lock(v) is None:
        yield Mark(f"{spent}.reboot", True)
        yield Mark(mark, "reboot")
    elif v.mark(spent) is True:
        yield _hand(load, "N15.needs_hand")
    elif _fits(v, load) and not (sick and lock(v) is not None):
        yield Mark(spent, True)
        yield Mark(mark, "cycle")
    else:
        yield _hand(load, "N15.not_now")


def _reboot(v: View, load: Load) -> Iterator[Yield]:
    """Until the codec has taken the order, or will not. What an earlier life of ours has told is not told again."""
    mark, track = f"heal.{load.name}", v.track("codec.reboot")
    ended = track is not None and track.want == "now" and track.proof in (Proof.PROVEN, Proof.DONE, Proof.FAILED)
    if ended or maybe_call(v) or not v.up_for(STARTING_MS) or v.held(mark, "reboot", REBOOT_MS):
        yield Mark(mark, "rebooted")
    else:
        yield Demand("codec.reboot", "now", Rank.HEAL, Because("N15", "N15.reboot", (load.name,)))


def _rebooted(v: View, load: Load) -> Iterator[Yield]:
    """Its start, and the next try of what it did not do."""
    mark = f"heal.{load.name}"
    if v.held(mark, "rebooted", load.warmup_ms + RETRIED_MS):
        yield Mark(mark, "" if _well(v, load) else "reopened")


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
    elif _dead(v, load) or _lingers(v, load):
        yield _hand(load, "N15.needs_hand")


_STAGES = {
    "": _new,
    "reopen": _reopen,
    "again": _again,
    "reopened": _reopened,
    "reboot": _reboot,
    "rebooted": _rebooted,
    "cycle": _cycle,
    "done": _done,
}


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


def _well(v: View, load: Load) -> bool:
    return v.get(load.proof) is True and not _lingers(v, load)


def _sick(v: View, load: Load) -> bool:
    """It answers, and one of its orders has come to nothing for good."""
    return _lingers(v, load) and any(t.proof is Proof.FAILED for t in _idle(v))


def _lingers(v: View, load: Load) -> bool:
    """The same, also while such an order is being tried once more."""
    name = target(load)
    on = v.seen(name) == "on" and v.was(name) == "on"
    ours = bool(v.room.codec) and name == v.tables.codec_load and on
    return ours and v.get("codec.answers") is True and any(True for _ in _idle(v))


def _idle(v: View) -> Iterator[Track]:
    """What the codec was told, has taken and does not do. A word that it refuses is another matter."""
    for name in _TOLD:
        track = v.track(name)
        if track is not None and track.failed in _NOTHING and track.proof not in (Proof.PROVEN, Proof.DONE):
            yield track


def _unseen_call(v: View) -> bool:
    """N9: a computer that runs tells nobody of its calls, and a codec that is silent tells nobody of one that has
    begun, or of one from before our start: either may be in one. Not where nobody is (R2), nor in the lead of a
    booked meeting, in which the lock itself lets a dead device be cycled once, unless one before may run over."""
    if in_call(v) is not UNKNOWN or _never_came(v):
        return False
    over = any(v.past(b.end_ms) and not v.past(b.end_ms + v.room.idle.end_grace_ms) for b in v.booked())
    return (over or not any(True for _ in current(v))) and not nobody(v, v.room.idle.idle_ms)


def _never_came(v: View) -> bool:
    """The codec was switched on by us just now and has not spoken since: dead before any call. So a rehearsal
    repairs it, also where no sensor tells that nobody is there."""
    load, power = v.tables.loads.get(v.tables.codec_load), v.track(v.tables.codec_load)
    if v.room.pc is not None or load is None or power is None or power.sent is None or power.sent.value != "on":
        return False
    return v.older("codec.in_call", power.sent_ms) and not v.past(power.sent_ms + load.warmup_ms + SPARE_MS)


def _fits(v: View, load: Load) -> bool:
    """Nobody is in a call, nobody has a hand in it (N19), and it would be back before it is needed."""
    if maybe_call(v) or _unseen_call(v) or load.cls is Class.NETWORK or v.hold(HOLD) is not None:
        return False
    need_ms = load.min_off_ms + load.warmup_ms + SPARE_MS
    return not any(v.past(b.start_ms - need_ms) and not v.past(b.end_ms) for b in v.booked())
