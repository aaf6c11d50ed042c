"""R9, R10 — microphone closed unless invited (004 Đ9.2 b1: the microphone is opened only when the chair asks).

Per meeting a floor policy, per room a mode. The chairing site is exempt. The spoken invitation is the
authority: holding the button opens the microphone always. At most 3 re-mutes in 10 min, then it reports and
stops fighting. The words are "open out of turn"; nothing here is ever called by a harder name.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.meeting import Booked, Policy, Role
from controller.core.records import Because
from controller.core.room import Mode, Rank
from controller.core.seating import SPEAKER
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import heard, in_call, live, on_bypass


def closed(v: View) -> Iterator[Yield]:
    """R9: in a call of a meeting led by its chair the microphone is closed until it is given the floor."""
    booked = _led(v)
    if booked is None or not _out_of_turn(v):
        yield Mark("remuting", "")
        if booked is None or _peace(v):
            yield Mark("fighting", "")
        return
    because = Because("R9", "R9.closed", (booked.meeting.uid,))
    if v.mode("R9") is Mode.ENFORCE and _fighting(v):
        yield Mark("fighting", True)
        yield Alert("mic_fighting", "mic", Because("R9", "R9.fighting", (booked.meeting.uid,)))
        return
    yield Mark("remuting", "yes")
    yield Demand("codec.mute", "muted", Rank.SCHEDULE, because)
    yield Alert("mic_reminder", "mic", because)


def _fighting(v: View) -> bool:
    """Somebody, or a broken codec, opens it again and again: closing it once more would change nothing."""
    floor = v.room.floor
    spent = v.mark("remuting") != "yes" and v.rises("remuting", floor.remute_window_ms) >= floor.remutes
    return spent or v.mark("fighting") is True


def _peace(v: View) -> bool:
    """It was given the floor, or has stayed closed for as long as re-mutes are counted."""
    return invited(v) or v.stayed("codec.mute", "muted", v.room.floor.remute_window_ms)


def out_of_turn(v: View) -> Iterator[Yield]:
    """R9's evidence: open out of turn, with its duration (begin and end of the alert)."""
    booked = _led(v)
    if booked is not None and _out_of_turn(v):
        yield Alert("mic_out_of_turn", "mic", Because("R9", "R9.out_of_turn", (booked.meeting.uid,)))
        yield Mark("out_of_turn", True)
    elif v.get("codec.mute") == "muted" or in_call(v) is False:
        yield Mark("out_of_turn", False)


def long_turn(v: View) -> Iterator[Yield]:
    """R10: whoever has had the floor for five minutes is told to the desk, for the chair to see; nobody is cut."""
    given = v.hold("floor") or v.hold("mic")
    if given is None or given.value != "open" or v.get("codec.mute") != "open" or _led(v) is None:
        return
    if v.past(given.since_ms + v.room.floor.remind_ms):
        yield Alert("floor_long", "mic", Because("R10", "R10.long", (str(v.mark(SPEAKER) or ""),)))


def invited(v: View) -> bool:
    """The chair has given the floor, by word (button held) or through the desk; or the turn is just over and
    the microphone is being closed."""
    return v.hold("mic") is not None or v.hold("floor") is not None


def _led(v: View) -> Booked | None:
    """The meeting whose chair leads the floor now and in which this room is not the chair."""
    if not heard(v) or on_bypass(v) or v.mode("R9") is Mode.OFF:
        return None
    running = [b for b in v.booked() if v.past(b.start_ms) and (not v.past(b.end_ms) or _chairs_on(v, b))]
    meetings = running or list(live(v, v.room.idle.end_grace_ms))
    # Whose call this is nobody says: where one of two meetings leaves its floor alone, so do we.
    return meetings[0] if meetings and all(map(_chair_leads, meetings)) else None


def _chairs_on(v: View, booked: Booked) -> bool:
    """The meeting that this room chairs runs over its end: the call has been up since. The next one, in which it is
    a member, may have begun by then; nobody closes the microphone of a chair for that."""
    chairs = booked.meeting.role is Role.CHAIR and not v.past(booked.end_ms + v.room.idle.end_grace_ms)
    return chairs and v.stayed("codec.in_call", True, 0) and v.since_ms("codec.in_call") < booked.end_ms


def _chair_leads(booked: Booked) -> bool:
    meeting = booked.meeting
    if meeting.external or meeting.secret or meeting.role is Role.CHAIR:
        return False
    return meeting.policy is Policy.CHAIR_LED or (meeting.policy is Policy.PRESENTER and not meeting.presents)


def _out_of_turn(v: View) -> bool:
    """Open for 3 s without an invitation; changes within 10 s of a call's begin or end, or of the codec's
    restart, are the codec's own."""
    floor = v.room.floor
    of_codec = ("codec.in_call", "codec.answers") if v.room.pc is None else ()  # a relay changes only by order
    excused = not all(v.stayed(fact, True, floor.excuse_ms) for fact in of_codec)
    return not invited(v) and not excused and v.stayed("codec.mute", "open", floor.close_after_ms)
