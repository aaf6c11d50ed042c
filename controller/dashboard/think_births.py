"""Rooms that spoke and whose birth is not known (a broker cluster that sends no retained messages by wildcard, a
database that is new) are asked to say it again, each at most once in five minutes (mqtt.md: `do/rebirth`)."""

from __future__ import annotations

from fastapi import HTTPException
from sqlalchemy import select

from controller.dashboard.rights import Actor, Role
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.web.orders import order
from controller.dashboard.web.place import Place

EVERY_S = 30.0
AT_ONCE = 200
AGAIN_MS = 5 * 60_000
FRESH_MS = 60_000
US = Actor("diemcau", Role.ADMIN)


async def think(place: Place) -> None:
    now_ms = place.clock()
    birth, asked = LAST.alias("birth"), ORDERS.alias("asked")
    same_life = (birth.c.room == LAST.c.room) & (birth.c.part == "birth")
    lately = (asked.c.room == LAST.c.room) & (asked.c.verb == "rebirth") & (asked.c.sent_ms > now_ms - AGAIN_MS)
    ask = (
        select(LAST.c.room)
        .outerjoin(birth, same_life)
        .outerjoin(asked, lately)
        .where(LAST.c.part == "state", LAST.c.received_ms > now_ms - FRESH_MS)
        .where(birth.c.room.is_(None), asked.c.id.is_(None))
        .order_by(LAST.c.room)
        .limit(AT_ONCE)
    )
    async with place.engine.connect() as connection:
        rooms = (await connection.execute(ask)).scalars().all()
    for room in rooms:
        try:
            await order(place, US, room, "rebirth", {})
        except HTTPException:
            return  # no broker: again in the next turn
