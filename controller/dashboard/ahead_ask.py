"""N29's questions to the database: what is known of the rooms that have meetings within a week."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.ahead import WEEK_MS, Due, Said, warm_ms
from controller.dashboard.store.tables import LAST, RECORDS
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS
from controller.dashboard.store.tables_work import INCIDENTS, INSTANCE_ROOMS, INSTANCES, MAINTENANCE

WARM_DAYS = 60
RECORDS_MOST = 20_000
_PARTS = ("status", "state", "detail/checks")


async def due(connection: AsyncConnection, now_ms: int) -> dict[str, list[Due]]:
    """Room → its meetings of the week, by start; tentative ones too, for they may be confirmed."""
    join = INSTANCES.join(INSTANCE_ROOMS, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
    ask = (
        select(INSTANCES, INSTANCE_ROOMS.c.room, INSTANCE_ROOMS.c.technician)
        .select_from(join)
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .where(INSTANCES.c.end_ms > now_ms, INSTANCES.c.start_ms < now_ms + WEEK_MS)
        .order_by(INSTANCES.c.start_ms, INSTANCES.c.uid)
    )
    found: dict[str, list[Due]] = defaultdict(list)
    for row in (await connection.execute(ask)).all():
        found[row.room].append(Due(row.uid, row.title, row.start_ms, row.end_ms, row.technician))
    return found


async def said(connection: AsyncConnection, rooms: set[str], now_ms: int) -> dict[str, Said]:
    """What is known of each of `rooms`."""
    parts: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in (await connection.execute(select(LAST).where(LAST.c.part.in_(_PARTS)))).all():
        parts[row.room][row.part] = row.body
    open_ones: dict[str, list[str]] = defaultdict(list)
    for row in (await connection.execute(select(INCIDENTS).where(INCIDENTS.c.until_ms.is_(None)))).all():
        for room in row.rooms:
            open_ones[room].append(row.code)
    windows: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in (await connection.execute(select(MAINTENANCE).where(MAINTENANCE.c.until_ms > now_ms))).all():
        windows[row.room].append((row.from_ms, row.until_ms, row.reason))
    warm = await _warm(connection, now_ms)
    return {
        room: Said(
            bool(parts[room].get("status", {}).get("online")),
            parts[room].get("state", {}),
            parts[room].get("detail/checks", {}),
            tuple(open_ones[room]),
            tuple(windows[room]),
            warm.get(room, 0),
        )
        for room in rooms
    }


async def _warm(connection: AsyncConnection, now_ms: int) -> dict[str, int]:
    since_ms = now_ms - WARM_DAYS * 86_400_000
    ask = (
        select(RECORDS.c.room, RECORDS.c.boot, RECORDS.c.mono_ms, RECORDS.c.body)
        .where(RECORDS.c.kind == "phase", RECORDS.c.at_ms > since_ms)
        .order_by(RECORDS.c.at_ms.desc())
        .limit(RECORDS_MOST)
    )
    rows = sorted((await connection.execute(ask)).all(), key=lambda row: (row.room, row.boot, row.mono_ms))
    found: dict[str, int] = {}
    for (room, _), life in groupby(rows, key=lambda row: (row.room, row.boot)):
        took = warm_ms([(row.mono_ms, str(row.body.get("to", ""))) for row in life])
        found[room] = max(found.get(room, 0), took)
    return found


async def hands(connection: AsyncConnection, people: bool) -> dict[str, dict[str, Any]]:
    """Room → name, provider with hotline and circuit, and where the asker may see people their phones."""
    found: dict[str, dict[str, Any]] = {
        row.slug: {"name": row.name, "provider": row.provider, "hotline": row.hotline, "circuit": row.circuit}
        for row in (await connection.execute(select(ROOMS))).all()
    }
    if people:
        join = ROOM_PEOPLE.join(PEOPLE, PEOPLE.c.id == ROOM_PEOPLE.c.person)
        ask = select(ROOM_PEOPLE.c.room, ROOM_PEOPLE.c.part, PEOPLE.c.name, PEOPLE.c.phone).select_from(join)
        for row in (await connection.execute(ask.where(PEOPLE.c.left_ms.is_(None)))).all():
            if row.room in found:
                found[row.room].setdefault(row.part, {"name": row.name, "phone": row.phone})
    return found


async def secret(connection: AsyncConnection, now_ms: int) -> list[str]:
    """Which meetings of the week are told without their title."""
    ask = select(INSTANCES.c.uid).where(INSTANCES.c.secret, INSTANCES.c.end_ms > now_ms)
    return list((await connection.execute(ask.where(INSTANCES.c.start_ms < now_ms + WEEK_MS))).scalars())
