"""Plans → occurrences within a span, and what each means for one room. Pure; the repetition itself is the
library's.

A recurring meeting on a rest day (weekend, holiday) is tentative until its own instance says STATUS:CONFIRMED
(R18). A meeting that is not for this room does not exist for it. Secret and external meetings are only marked
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice

from controller.calendar_plan import MALFORMED, Details, Plan, Problem
from controller.calendar_rehearse import due, slots
from controller.core.meeting import Meeting, Role

OCCURRENCES_MAX = 1_000
"""Of one span; a room has some ten a week."""
STEPS_MAX = 40_000
"""Of one rule from its start: a daily one through a century."""
CANCELLED = "CANCELLED"
CYCLE_YEARS = 400
LAST_YEAR = 9_998


@dataclass(frozen=True, slots=True)
class Span:
    """From … to, aware; an occurrence belongs to it when it touches it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Here:
    """For whom: the room's slug ('' = any room), its zone, its rest days, and how it counts the day before (R6)."""

    room: str
    zone: tzinfo
    holidays: frozenset[date]
    day_rule: str = "hours"


def role_of(details: Details, room: str) -> Role | None:
    """This room's part; None = the meeting is not for this room. No list of members = every room takes part."""
    places = ((details.chair, Role.CHAIR), (details.desk, Role.DESK), (details.backup, Role.BACKUP))
    role = next((role for slug, role in places if slug and slug == room), None)
    if role is None and (not details.members or not room or room in details.members or room == details.presenter):
        return Role.MEMBER
    return role


def expand(plans: tuple[Plan, ...], span: Span, here: Here) -> tuple[tuple[Meeting, ...], tuple[Problem, ...]]:
    """The meetings of this room that touch the span, by their start, and what could not be used."""
    problems: list[Problem] = []
    found: dict[str, Meeting] = {}
    for plan, start, instance in instances(plans, span, problems):
        meeting = meeting_of(plan, start, instance, here)
        if meeting is not None and touches(start, plan.length, span):
            found[meeting.uid] = meeting
    meetings = sorted(found.values(), key=lambda m: (m.start_ms, m.uid))
    if len(meetings) > OCCURRENCES_MAX:
        problems.append(Problem("calendar.too_many", (OCCURRENCES_MAX,)))
    return tuple(meetings[:OCCURRENCES_MAX]), tuple(problems)


Found = tuple[Plan, datetime, datetime | None]
"""A plan, when it happens, and which moment of a series it is."""


def instances(plans: tuple[Plan, ...], span: Span, problems: list[Problem]) -> Iterator[Found]:
    latest = _latest(plans)
    moved = {(uid, instance) for uid, instance in latest if instance is not None}
    gone = {uid for (uid, instance), plan in latest.items() if instance is None and plan.status == CANCELLED}
    for (uid, instance), plan in latest.items():
        if uid in gone:
            continue
        if instance is not None:
            yield plan, plan.start, instance
        elif not plan.repeats:
            yield plan, plan.start, None
        else:
            starts = (start for start in _series(plan, span, problems) if (uid, start.astimezone(UTC)) not in moved)
            yield from ((plan, start, start) for start in starts)


def _latest(plans: tuple[Plan, ...]) -> dict[tuple[str, datetime | None], Plan]:
    """One plan for each event and each replaced moment: the highest SEQUENCE, then the last one given."""
    latest: dict[tuple[str, datetime | None], Plan] = {}
    for plan in plans:
        name = plan.uid, plan.instance.astimezone(UTC) if plan.instance is not None else None
        if name not in latest or latest[name].sequence <= plan.sequence:
            latest[name] = plan
    return latest


def _series(plan: Plan, span: Span, problems: list[Problem]) -> Iterator[datetime]:
    """The moments of a series that can touch the span, without those taken out."""
    try:
        starts = {*_by_rule(plan, span), *(row for row in plan.extra if row <= span.end)}
    except MALFORMED as error:
        problems.append(Problem("calendar.rule", (plan.details.title, f"{plan.rule} ({error})"[:120])))
        return
    for start in sorted(starts):
        gone = start.astimezone(UTC) in plan.except_at or start.date() in plan.except_on
        if not gone and touches(start, plan.length, span):
            yield start


def _by_rule(plan: Plan, span: Span) -> Iterator[datetime]:
    from dateutil.rrule import rrulestr

    if not plan.rule:
        yield plan.start
        return
    zone = plan.start.tzinfo
    last = span.end if plan.until is None else min(span.end, plan.until)
    # The library searches a rule that never happens (30 February) up to the year 9999. The calendar repeats
    # itself every 400 years, weekdays included: close to the end the search is short, and the result the same.
    years = (LAST_YEAR - span.end.year) // CYCLE_YEARS * CYCLE_YEARS
    first = plan.start.replace(tzinfo=None)
    for shifted in islice(rrulestr(plan.rule, dtstart=first.replace(year=first.year + years)), STEPS_MAX):
        start = shifted.replace(year=shifted.year - years, tzinfo=zone)
        if start > last:
            return
        yield start


def touches(start: datetime, length: timedelta, span: Span) -> bool:
    return start < span.end and start.astimezone(UTC) + length > span.start


def meeting_of(plan: Plan, start: datetime, instance: datetime | None, here: Here) -> Meeting | None:
    details = plan.details
    role = role_of(details, here.room)
    if role is None or plan.status == CANCELLED:
        return None
    start_ms = _unix_ms(start)
    breaks = tuple(
        (start_ms + _millis(offset), start_ms + _millis(offset + length))
        for offset, length in details.breaks
        if offset + length <= plan.length
    )
    return Meeting(
        uid=plan.uid if instance is None else f"{plan.uid}@{instance.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        title=details.title,
        start_ms=start_ms,
        end_ms=start_ms + _millis(plan.length),
        role=role,
        policy=details.policy,
        presents=bool(here.room) and details.presenter == here.room,
        tentative=_tentative(plan, start, instance, here),
        secret=details.secret,
        external=details.external,
        numbers=details.numbers,
        breaks=breaks,
        seats=tuple((seat, preset) for room, seat, preset in details.seats if room in ("", here.room)),
        rehearse=slots(start.astimezone(here.zone), here.holidays, here.day_rule),
        due_ms=_unix_ms(due(start.astimezone(here.zone), here.day_rule)),
    )


def _tentative(plan: Plan, start: datetime, instance: datetime | None, here: Here) -> bool:
    if plan.status == "TENTATIVE":
        return True
    confirmed = plan.instance is not None and plan.status == "CONFIRMED"
    day = start.astimezone(here.zone).date()
    return instance is not None and not confirmed and (day.weekday() >= 5 or day in here.holidays)


def _unix_ms(moment: datetime) -> int:
    return round(moment.timestamp()) * 1000


def _millis(length: timedelta) -> int:
    return round(length.total_seconds()) * 1000
