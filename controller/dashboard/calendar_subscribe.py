"""A subscription's calendar, taken over: what is new or changed is kept, what has gone from it is cancelled. One
that cannot be read changes nothing; why is kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import keep, load, note, rooms_of
from controller.dashboard.calendar_fetch import NotFetched, fetch
from controller.dashboard.calendar_import import Refused, Whose, taken
from controller.dashboard.calendar_publish import publish
from controller.dashboard.meetings import CANCELLED, Series, Wrong, marked
from controller.dashboard.store.tables_calendar import SUBSCRIPTIONS
from controller.dashboard.store.tables_work import MEETINGS
from controller.dashboard.web.place import Place
from controller.dashboard.words import say
from controller.texts import ReadableError


async def merge(
    connection: AsyncConnection, found: Sequence[Series], now_ms: int, *, by: str, source: str, name: str
) -> frozenset[str]:
    """Keep what differs; returns the rooms that must hear of it. A series whose meetings are all over is left
    out."""
    told: frozenset[str] = frozenset()
    for series in found:
        old = await load(connection, series.uid)
        if old is not None and replace(old.series, stamp_ms=0) == replace(series, stamp_ms=0):
            continue
        try:
            told |= await keep(connection, series, now_ms, by=by, source=source, new=old is None)
        except Wrong as wrong:
            if wrong.code not in ("meeting.never", "meeting.far"):
                raise
            continue
        await note(connection, series.uid, by, "meeting.done.import", now_ms, series.draft.title, name)
    return told


async def drop_others(
    connection: AsyncConnection, kept: Sequence[Series], now_ms: int, *, by: str, source: str
) -> frozenset[str]:
    """What has gone from the calendar is cancelled, and stays to be seen as such."""
    told: frozenset[str] = frozenset()
    here = {series.uid for series in kept}
    ask = select(MEETINGS.c.uid).where(MEETINGS.c.source == source, ~MEETINGS.c.cancelled)
    for uid in (await connection.execute(ask)).scalars().all():
        old = await load(connection, uid) if uid not in here else None
        if old is not None:
            gone = marked(old.series, None, CANCELLED, now_ms)
            told |= await keep(connection, gone, now_ms, by=by, source=source)
            await note(connection, uid, by, "meeting.done.cancel", now_ms, old.series.draft.title, "")
    return told


async def refresh(place: Place, row: Any) -> None:
    """One subscription, read now. Never raises for what the other side did."""
    now_ms, source = place.clock(), str(row.id)
    values: dict[str, object] = {"tried_ms": now_ms, "fault": "", "told": []}
    told: frozenset[str] = frozenset()
    try:
        page = await fetch(row.url, row.etag, private=place.settings.calendar_private)
        if page.text is not None:
            async with place.engine.begin() as connection:
                whose = Whose(tuple(row.rooms), row.everyone, row.chair)
                found = taken(page.text, f"s{row.id}", whose, await rooms_of(connection))
                told = await merge(connection, found, now_ms, by=row.name[:80], source=source, name=row.name)
                told |= await drop_others(connection, found, now_ms, by=row.name[:80], source=source)
        values |= {"read_ms": now_ms, "etag": page.etag}
    except (NotFetched, ReadableError) as error:
        values |= {"fault": error.code, "told": list(explained(error))}
    async with place.engine.begin() as connection:
        await connection.execute(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == row.id).values(**values))
    if told:
        await publish(place, told)


def explained(error: ReadableError, lang: str = "vi") -> tuple[object, ...]:
    """The arguments of its sentence; of a refused line also the reason, as a sentence."""
    if not isinstance(error, Refused):
        return tuple(str(one) for one in error.told)
    return (*error.told, say(error.why, lang, error.why_args))
