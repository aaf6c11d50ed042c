"""A series cut in two, in the database: both are kept, and who is at the devices and at the desk goes along."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import keep
from controller.dashboard.meetings import Series
from controller.dashboard.store.tables_calendar import CREW
from controller.dashboard.store.tables_people import DESK_USERS


async def along(connection: AsyncConnection, old: str, new: str) -> None:
    """Before the new series is laid out: its rows name its people."""
    crew = (await connection.execute(select(CREW).where(CREW.c.series == old))).mappings().all()
    if crew:
        await connection.execute(insert(CREW), [{**row, "series": new} for row in crew])
    desk = (await connection.execute(select(DESK_USERS).where(DESK_USERS.c.meeting == old))).mappings().all()
    if desk:
        await connection.execute(insert(DESK_USERS), [{**row, "meeting": new} for row in desk])


async def keep_both(
    connection: AsyncConnection, left: Series, own: Series, by: str, source: str, now_ms: int
) -> frozenset[str]:
    """Returns the rooms that must hear of either."""
    rooms = await keep(connection, left, now_ms, by=by, source=source)
    return rooms | await keep(connection, own, now_ms, by=by, source=source, new=True)
