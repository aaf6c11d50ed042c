"""Who speaks and who is seen: the commands `floor` and `seat`, and the button PHÁT BIỂU (R8, R10; 004 Đ9.1–9.2).

A request is the hold `ask.<seat>`: its value is the channel it came by (button, phone, chat), its age its place in
the queue. It lives to the end of the meeting, unless it is withdrawn, denied or granted. The floor is the hold
`floor` (by the desk) or `mic` (on spoken invitation); whose it is stands in the mark `speaker`, who is next in
`next`. From far away a microphone or a camera is moved in a booked meeting only (people 5.7).
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.book import in_meeting
from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import drop, put
from controller.core.memory import Hold
from controller.core.records import Because, Reply
from controller.core.room import Rank
from controller.core.seating import OVERVIEW, SPEAKER, Frame, changed, frames, noted, seated
from hardware.contract import NEVER_MS

ASK = "ask."
NEXT = "next"
SEAT_MS = 60_000
"""A recall and a store are done in half a minute or not at all."""
ASKED_MS = 600_000
"""As long as somebody who has pressed takes to go to the cabinet and back."""
SPOKEN_MS = 4 * 3_600_000
"""The longest meeting; the hold also ends with the call and with a press."""
DONE_MS = 15_000
"""Long enough for the codec to close the microphone, short enough not to fight the next opening."""


def queue(holds: Mapping[str, Hold]) -> tuple[tuple[str, Hold], ...]:
    """Requests by seat, the oldest first."""
    asked = (hold for name, hold in holds.items() if name.startswith(ASK))
    return tuple((hold.name.removeprefix(ASK), hold) for hold in sorted(asked, key=lambda h: (h.since_ms, h.name)))


def _live(draft: Draft) -> bool:
    mic = draft.holds.get("mic")
    return "floor" in draft.holds or (mic is not None and mic.value == "open")


def _speaker(draft: Draft) -> str:
    kept = draft.marks.get(SPEAKER)
    return str(kept.value) if kept is not None and kept.value else ""


def _ask(draft: Draft, seat: str, channel: str) -> None:
    put(draft, f"{ASK}{seat}", (), channel, Rank.IDLE, Because("R10", "R10.asked", (seat,)), NEVER_MS)


# ---- the button


def talk(draft: Draft, seat: str) -> None:
    """Live: the turn of this seat is over, the microphone closes. Else: ask for the floor, or withdraw."""
    if _live(draft) and _speaker(draft) in ("", seat):
        drop(draft, "floor")
        until_ms = draft.now.mono_ms + DONE_MS
        put(draft, "mic", ("codec.mute",), "muted", Rank.MANUAL, Because("R9", "R9.done", (seat,)), until_ms)
    elif f"{ASK}{seat}" in draft.holds:
        drop(draft, f"{ASK}{seat}")
    elif in_meeting(draft) or _calling(draft):
        _ask(draft, seat, "button")
    else:
        draft.keep(f"refused.talk.{seat}", draft.now.mono_ms)  # nobody leads a floor that could be asked for


def _calling(draft: Draft) -> bool:
    fact = draft.facts.get("codec.in_call")
    return fact is not None and fact.value is True


def talk_hold(draft: Draft, seat: str) -> None:
    """R9: the chair's spoken invitation is the authority; holding the button opens the microphone always."""
    until_ms = draft.now.mono_ms + SPOKEN_MS
    drop(draft, f"{ASK}{seat}")
    draft.keep(SPEAKER, seat)
    put(draft, "mic", ("codec.mute",), "open", Rank.MANUAL, Because("R9", "R9.spoken", (seat,)), until_ms)


# ---- the desk


def floor(draft: Draft, event: Command) -> Reply:
    """R9, R10: the chair gives the floor, ends the turn, says who is next, denies a request; the desk asks for
    somebody who has no button, or whose request came by telephone or chat."""
    what, seat = str(event.args[0]), str(event.args[1]) if len(event.args) > 1 else ""
    if seat and not _known(draft, seat):
        return Reply(event.id, "refused", "unknown_seat", (seat,))
    if what in ("grant", "request", "next") and not in_meeting(draft):
        return Reply(event.id, "refused", "not_in_meeting")
    if what == "request":
        _ask(draft, seat, str(event.args[2]) if len(event.args) > 2 else "phone")
    elif what == "next":
        draft.keep(NEXT, seat or _first(draft))
    elif what == "grant":
        _grant(draft, event, seat or _first(draft))
    else:
        _end(draft, seat, deny=what == "deny")
    return Reply(event.id, "accepted")


def _known(draft: Draft, seat: str) -> bool:
    room = draft.room
    return any(seat == s.name for s in room.seats) or any(seat == b.seat for b in room.buttons)


def _first(draft: Draft) -> str:
    """The seat that a word without a seat means: who asked first; else the only one that there is."""
    waiting = queue(draft.holds)
    talks = {button.seat for button in draft.room.buttons if button.role == "talk"}
    return waiting[0][0] if waiting else talks.pop() if len(talks) == 1 else ""


