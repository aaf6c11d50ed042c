"""What a meeting of the calendar is, and how people change it: values in, values out. Pure.

A series has a draft (what each of its meetings is) and changes (what one of them is instead), by the moment that
the rule gives it: that moment is the instance's name for ever, at the centre and in the rooms. Clauses: R18 (the
three series of Quyết định 1444, Đ7, with hours of our own choice), R27, R28 (short notice is never refused).
Must not: read or write iCalendar (meeting_text.py), know who may do it, or the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.calendar_plan import LENGTH_MAX_H, TITLE_MAX_CHARS, ZONE
from controller.core.meeting import Policy
from controller.link.topics import is_slug
from controller.texts import ReadableError

HOUR_MS = 3_600_000
TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
KINDS = ("giao_ban", "shcm", "tap_huan", "dot_xuat", "khac")
"""people.md: họp giao ban, sinh hoạt chuyên môn, tập huấn, họp đột xuất; the rest."""
ROOMS_MOST = 300
BREAKS_MOST = 8
HERE = ZoneInfo(ZONE)


class Wrong(ReadableError, ValueError):
    """A meeting that cannot be; the sentence says which part and why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One meeting. Times are Unix ms. `members` = () with `everyone` means every room, those to come too; `seats`
    are (room, seat, preset), `breaks` (start, end). `status`: '' as the calendar says, or TENTATIVE, CONFIRMED,
    CANCELLED."""

    title: str
    start_ms: int
    end_ms: int
    members: tuple[str, ...] = ()
    everyone: bool = False
    chair: str = ""
    desk: str = ""
    backup: str = ""
    presenter: str = ""
    policy: Policy = Policy.CHAIR_LED
    kind: str = ""
    document_no: str = ""
    secret: bool = False
    external: bool = False
    practice: bool = False
    numbers: tuple[str, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    seats: tuple[tuple[str, str, int], ...] = ()
    status: str = ""

    @property
    def rooms(self) -> frozenset[str]:
        """Rooms that are named."""
        named = (self.chair, self.desk, self.backup, self.presenter)
        return frozenset(self.members) | {slug for slug in named if slug}

    def seats_in(self, room: str) -> tuple[tuple[str, int], ...]:
        """(seat, preset) that one room has in this meeting: its own goes before that of all rooms."""
        common = {seat: preset for where, seat, preset in self.seats if not where}
        own = {seat: preset for where, seat, preset in self.seats if where == room}
        return tuple((common | own).items())


@dataclass(frozen=True, slots=True)
class Series:
    """A single meeting (`rule` = '' and no `extra`) or a recurring one. `rule` is an RRULE without UNTIL; `gone`:
    moments taken out; `sequence` counts the edits (RFC 5545, 3.8.7.4)."""

    uid: str
    draft: Draft
    rule: str = ""
    until_ms: int | None = None
    extra: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    changes: Mapping[int, Draft] | None = None
    sequence: int = 0
    stamp_ms: int = 0

    @property
    def repeats(self) -> bool:
        return bool(self.rule or self.extra)

    @property
    def cancelled(self) -> bool:
        return self.draft.status == CANCELLED

    def at(self, instance_ms: int | None) -> Draft:
        """What happens at that moment of the series; None = the draft itself."""
        if instance_ms is None or not self.repeats:
            return self.draft
        changed = (self.changes or {}).get(instance_ms)
        return changed if changed is not None else shifted(self.draft, instance_ms)


TEMPLATES: tuple[Mapping[str, object], ...] = (
    {"kind": "giao_ban", "rule": "FREQ=MONTHLY;BYMONTHDAY=25", "day": 25, "from": "08:00", "to": "11:30"},
    {"kind": "shcm", "rule": "FREQ=MONTHLY;BYMONTHDAY=15", "day": 15, "from": "14:00", "to": "17:00"},
    {"kind": "tap_huan", "rule": "FREQ=WEEKLY;BYMONTH=7,8;BYDAY=TU,TH", "day": 0, "from": "08:00", "to": "11:30"},
)
"""R18 (Đ7.1): the 25th, the 15th, July and August. The hours are an assumption (people.md 4): they stand in the
form, to be changed there."""


def shifted(draft: Draft, start_ms: int) -> Draft:
    """The same meeting at another time, breaks included."""
    by_ms = start_ms - draft.start_ms
    breaks = tuple((begin + by_ms, end + by_ms) for begin, end in draft.breaks)
    return replace(draft, start_ms=start_ms, end_ms=draft.end_ms + by_ms, breaks=breaks)


def checked(draft: Draft, known: Sequence[str]) -> Draft:
    """The draft, tidied. Raises Wrong: title, times, breaks, a room that nobody knows."""
    title = " ".join(draft.title.split())[:TITLE_MAX_CHARS]
    if not title:
        raise Wrong("meeting.no_title")
    if not 0 < draft.end_ms - draft.start_ms <= LENGTH_MAX_H * HOUR_MS:
        raise Wrong("meeting.length", LENGTH_MAX_H)
    for slug in sorted(draft.rooms | {room for room, _, _ in draft.seats if room}):
        if not is_slug(slug) or slug not in known:
            raise Wrong("meeting.room", slug[:40])
    if not draft.everyone and not draft.rooms:
        raise Wrong("meeting.no_rooms")
    if len(draft.members) > ROOMS_MOST or len(draft.breaks) > BREAKS_MOST:
        raise Wrong("meeting.too_many", ROOMS_MOST)
    for begin, end in draft.breaks:
        if not draft.start_ms <= begin < end <= draft.end_ms:
            raise Wrong("meeting.break")
    if draft.kind and draft.kind not in KINDS:
        raise Wrong("meeting.kind", draft.kind[:40])
    if draft.policy is Policy.PRESENTER and not draft.presenter:
        raise Wrong("meeting.presenter")
    members = () if draft.everyone else tuple(dict.fromkeys(draft.members))
    whole = tuple(second(ms) for ms in (draft.start_ms, draft.end_ms))
    breaks = tuple(sorted((second(begin), second(end)) for begin, end in draft.breaks))
    return replace(draft, title=title, members=members, start_ms=whole[0], end_ms=whole[1], breaks=breaks)


def second(ms: int) -> int:
    """iCalendar knows no parts of a second."""
    return ms // 1000 * 1000


def edited(series: Series, draft: Draft, instance_ms: int | None, now_ms: int) -> Series:
    """One meeting of a series (`instance_ms`) or all of it. When the series begins at another hour, or follows
    another rule (`ruled`), its changed meetings have lost their moments: they are as the series again. Raises
    Wrong for one of a series that is cancelled: rooms would not be told."""
    if instance_ms is not None and series.repeats:
        if series.cancelled:
            raise Wrong("meeting.all_cancelled")
        return _next(series, now_ms, changes={**(series.changes or {}), instance_ms: draft})
    kept = followed(series, draft) if draft.start_ms == series.draft.start_ms else {}
    return _next(series, now_ms, draft=draft, changes=kept)


def followed(series: Series, draft: Draft) -> dict[int, Draft]:
    """Its changed meetings when the others become `draft`. One that differs by its status alone (a rest day that
    was confirmed, a day that was cancelled) goes on being as the others; what somebody made of another stays."""
    return {
        ms: replace(shifted(draft, ms), status=one.status)
        if one == replace(shifted(series.draft, ms), status=one.status)
        else one
        for ms, one in (series.changes or {}).items()
    }


def ruled(series: Series, rule: str, until_ms: int | None, now_ms: int) -> Series:
    """Repeats by another rule; changed meetings go when the rule is another."""
    kept = series.changes if rule == series.rule else {}
    return _next(series, now_ms, rule=rule, until_ms=until_ms, changes=dict(kept or {}))


def moved(series: Series, instance_ms: int | None, start_ms: int, end_ms: int, now_ms: int) -> Series:
    """To another time; breaks go along as far as they still lie inside."""
    old = series.at(instance_ms)
    whole = shifted(old, second(start_ms))
    breaks = tuple(one for one in whole.breaks if one[1] <= end_ms)
    return edited(series, replace(whole, end_ms=second(end_ms), breaks=breaks), instance_ms, now_ms)


def marked(series: Series, instance_ms: int | None, status: str, now_ms: int) -> Series:
    """Cancelled, tentative (postponed: hoãn), confirmed, or '' = as the calendar says."""
    changed = edited(series, replace(series.at(instance_ms), status=status), instance_ms, now_ms)
    return changed if instance_ms is not None else replace(changed, changes=all_marked(changed, status))


def all_marked(series: Series, status: str) -> dict[int, Draft]:
    """Its changed meetings, postponed or confirmed with the others. What somebody cancelled stays so; cancelling
    and restoring all leaves each as it is, so that the one undoes the other."""
    changes = dict(series.changes or {})
    if status not in (TENTATIVE, CONFIRMED):
        return changes
    return {ms: one if one.status == CANCELLED else replace(one, status=status) for ms, one in changes.items()}


def _next(series: Series, now_ms: int, **values: object) -> Series:
    return replace(series, sequence=series.sequence + 1, stamp_ms=second(now_ms), **values)  # type: ignore[arg-type]


def instance_of(uid: str) -> tuple[str, int | None]:
    """An instance's uid → its series, and which moment of it (as controller/calendar_expand.py names them)."""
    series, mark, moment = uid.rpartition("@")
    try:
        found = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if mark else None
    except ValueError:
        found = None
    return (series, round(found.timestamp()) * 1000) if found is not None else (uid, None)


def here(ms: int) -> datetime:
    """In the network's zone."""
    return datetime.fromtimestamp(ms // 1000, HERE)
