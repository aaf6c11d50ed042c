"""Commands at the door: repeated, expired, refused or accepted; an accepted one becomes a hold, a mode, a
changed meeting or one action (floor and seats: speech.py). The reply says what will happen; the state topics say
what did (mqtt.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core import operating, speech
from controller.core.book import DAY_MS, in_meeting
from controller.core.cycle import cycle
from controller.core.draft import Draft
from controller.core.events import Command, Rejected
from controller.core.gestures import acknowledge_hazards
from controller.core.hold import by_hand, drop, overrule, put, refusal
from controller.core.incident import incident
from controller.core.instant import Trust
from controller.core.records import Because, Priority, Reply
from controller.core.renewal import renew
from controller.core.room import FIXED, Class, Mode, Rank
from controller.core.tables import tables, target
from controller.core.upkeep import maintain, mend
from hardware.contract import NEVER_MS, Value

FORCED_MS = 4 * 3_600_000
"""What was forced over a lock without saying for how long ends after the longest meeting. Else a load that was
forced off once would be missing from every meeting after."""
LISTEN_MS = 120_000
"""A call that is set up connects in less; a codec that is muted then stays so."""
DAWN_MS, NIGHT_MS = 330 * 60_000, (22 * 60 - 20) * 60_000
"""R6: 05:30, and what begins now ends before 22:00."""
TONIGHT_MS = 16 * 3_600_000
"""`rehearse off` in the afternoon also holds for the next morning's span."""
NOW_MS = 10 * 60_000
"""So long a room that was told to rehearse waits for what is in its way."""
EXTEND_MAX_MIN = 8 * 60
"""No meeting is extended beyond a working day by one command."""


def command(draft: Draft, event: Command) -> None:
    """Answer once; a repeated id gets the same answer and acts no second time."""
    before = next((r for r in draft.replies if r.id == event.id), None)
    if before is not None:
        draft.answers.append(before)
        return
    if draft.now.mono_ms > event.until_ms:
        reply = Reply(event.id, "expired", "expired")
    else:
        verb = _VERBS.get(event.verb)
        reply = verb(draft, event) if verb is not None else _no(event, "unsupported", event.verb)
    draft.answer(reply)
    force = event.force
    body: dict[str, Value] = {"verb": event.verb, "args": event.args, "by": event.by, "stage": reply.stage}
    if reply.code:
        body["code"] = reply.code
    if force is not None:
        body |= {"force": force.name, "reason": force.reason}
    draft.say("command", event.id, Priority.EVIDENCE, **body)


def rejected(draft: Draft, event: Rejected) -> None:
    """Something unreadable came: it is written down and, where it had an id, answered."""
    draft.say("command.rejected", event.id, Priority.INCIDENT, code=event.code, args=event.args)
    if event.id:
        draft.answers.append(Reply(event.id, "refused", event.code, event.args))


def _ok(event: Command, code: str = "") -> Reply:
    return Reply(event.id, "accepted", code)


def _no(event: Command, code: str, *args: Value) -> Reply:
    return Reply(event.id, "refused", code, args)


def _because(event: Command) -> Because:
    return Because("hold", "hold.command", (event.by,))


def _set(draft: Draft, event: Command, name: str, targets: tuple[str, ...], value: Value) -> Reply:
    """Hold `targets` at `value` for a person: refused with the refusal's reason, unless a named person
    forces it, which outranks the use lock and is recorded."""
    rank = Rank.PERSON if event.force is not None else Rank.MANUAL
    for name_ in targets:
        why = refusal(draft, name_, value, rank)
        if why is not None:
            return Reply(event.id, "refused", why.code, why.args)
    if rank is Rank.MANUAL and (held := by_hand(draft, targets, value)):
        return _no(event, "held_in_room", held.removeprefix("load."))
    overrule(draft, targets, value)
    hold_ms = event.hold_ms or (FORCED_MS if event.force is not None else 0)
    until_ms = draft.now.mono_ms + hold_ms if hold_ms else NEVER_MS
    put(draft, name, targets, value, rank, _because(event), until_ms)
    return _ok(event)


def _power(draft: Draft, event: Command) -> Reply:
    value = event.args[0]
    loads = tuple(target(load) for load in tables(draft.room).meeting)
    if value == "auto":
        drop(draft, "room")
        return _ok(event)
    more = draft.room.power_up
    hold_ms = event.hold_ms or (more.press_hold_ms if value == "on" else 45 * 60_000)
    event = replace(event, hold_ms=hold_ms)
    return _set(draft, event, "room", loads, value)


