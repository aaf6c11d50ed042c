"""Which number the sites of a meeting dial: the address that the calendar names first, else that of the place which
leads it. Reading only; who may use it is asked elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.meeting_text import parsed
from controller.dashboard.meetings import Draft
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import MEETINGS


@dataclass(frozen=True, slots=True)
class Main:
    """`number`: '' = nobody has entered one. `place`: the site whose own number it is, '' = a bridge's."""

    number: str = ""
    place: str = ""


async def draft_of(connection: AsyncConnection, row: Any) -> Draft | None:
    """What the calendar says of one row of INSTANCES; None = its series is not there any more."""
    ask = select(MEETINGS.c.ics).where(MEETINGS.c.uid == row.series)
    ics = (await connection.execute(ask)).scalar()
    if ics is None:
        return None
    series = parsed(ics)
    return series.at(row.recurrence_ms if series.repeats else None)


async def main_of(connection: AsyncConnection, row: Any) -> Main:
    """Of one row of INSTANCES."""
    draft = await draft_of(connection, row)
    numbers = draft.numbers if draft is not None else ()
    places = [slug for slug in (row.desk, row.chair) if slug]
    found = await connection.execute(select(ROOMS.c.slug, ROOMS.c.dial).where(ROOMS.c.slug.in_(places)))
    dials = {one.slug: one.dial for one in found if one.dial}
    if numbers:
        return Main(numbers[0], next((slug for slug in places if dials.get(slug) == numbers[0]), ""))
    return next((Main(dials[slug], slug) for slug in places if slug in dials), Main())
