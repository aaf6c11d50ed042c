"""Fourth step: for every target, how far its wish has come by the evidence. Unknown is not a deviation: what
was proven and went stale is LOST, said once and never ordered. Done (the actuator says so) and proven (the
effect shows) are two levels, for *off* as for *on* (N4)."""

from __future__ import annotations

from dataclasses import replace

from controller.core.room import Evidence, Load, Target
from controller.core.state import Proof, Track
from controller.core.view import UNKNOWN, View
from hardware.contract import Result, Stage, Value

RETRY_MS = 2_000
"""At least this long between two tries: a relay, a codec or a person must be able to follow."""
GIVEN_UP_MS = 3_600_000
"""Bounded orders are counted by the hour: so long a deaf device is remembered."""
HOURLY = 12
"""So many orders within that hour, and the same word is not said once more."""
STEADY_MS = 60_000
"""Proven for so long, the tries are forgotten: a device that says yes and does no else gets an order a second."""
START_MS = 60_000
"""The first word about a load after a start may take so long: keeper and controller start side by side."""
TOLD_MS = 60_000
"""Whoever answers for so long has been asked for everything, and has told what it will tell."""
_WAITING, _DONE, _PROVEN, _LOST = Proof.WAITING, Proof.DONE, Proof.PROVEN, Proof.LOST
"""Looked up once, as in absorb.py: those that a target at rest is asked for."""
_GOOD = (_DONE, _PROVEN)
_OPEN = (Proof.FAILED, Proof.ORDERED, _WAITING)


def holds(evidence: tuple[Evidence, ...], value: Value, view: View) -> bool | None:
    """Does the evidence show `value`? None when a fact that it rests on is unknown."""
    for e in evidence:
        fact = view.get(e.fact)
        if fact is UNKNOWN:
            return None
        if e.absent:
            ok = isinstance(fact, tuple) and _absent(fact, value)
        else:
            ok = fact == (dict(e.when).get(value, value) if e.when else value)
        if not ok:
            return False
    return True


def _absent(rows: tuple[Value, ...], value: Value) -> bool:
    if value == "all":
        return not rows
    return all(not (isinstance(row, tuple) and row and row[0] == value) for row in rows)


SOURCE, TESTING = "ups.source", "ups.testing"
"""What tells that the mains is gone; a UPS that tests its battery takes nothing from what hangs beside it."""


def never_told(target: Target, view: View) -> bool:
    """Its device has answered for a while, and has never said in this life of ours how this stands. No inquiry may
    tell it (a Polycom says that it sleeps or wakes, and to nobody who asks), so only an order brings the evidence:
    to wait for it would be to wait for ever."""
    device, _, _ = target.done[0].fact.rpartition(".") if target.done else ("", "", "")
    untold = bool(device) and all(view.last(e.fact) is None for e in target.done)
    return untold and view.stayed(f"{device}.answers", True, TOLD_MS)


def unfed(load: Load | None, view: View) -> bool:
    """The mains is gone, and with it the power of a load that is not on the UPS, whatever its contact does: its
    silence is no fault of its own (N7: one cause, one alarm). What still answers has power, and goes on serving: a
    UPS whose own plug is out says battery as well."""
    if load is None or load.on_ups or not view.room.has_ups:
        return False
    gone = view.last(SOURCE) == "battery" and view.last(TESTING) is not True
    return gone and not (load.proof and view.get(load.proof) is True)


def seen(target: Target, view: View) -> Value:
    """The value that the actuator shows now, None = unknown or none that can be named."""
    if not target.done or target.done[0].absent:
        return None
    first = target.done[0]
    fact = view.get(first.fact)
    if fact is UNKNOWN:
        return None
    if first.when:
        return next((value for value, shown in first.when if shown == fact), None)
    return fact


def observe(
    target: Target, track: Track | None, want: Value, result: Result | None, carried: bool, view: View
) -> Track:
    """The track of `target` after this instant. `want` None = nobody asks for anything; `carried` = the
    target that it lives on is on; `result` = the answer to the open order, if one came."""
    now_ms = view.now.mono_ms
    if track is None:
        track = Track(Proof.UNSEEN, now_ms, off_ms=now_ms)
    shown = seen(target, view)
    if shown == "off" and (track.seen == "on" or (track.seen is None and view.up_for(START_MS))):
        # Off again after a time unseen: it may have gone off just now. At a start the remembered time stands.
        track = replace(track, off_ms=now_ms)
    if track.want != want:
        track = replace(track, want=want, tries=0, failed="", waiting=None, out_of_order=False)
        if track.proof in _OPEN or (track.proof in _GOOD and want not in (None, track.seen)):
            track = _to(track, Proof.UNSEEN, view)
        if want is not None and shown is not None:
            track = _anew(target, track, view)
    if track.seen != shown:
        track = replace(track, seen=shown)
    if not carried:
        return _to(track if track.given_up is None else replace(track, given_up=None), Proof.NA, view)
    return _unasked(target, track, view) if want is None else _asked(target, track, want, result, view)


def _anew(target: Target, track: Track, view: View) -> Track:
    """A wish that comes back to a device which answered and did nothing: it may have lapsed with its port, or ended
    with a life of ours, and that is no reason to tell three times more. The same one still waits for its next try,
    any other has one. A relay has all: what hangs on it may burn."""
    before = track.given_up
    if before is None or not target.carrier or view.past(before.since_ms + GIVEN_UP_MS):
        return track
    if track.want == before.want and not view.past(before.since_ms + target.again_ms):
        return replace(before, given_up=before, told=track.told)
    return replace(track, tries=target.tries - 1)


