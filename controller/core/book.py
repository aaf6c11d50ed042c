"""The schedule in the room (R18, N2): when a meeting's lead begins it is copied into `booked` with its edges
in monotonic time; from then on a stepped clock does not move it, only a Calendar event does.

After an outage each meeting is decided by itself: start now, start late and say so, or skip because it is
over. Short notice (we were told after the time to begin) is a reason of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from controller.core.draft import Draft
from controller.core.events import Calendar
from controller.core.hold import drop
from controller.core.instant import Trust
from controller.core.meeting import Booked, Meeting
from controller.core.memory import Hold
from controller.core.records import Priority
from controller.core.room import Class, Room
from controller.core.state import Proof
from controller.core.tables import tables
from hardware.contract import NEVER_MS, Value

OVER_MS = 5 * 3_600_000
"""A booked meeting is let go this long after its end: an hour after the use lock's last hour (N9: end + 4 h)."""
LOCK_BEFORE_MS = 90 * 60_000
"""N9: the use lock begins 90 min before a meeting, and so does all that rules know of it."""
DAY_MS = 24 * 3_600_000
EMPTY_MS = DAY_MS
"""Longer than any rule looks back at a mark that has ended."""
SKIPPED = "skipped."
"""Mark of a meeting that was over before it could begin, by the clock of that moment."""
GUESSED = "guessed."
"""Mark of a meeting that was placed by a clock below RTC."""
LATE_MS = 60_000
"""Beginning up to a minute after `on_by` is in time."""
SPAN_MS = (12 * 3_600_000, 48 * 3_600_000)
"""What a calendar's window certainly speaks of, before and after the wall clock."""
ONCE = ("codec.dial", "codec.answer", "codec.hangup", "seat", "store", "volume")
"""Holds that are actions: over as soon as they are done or have failed."""


def calendar(draft: Draft, event: Calendar) -> None:
    """A new window: booked meetings that were moved are booked anew, those that are gone are let go."""
    known = {m.uid: m for m in draft.meetings if not m.tentative}
    draft.meetings, draft.edge_ms = event.window, event.edge_ms
    if event.version != draft.version:
        draft.version = event.version
        draft.say("calendar", "calendar", version=event.version, meetings=len(event.window))
    by_uid = {m.uid: m for m in event.window}
    running = {b.meeting.uid: b.meeting.start_ms for b in draft.booked}
    moved = {
        uid
        for uid, m in by_uid.items()
        if uid in known and not _same_time(known[uid], m) and running.get(uid) != m.start_ms
    }
    draft.booked = tuple(kept for b in draft.booked if (kept := _kept(draft, b, by_uid)) is not None)
    _forget(draft, moved, by_uid)
    _book(draft, new=set(by_uid) - set(known) | moved)


def _same_time(one: Meeting, other: Meeting) -> bool:
    return (one.start_ms, one.end_ms) == (other.start_ms, other.end_ms)


def _kept(draft: Draft, booked: Booked, by_uid: Mapping[str, Meeting]) -> Booked | None:
    """The booked meeting by the new window; None when it was cancelled, or must be booked at another time.
    An end that people have moved in the room stands as long as the calendar's own times do. A window around
    another day, because the clock has jumped, says nothing of today's meeting."""
    meeting = by_uid.get(booked.meeting.uid)
    if meeting is None and (draft.now.mono_ms >= booked.end_ms or not _spoken_of(draft, booked.meeting)):
        return booked
    if meeting is None or meeting.tentative:
        draft.say("meeting.cancelled", booked.meeting.uid, Priority.EVIDENCE)
        return None
    if not _same_time(meeting, booked.meeting):
        draft.say("meeting.changed", meeting.uid, Priority.EVIDENCE, start=meeting.start_ms, end=meeting.end_ms)
        if meeting.start_ms != booked.meeting.start_ms:
            return None
        # Longer or shorter, it is still this meeting: what was noted of its beginning stays true.
        booked = replace(booked, end_ms=booked.start_ms + meeting.end_ms - meeting.start_ms)
    shift = booked.start_ms - meeting.start_ms
    breaks = tuple((a + shift, b + shift) for a, b in meeting.breaks)
    return booked if meeting == booked.meeting else replace(booked, meeting=meeting, breaks=breaks)


def _spoken_of(draft: Draft, meeting: Meeting) -> bool:
    """By the wall clock as it is now a window would hold this meeting, if the calendar still does."""
    before_ms, after_ms = SPAN_MS
    wall_ms = draft.now.wall_ms
    return meeting.end_ms > wall_ms - before_ms + LATE_MS and meeting.start_ms < wall_ms + after_ms - LATE_MS


