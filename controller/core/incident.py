"""What people add to an incident of the machine: a note, an expected end, its close (R12, people 2.5).

An incident is an alert, from its beginning to its end; its name is the alert's code and subject. What is entered is
written down and never kept in a view, because a note may name people. An incident that the machine still sees
cannot be closed by a word. `common`: many rooms have one cause, nobody calls again by itself (rules/redial.py).
"""

from __future__ import annotations

from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import drop, put
from controller.core.records import Because, Priority, Reply
from controller.core.room import Rank
from hardware.contract import Value

MINUTE_MS = 60_000


def incident(draft: Draft, event: Command) -> Reply:
    """Carry out `incident note|expect|close|common`."""
    what, *rest = event.args
    if what == "common":
        return _common(draft, event, rest[0])
    code, subject = str(rest[0]), str(rest[1])
    if not _known(draft, code, subject):
        return Reply(event.id, "refused", "unknown_incident", (code, subject))
    return {"note": _note, "expect": _expect, "close": _close}[str(what)](draft, event, code, subject)


def _open(draft: Draft) -> set[tuple[str, str]]:
    """What the machine sees, and what an earlier life saw and this one has not yet looked at."""
    return {*draft.old.alerts, *draft.unsettled}


def _known(draft: Draft, code: str, subject: str) -> bool:
    """Open, or ended within the day."""
    return (code, subject) in _open(draft) or f"ended.{code}.{subject}" in draft.marks


def _because(event: Command) -> Because:
    return Because("hold", "hold.command", (event.by,))


def _common(draft: Draft, event: Command, minutes: Value) -> Reply:
    if not isinstance(minutes, int) or minutes <= 0:
        drop(draft, "common")
    else:
        put(draft, "common", (), True, Rank.IDLE, _because(event), draft.now.mono_ms + minutes * MINUTE_MS)
    return Reply(event.id, "accepted")


def _note(draft: Draft, event: Command, code: str, subject: str) -> Reply:
    draft.say("incident.note", subject, Priority.INCIDENT, alert=code, by=event.by, text=event.args[3])
    return Reply(event.id, "accepted")


def _expect(draft: Draft, event: Command, code: str, subject: str) -> Reply:
    """The provider promised an end; when that time has passed, it is asked for again."""
    if (code, subject) not in _open(draft) or not isinstance(event.args[3], int):
        return Reply(event.id, "refused", "incident_ended", (code, subject))
    until_ms = draft.now.mono_ms + event.args[3] * MINUTE_MS
    put(draft, f"expect.{code}.{subject}", (), event.args[3], Rank.IDLE, _because(event), until_ms)
    draft.say("incident.expect", subject, Priority.INCIDENT, alert=code, by=event.by, minutes=event.args[3])
    return Reply(event.id, "accepted")


def _close(draft: Draft, event: Command, code: str, subject: str) -> Reply:
    if (code, subject) in _open(draft):
        return Reply(event.id, "refused", "still_open", (code, subject))
    draft.marks.pop(f"ended.{code}.{subject}", None)
    drop(draft, f"expect.{code}.{subject}")
    draft.say("incident.close", subject, Priority.INCIDENT, alert=code, by=event.by, text=event.args[3])
    return Reply(event.id, "accepted")


def ended(draft: Draft) -> None:
    """Remember for a day which incidents have ended, so that people can still write to them; what was expected of
    one that has ended is over."""
    open_ = _open(draft)
    for code, subject in open_:
        if code in _WRITTEN:
            draft.keep(f"ended.{code}.{subject}", "open")
    for name, kept in tuple(draft.marks.items()):
        if kept.value == "open" and name.startswith("ended.") and _key(name) not in open_:
            draft.keep(name, "")
    for name in [n for n in draft.holds if n.startswith("expect.") and _key(n) not in open_]:
        drop(draft, name)


def _key(name: str) -> tuple[str, str]:
    code, _, subject = name.partition(".")[2].partition(".")
    return code, subject


_WRITTEN = ("line_down", "dropped", "line_bad", "no_sound", "no_picture", "no_media")
"""Incidents that reports tell of (people 3, C)."""
