"""The panel's lamps, as a pure view of the state. Grammar (people): off = not needed, steady = all right, slow =
the machine works, wait, double = a person is needed, fast = now."""

from __future__ import annotations

from controller.core.buzzer import buzzer
from controller.core.buzzer import due_ms as sounding_due_ms
from controller.core.computer import may_be_heard
from controller.core.instant import Instant
from controller.core.memory import Kept
from controller.core.phases import phase
from controller.core.ringing import rings
from controller.core.room import Lamp, Room
from controller.core.seating import SPEAKER
from controller.core.state import Quality, State
from controller.core.tables import tables
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
    refused = any(mark.startswith("refused.") for mark in state.marks)
    lit = {}
    for lamp in room.lamps:
        look = _Look(state, now, room, shown, codes, lamp)
        lit[lamp.name] = "refused" if refused and _refused(look) else _LAMPS[lamp.role](look)
    return lit | ({room.buzzer: buzzer(state, now, room)} if room.buzzer else {})


def _refused(look: _Look) -> bool:
    """A refused press is answered by the lamp of its own button; BẬT has SẴN SÀNG, which is wired everywhere."""
    button = _ANSWERS.get(look.lamp.role)
    names = (f"refused.{button}", f"refused.{button}.{look.lamp.seat}")
    return button is not None and any(look.recent(name, REFUSED_MS) for name in names)


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
