"""What the desk does in the daily run of a meeting: volume (R28), roll-call (R26), a text (people 1). Pure.

Operating is not settings: the volume may be changed within the approved band, from the room or the desk.
Must not: touch what opens a microphone, moves a camera or answers a call (switching.py, speech.py).
"""

from __future__ import annotations

from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import drop, put
from controller.core.records import Because, Priority, Reply
from controller.core.room import Rank
from controller.core.secrecy import secret_among

VOLUME_MS = 60_000
"""A codec takes a volume within seconds or not at all."""
MESSAGE_MS = 4 * 3_600_000
"""The longest meeting: a text that nobody has answered by then is of yesterday."""
ITEMS = ("picture_in", "picture_out", "sound_in", "sound_out", "technician")
"""What is ticked for each room (000 §1, 001): both ways, by who saw and heard it, and that somebody was there."""


def volume(draft: Draft, event: Command) -> Reply:
    """R28: within the band only."""
    level, band = event.args[0], draft.room.volume
    codec = draft.facts.get("codec.answers")
    if "codec.volume" not in draft.room.targets:
        return Reply(event.id, "refused", "not_applicable")
    if codec is None or codec.value is not True:
        return Reply(event.id, "refused", "device_silent", ("codec",))
    if not isinstance(level, int) or not band.low <= level <= band.high:
        return Reply(event.id, "refused", "volume_band", (band.low, band.high))
    until_ms = draft.now.mono_ms + VOLUME_MS
    because = Because("R28", "R28.command", (event.by,))
    put(draft, "volume", ("codec.volume",), level, Rank.MANUAL, because, until_ms)
    return Reply(event.id, "accepted")


def ticked(uid: str) -> str:
    """The mark that holds the roll-call sheet of this meeting: rows of (item, result, who)."""
    return f"!rollcall.{uid}"


def rollcall(draft: Draft, event: Command) -> Reply:
    """R26: one tick of the sheet. The later word on an item replaces the earlier; both stay in the journal."""
    item, result = event.args[0], event.args[1]
    now_ms = draft.now.mono_ms
    # The sheet is ticked before a meeting begins: of two it is that of the later one.
    booked = next((b for b in reversed(draft.booked) if b.ready_ms <= now_ms < b.end_ms), None)
    if booked is None:
        return Reply(event.id, "refused", "not_in_meeting")
    name = ticked(booked.meeting.uid)
    kept = draft.marks.get(name)
    rows = kept.value if kept is not None and isinstance(kept.value, tuple) else ()
    others = tuple(row for row in rows if isinstance(row, tuple) and row[:1] != (item,))
    draft.keep(name, (*others, (item, result, event.by)))
    return Reply(event.id, "accepted")


def message(draft: Draft, event: Command) -> Reply:
    """A line of text for whoever is in the room: one beep, TRỰC asks to be pressed, the press answers it. Of a
    secret meeting nothing is kept or shown (people 5.2): nobody would read it, and the desk hears that at once."""
    if secret_among(draft.booked, draft.now, draft.room):
        return Reply(event.id, "refused", "secret_meeting")
    until_ms = draft.now.mono_ms + MESSAGE_MS
    because = Because("message", "message.desk", (event.by, event.id))
    put(draft, "message", (), event.args[0], Rank.IDLE, because, until_ms)
    return Reply(event.id, "accepted")


def answered(draft: Draft) -> None:
    """TRỰC was pressed: the text has been read. The desk hears it as the end of its command."""
    hold = draft.holds.get("message")
    if hold is None:
        return
    drop(draft, "message")
    id_ = str(hold.because.args[1])
    draft.say("message.answered", id_, Priority.EVIDENCE, by="button")
    draft.answers.append(Reply(id_, "done", "answered"))
