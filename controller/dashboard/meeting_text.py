"""Series ↔ iCalendar text (RFC 5545). Pure; the library does the writing, the rooms' own reader does the reading.

`whole` is what the centre keeps; `for_room` is what one room gets: only its meetings, only its own seats, no kind,
no document number, no list of the other rooms, and of a secret meeting no title. Holidays that the centre knows are
said as tentative instances, so that a room without the list does the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar, Event, vRecur

from controller.calendar_expand import Span, instances
from controller.calendar_plan import LENGTH_MS, Plan, Unfit
from controller.calendar_read import read
from controller.dashboard.discreet import SECRET_TITLE
from controller.dashboard.meetings import CANCELLED, HERE, KINDS, TENTATIVE, Draft, Series, here, second

LENGTH = timedelta(milliseconds=LENGTH_MS)
HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Diemcau//Lich phong truc tuyen//VI",
    "CALSCALE:GREGORIAN",
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Ho_Chi_Minh",
    "BEGIN:STANDARD",
    "DTSTART:19750613T000000",
    "TZOFFSETFROM:+0700",
    "TZOFFSETTO:+0700",
    "TZNAME:+07",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""Vietnam has had one offset since 1975: one rule says it all."""


def whole(series: Series) -> str:
    """All of it."""
    return framed(events(series))


def framed(parts: Iterable[str]) -> str:
    """Events as one calendar."""
    return "\r\n".join(HEAD) + "\r\n" + "".join(parts) + "END:VCALENDAR\r\n"


def events(series: Series) -> Iterator[str]:
    """Its VEVENTs: the series, then what is changed in it."""
    yield _written(_event(series, series.draft, None))
    for instance_ms, draft in sorted((series.changes or {}).items()):
        yield _written(_event(series, draft, instance_ms))


def _written(event: Event) -> str:
    return str(event.to_ical(), "utf-8")


