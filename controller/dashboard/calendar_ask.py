"""What the calendar's pages ask the database: what is booked when, who is away, what a person may see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import rooms_of
from controller.dashboard.conflicts import Busy, Note, booking, off, overlaps
from controller.dashboard.discreet import shown
from controller.dashboard.meeting_layout import Laid
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES, MAINTENANCE

MOST = 3_000
"""Instances in one answer: a province's year."""


async def booked(connection: AsyncConnection, from_ms: int, to_ms: int, room: str = "") -> list[dict[str, Any]]:
    """Instances that touch [from, to), with their rooms (slug → role), by start."""
    ask = select(INSTANCES).where(INSTANCES.c.end_ms > from_ms, INSTANCES.c.start_ms < to_ms)
    if room:
        mine = select(INSTANCE_ROOMS.c.uid).where(INSTANCE_ROOMS.c.room == room)
        ask = ask.where(INSTANCES.c.uid.in_(mine))
    rows = (await connection.execute(ask.order_by(INSTANCES.c.start_ms).limit(MOST))).mappings().all()
    touching = INSTANCE_ROOMS.join(INSTANCES, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
    seats = select(INSTANCE_ROOMS.c.uid, INSTANCE_ROOMS.c.room, INSTANCE_ROOMS.c.role).select_from(touching)
    parts: dict[str, dict[str, str]] = {}
    inside = seats.where(INSTANCES.c.end_ms > from_ms, INSTANCES.c.start_ms < to_ms)
    for uid, slug, role in (await connection.execute(inside)).all():
        parts.setdefault(uid, {})[slug] = role
    return [{**row, "rooms": parts.get(row["uid"], {})} for row in rows]


async def notes_of(
    connection: AsyncConnection, series: str, laid: Sequence[Laid], now_ms: int, people: int = 0
) -> list[Note]:
    """All that stands in the way of these meetings. Practice takes no room, so it is in nobody's way (R31)."""
    laid = [one for one in laid if not one.draft.practice]
    if not laid:
        return []
    coming = [one for one in laid if one.end_ms > now_ms] or list(laid)
    from_ms, to_ms = coming[0].start_ms, max(one.end_ms for one in coming)
    busy = [
        _busy(row) for row in await booked(connection, from_ms, to_ms) if not (row["cancelled"] or row["practice"])
    ]
    windows = select(MAINTENANCE).where(MAINTENANCE.c.until_ms > from_ms, MAINTENANCE.c.from_ms < to_ms)
    busy += [
        Busy("", "", row.reason[:80], row.from_ms, row.until_ms, {row.room: "member"})
        for row in (await connection.execute(windows)).all()
    ]
    first = booking(coming[0].start_ms, people, now_ms)
    return [*first, *overlaps(series, coming, busy), *off(coming, await away(connection), now_ms)]


def _busy(row: Mapping[str, Any]) -> Busy:
    """Units that ask for a room see what stands in the way, not what it is about."""
    return Busy(row["uid"], row["series"], shown(row)["title"], row["start_ms"], row["end_ms"], row["rooms"])


async def away(connection: AsyncConnection) -> dict[str, str]:
    """Rooms that do not answer, or whose key stands at BẰNG TAY: slug → code."""
    ask = select(LAST.c.room, LAST.c.part, LAST.c.body).where(LAST.c.part.in_(("status", "state")))
    found: dict[str, str] = {}
    heard: set[str] = set()
    for room, part, body in (await connection.execute(ask)).all():
        heard.add(room)
        if part == "status" and not body.get("online"):
            found[room] = "conflict.offline"
        elif part == "state" and body.get("bypass") is True:
            found.setdefault(room, "conflict.bypass")
    return {**{slug: "conflict.offline" for slug in await rooms_of(connection) if slug not in heard}, **found}


async def names(connection: AsyncConnection) -> dict[str, str]:
    """Slug → name, retired rooms too."""
    found = await connection.execute(select(ROOMS.c.slug, ROOMS.c.name))
    return {row.slug: row.name for row in found}


def told(notes: Sequence[Note], known: Mapping[str, str]) -> list[dict[str, object]]:
    """As the page says them."""
    return [
        {
            "code": note.code,
            "room": known.get(note.room, note.room),
            "title": note.title,
            "from_ms": note.from_ms,
            "until_ms": note.until_ms,
            "n": note.n,
        }
        for note in notes
    ]
