"""What the room shows, as pure views of the state: why, loads, the next meeting, and how fast to ask. Lamps are in
lamps.py, the report in report.py.

Views are compared, not pushed: the runtime sends one when it differs from the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from controller.core.instant import Instant
from controller.core.room import Room
from controller.core.state import Proof, State
from controller.core.tables import target
from hardware.contract import Value

FAST_MS = 2_000
LINE_FAST_MS = 500
"""Another figure than FAST_MS: probes of the line go on for hours and are no sign that anything is on its way."""
REST_MS = 300_000
"""A device without power is asked every five minutes, so that one that answers all the same is noticed."""


def pace(state: State, room: Room) -> dict[str, int]:
    """How often each source should be asked, ms; 0 = its own idle period. FAST while anything that rests on the
    source is on its way or lost; REST while everything that it lives on is off and nobody wants it on."""
    fast: set[str] = set()
    awake: set[str] = set()
    for name, track in state.tracks.items():
        sources = _sources(room)[name]
        if track.want is not None and track.proof not in _SETTLED:
            fast |= sources
        if track.proof is not Proof.NA and not (track.seen == "off" and track.want in (None, "off")):
            awake |= sources
    mains = state.marks.get("mains")
    if mains is not None and mains.value == "lost":
        fast.add("ups")
    if "check" in state.holds:
        fast |= {"relay", "ups", *(awake & {"codec", "camera"})}
    rests = {"codec", "camera"} - awake
    close = state.marks.get("line.fast")
    line = {"line": LINE_FAST_MS if close is not None and close.value is True else 0} if room.line.places else {}
    return line | {
        s: FAST_MS if s in fast else REST_MS if s in rests else 0 for s in ("relay", "codec", "camera", "ups")
    }


@lru_cache(maxsize=32)
def _sources(room: Room) -> Mapping[str, set[str]]:
    """Target → sources that its proof rests on."""
    return {
        name: {e.fact.partition(".")[0] for e in (*spec.done, *spec.proven)} for name, spec in room.targets.items()
    }


_SETTLED = (Proof.PROVEN, Proof.NA, Proof.FAILED)


def why(state: State, name: str) -> Mapping[str, Value]:
    """Why is a target as it is: wish, rule, code, arguments, since when, and what it waits for."""
    desired, track = state.desired.get(name), state.tracks.get(name)
    body: dict[str, Value] = {"target": name}
    if track is not None:
        body |= {"proof": track.proof.value, "seen": track.seen, "since_ms": track.since_ms}
        if track.waiting is not None:
            body |= {"waits": track.waiting.code, "waits_args": track.waiting.args}
        if track.failed:
            body["failed"] = track.failed
    if desired is not None:
        because = desired.because
        body |= {"value": desired.value, "rank": desired.rank.name.lower(), "rule": because.rule}
        body |= {"code": because.code, "args": because.args, "wish_since_ms": desired.since_ms}
    return body


def load_state(state: State, name: str) -> str:
    """The four states that people read (N4): off, ordered, proven, failed; or unknown."""
    track = state.tracks.get(name)
    if track is None or (track.seen is None and track.proof is not Proof.ORDERED):
        return "unknown"
    if track.proof is Proof.FAILED:
        return "failed"
    if track.proof in (Proof.ORDERED, Proof.DONE, Proof.WAITING) and track.want is not None:
        return "ordered"
    return "proven" if track.seen == "on" else "off"


def loads(state: State, room: Room) -> dict[str, str]:
    """The state of every load by its name."""
    return {load.name: load_state(state, target(load)) for load in room.loads}


def next_meeting(state: State, now: Instant) -> tuple[str, str, int, int, str] | None:
    """(uid, title, start, end in Unix ms, readiness) of the meeting that is on or comes next.
    Readiness: '' not yet due, in_time, late, short_notice, ready, not_ready."""
    # People may have moved its end in the room. By its length: a figure of the clock would move with every slew.
    lasts = {b.meeting.uid: b.end_ms - b.start_ms for b in state.booked}
    ends = {m.uid: m.start_ms + lasts.get(m.uid, m.end_ms - m.start_ms) for m in state.meetings if not m.tentative}
    coming = [m for m in state.meetings if ends.get(m.uid, 0) > now.wall_ms]
    if not coming:
        return None
    meeting = min(coming, key=lambda m: m.start_ms)
    end_ms = ends[meeting.uid]
    mark = state.marks.get(f"!ready.{meeting.uid}")
    if mark is None:
        failed = any(code == "not_ready" and uid == meeting.uid for code, uid in state.alerts)
        return meeting.uid, meeting.title, meeting.start_ms, end_ms, "not_ready" if failed else ""
    return meeting.uid, meeting.title, meeting.start_ms, end_ms, str(mark.value)
