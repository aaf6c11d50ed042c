"""R2 — off when unused (004 Đ6.6: cut the power when the system is not used).

After a meeting: grace of 30 min and 15 min without a call. Without one, positive evidence is that no motion sensor
has seen anybody for 30 min, no call and no press; less is too little: it asks, and does not cut before the evening,
then after 30 quiet minutes in which nobody moved. The lamp warns first, for ten minutes unless the rule pack says
otherwise. A scheduled *off* never runs on a clock that is not trusted (N3).
The decision is a mark: it stands until the room is wanted again, so the dashboard can say why it is off.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Mode, Rank
from controller.core.view import UNKNOWN, View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import (
    STILL_MS,
    between,
    close_down,
    end_devices,
    evening,
    expected,
    in_call,
    lock_lost,
    maybe_call,
    nobody,
    on_bypass,
    room_on,
    somebody,
)
from controller.rules.kept import alone, keeps


def idle_off(v: View) -> Iterator[Yield]:
    """R2: find out since when nobody uses the room; warn; close. The decision stands until someone wants it."""
    if on_bypass(v) or _wanted(v) or v.mark("rehearsal"):  # a rehearsal closes what it has switched on
        yield from _forget()
        return
    if alone(v) and v.mark("kept"):
        yield from _after_kept(v)
        return
    closing = v.mark("closing")
    if closing:
        # A call that has lost its hold on the room (N9) is ended first: in a call nothing goes off.
        ends = end_devices if in_call(v) is True else close_down
        yield from ends(v, Rank.IDLE, Because("R2", str(closing)))
        return
    code = _unused(v) if room_on(v) else ""
    if code == "R2.unsure":
        yield Alert("unsure", "room", Because("R2", code))
        code = "R2.evening" if evening(v) and not somebody(v, v.room.idle.idle_ms) else ""
    if not code:
        yield from _forget()
        return
    yield Mark("unused", (code, v.mark("pressed")))
    if _long_enough(v, code):
        yield from _warn(v, code)


def _after_kept(v: View) -> Iterator[Yield]:
    """Only the codec is on, for its update: it stays so, nobody is warned of anything, and then it goes off."""
    if keeps(v) is not None or not v.clock_ok():
        yield from _forget()
        return
    yield Mark("closing", "R2.kept")
    yield from close_down(v, Rank.IDLE, Because("R2", "R2.kept"))


def _forget() -> Iterator[Yield]:
    for name in ("closing", "unused", "warned"):
        yield Mark(name, "")


def _wanted(v: View) -> bool:
    """A meeting, the break before the next one (R18), a person or a call wants the room."""
    held = any(h.value == "on" for h in v.holds() if h.name == "room" or h.name.startswith("load."))
    wanted = held or (maybe_call(v) and not lock_lost(v)) or any(True for _ in expected(v))
    return wanted or between(v) is not None


def _unused(v: View) -> str:
    """What speaks for an empty room now: its meeting is over and the codec knows of no call; anything less is
    doubt. People who meet without a call and without a booking press nothing for hours."""
    ended = any(v.past(b.end_ms) for b in v.booked())
    if in_call(v) is UNKNOWN:
        # A computer does not tell of its calls; where everybody has left nobody is in one.
        return "R2.nobody" if v.room.pc is not None and nobody(v, STILL_MS) else "R2.unsure"
    return "R2.ended" if ended else "R2.nobody" if nobody(v, STILL_MS) else "R2.unsure"


def _long_enough(v: View, code: str) -> bool:
    """The evidence has stood for so long that the warning may begin."""
    idle = v.room.idle
    state = (code, v.mark("pressed"))
    if code != "R2.ended":
        return v.held("unused", state, idle.idle_ms)
    ended = (b for b in v.booked() if v.past(b.end_ms))
    over = all(v.past(b.end_ms + idle.end_grace_ms - idle.warn_ms) for b in ended)
    return v.held("unused", state, idle.no_call_ms - idle.warn_ms) and over


def _warn(v: View, code: str) -> Iterator[Yield]:
    if not v.clock_ok():
        yield Alert("clock", "room", Because("R2", "R2.clock"))
        return
    if v.mode("R2") is Mode.ENFORCE:  # else nothing will be closed, and no lamp may announce it
        # The configured warning, not what is left of it: a reason stays equal to itself.
        minutes = max(1, round(v.room.idle.warn_ms / 60_000))
        yield Alert("closing_soon", "room", Because("R2", "R2.warn", (minutes,)))
    yield Mark("warned", code)
    if v.held("warned", code, v.room.idle.warn_ms):
        yield Mark("closing", code)
        yield Mark("warned", "")