def _load(draft: Draft, event: Command) -> Reply:
    """One load by itself. The desk's own line is not cut by an order that could never be taken back; what is
    switched on without saying for how long ends like a press, or the room would stay on for a weekend (R2)."""
    name, value = event.args[0], event.args[1]
    key = f"load.{name}"
    if key not in draft.room.targets:
        return _no(event, "unknown_load", name)
    if value == "auto":
        drop(draft, key)
        return _ok(event)
    if value == "cycle":
        return cycle(draft, event)
    if value == "off" and tables(draft.room).loads[key].cls is Class.NETWORK and event.force is None:
        return _no(event, "network_kept", name)
    if value == "on" and not event.hold_ms:
        event = replace(event, hold_ms=draft.room.power_up.press_hold_ms)
    return _set(draft, event, key, (key,), value)


def _mute(draft: Draft, event: Command) -> Reply:
    """R9. Outside a booked meeting nobody far away can open a microphone (remote listening is impossible by
    design); closing it is always allowed."""
    value = event.args[0]
    if "codec.mute" not in draft.room.targets:
        return _no(event, "not_applicable")
    if value == "auto":
        drop(draft, "mic")
        return _ok(event)
    if value == "open" and not in_meeting(draft):
        return _no(event, "not_in_meeting")
    if value == "muted":
        drop(draft, "floor")  # the later word counts; both would hold the microphone in opposite ways
    return _set(draft, event, "mic", ("codec.mute",), value)


def _call(draft: Draft, event: Command) -> Reply:
    """R11: the desk may dial or end a call; it may not answer one for an empty room outside a meeting."""
    what = event.args[0]
    if not draft.room.codec:
        return _no(event, "not_applicable")
    codec = draft.facts.get("codec.answers")
    if codec is None or codec.value is not True:
        return _no(event, "device_silent", "codec")
    if what == "accept" and not in_meeting(draft):
        return _no(event, "not_in_meeting")
    if what == "hangup":
        wish: tuple[str, Value] = ("codec.hangup", event.args[1] if len(event.args) > 1 else "all")
    else:
        wish = ("codec.dial", event.args[1:]) if what == "dial" else ("codec.answer", "video")
    if what == "dial" and not in_meeting(draft):
        # Nobody listens in on an empty office: what the desk dials outside a meeting begins muted.
        put(draft, "mic", ("codec.mute",), "muted", Rank.MANUAL, _because(event), draft.now.mono_ms + LISTEN_MS)
    name, value = wish
    put(draft, name, (name,), value, Rank.MANUAL, _because(event), draft.now.mono_ms + 60_000)
    return _ok(event)


def _duty(draft: Draft, event: Command) -> Reply:
    if event.args[0] == "on":
        put(draft, "duty", (), "present", Rank.IDLE, Because("R20", "R20.by_desk", (event.by,)), NEVER_MS)
    else:
        drop(draft, "duty")
    return _ok(event)


def _acknowledge(draft: Draft, event: Command) -> Reply:
    """The desk has seen smoke or water that is over (R16), or the call for help: its lamp goes steady. Or the
    failed battery: it may be tested again (R7). Or what `unseen` asks is answered: `unseen`, `seen` (R21)."""
    if event.args[:1] == ("battery",):
        return _acknowledge_battery(draft, event)
    if event.args[:1] in (("unseen",), ("seen",)):
        return _acknowledge_unseen(draft, event)
    if acknowledge_hazards(draft):
        return _ok(event)
    if "help" not in draft.holds:
        return _no(event, "nothing_to_acknowledge")
    put(draft, "help", (), "acknowledged", Rank.IDLE, Because("help", "help.acknowledged"), NEVER_MS)
    return _ok(event)


def _acknowledge_battery(draft: Draft, event: Command) -> Reply:
    kept = draft.marks.get("!self_test")
    if kept is None or not isinstance(kept.value, tuple) or kept.value[0] != "failed":
        return _no(event, "nothing_to_acknowledge")
    draft.keep("!self_test", ("acknowledged", *kept.value[1:]))
    return _ok(event)


def _acknowledge_unseen(draft: Draft, event: Command) -> Reply:
    """R21: only a named person makes a finding of what two sensors asked."""
    asked = [n for n, kept in draft.marks.items() if n.startswith("!unseen.") and kept.value in ("asked", "would")]
    for name in asked:
        draft.keep(name, ("confirmed" if event.args[0] == "unseen" else "somebody", event.by))
    return _ok(event) if asked else _no(event, "nothing_to_acknowledge")


