"""What the room shows, as pure views of the state: lamps, the report, why, readiness, and how fast to ask.

Views are compared, not pushed: the runtime sends one when it differs from the last. Lamp grammar (people):
off = not needed, steady = all right, slow = the machine works, wait, double = a person is needed, fast = now.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from controller.core.buzzer import buzzer
from controller.core.buzzer import due_ms as sounding_due_ms
from controller.core.computer import may_be_heard
from controller.core.instant import Instant
from controller.core.memory import Kept
from controller.core.phases import phase
from controller.core.ringing import rings
from controller.core.room import Lamp, Room
from controller.core.seating import SPEAKER
from controller.core.state import Proof, Quality, State
from controller.core.tables import tables, target
from hardware.contract import Value

REFUSED_MS = 3_000
MIC_TOLD_MS = 60_000
"""How long the red lamp tells that the microphone was open out of turn and is closed again."""
PASSED_MS = 60_000
"""KIỂM TRA is steady for a minute when the check was passed …"""
LOOK_MS = 600_000
"""… and asks for a look for ten when it was not, or could not be made in full."""
LINE_DOWN_MS = 300_000
"""Not back in five minutes: the provider is to be phoned."""
FAST_MS = 2_000
LINE_FAST_MS = 500
"""Another figure than FAST_MS: probes of the line go on for hours and are no sign that anything is on its way."""
REST_MS = 300_000
"""A device without power is asked every five minutes, so that one that answers all the same is noticed."""

_OWN = {"journal", "keeper_down", "undervoltage", "disk", "needs_hand", "sensor_stuck", "login_refused"}
_HAND = {
    "failed",
    "lost",
    "sensor_lost",
    "ups_unknown",
    "silent_codec",
    "computer_on",
    "computer_off",
    "contact_lost",
    "tamper",
    *_OWN,
}
_WAITS_FOR_HAND = {*_HAND, "battery_short"}
"""What keeps a room from coming on until a person does something."""
_NOW = {"heat", "smoke", "leak"}
_NEEDED = {"not_ready", "closing_soon", "computer_off", "failed", "own_dial", "remind"}
"""What makes *may we start?* a question for a person, although nothing is on its way any more."""


def lamps(state: State, now: Instant, room: Room) -> dict[str, str]:
    """Pattern of every wired lamp (off, steady, slow, double, fast or refused) and of the buzzer."""
    shown = phase(state, room)
    codes = {alarm.code for alarm in state.alerts.values()}
    lit = {lamp.name: _pattern(_Look(state, now, room, shown, codes, lamp)) for lamp in room.lamps}
    return lit | ({room.buzzer: buzzer(state, now, room)} if room.buzzer else {})


def _pattern(look: _Look) -> str:
    """A refused press is answered by the lamp of its own button; BẬT has SẴN SÀNG, which is wired everywhere."""
    button = _ANSWERS.get(look.lamp.role)
    names = (f"refused.{button}", f"refused.{button}.{look.lamp.seat}")
    if button is not None and any(look.recent(name, REFUSED_MS) for name in names):
        return "refused"
    return _LAMPS[look.lamp.role](look)


_ANSWERS = {"ready": "power", "room": "power", "talk": "talk", "duty": "duty", "check": "check", "help": "help"}


class _Look:
    """What one lamp looks at."""

    __slots__ = ("codes", "lamp", "now", "phase", "room", "state")

    def __init__(self, state: State, now: Instant, room: Room, shown: str, codes: set[str], lamp: Lamp) -> None:
        self.state, self.now, self.room = state, now, room
        self.phase, self.codes, self.lamp = shown, codes, lamp

    def recent(self, mark: str, within_ms: int) -> bool:
        kept = self.state.marks.get(mark)
        return kept is not None and self.now.mono_ms - kept.since_ms < within_ms

    def marked(self, mark: str) -> Value:
        """What is remembered under `mark`, None = nothing."""
        kept = self.state.marks.get(mark)
        return (kept.value or None) if kept is not None else None

    def last(self, name: str) -> Value:
        """The last word, however old: for what must not be taken for better than it is."""
        fact = self.state.facts.get(name)
        return fact.value if fact is not None else None

    def fact(self, name: str) -> Value:
        fact = self.state.facts.get(name)
        return fact.value if fact is not None and fact.quality is Quality.GOOD else None


def _rings(look: _Look) -> bool:
    """Somebody calls, and only a press answers: nothing that we are about to do."""
    return rings(look.state.facts) and "codec.answer" not in look.state.desired


def _ready(look: _Look) -> str:
    if look.codes & _NOW:
        return "fast"
    if _rings(look):
        return "double"
    if look.marked("rehearsal") is not None:
        return "slow"  # everything may be proven, and yet nobody may start: it goes off again by itself
    if look.phase in ("powering", "closing"):
        return "double" if look.codes & _WAITS_FOR_HAND and look.phase == "powering" else "slow"
    if look.phase in ("ready", "in_call", "bypass"):
        return "double" if look.codes & _NEEDED else "steady"
    due = look.codes & {"not_ready", "remind"}  # dark, and a meeting is due: a person must know
    return "double" if look.phase == "unknown" or due else "off"


def _power(look: _Look) -> str:
    stopping = look.state.marks.get("stopping")
    if stopping is not None and stopping.value is True:
        return "fast"
    if "battery_short" in look.codes:
        return "double"
    return "slow" if "on_battery" in look.codes or look.marked("mains") == "lost" else "steady"


def _device(look: _Look) -> str:
    if look.codes & _NOW:
        return "fast"
    if look.codes & _HAND:
        return "double"
    if look.phase in ("powering", "closing"):
        return "slow"
    return "steady" if look.phase in ("ready", "in_call") else "off"


def _line(look: _Look) -> str:
    desk = look.fact("link.desk")
    if "phone_provider" in look.codes:
        return "double"
    if "line_down" in look.codes:
        return "slow"
    if desk == "up":
        return "steady"
    fact = look.state.facts.get("link.desk")
    if desk is None or fact is None:
        return "off"
    # Where the line is measured, it says itself when somebody must phone; a dead broker is nobody's to phone about.
    measured = any(look.fact(f"line.{place.name}.reachable") is True for place in look.room.line.places)
    down = desk == "down" and look.now.mono_ms - fact.since_ms >= LINE_DOWN_MS
    return "double" if down and look.room.line.ours and not measured else "slow"


def _mic(look: _Look) -> str:
    """A codec that has fallen silent with its microphone open in a call is heard until the contrary is known."""
    power = look.state.tracks.get(tables(look.room).codec_load)
    dark = power is not None and power.seen == "off" and look.phase != "bypass"
    listened = look.last("codec.in_call") is True or may_be_heard(look.state.facts, look.room)
    if not dark and look.last("codec.mute") == "open" and listened:
        return "steady"
    turn = look.state.marks.get("out_of_turn")
    told = turn is not None and turn.value is False and turn.rises_ms and look.recent("out_of_turn", MIC_TOLD_MS)
    return "double" if told else "off"


def _talk(look: _Look) -> str:
    """Asked, next, live, for the seat of this box; a floor that was given to the room is every box's."""
    held, marks, seat = look.state.holds.get("mic"), look.state.marks, look.lamp.seat
    live = "floor" in look.state.holds or (held is not None and held.value == "open")
    if live and _named(marks.get(SPEAKER)) in ("", seat):
        return "steady" if look.fact("codec.mute") == "open" else "slow"
    if f"ask.{seat}" not in look.state.holds:
        return "off"
    return "double" if _named(marks.get("next")) == seat else "slow"