def _forget(draft: Draft, moved: set[str], by_uid: Mapping[str, Meeting]) -> None:
    """A moved meeting begins anew with evidence of its own. What was noted of meetings that are gone, and marks
    that have been empty for a day, say nothing any more: without this they would gather for years. A clock that
    only guesses (N3) does not know which meetings are gone."""
    knows = draft.now.trust >= Trust.RTC
    draft.over = tuple(uid for uid in draft.over if uid in by_uid and uid not in moved)
    alive = {b.meeting.uid for b in draft.booked} | set(by_uid) - moved
    for name, kept in tuple(draft.marks.items()):
        _, noted, uid = name.partition(".")
        old = not kept.value and draft.now.mono_ms - kept.since_ms > EMPTY_MS
        old = old or (name.startswith(SKIPPED) and uid not in draft.over)
        if old or (knows and name.startswith("!") and noted and uid not in alive):
            del draft.marks[name]


def place(draft: Draft) -> None:
    """Book every meeting whose lead has begun, and note when the next one begins."""
    if draft.now.trust >= Trust.RTC:
        draft.booked = tuple(kept for b in draft.booked if (kept := _right(draft, b)) is not None)
        _unskip(draft)
    _book(draft, new=set())


def _unskip(draft: Draft) -> None:
    """A clock that was ahead has let go of meetings that are still to come: one set back takes them up again."""
    for meeting in draft.meetings:
        ahead = meeting.uid in draft.over and meeting.end_ms > draft.now.wall_ms + LATE_MS
        if ahead and draft.keep(SKIPPED + meeting.uid, ""):
            draft.over = tuple(uid for uid in draft.over if uid != meeting.uid)


def _right(draft: Draft, booked: Booked) -> Booked | None:
    """A meeting that was placed by a clock that only guessed (N3) is placed again, once, by one that knows; else
    a Pi that woke with yesterday's time would keep that time for its meeting. None = its lead has not begun."""
    uid = booked.meeting.uid
    if not draft.keep(GUESSED + uid, ""):
        return booked
    entry = placed(draft, booked.meeting)
    if abs(entry.start_ms - booked.start_ms) <= LATE_MS:
        return booked
    for noted in ("!ready.", "!t60."):
        draft.marks.pop(noted + uid, None)
    if draft.now.mono_ms < min(entry.on_by_ms, entry.start_ms - LOCK_BEFORE_MS):
        return None
    late = "" if draft.now.mono_ms - entry.on_by_ms <= LATE_MS else "late"
    _say_booked(draft, booked.meeting, late)
    return replace(entry, end_ms=entry.start_ms + booked.end_ms - booked.start_ms, late=late)


def _say_booked(draft: Draft, meeting: Meeting, late: str) -> None:
    """With what people call it: a journal is read when the calendar has long forgotten its meetings."""
    told: dict[str, Value] = {"late": late, "trust": draft.now.trust.name.lower(), "start": meeting.start_ms}
    if not meeting.secret:
        told["title"] = meeting.title
    draft.say("meeting.booked", meeting.uid, Priority.EVIDENCE, **told)


def guessed(draft: Draft, uid: str) -> None:
    if draft.now.trust < Trust.RTC:
        draft.keep(GUESSED + uid, True)


def _lead_ms(draft: Draft) -> int:
    up = draft.room.power_up
    return up.ready_before_ms + tables(draft.room).lead_ms + up.margin_ms + up.stagger_ms


def placed(draft: Draft, meeting: Meeting) -> Booked:
    """The meeting's edges in monotonic time, by the clock as it is now."""
    shift = draft.now.mono_ms - draft.now.wall_ms
    start_ms = meeting.start_ms + shift
    return Booked(
        meeting=meeting,
        on_by_ms=start_ms - _lead_ms(draft),
        ready_ms=start_ms - draft.room.power_up.ready_before_ms,
        start_ms=start_ms,
        end_ms=meeting.end_ms + shift,
        breaks=tuple((a + shift, b + shift) for a, b in meeting.breaks),
    )


def _begins_ms(draft: Draft, entry: Booked) -> int:
    """When rules first hear of a meeting: with its lead, or its use lock; or already when one ends that it follows
    after a break of the same day, so that the room stays on in between (R18)."""
    lead_ms = min(entry.on_by_ms, entry.start_ms - LOCK_BEFORE_MS)
    return min((lead_ms, *(b.end_ms for b in draft.booked if follows(b, entry, draft.room))))


