"""N20's questions to the database: what is open, what was tried from afar, when each room is in use."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.alerts_ask import subjects
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, UNITS
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENT_ALERTS, INCIDENTS, INSTANCE_ROOMS, INSTANCES
from controller.dashboard.trips import CHORES, DAY_MS, DAYS, NEEDS_HAND, Defect, Room, Tried
from controller.dashboard.units import unit_name

REMOTE = ("heal", "restart", "load", "power", "check", "rehearse")
TRIED_MOST = 8
TRIED_MS = 14 * DAY_MS


async def rooms(connection: AsyncConnection, person: int, now_ms: int) -> list[Room]:
    """Every room with something to mend; `person` ≠ 0: of those whose technician or substitute that one is."""
    mine = await _of(connection, person) if person else None
    defects = await _defects(connection, mine)
    if not defects:
        return []
    units = {row.id: row for row in await connection.execute(select(UNITS))}
    busy = await _busy(connection, now_ms)
    found = []
    for row in await connection.execute(select(ROOMS).where(ROOMS.c.slug.in_(defects), ~ROOMS.c.retired)):
        unit = units.get(row.unit)
        above = ("", 0) if unit is None else (unit_name(unit.kind, unit.name), unit.parent or 0)
        tried = await _tried(connection, row.slug, defects[row.slug], now_ms)
        place = (row.unit or 0, *above)
        found.append(Room(row.slug, row.name, *place, tuple(busy[row.slug]), tuple(defects[row.slug]), tried))
    return found


async def _of(connection: AsyncConnection, person: int) -> frozenset[str]:
    part = ROOM_PEOPLE.c.part.in_(("technician", "substitute"))
    ask = select(ROOM_PEOPLE.c.room).where(ROOM_PEOPLE.c.person == person, part)
    return frozenset((await connection.execute(ask)).scalars())


async def _defects(connection: AsyncConnection, mine: frozenset[str] | None) -> dict[str, list[Defect]]:
    found: dict[str, list[Defect]] = defaultdict(list)
    for row in await _open(connection):
        room = row.rooms[0] if row.rooms else ""
        if room and (mine is None or room in mine):
            found[room].append(await _defect(connection, row, room))
    reported = select(FEEDBACK).where(FEEDBACK.c.kind == "fault", FEEDBACK.c.stage != "done", FEEDBACK.c.room != "")
    for row in await connection.execute(reported.order_by(FEEDBACK.c.id)):
        if mine is None or row.room in mine:
            found[row.room].append(Defect("fault", row.at_ms, (("fault", ""),), text=row.text))
    for row in await connection.execute(select(LAST).where(LAST.c.part == "state")):
        chores = [(code, "") for code in _codes(row.body) if code in CHORES]
        if chores and (mine is None or row.room in mine):
            found[row.room].append(Defect("chore", row.received_ms, tuple(chores)))
    return dict(found)


def _codes(body: Any) -> list[str]:
    codes = body.get("incidents") if isinstance(body, dict) else None
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []


async def _open(connection: AsyncConnection) -> list[Row[Any]]:
    """Of one room, of a kind that a hand can mend, and not yet called mended."""
    ask = select(INCIDENTS).where(
        INCIDENTS.c.until_ms.is_(None),
        INCIDENTS.c.scope == "room",
        INCIDENTS.c.code.in_(NEEDS_HAND),
        INCIDENTS.c.stage != "mended",
    )
    return list((await connection.execute(ask.order_by(INCIDENTS.c.from_ms))).all())


async def _defect(connection: AsyncConnection, row: Row[Any], room: str) -> Defect:
    """Its alerts with the thing that each is about, where the room's journal tells."""
    mine = (INCIDENT_ALERTS.c.incident == row.id, INCIDENT_ALERTS.c.until_ms.is_(None))
    codes = sorted(set((await connection.execute(select(INCIDENT_ALERTS.c.code).where(*mine))).scalars()))
    known = await subjects(connection, room, codes)
    named = {code for code, _ in known}
    things = [*known, *((code, "") for code in codes if code not in named)]
    return Defect(row.code, row.from_ms, tuple(sorted(things)), row.id)


async def _tried(connection: AsyncConnection, room: str, defects: list[Defect], now_ms: int) -> tuple[Tried, ...]:
    """Commands of the kind that mend, since the first of these defects began; the newest first."""
    since_ms = max(min(defect.from_ms for defect in defects), now_ms - TRIED_MS)
    ask = select(ORDERS).where(ORDERS.c.room == room, ORDERS.c.verb.in_(REMOTE), ORDERS.c.sent_ms >= since_ms)
    rows = await connection.execute(ask.order_by(ORDERS.c.sent_ms.desc()).limit(TRIED_MOST))
    return tuple(Tried(row.sent_ms, row.verb, row.stage, row.by) for row in rows)


async def _busy(connection: AsyncConnection, now_ms: int) -> dict[str, list[tuple[int, int]]]:
    ask = (
        select(INSTANCE_ROOMS.c.room, INSTANCES.c.start_ms, INSTANCES.c.end_ms)
        .join(INSTANCES, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .where(INSTANCES.c.end_ms > now_ms - DAY_MS, INSTANCES.c.start_ms < now_ms + DAYS * DAY_MS)
        .order_by(INSTANCES.c.start_ms)
    )
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in await connection.execute(ask):
        found[row.room].append((row.start_ms, row.end_ms))
    return found


async def technicians(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Whoever has rooms: id, name, phone."""
    part = or_(ROOM_PEOPLE.c.part == "technician", ROOM_PEOPLE.c.part == "substitute")
    ask = select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.phone).join(ROOM_PEOPLE, ROOM_PEOPLE.c.person == PEOPLE.c.id)
    rows = await connection.execute(ask.where(part, PEOPLE.c.left_ms.is_(None)).distinct().order_by(PEOPLE.c.id))
    return [dict(row._mapping) for row in rows]
