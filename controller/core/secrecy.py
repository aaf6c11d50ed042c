"""What a secret meeting (họp mật) leaves behind: nothing of its floor, its counts, its speakers. Pure.

From T-60 to its end and grace no record and no report tells who asked, who spoke and when a microphone was open;
power and safety are written down as always. An external meeting (ministry, Party) is in the room's own log, but the
centre gets no figure of its floor either (automation is off there by policy).
Must not: decide anything. What is done in the room is the same; only what is told differs.
"""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.instant import Instant
from controller.core.meeting import Booked
from controller.core.records import Record
from controller.core.room import Room
from controller.core.state import State

_HOLDS = ("mic", "floor", "seat", "store", "message")
VERBS = ("floor", "mute", "seat", "message")
"""Commands that tell of it."""


def secret(state: State, now: Instant, room: Room) -> bool:
    """A secret meeting is on, its trial connection before and its grace included."""
    return secret_among(state.booked, now, room)


def secret_among(booked: Iterable[Booked], now: Instant, room: Room) -> bool:
    return any(b.meeting.secret for b in booked if _live(b, now, room))


def reserved(state: State, now: Instant, room: Room) -> bool:
    """A secret or external meeting is on: no figure leaves the room but those of power and safety."""
    return any(b.meeting.secret or b.meeting.external for b in state.booked if _live(b, now, room))


def _live(booked: Booked, now: Instant, room: Room) -> bool:
    return booked.ready_ms <= now.mono_ms < booked.end_ms + room.idle.end_grace_ms


def discreet(records: Iterable[Record], state: State, now: Instant, room: Room) -> tuple[Record, ...]:
    """The records that may be written now."""
    if not secret(state, now, room):
        return tuple(records)
    return tuple(record for record in records if not of_floor(record))


def of_floor(record: Record) -> bool:
    """Does this line tell of a request, a microphone, a speaker's picture?"""
    body = dict(record.body)
    if record.kind == "press":
        return body.get("role") == "talk"
    if record.kind == "command":
        return body.get("verb") in VERBS
    if record.kind == "message.answered":
        return True
    if record.kind in ("hold", "hold.end"):
        return hold_of_floor(record.subject)
    name = record.subject.partition("=")[0]
    return name in ("mic", "codec.mute") or name.startswith("seats.") or name.endswith((".preset", ".store"))


def hold_of_floor(name: str) -> bool:
    return name in _HOLDS or name.startswith("ask.")
