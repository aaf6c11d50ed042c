"""Orders that hold something of the room for a person: power, one load, the microphone, the call. A refusal is told
with its reason; a named person may force."""

from __future__ import annotations

from dataclasses import replace

from controller.core.answers import by_person, no, ok
from controller.core.book import in_meeting
from controller.core.cycle import cycle
from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import by_hand, drop, overrule, put, refusal
from controller.core.records import Reply
from controller.core.room import Class, Rank
from controller.core.speech import kept_shut
from controller.core.tables import tables, target
from hardware.contract import NEVER_MS, Value

FORCED_MS = 4 * 3_600_000
"""What was forced over a lock without saying for how long ends after the longest meeting. Else a load that was
forced off once would be missing from every meeting after."""
LISTEN_MS = 120_000
"""A call that is set up connects in less; a codec that is muted then stays so."""


def _set(draft: Draft, event: Command, name: str, targets: tuple[str, ...], value: Value) -> Reply:
    """Hold `targets` at `value` for a person: refused with the refusal's reason, unless a named person
    forces it, which outranks the use lock and is recorded."""
    rank = Rank.PERSON if event.force is not None else Rank.MANUAL
    for name_ in targets:
        why = refusal(draft, name_, value, rank)
        if why is not None:
            return Reply(event.id, "refused", why.code, why.args)
    if held := by_hand(draft, targets, value, rank):
        return no(event, "held_in_room", held.removeprefix("load."))
    overrule(draft, targets, value, rank)
    hold_ms = event.hold_ms or (FORCED_MS if event.force is not None else 0)
    until_ms = draft.now.mono_ms + hold_ms if hold_ms else NEVER_MS
    put(draft, name, targets, value, rank, by_person(event), until_ms)
    return ok(event)


def power(draft: Draft, event: Command) -> Reply:
    value = event.args[0]
    loads = tuple(target(load) for load in tables(draft.room).meeting)
    if value == "auto":
        drop(draft, "room")
        return ok(event)
    more = draft.room.power_up
    hold_ms = event.hold_ms or (more.press_hold_ms if value == "on" else 45 * 60_000)
    event = replace(event, hold_ms=hold_ms)
    return _set(draft, event, "room", loads, value)


def load(draft: Draft, event: Command) -> Reply:
    """One load by itself. The desk's own line is not cut by an order that could never be taken back; what is
    switched on without saying for how long ends like a press, or the room would stay on for a weekend (R2)."""
    name, value = event.args[0], event.args[1]
    key = f"load.{name}"
    if key not in draft.room.targets:
        return no(event, "unknown_load", name)
    if value == "auto":
        drop(draft, key)
        return ok(event)
    if value == "cycle":
        return cycle(draft, event)
    if value == "off" and tables(draft.room).loads[key].cls is Class.NETWORK and event.force is None:
        return no(event, "network_kept", name)
    if value == "on" and not event.hold_ms:
        event = replace(event, hold_ms=draft.room.power_up.press_hold_ms)
    return _set(draft, event, key, (key,), value)


def mute(draft: Draft, event: Command) -> Reply:
    """R9. Outside a booked meeting nobody far away can open a microphone (remote listening is impossible by
    design); closing it is always allowed."""
    value = event.args[0]
    if "codec.mute" not in draft.room.targets:
        return no(event, "not_applicable")
    if (value == "open" and not in_meeting(draft)) or (value == "auto" and kept_shut(draft)):
        return no(event, "not_in_meeting")
    if value == "auto":
        drop(draft, "mic")
        return ok(event)
    if value == "muted":
        drop(draft, "floor")  # the later word counts; both would hold the microphone in opposite ways
    return _set(draft, event, "mic", ("codec.mute",), value)


def call(draft: Draft, event: Command) -> Reply:
    """R11: the desk may dial or end a call; it may not answer one for an empty room outside a meeting."""
    what = event.args[0]
    if not draft.room.codec:
        return no(event, "not_applicable")
    codec = draft.facts.get("codec.answers")
    if codec is None or codec.value is not True:
        return no(event, "device_silent", "codec")
    if what == "accept" and not in_meeting(draft):
        return no(event, "not_in_meeting")
    if what == "hangup":
        wish: tuple[str, Value] = ("codec.hangup", event.args[1] if len(event.args) > 1 else "all")
    else:
        wish = ("codec.dial", event.args[1:]) if what == "dial" else ("codec.answer", "video")
    if what == "dial" and not in_meeting(draft):
        # Nobody listens in on an empty office: what the desk dials outside a meeting begins muted.
        put(draft, "mic", ("codec.mute",), "muted", Rank.MANUAL, by_person(event), draft.now.mono_ms + LISTEN_MS)
    name, value = wish
    put(draft, name, (name,), value, Rank.MANUAL, by_person(event), draft.now.mono_ms + 60_000)
    return ok(event)