def _check(draft: Draft, event: Command) -> Reply:
    """R6: a check now, as by KIỂM TRA; not in a call."""
    if _calls(draft):
        return _no(event, "in_call")
    put(draft, "check", (), True, Rank.IDLE, _because(event), draft.now.mono_ms + 120_000)
    return _ok(event)


def _calls(draft: Draft) -> bool:
    fact = draft.facts.get("codec.in_call")
    return fact is not None and fact.value is True


def _rehearse(draft: Draft, event: Command) -> Reply:
    """R6: rehearse now, leave the room alone tonight, or as the calendar says. Never at night, by a clock that
    knows: whoever sleeps beside the office would think of thieves."""
    value = event.args[0]
    if value == "auto":
        drop(draft, "rehearse")
        return _ok(event)
    if value == "now":
        if _calls(draft):
            return _no(event, "in_call")
        if draft.now.trust >= Trust.RTC and not DAWN_MS <= _of_day(draft) < NIGHT_MS:
            return _no(event, "night")
    least_ms = NOW_MS if value == "now" else TONIGHT_MS
    until_ms = draft.now.mono_ms + (event.hold_ms or least_ms)
    put(draft, "rehearse", (), value, Rank.IDLE, _because(event), until_ms)
    return _ok(event)


def _of_day(draft: Draft) -> int:
    return (draft.now.wall_ms + draft.room.utc_offset_ms) % DAY_MS


def _meeting(draft: Draft, event: Command) -> Reply:
    """R18: extend or end a meeting that has begun its lead; the calendar itself is not changed."""
    what, uid = event.args[0], event.args[1]
    found = next((b for b in draft.booked if b.meeting.uid == uid), None)
    if found is None:
        return _no(event, "unknown_meeting", uid)
    if what == "end":
        changed = replace(found, end_ms=min(found.end_ms, draft.now.mono_ms))
    else:
        minutes = event.args[2]
        if not isinstance(minutes, int) or not 0 < minutes <= EXTEND_MAX_MIN:
            return _no(event, "bad_args", "minutes")
        changed = replace(found, end_ms=found.end_ms + minutes * 60_000)
    draft.booked = tuple(changed if b is found else b for b in draft.booked)
    return _ok(event)


def _rule(draft: Draft, event: Command) -> Reply:
    """N25: a changed mode is an evidence event; a cutting rule is enforced only in an accepted room."""
    rule, mode = str(event.args[0]), Mode(str(event.args[1]))
    if rule not in draft.room.modes:
        return _no(event, "unknown_rule", rule)
    if rule in FIXED and mode is not Mode.ENFORCE:
        return _no(event, "always_in_force", rule)
    draft.modes[rule] = mode
    return _ok(event, "" if draft.room.accepted else "not_accepted")


def _storm(draft: Draft, event: Command) -> Reply:
    """A storm: the codec sleeps instead of losing its power, until a time that always comes (rules/kept.py)."""
    if event.args[0] == "off":
        drop(draft, "storm")
        return _ok(event)
    if not draft.room.codec:
        return _no(event, "not_applicable")
    wanted_ms = event.args[1] * 60_000 if isinstance(event.args[1], int) else 0
    until_ms = draft.now.mono_ms + min(wanted_ms, draft.room.storm.max_ms)
    put(draft, "storm", (), True, Rank.IDLE, _because(event), until_ms)
    return _ok(event)


def _lightning(draft: Draft, event: Command) -> Reply:
    """The technician has pulled the plugs for lightning: what is silent then has not vanished (people.md 1)."""
    if event.args[0] == "off" or not isinstance(event.args[1], int):
        drop(draft, "lightning")
        return _ok(event)
    because = Because("hold", "hold.lightning", (event.by,))
    put(draft, "lightning", (), True, Rank.IDLE, because, draft.now.mono_ms + event.args[1] * 60_000)
    return _ok(event)


def _noted(_draft: Draft, event: Command) -> Reply:
    """Carried out at the edge (`rebirth`, `report`)."""
    return _ok(event)


_VERBS: dict[str, Callable[[Draft, Command], Reply]] = {
    "power": _power,
    "load": _load,
    "mute": _mute,
    "floor": speech.floor,
    "call": _call,
    "seat": speech.seat,
    "duty": _duty,
    "acknowledge": _acknowledge,
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
    "update": renew,
    "restart": renew,
    "message": operating.message,
    "volume": operating.volume,
    "rollcall": operating.rollcall,
}