def _named(kept: Kept | None) -> str:
    return str(kept.value) if kept is not None and kept.value else ""


def _duty(look: _Look) -> str:
    if "message" in look.state.holds:
        return "slow"  # the desk has written: TRỰC answers it
    if "duty" in look.state.holds:
        return "steady"
    due = any(b.ready_ms <= look.now.mono_ms < b.end_ms for b in look.state.booked)
    return "slow" if due else "off"


def _check(look: _Look) -> str:
    if "check" in look.state.holds or look.marked("rehearsal") is not None:
        return "slow"
    result = look.marked("!checked")
    passed = isinstance(result, tuple) and result[0] == "passed"
    if result is not None and look.recent("!checked", PASSED_MS if passed else LOOK_MS):
        return "steady" if passed else "double"
    return "double" if look.codes & {*_HAND, "check_failed", "check_missing"} else "off"


def _help(look: _Look) -> str:
    if _rings(look) or "own_dial" in look.codes:
        return "double"
    hold = look.state.holds.get("help")
    return "off" if hold is None else "steady" if hold.value == "acknowledged" else "slow"


def _room(look: _Look) -> str:
    if "closing_soon" in look.codes:
        return "double"
    if look.phase in ("powering", "closing"):
        return "slow"
    hold = look.state.holds.get("room")
    return "steady" if hold is not None and hold.value == "on" else "off"


_LAMPS = {
    "ready": _ready,
    "power": _power,
    "device": _device,
    "line": _line,
    "mic": _mic,
    "talk": _talk,
    "duty": _duty,
    "check": _check,
    "help": _help,
    "room": _room,
}


def lamps_due_ms(state: State, now: Instant) -> int | None:
    """When a lamp changes by time alone: a refusal, a told microphone, a line that stays down."""
    ends = [
        kept.since_ms + (MIC_TOLD_MS if mark == "out_of_turn" else REFUSED_MS)
        for mark, kept in state.marks.items()
        if mark == "out_of_turn" or mark.startswith("refused.")
    ]
    if (checked := state.marks.get("!checked")) is not None:
        ends += [checked.since_ms + PASSED_MS, checked.since_ms + LOOK_MS]
    fact = state.facts.get("link.desk")
    if fact is not None and fact.value == "down":
        ends.append(fact.since_ms + LINE_DOWN_MS)
    ends += [b.ready_ms for b in state.booked] + [b.end_ms for b in state.booked]
    sounds_ms = sounding_due_ms(state, now)
    ends += [] if sounds_ms is None else [sounds_ms]
    return min((at_ms for at_ms in ends if at_ms > now.mono_ms), default=None)


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
    coming = [m for m in state.meetings if m.end_ms > now.wall_ms and not m.tentative]
    if not coming:
        return None
    meeting = min(coming, key=lambda m: m.start_ms)
    mark = state.marks.get(f"!ready.{meeting.uid}")
    if mark is None:
        failed = any(code == "not_ready" and uid == meeting.uid for code, uid in state.alerts)
        return meeting.uid, meeting.title, meeting.start_ms, meeting.end_ms, "not_ready" if failed else ""
    return meeting.uid, meeting.title, meeting.start_ms, meeting.end_ms, str(mark.value)
