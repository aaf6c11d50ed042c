"""R20 — a technician is there, to the end (000 §1, 002, 004 Đ8.3 b1).

TRỰC is pressed from T-60, the lamp asks for it; the room is reminded at T-45, the desk is told at T-30 to phone the
technician, at T-15 the unit's leader: the role, for numbers stand at the centre and on the wall, never here (R23).
Later presence is shown by what people press anyway and not by pressing every hour: `!duty.<uid>` holds from when
and until when somebody pressed something, and that a button does not know who.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked
from controller.core.records import Because
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import live

HANDOVER_MS = 600_000
"""Who hands over stays until the other one has pressed: ten minutes for two people to meet at the panel."""


def duty(v: View) -> Iterator[Yield]:
    """R20: remember from when to when somebody was on duty; say when nobody is."""
    here = v.hold("duty") is not None
    leaves = not here and v.mark("on_duty") is True  # the press that ends it is the last one that counts
    yield Mark("on_duty", here)
    pressed_ms = v.mark("pressed")
    for booked in live(v):
        if here or leaves:
            yield from _noted(v, booked, pressed_ms if isinstance(pressed_ms, int) else 0)
        if not here and _asked(v):
            yield from _missing(v, booked)


def _asked(v: View) -> bool:
    """A room without the button has nobody to ask; the desk may still say who is there."""
    return "duty" in v.tables.buttons.values()


def _noted(v: View, booked: Booked, pressed_ms: int) -> Iterator[Yield]:
    """From the press that took the duty to the last press of anything, in Unix ms."""
    hold = v.hold("duty")
    last_ms = max(pressed_ms, hold.since_ms if hold is not None else 0)
    name = f"!duty.{booked.meeting.uid}"
    kept = v.mark(name)
    if kept is not None and v.mark("duty_at") == last_ms:
        return
    last_wall_ms = v.wall_of(last_ms)
    since = kept[0] if isinstance(kept, tuple) and kept else last_wall_ms
    yield Mark("duty_at", last_ms)
    yield Mark(name, (since, last_wall_ms))


def _missing(v: View, booked: Booked) -> Iterator[Yield]:
    """Nobody has pressed yet, or whoever did has left and nobody came."""
    uid = booked.meeting.uid
    if v.mark(f"!duty.{uid}") is not None and not v.held("on_duty", False, HANDOVER_MS):
        return
    for code, role, before_ms in (
        ("duty_remind", "room", v.room.duty.remind_ms),
        ("duty_missing", "technician", v.room.duty.centre_ms),
        ("duty_leader", "leader", v.room.duty.leader_ms),
    ):
        if v.past(booked.start_ms - before_ms):
            yield Alert(code, role, Because("R20", f"R20.{role}", (uid,)))
