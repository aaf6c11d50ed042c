"""A series cut in two, in the database: both are kept, and who is at the devices and at the desk goes along."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import Kept, keep, note
from controller.dashboard.meeting_cut import cut
from controller.dashboard.meetings import Draft, Wrong
from controller.dashboard.store.tables_calendar import CREW
from controller.dashboard.store.tables_people import DESK_USERS


async def cut_off(
    connection: AsyncConnection,
    kept: Kept,
    instance_ms: int,
    draft: Draft,
    uid: str,
    again: tuple[str, int | None],
    by: str,
    now_ms: int,
) -> frozenset[str]:
    """The meeting at `instance_ms` and those that follow become the series `uid`, repeated by `again` (rule,
    until); returns the rooms that must hear of either. Raises Wrong for what cannot be."""
    rule, until_ms = again
    if not rule:
        raise Wrong("meeting.follows_none")
    if draft.end_ms <= now_ms:
        raise Wrong("meeting.past")
    left, own = cut(kept.series, instance_ms, draft, uid, rule, until_ms, now_ms)
    await _along(connection, kept.series.uid, uid)
    rooms = await keep(connection, left, now_ms, by=by, source=kept.source)
    rooms |= await keep(connection, own, now_ms, by=by, source=kept.source, new=True)
    for name in (left.uid, uid):
        await note(connection, name, by, "meeting.done.following", now_ms, draft.title)
    return rooms


async def _along(connection: AsyncConnection, old: str, new: str) -> None:
    crew = (await connection.execute(select(CREW).where(CREW.c.series == old))).mappings().all()
    if crew:
        await connection.execute(insert(CREW), [{**row, "series": new} for row in crew])
    desk = (await connection.execute(select(DESK_USERS).where(DESK_USERS.c.meeting == old))).mappings().all()
    if desk:
        await connection.execute(insert(DESK_USERS), [{**row, "meeting": new} for row in desk])