def _to(track: Track, proof: Proof, view: View) -> Track:
    if track.proof is proof:
        return track
    done_ms = track.done_ms
    if proof in _GOOD and track.proof not in _GOOD:
        done_ms = view.now.mono_ms
    waiting = track.waiting if proof is Proof.WAITING else None
    return replace(track, proof=proof, since_ms=view.now.mono_ms, done_ms=done_ms, waiting=waiting)


def _unasked(target: Target, track: Track, view: View) -> Track:
    """Nobody wants anything: only look."""
    if track.seen is None:
        return _to(track, _LOST if track.proof in (*_GOOD, _LOST) else Proof.UNSEEN, view)
    proven = holds(target.proven, track.seen, view)
    return _to(track, _PROVEN if proven else _DONE, view)


def _asked(target: Target, track: Track, want: Value, result: Result | None, view: View) -> Track:
    done = _by_result(track, result) if not target.done else holds(target.done, want, view)
    if done is None:
        return _blind(target, track, view)
    if not done:
        return _contrary(target, track, result, view)
    proven = True if not target.proven else holds(target.proven, want, view)
    if proven:
        if track.given_up is not None and track.proof is Proof.ORDERED:
            track = replace(track, given_up=None)
        track = _to(track, _PROVEN, view)
        steady = not (track.tries or track.failed) or view.past(track.since_ms + STEADY_MS)
        return replace(track, tries=0, failed="") if steady and (track.tries or track.failed) else track
    return _effect(target, track, proven, view)


def _by_result(track: Track, result: Result | None) -> bool:
    """A target without any evidence is done when the device said so."""
    said = result is not None and result.stage is Stage.DONE
    return said or track.proof in _GOOD


def _effect(target: Target, track: Track, proven: bool | None, view: View) -> Track:
    """The contact is right and the effect is not there (yet)."""
    load = view.tables.loads.get(target.name)
    match track.proof:
        case Proof.FAILED:
            return track
        case _ if track.want == "on" and unfed(load, view):
            return _to(track, Proof.DONE, view)
        case Proof.PROVEN if proven is None and track.want == "off":
            return track  # without power it is silent and asked seldom: its last silence grows old and stays true
        case Proof.PROVEN | Proof.LOST if proven is None:
            return _to(track, Proof.LOST, view)
        case Proof.DONE:
            pass
        case Proof.PROVEN:
            track = replace(_to(track, Proof.DONE, view), done_ms=view.now.mono_ms)
        case _:
            track = _to(track, Proof.DONE, view)
    if view.past(track.done_ms + target.effect_ms) and _fed_for(load, target.effect_ms, view):
        return replace(_to(track, Proof.FAILED, view), failed="no_effect")
    return track


def _fed_for(load: Load | None, for_ms: int, view: View) -> bool:
    """What was without mains has begun anew with it."""
    if load is None or load.on_ups or view.get(SOURCE) != "mains":
        return True
    return view.stayed(SOURCE, "mains", for_ms)


def _contrary(target: Target, track: Track, result: Result | None, view: View) -> Track:
    """Good evidence says that the wish is not fulfilled."""
    if track.proof is Proof.ORDERED:
        if result is not None and result.stage in (Stage.REFUSED, Stage.FAILED):
            return _tried(target, replace(track, failed=result.code or result.stage.value), view)
        if view.past(track.sent_ms + target.prove_ms):
            return _tried(target, replace(track, failed="timeout"), view)
        return track
    if track.proof is Proof.FAILED:
        # Healing is a rule's work; a contact that never answered is tried once now and then.
        if view.past(track.since_ms + target.again_ms) and not _told_often(target, track, view):
            return replace(_to(track, Proof.WAITING, view), tries=target.tries - 1)
        return track
    return _tried(target, track, view)


def _tried(target: Target, track: Track, view: View) -> Track:
    if track.tries < target.tries and not _told_often(target, track, view):
        return _to(track, Proof.WAITING, view)
    track = replace(_to(track, Proof.FAILED, view), given_up=None)
    return replace(track, given_up=track)


def _told_often(target: Target, track: Track, view: View) -> bool:
    """A device that obeys and does not stay so (a sleep timer in a meeting, on a bad line) begins each time with
    all its tries; by the hour they are bounded all the same. Another wish, and a relay, are never held back."""
    told = track.told
    if not target.carrier or told is None or len(told.at_ms) < HOURLY or told.value != track.want:
        return False
    return not view.past(told.at_ms[0] + GIVEN_UP_MS)


def _blind(target: Target, track: Track, view: View) -> Track:
    """No good evidence about the actuator. Orders on unknown evidence go out only in the first minute, or where
    only they bring evidence."""
    match track.proof:
        case Proof.PROVEN | Proof.DONE | Proof.LOST:
            return _to(track, Proof.LOST, view)
        case Proof.ORDERED:
            if not view.past(track.sent_ms + target.prove_ms):
                return track
            spent = track.tries >= target.tries and never_told(target, view)
            return _to(track, Proof.LOST if track.done_ms else Proof.FAILED if spent else Proof.UNSEEN, view)
        case Proof.FAILED:
            return track
        case _:
            return _to(track, Proof.UNSEEN, view)
