"""Series laid out in time: which meeting, when, with which rooms. Pure.

Expansion is the rooms' own (controller/calendar_expand.py), so that centre and rooms name every meeting alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from controller.calendar_expand import Here, Span, instances, meeting_of, role_of, touches
from controller.calendar_plan import Plan
from controller.core.meeting import Meeting
from controller.dashboard.meeting_text import plans_of, whole
from controller.dashboard.meetings import CANCELLED, HERE, Draft, Series, here


@dataclass(frozen=True, slots=True)
class Laid:
    """One instance. `rooms`: slug → role; `instance_ms`: its moment in the series, 0 of a single meeting."""

    uid: str
    instance_ms: int
    draft: Draft
    rooms: dict[str, str]
    tentative: bool
    cancelled: bool

    @property
    def start_ms(self) -> int:
        return self.draft.start_ms

    @property
    def end_ms(self) -> int:
        return self.draft.end_ms


def lay(
    series: Series, rooms: Sequence[str], from_ms: int, to_ms: int, holidays: frozenset[date] = frozenset()
) -> list[Laid]:
    """Its meetings that touch [from, to), cancelled ones too (marked), by their start."""
    span = Span(here(from_ms), here(to_ms))
    plans = plans_of(whole(series))
    alive = tuple(replace(plan, status="" if plan.status == CANCELLED else plan.status) for plan in plans)
    all_gone = series.cancelled
    found = []
    for plan, start, instance in instances(alive, span, []):
        meeting = meeting_of(plan, start, instance, Here("", HERE, holidays))
        if meeting is not None and touches(start, plan.length, span):
            instance_ms = 0 if instance is None else round(instance.timestamp()) * 1000
            found.append(_laid(series, plan, meeting, instance_ms, rooms, all_gone))
    return sorted(found, key=lambda one: (one.start_ms, one.uid))


def _laid(
    series: Series, plan: Plan, meeting: Meeting, instance_ms: int, rooms: Sequence[str], all_gone: bool
) -> Laid:
    draft = series.at(instance_ms or None)
    roles = {room: role for room in rooms if (role := role_of(plan.details, room)) is not None}
    parts = {room: role.value for room, role in roles.items()}
    return Laid(meeting.uid, instance_ms, draft, parts, meeting.tentative, all_gone or draft.status == CANCELLED)
