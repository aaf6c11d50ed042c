"""Calendars of others: a text in, series of ours out; refused whole with the reason and the line. Pure.

Names, descriptions, places and guests of an event are not taken: rooms need none of them. A uid gets a name of ours
made from its own, so that a foreign calendar can change no meeting but its own, and reading it again changes the
same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.calendar_plan import MALFORMED, CalendarError, Problem, Unfit
from controller.calendar_read import read
from controller.dashboard.meeting_text import LENGTH, parsed
from controller.dashboard.meetings import HERE, Draft, Series, checked
from controller.texts import ReadableError

_WHERE = {
    "calendar.rule": ("RRULE",),
    "calendar.length": ("DTEND", "DURATION", "DTSTART"),
    "calendar.no_hour": ("DTSTART",),
    "calendar.zone": ("DTSTART", "DTEND"),
    "calendar.year": ("DTSTART", "DTEND"),
    "calendar.future": ("RECURRENCE-ID",),
    "calendar.seat": ("X-DIEMCAU-SEATS",),
    "calendar.break": ("X-DIEMCAU-BREAK",),
    "import.zone": ("RRULE", "DTSTART"),
    "import.orphan": ("RECURRENCE-ID",),
    "meeting.room": ("X-DIEMCAU-MEMBERS", "X-DIEMCAU-CHAIR"),
}
"""Which property a sentence is about; else the event's first line."""


class Refused(ReadableError, ValueError):
    """`import.refused` with line, what the line says, and the reason as a sentence's code with arguments."""

    def __init__(self, line: int, words: str, code: str, args: Sequence[object]) -> None:
        super().__init__("import.refused", line, words)
        self.line, self.why, self.why_args = line, code, tuple(args)


@dataclass(frozen=True, slots=True)
class Whose:
    """What events take that do not say it themselves (X-DIEMCAU-MEMBERS, -CHAIR)."""

    rooms: tuple[str, ...] = ()
    everyone: bool = False
    chair: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One VEVENT: the number of its first line (from 1), its lines, its uid."""

    line: int
    lines: tuple[str, ...]
    uid: str


def taken(text: str, prefix: str, whose: Whose, known: Sequence[str]) -> list[Series]:
    """The series of a calendar, with names that begin with `prefix`. Raises Refused; CalendarError when it is no
    calendar or too large."""
    read(text, HERE, LENGTH)  # whole: is it a calendar, and of a size that a room can read
    found, zones = blocks(text)
    by_uid: dict[str, list[Block]] = {}
    for block in found:
        _whole(block, zones)
        by_uid.setdefault(block.uid, []).append(block)
    return [_series(uid, rows, zones, prefix, whose, known) for uid, rows in by_uid.items()]


def blocks(text: str) -> tuple[list[Block], str]:
    """Every VEVENT with its place, and the text of all time zones."""
    found: list[Block] = []
    zones: list[str] = []
    inside, begun, lines = "", 0, list[str]()
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        word = line.strip().upper()
        if not inside and word in ("BEGIN:VEVENT", "BEGIN:VTIMEZONE"):
            inside, begun, lines = word[6:], number, []
        if inside:
            lines.append(line)
        if inside and word == f"END:{inside}":
            if inside == "VEVENT":
                found.append(Block(begun, tuple(lines), _value(lines, "UID") or f"line-{begun}"))
            else:
                zones += lines
            inside = ""
    if inside:
        raise Refused(begun, f"BEGIN:{inside}", "calendar.cut_off", (len(found) + 1,))
    return found, "\r\n".join(zones)


def _value(lines: Sequence[str], name: str) -> str:
    for line in lines:
        head, colon, value = line.partition(":")
        if colon and head.partition(";")[0].strip().upper() == name:
            return value.strip()
    return ""


def _whole(block: Block, zones: str) -> None:
    """This event alone, by the rooms' reader. Raises Refused."""
    _, problems = read(_framed([block], zones), HERE, LENGTH)
    if problems:
        problem: Problem = problems[0]
        raise _refused(block, problem.code, problem.args)


def _framed(rows: Sequence[Block], zones: str) -> str:
    frame = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-", zones]
    return "\r\n".join([part for part in frame if part] + [line for row in rows for line in row.lines]) + (
        "\r\nEND:VCALENDAR\r\n"
    )


def _refused(block: Block, code: str, args: Sequence[object]) -> Refused:
    names = _WHERE.get(code, ())
    if code in ("calendar.word", "calendar.unreadable") and len(args) > 1:
        names = (str(args[1]).partition(":")[0].upper(),)
    for name in names:
        for offset, line in enumerate(block.lines):
            if line.upper().startswith((f"{name}:", f"{name};")):
                return Refused(block.line + offset, line[:80], code, args)
    return Refused(block.line, block.lines[0][:80], code, args)


def _series(uid: str, rows: Sequence[Block], zones: str, prefix: str, whose: Whose, known: Sequence[str]) -> Series:
    name = f"{prefix}-{hashlib.sha256(uid.encode()).hexdigest()[:24]}"
    try:
        series = parsed(_framed(rows, zones), name)
        changes = {ms: _whose(draft, whose, known) for ms, draft in (series.changes or {}).items()}
        return replace(series, draft=_whose(series.draft, whose, known), changes=changes)
    except Unfit as unfit:
        raise _refused(rows[0], unfit.code, unfit.told) from unfit
    except CalendarError:
        raise
    except ReadableError as error:
        raise _refused(rows[0], error.code, error.told) from error
    except MALFORMED as error:
        raise _refused(rows[0], "calendar.unreadable", (uid[:60], str(error)[:80])) from error


def _whose(draft: Draft, whose: Whose, known: Sequence[str]) -> Draft:
    """With the rooms that the importer chose, where the event names none."""
    if draft.everyone and not whose.everyone:
        draft = replace(draft, everyone=False, members=whose.rooms)
    return checked(replace(draft, chair=draft.chair or whose.chair), known)