def _grant(draft: Draft, event: Command, seat: str) -> None:
    drop(draft, f"{ASK}{seat}")
    drop(draft, "mic")
    draft.keep(SPEAKER, seat)
    if draft.marks.get(NEXT) is not None and draft.marks[NEXT].value == seat:
        draft.keep(NEXT, "")
    because = Because("R9", "R9.floor", (event.by,))
    put(draft, "floor", ("codec.mute",), "open", Rank.MANUAL, because, NEVER_MS)


def _end(draft: Draft, seat: str, *, deny: bool) -> None:
    """The turn is over, or is not given. A word about one seat takes nothing from another; the end of a turn
    leaves the others in the queue."""
    for name in [n for n in draft.holds if n.startswith(ASK) and deny and seat in ("", n.removeprefix(ASK))]:
        drop(draft, name)
    if not deny and seat:
        drop(draft, f"{ASK}{seat}")
    if not seat or _speaker(draft) in ("", seat):
        drop(draft, "floor")
        if not kept_shut(draft):
            drop(draft, "mic")
    if deny:
        draft.keep(f"refused.talk.{seat}" if seat else "refused.talk", draft.now.mono_ms)


def kept_shut(draft: Draft) -> bool:
    """What the desk dials outside a meeting begins muted (switching.call); for that time it cannot let go of it."""
    mic = draft.holds.get("mic")
    return mic is not None and mic.value == "muted" and mic.until_ms < NEVER_MS and not in_meeting(draft)


# ---- the camera


def seat(draft: Draft, event: Command) -> Reply:
    """R8: recall a preset or a seat, store the present frame as a seat's, give the seat another preset in this
    meeting, confirm the plan. In a booked meeting only, but for whoever stands in the room."""
    if not draft.room.cameras:
        return Reply(event.id, "refused", "not_applicable")
    if not in_meeting(draft):
        if not event.here:
            return Reply(event.id, "refused", "not_in_meeting")
        if not _somebody_asks(draft):
            return Reply(event.id, "refused", "press_first")
    what = event.args[0]
    if what in ("confirm", "assign"):
        return _plan(draft, event)
    if what in ("show", "store"):
        name = str(event.args[1])
        shot = _frames(draft).get(name)
        if shot is None:
            return Reply(event.id, "refused", "unknown_seat", (name,))
    else:
        shot = Frame(draft.room.cameras[0], int(str(event.args[1])))
    _look(draft, event, shot, "store" if what == "store" else "preset")
    if what == "store":
        _confirm(draft, event, ())
    return Reply(event.id, "accepted")


def _somebody_asks(draft: Draft) -> bool:
    """The Pi can be reached from afar as well: outside a meeting a button in the room was pressed just now."""
    pressed = draft.marks.get("pressed")
    return pressed is not None and draft.now.mono_ms - pressed.since_ms < ASKED_MS


def _look(draft: Draft, event: Command, shot: Frame, verb: str) -> None:
    because = Because("R8", "R8.here" if event.here else "hold.command", (event.by,))
    target = f"camera.{shot.camera}.{verb}"
    name = "store" if verb == "store" else "seat"
    put(draft, name, (target,), shot.preset, Rank.MANUAL, because, draft.now.mono_ms + SEAT_MS)


def _plan(draft: Draft, event: Command) -> Reply:
    """Seats belong to a meeting: without one there is nothing to confirm."""
    rows: tuple[tuple[str, int], ...] = ()
    if event.args[0] == "assign":
        name, preset = str(event.args[1]), int(str(event.args[2]))
        if name not in _frames(draft):
            return Reply(event.id, "refused", "unknown_seat", (name,))
        rows = ((name, preset),)
    if not in_meeting(draft):
        return Reply(event.id, "refused", "not_in_meeting")
    _confirm(draft, event, rows)
    return Reply(event.id, "accepted")


def _confirm(draft: Draft, event: Command, rows: tuple[tuple[str, int], ...]) -> None:
    """Who looked at the seats, and when: evidence of every meeting that is on now."""
    for booked in draft.booked:
        if booked.ready_ms <= draft.now.mono_ms < booked.end_ms + draft.room.idle.end_grace_ms:
            name = noted(booked.meeting.uid)
            kept = draft.marks.get(name)
            plan = dict((*changed(kept.value if kept is not None else None), *rows))
            draft.keep(name, (event.by, *plan.items()))


def _frames(draft: Draft) -> dict[str, Frame]:
    now_ms, grace_ms = draft.now.mono_ms, draft.room.idle.end_grace_ms
    booked = seated([b for b in draft.booked if b.ready_ms <= now_ms < b.end_ms + grace_ms], draft.past)
    kept = draft.marks.get(noted(booked.meeting.uid)) if booked is not None else None
    return dict(frames(draft.room, booked, kept.value if kept is not None else None))


__all__ = ["ASK", "NEXT", "OVERVIEW", "floor", "kept_shut", "queue", "seat", "talk", "talk_hold"]
