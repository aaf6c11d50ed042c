"""Commands at the door: repeated, expired, refused or accepted; an accepted one becomes a hold, a mode, a
changed meeting or one action (power, loads, microphone, call: switching.py; floor and seats: speech.py). The reply
says what will happen; the state topics say what did (mqtt.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core import operating, speech, switching
from controller.core.acknowledge import acknowledge
from controller.core.answers import by_person, no, ok
from controller.core.book import DAY_MS
from controller.core.draft import Draft
from controller.core.events import Command, Rejected
from controller.core.hold import drop, put
from controller.core.incident import incident
from controller.core.instant import Trust
from controller.core.pi_orders import pi_order
from controller.core.records import Because, Priority, Reply
from controller.core.refusals import answerable, singly
from controller.core.room import FIXED, Mode, Rank
from controller.core.secrecy import VERBS, secret_among
from controller.core.upkeep import maintain, mend
from hardware.contract import NEVER_MS, Value

DAWN_MS, NIGHT_MS = 330 * 60_000, (22 * 60 - 20) * 60_000
"""R6: 05:30, and what begins now ends before 22:00."""
TONIGHT_MS = 16 * 3_600_000
"""`rehearse off` in the afternoon also holds for the next morning's span."""
NOW_MS = 10 * 60_000
"""So long a room that was told to rehearse waits for what is in its way."""
EXTEND_MAX_MIN = 8 * 60
"""No meeting is extended beyond a working day by one command."""


def command(draft: Draft, event: Command) -> None:
    """Answer once; a repeated id gets the same answer and acts no second time. A refusal that is only counted is
    not remembered: a flood of them must not push out what was accepted."""
    before = next((r for r in draft.replies if r.id == event.id), None)
    if before is not None:
        _answer_again(draft, before)
        return
    if draft.now.mono_ms > event.until_ms:
        reply = Reply(event.id, "expired", "expired")
    else:
        verb = _VERBS.get(event.verb)
        reply = verb(draft, event) if verb is not None else no(event, "unsupported", event.verb)
    if reply.stage in _REFUSED and not _written(draft, event, reply):
        _answer_again(draft, reply)
        return
    draft.answer(reply)
    force = event.force
    body: dict[str, Value] = {"verb": event.verb, "args": event.args, "by": event.by, "stage": reply.stage}
    if reply.code:
        body |= {"code": reply.code, "told": reply.args}
    if force is not None:
        body |= {"force": force.name, "reason": force.reason}
    draft.say("command", event.id, Priority.EVIDENCE, **body)


_REFUSED = ("refused", "expired")


def _written(draft: Draft, event: Command, reply: Reply) -> bool:
    """Has this refusal a line of its own? In a secret meeting one of the floor has none, and is not counted."""
    if _hidden(draft, event.verb):
        return False
    return singly(draft, (reply.code, event.by, f"do/{event.verb}"), reply.args)


def _answer_again(draft: Draft, reply: Reply) -> None:
    if answerable(draft):
        draft.answers.append(reply)


def _hidden(draft: Draft, verb: str) -> bool:
    return verb in VERBS and secret_among(draft.booked, draft.now, draft.room)


def rejected(draft: Draft, event: Rejected) -> None:
    """Something unreadable came: it is written down or counted and, where it had an id, answered. In a secret
    meeting nothing tells who wanted the floor."""
    by, topic, args = event.by, event.topic, event.args
    if _hidden(draft, topic.removeprefix("do/")):
        by, topic, args = "", "", ()
    if singly(draft, (event.code, by, topic), args):
        body: dict[str, Value] = {"code": event.code, "args": args, "by": by, "topic": topic}
        draft.say("command.rejected", event.id, Priority.INCIDENT, **body)
    if event.id:
        _answer_again(draft, Reply(event.id, "refused", event.code, event.args))


def _duty(draft: Draft, event: Command) -> Reply:
    if event.args[0] == "on":
        put(draft, "duty", (), "present", Rank.IDLE, Because("R20", "R20.by_desk", (event.by,)), NEVER_MS)
    else:
        drop(draft, "duty")
    return ok(event)


def _check(draft: Draft, event: Command) -> Reply:
    """R6: a check now, as by KIỂM TRA; not in a call."""
    if _calls(draft):
        return no(event, "in_call")
    put(draft, "check", (), True, Rank.IDLE, by_person(event), draft.now.mono_ms + 120_000)
    return ok(event)