def follows(first: Booked, then: Booked, room: Room) -> bool:
    """Is `then` after `first` on the same day of the room, with no more than a break between?"""
    pause_ms = then.start_ms - first.end_ms
    if not 0 <= pause_ms <= room.idle.break_max_ms:
        return False
    # The day is the calendar's; how long the pause is, people may have changed in the room.
    days = [(at_ms + room.utc_offset_ms) // DAY_MS for at_ms in (first.meeting.end_ms, then.meeting.start_ms)]
    return days[0] == days[1]


def _book(draft: Draft, new: set[str]) -> None:
    booked = {b.meeting.uid for b in draft.booked}
    added: list[Booked] = []
    for meeting in draft.meetings:
        if meeting.uid in booked or meeting.uid in draft.over or meeting.tentative:
            continue
        entry = placed(draft, meeting)
        if draft.now.mono_ms >= entry.end_ms:
            if draft.now.trust is Trust.UNKNOWN:
                continue  # a clock that may be ahead does not say that a meeting is over (N3)
            draft.over = (*draft.over, meeting.uid)
            if f"!t60.{meeting.uid}" not in draft.marks:  # an earlier life has begun it, and told how it was
                draft.keep(SKIPPED + meeting.uid, True)
                draft.say("meeting.skipped", meeting.uid, Priority.EVIDENCE, end=meeting.end_ms)
        elif draft.past(_begins_ms(draft, entry)):
            on_time = draft.now.mono_ms - entry.on_by_ms <= LATE_MS
            late = "" if on_time else "short_notice" if meeting.uid in new else "late"
            added.append(replace(entry, late=late))
            guessed(draft, meeting.uid)
            _say_booked(draft, meeting, late)
    if added:
        draft.booked = tuple(sorted((*draft.booked, *added), key=lambda b: b.start_ms))


def expire(draft: Draft) -> None:
    """Let go of what is over: meetings, holds past their end, floors of a call that has ended."""
    kept = tuple(b for b in draft.booked if not draft.past(b.end_ms + OVER_MS))
    if len(kept) < len(draft.booked):
        gone = tuple(b.meeting.uid for b in draft.booked if b not in kept)
        window = {m.uid for m in draft.meetings}
        draft.over = tuple(uid for uid in (*draft.over, *gone) if uid in window)
        draft.booked = kept
    for name, hold in tuple(draft.holds.items()):
        ended = hold.until_ms < NEVER_MS and draft.past(hold.until_ms)
        floor = name in ("mic", "floor") or name.startswith("ask.")
        if (
            ended
            or _spent(draft, hold)
            or (floor and _floor_over(draft, hold))
            or _served(draft, hold)
            or _left(draft, hold)
            or _put_back(draft, hold)
        ):
            drop(draft, name)


def in_meeting(draft: Draft) -> bool:
    """Between T-60 and the end plus grace of a booked meeting: only then people far away may open, answer, move."""
    grace_ms = draft.room.idle.end_grace_ms
    return any(draft.past(b.ready_ms) and not draft.past(b.end_ms + grace_ms) for b in draft.booked)


def _floor_over(draft: Draft, hold: Hold) -> bool:
    """The call ended after the hold began (a floor given before the call is for the call to come); or it was
    given from far away, and neither meeting nor call is left: nobody listens in on an empty office. A request lives
    as long as its meeting, whatever becomes of the call."""
    fact = draft.facts.get("codec.in_call")
    request = hold.name.startswith("ask.") and in_meeting(draft)
    if fact is not None and fact.value is False and fact.since_ms > hold.since_ms and not request:
        return True
    if request and _of_before(draft, hold):
        return True
    endless = hold.value is not None and hold.until_ms == NEVER_MS and hold.value != "muted"
    return endless and not in_meeting(draft) and (fact is None or fact.value is not True)


def _of_before(draft: Draft, hold: Hold) -> bool:
    """Asked in a meeting that is over, and another has begun: nobody asks in that one yet."""
    ms = hold.since_ms
    over = any(b.start_ms <= ms < b.end_ms and draft.past(b.end_ms) for b in draft.booked)
    return over and any(ms < b.start_ms and draft.past(b.start_ms) for b in draft.booked)


def _left(draft: Draft, hold: Hold) -> bool:
    """A camera that somebody far away wanted to move, and the meeting is over or was cancelled (people 5.7)."""
    return hold.name in ("seat", "store") and hold.because.code == "hold.command" and not in_meeting(draft)


def _put_back(draft: Draft, hold: Hold) -> bool:
    """R28: a light that was switched off is for that use of the room; the next power-up finds it as it was."""
    load = tables(draft.room).loads.get(hold.name)
    if load is None or load.cls is not Class.LIGHT or hold.value != "off":
        return False
    room = draft.holds.get("room")
    dark = all(t is not None and t.seen == "off" for t in map(draft.old.tracks.get, tables(draft.room).targets))
    pressed = dark and room is not None and room.value == "on" and room.since_ms > hold.since_ms
    return pressed or any(hold.since_ms < b.on_by_ms and draft.past(b.on_by_ms) for b in draft.booked)


def _served(draft: Draft, hold: Hold) -> bool:
    """Duty is taken for a meeting (R20): the next one asks again. Who pressed without one, or long before its T-60,
    need not be there when it comes."""
    if hold.name != "duty" or in_meeting(draft):
        return False
    grace_ms = draft.room.idle.end_grace_ms
    over = any(hold.since_ms < b.end_ms and draft.past(b.end_ms + grace_ms) for b in draft.booked)
    return over or draft.past(hold.since_ms + LOCK_BEFORE_MS)


def _spent(draft: Draft, hold: Hold) -> bool:
    if hold.name not in ONCE:
        return False
    track = draft.old.tracks.get(hold.targets[0])
    ended = track is not None and track.proof in (Proof.PROVEN, Proof.DONE, Proof.FAILED)
    return ended and track is not None and track.want == hold.value and track.since_ms >= hold.since_ms