def _event(series: Series, draft: Draft, instance_ms: int | None) -> Event:
    event = Event()
    event.add("UID", series.uid)
    event.add("DTSTAMP", datetime.fromtimestamp(series.stamp_ms // 1000, UTC))
    event.add("SEQUENCE", series.sequence)
    event.add("SUMMARY", draft.title)
    event.add("DTSTART", here(draft.start_ms))
    event.add("DTEND", here(draft.end_ms))
    if instance_ms is not None:
        event.add("RECURRENCE-ID", here(instance_ms))
    elif series.repeats:
        _repeating(event, series)
    if draft.status:
        event.add("STATUS", draft.status)
    for name, value in _own(draft):
        event.add(f"X-DIEMCAU-{name}", value)
    return event


def _repeating(event: Event, series: Series) -> None:
    if series.rule:
        rule = vRecur.from_ical(series.rule)
        if series.until_ms is not None:
            rule["UNTIL"] = [datetime.fromtimestamp(series.until_ms // 1000, UTC)]
        event.add("RRULE", rule)
    if series.extra:
        event.add("RDATE", [here(ms) for ms in series.extra])
    if series.gone:
        event.add("EXDATE", [here(ms) for ms in series.gone])


def _own(draft: Draft) -> Iterator[tuple[str, str]]:
    words = {
        "CHAIR": draft.chair,
        "DESK": draft.desk,
        "BACKUP": draft.backup,
        "PRESENTER": draft.presenter,
        "MEMBERS": "" if draft.everyone else ",".join(draft.members) or next(iter(sorted(draft.rooms)), ""),
        "POLICY": draft.policy.value,
        "KIND": draft.kind,
        "DOCUMENT": draft.document_no,
        "NUMBERS": ",".join(draft.numbers),
        "SEATS": ",".join(f"{room}:{seat}={n}" if room else f"{seat}={n}" for room, seat, n in draft.seats),
        "SECRET": "TRUE" if draft.secret else "",
        "EXTERNAL": "TRUE" if draft.external else "",
        "PRACTICE": "TRUE" if draft.practice else "",
    }
    yield from ((name, value) for name, value in words.items() if value)
    for begin, end in draft.breaks:
        yield "BREAK", f"{here(begin):%Y%m%dT%H%M%S}/{here(end):%Y%m%dT%H%M%S}"


def event_of(row: Mapping[str, Any], title: str, place: str) -> str:
    """One laid-out instance (`uid`, `start_ms`, `end_ms`, `tentative`, `cancelled`) for other programs."""
    event = Event()
    event.add("UID", f"{row['uid']}")
    event.add("DTSTAMP", datetime.fromtimestamp(row["start_ms"] // 1000, UTC))
    event.add("SUMMARY", title)
    event.add("DTSTART", here(row["start_ms"]))
    event.add("DTEND", here(row["end_ms"]))
    event.add("STATUS", CANCELLED if row["cancelled"] else TENTATIVE if row["tentative"] else "CONFIRMED")
    if place:
        event.add("LOCATION", place)
    return _written(event)


# ---- reading


def plans_of(text: str) -> tuple[Plan, ...]:
    """As a room reads it; raises CalendarError for what is no calendar."""
    return read(text, HERE, LENGTH)[0]


def parsed(text: str, uid: str = "") -> Series:
    """The one series in `text`, in the network's zone; `uid` = its new name. Raises CalendarError, Unfit
    (`import.zone`: a rule in a zone that is not ours would fall on other days; `import.orphan`: a changed instance
    without its series)."""
    plans = plans_of(text)
    found = list(zip(plans, Calendar.from_ical(text).walk("VEVENT"), strict=True))
    mains = [row for row in found if row[0].instance is None]
    if not mains:
        raise Unfit("import.orphan")
    plan, event = max(mains, key=lambda row: row[0].sequence)
    if plan.rule and not _ours(plan.start):
        raise Unfit("import.zone", str(plan.start.tzinfo))
    changes = {_ms(row.instance): _draft(row, said) for row, said in found if row.instance is not None}
    stamp = event.get("DTSTAMP")
    stamped = stamp.dt if stamp is not None and isinstance(stamp.dt, datetime) else plan.start
    return Series(
        uid or plan.uid,
        _draft(plan, event),
        plan.rule,
        None if plan.until is None else _ms(plan.until),
        tuple(sorted(map(_ms, plan.extra))),
        tuple(sorted({*map(_ms, plan.except_at), *_whole_days(plan)})),
        changes,
        plan.sequence,
        _ms(stamped if stamped.tzinfo else stamped.replace(tzinfo=UTC)),
    )


def _ours(start: datetime) -> bool:
    """Its zone has our offset all year: a rule gives the same days here."""
    months = (start.replace(month=n, day=1) for n in (1, 4, 7, 10))
    return all(one.utcoffset() == timedelta(hours=7) for one in months)


def _whole_days(plan: Plan) -> Iterator[int]:
    zone: tzinfo | None = plan.start.tzinfo
    for day in plan.except_on:
        yield _ms(datetime.combine(day, plan.start.time(), zone))


def _draft(plan: Plan, event: Any) -> Draft:
    details, start_ms = plan.details, _ms(plan.start)
    length_ms = round(plan.length.total_seconds()) * 1000
    kind = str(event.get("X-DIEMCAU-KIND", "")).strip()
    return Draft(
        title=details.title,
        start_ms=start_ms,
        end_ms=start_ms + length_ms,
        members=details.members,
        everyone=not details.members,
        chair=details.chair,
        desk=details.desk,
        backup=details.backup,
        presenter=details.presenter,
        policy=details.policy,
        kind=kind if kind in KINDS else "",
        document_no=str(event.get("X-DIEMCAU-DOCUMENT", "")).strip()[:80],
        secret=details.secret,
        external=details.external,
        practice=str(event.get("X-DIEMCAU-PRACTICE", "")).upper() == "TRUE",
        numbers=details.numbers,
        breaks=tuple(sorted(_break(start_ms, *row) for row in details.breaks)),
        seats=details.seats,
        status=plan.status if plan.status in (TENTATIVE, "CONFIRMED", CANCELLED) else "",
    )


def _break(start_ms: int, offset: timedelta, length: timedelta) -> tuple[int, int]:
    begin = start_ms + round(offset.total_seconds()) * 1000
    return begin, begin + round(length.total_seconds()) * 1000


def _ms(moment: datetime) -> int:
    return second(round(moment.timestamp() * 1000))


# ---- what one room gets


def for_room(series: Series, room: str, resting: Collection[int] = ()) -> str:
    """Its VEVENTs for `room`, '' = none of it is for this room. `resting`: moments of the series on rest days
    (`on_rest_days`), told as tentative where nobody decided otherwise."""
    main = _takes_part(series.draft, room)
    changes = dict(series.changes or {})
    if main and not series.cancelled:
        changes |= {
            ms: replace(series.at(ms), status=TENTATIVE) for ms in resting if ms not in changes and series.repeats
        }
    parts = [] if not main else [_written(_event(series, _narrowed(series.draft, room), None))]
    for instance_ms, draft in sorted(changes.items()):
        here_too = _takes_part(draft, room)
        if here_too or main:
            shown = draft if here_too else replace(draft, status=CANCELLED)
            parts.append(_written(_event(series, _narrowed(shown, room), instance_ms)))
    return "".join(parts)


Pattern = tuple[tuple[bool, ...], tuple[tuple[tuple[str, int], ...], ...]]
"""In the series and in each of its changes, and with which seats: rooms alike in this get alike texts."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the drafts of a series take place: the rooms of each, None = everywhere; the drafts themselves where
    any has seats of its own."""

    rooms: tuple[frozenset[str] | None, ...]
    seated: tuple[Draft, ...]

    def pattern(self, room: str) -> Pattern:
        parts = tuple(one is None or room in one for one in self.rooms)
        return parts, tuple(one.seats_in(room) for one in self.seated)


def places(series: Series) -> Places:
    drafts = (series.draft, *(draft for _, draft in sorted((series.changes or {}).items())))
    seated = drafts if any(one.seats for one in drafts) else ()
    return Places(tuple(_where(one) for one in drafts), seated)


def _where(draft: Draft) -> frozenset[str] | None:
    if draft.practice:
        return frozenset()
    return None if draft.everyone else draft.rooms


def _takes_part(draft: Draft, room: str) -> bool:
    """Practice takes place at the desk alone (R31): no room is told of it."""
    return not draft.practice and (draft.everyone or room in draft.rooms)


def _narrowed(draft: Draft, room: str) -> Draft:
    title = SECRET_TITLE if draft.secret else draft.title
    seats = tuple(("", seat, preset) for seat, preset in draft.seats_in(room))
    kept = replace(draft, title=title, seats=seats, everyone=False, members=(room,), kind="", document_no="")
    return replace(
        kept, practice=False
    )  # one of a series that is practice is told as cancelled, and not as what it is


def on_rest_days(series: Series, holidays: frozenset[date], from_ms: int, to_ms: int) -> tuple[int, ...]:
    """Moments of the series that fall on a holiday; weekends the rooms see themselves."""
    if not series.repeats or not holidays:
        return ()
    span = Span(here(from_ms), here(to_ms))
    found = instances(plans_of(whole(replace(series, changes={}))), span, [])
    return tuple(_ms(at) for _, start, at in found if at is not None and start.astimezone(HERE).date() in holidays)