def _calls(draft: Draft) -> bool:
    fact = draft.facts.get("codec.in_call")
    return fact is not None and fact.value is True


def _rehearse(draft: Draft, event: Command) -> Reply:
    """R6: rehearse now, leave the room alone tonight, or as the calendar says. Never at night, by a clock that
    knows: whoever sleeps beside the office would think of thieves."""
    value = event.args[0]
    if value == "auto":
        drop(draft, "rehearse")
        return ok(event)
    if value == "now":
        if _calls(draft):
            return no(event, "in_call")
        if draft.now.trust >= Trust.RTC and not DAWN_MS <= _of_day(draft) < NIGHT_MS:
            return no(event, "night")
    least_ms = NOW_MS if value == "now" else TONIGHT_MS
    until_ms = draft.now.mono_ms + (event.hold_ms or least_ms)
    put(draft, "rehearse", (), value, Rank.IDLE, by_person(event), until_ms)
    return ok(event)


def _of_day(draft: Draft) -> int:
    return (draft.now.wall_ms + draft.room.utc_offset_ms) % DAY_MS


def _meeting(draft: Draft, event: Command) -> Reply:
    """R18: extend or end a meeting that has begun its lead; the calendar itself is not changed."""
    what, uid = event.args[0], event.args[1]
    found = next((b for b in draft.booked if b.meeting.uid == uid), None)
    if found is None:
        return no(event, "unknown_meeting", uid)
    if what == "end":
        changed = replace(found, end_ms=min(found.end_ms, draft.now.mono_ms))
    else:
        minutes = event.args[2]
        if not isinstance(minutes, int) or not 0 < minutes <= EXTEND_MAX_MIN:
            return no(event, "bad_args", "minutes")
        changed = replace(found, end_ms=found.end_ms + minutes * 60_000)
        if changed.end_ms <= draft.now.mono_ms:
            return no(event, "not_in_meeting")  # it would be over all the same
    draft.booked = tuple(changed if b is found else b for b in draft.booked)
    return ok(event)


def _rule(draft: Draft, event: Command) -> Reply:
    """N25: a changed mode is an evidence event; a cutting rule is enforced only in an accepted room."""
    rule, mode = str(event.args[0]), Mode(str(event.args[1]))
    if rule not in draft.room.modes:
        return no(event, "unknown_rule", rule)
    if rule in FIXED and mode is not Mode.ENFORCE:
        return no(event, "always_in_force", rule)
    draft.modes[rule] = mode
    return ok(event, "" if draft.room.accepted else "not_accepted")


def _storm(draft: Draft, event: Command) -> Reply:
    """A storm: the codec sleeps instead of losing its power, until a time that always comes (rules/kept.py)."""
    if event.args[0] == "off":
        drop(draft, "storm")
        return ok(event)
    if not draft.room.codec:
        return no(event, "not_applicable")
    wanted_ms = event.args[1] * 60_000 if isinstance(event.args[1], int) else 0
    until_ms = draft.now.mono_ms + min(wanted_ms, draft.room.storm.max_ms)
    put(draft, "storm", (), True, Rank.IDLE, by_person(event), until_ms)
    return ok(event)


def _lightning(draft: Draft, event: Command) -> Reply:
    """The technician has pulled the plugs for lightning: what is silent then has not vanished (people.md 1)."""
    if event.args[0] == "off" or not isinstance(event.args[1], int):
        drop(draft, "lightning")
        return ok(event)
    because = Because("hold", "hold.lightning", (event.by,))
    put(draft, "lightning", (), True, Rank.IDLE, because, draft.now.mono_ms + event.args[1] * 60_000)
    return ok(event)


def _noted(_draft: Draft, event: Command) -> Reply:
    """Carried out at the edge (`rebirth`, `report`)."""
    return ok(event)


_VERBS: dict[str, Callable[[Draft, Command], Reply]] = {
    "power": switching.power,
    "load": switching.load,
    "mute": switching.mute,
    "floor": speech.floor,
    "call": switching.call,
    "seat": speech.seat,
    "duty": _duty,
    "acknowledge": acknowledge,
    "check": _check,
    "incident": incident,
    "rehearse": _rehearse,
    "meeting": _meeting,
    "rule": _rule,
    "maintenance": maintain,
    "heal": mend,
    "storm": _storm,
    "lightning": _lightning,
    "rebirth": _noted,
    "report": _noted,
    "update": pi_order,
    "restart": pi_order,
    "message": operating.message,
    "volume": operating.volume,
    "rollcall": operating.rollcall,
}
