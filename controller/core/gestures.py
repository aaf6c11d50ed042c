"""What a press of a panel button means: a person's set-point (`Hold`) with an end, or an answer.

The table of the panel: BẬT / TẮT, TRỰC, KIỂM TRA, GỌI HỖ TRỢ, PHÁT BIỂU, each with a short press and a 3-s
hold. A refusal is answered with three short blinks (mark `refused.<role>`), its reason stands in the report.
"""

from __future__ import annotations

from controller.core.draft import Draft
from controller.core.hold import drop, overrule, put, refusal
from controller.core.operating import answered
from controller.core.records import Because, Priority
from controller.core.ringing import rings
from controller.core.room import Rank
from controller.core.speech import talk, talk_hold
from controller.core.state import Quality
from controller.core.tables import tables
from hardware.contract import NEVER_MS

OFF_HOLD_MS = 45 * 60_000
"""A person's `off` outlives the longest closing (R13 waits 30 min) and then lets the calendar speak again."""
OFF_NOW_MS = 10 * 60_000
"""At least; what was cut by hand in the middle of a meeting does not come on again for that meeting but by hand."""
CHECK_MS = 120_000
ANSWER_MS = 60_000
"""A caller gives up sooner; the press must not answer the next one."""


def gesture(draft: Draft, name: str, what: str) -> None:
    """Act on one completed gesture of input `name`."""
    button = next((b for b in draft.room.buttons if b.input == name), None)
    if button is None or button.role == "bypass":
        return
    draft.say("press", name, Priority.EVIDENCE, role=button.role, gesture=what)
    draft.keep("pressed", draft.now.mono_ms)
    if what == "unclear":
        draft.keep(f"refused.{button.role}" + (f".{button.seat}" if button.seat else ""), draft.now.mono_ms)
        return
    act = _TABLE.get((button.role, what))
    if act is not None:
        act(draft, button.seat)


def _room_loads(draft: Draft) -> tuple[str, ...]:
    return tables(draft.room).targets


def _power(draft: Draft, _seat: str) -> None:
    """Off: power up and hold. On: hold longer; it also stops a closing."""
    acknowledge_hazards(draft)
    more = draft.room.power_up
    now_ms = draft.now.mono_ms
    loads = _room_loads(draft)
    on = any((t := draft.old.tracks.get(name)) is not None and t.seen == "on" for name in loads)
    before = draft.holds.get("room")
    held_ms = before.until_ms if before is not None and before.value == "on" else 0
    until_ms = max(held_ms, now_ms + (more.press_more_ms if on else more.press_hold_ms))
    drop(draft, "off_now")
    overrule(draft, loads, "on")
    put(draft, "room", loads, "on", Rank.MANUAL, Because("R1", "R1.press"), until_ms)


def _power_hold(draft: Draft, _seat: str) -> None:
    """Close down; refused in a call and while the use lock says so (N9)."""
    loads = _room_loads(draft)
    why = next((w for name in loads if (w := refusal(draft, name, "off", Rank.MANUAL)) is not None), None)
    if why is not None:
        draft.keep("refused.power", draft.now.mono_ms)
        draft.say("refused", "room", Priority.EVIDENCE, rule=why.rule, code=why.code, args=why.args)
        return
    until_ms = draft.now.mono_ms + OFF_HOLD_MS
    overrule(draft, loads, "off")
    put(draft, "room", loads, "off", Rank.MANUAL, Because("hold", "hold.press"), until_ms)


def _power_long(draft: Draft, _seat: str) -> None:
    """The one exception to every lock: a person in the room wants everything off now. Recorded, who = room."""
    now_ms = draft.now.mono_ms
    meetings = (b.end_ms for b in draft.booked if b.on_by_ms <= now_ms)
    until_ms = max((now_ms + OFF_NOW_MS, *meetings))
    drop(draft, "room")
    overrule(draft, _room_loads(draft), "off", Rank.PERSON)
    put(draft, "off_now", _room_loads(draft), "off", Rank.PERSON, Because("N9", "hold.off_now"), until_ms)


def _toggle(draft: Draft, name: str, because: Because) -> None:
    if name in draft.holds:
        drop(draft, name)
    else:
        put(draft, name, (), "called", Rank.IDLE, because, NEVER_MS)


def _help(draft: Draft, _seat: str) -> None:
    """A call that rings is answered: only a press in the room does that for a caller whom no meeting expects (R11;
    why this button: rules/incoming.py). Else the desk is called, or no longer."""
    if "codec.answer" in draft.room.targets and rings(draft.facts):
        until_ms = draft.now.mono_ms + ANSWER_MS
        put(draft, "codec.answer", ("codec.answer",), "video", Rank.MANUAL, Because("R11", "R11.press"), until_ms)
        return
    _toggle(draft, "help", Because("help", "help.called"))


def _by_phone(draft: Draft, _seat: str) -> None:
    """R11: for ten minutes an outgoing call is explained by an order given over the telephone."""
    until_ms = draft.now.mono_ms + draft.room.calls.by_phone_ms
    put(draft, "by_phone", (), True, Rank.IDLE, Because("R11", "R11.by_phone"), until_ms)


def _duty(draft: Draft, _seat: str) -> None:
    answered(draft)
    put(draft, "duty", (), "present", Rank.IDLE, Because("R20", "R20.present"), NEVER_MS)


def _duty_over(draft: Draft, _seat: str) -> None:
    drop(draft, "duty")


def acknowledge_hazards(draft: Draft) -> bool:
    """R16: a person has looked. Only what is quiet again is let go; the rest stays until the next time."""
    quiet = [name for name in draft.marks if name.startswith("hazard.") and _quiet(draft, name)]
    for name in quiet:
        draft.keep(name, "")
        draft.say("hazard.seen", name.removeprefix("hazard."), Priority.EVIDENCE)
    return bool(quiet)


def _quiet(draft: Draft, mark: str) -> bool:
    fact = draft.facts.get(f"input.{mark.removeprefix('hazard.')}")
    over = fact is not None and fact.quality is Quality.GOOD and fact.value is False
    return over and bool(draft.marks[mark].value)


def _false_alarm(draft: Draft, _seat: str) -> None:
    """R16: puts a cut by smoke or water off, while there is one to put off; never in advance."""
    hazards = tables(draft.room).inputs("smoke", "leak")
    facts = [draft.facts.get(f"input.{name}") for name in hazards]
    if any(fact is not None and fact.value is True for fact in facts):
        until_ms = draft.now.mono_ms + draft.room.safety.put_off_ms
        put(draft, "false_alarm", (), True, Rank.IDLE, Because("R16", "R16.put_off"), until_ms)


def _check(draft: Draft, _seat: str) -> None:
    """R16: what is quiet again has been seen. R6: not in a call, what the check would ask for is in use."""
    acknowledge_hazards(draft)
    fact = draft.facts.get("codec.in_call")
    if fact is not None and fact.value is True:
        draft.keep("refused.check", draft.now.mono_ms)
        return
    until_ms = draft.now.mono_ms + CHECK_MS
    put(draft, "check", (), True, Rank.IDLE, Because("R6", "R6.pressed"), until_ms)


_TABLE = {
    ("power", "press"): _power,
    ("power", "hold"): _power_hold,
    ("power", "long"): _power_long,
    ("talk", "press"): talk,
    ("talk", "hold"): talk_hold,
    ("help", "press"): _help,
    ("help", "hold"): _by_phone,
    ("duty", "press"): _duty,
    ("duty", "hold"): _duty_over,
    ("check", "press"): _check,
    ("check", "hold"): _false_alarm,
}
