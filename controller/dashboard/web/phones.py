"""Whom to phone about a room, for the screens from which nobody has the time to go and look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE

Phones = Mapping[str, list[dict[str, str]]]
"""Room → [{part, name, phone}]."""
_PARTS = {"technician": 0, "substitute": 1, "leader": 2}


async def phones(connection: AsyncConnection) -> Phones:
    """Who can be phoned, the technician first. Only for who may see people (Action.SEE_PEOPLE)."""
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    ask = (
        select(ROOM_PEOPLE.c.room, ROOM_PEOPLE.c.part, PEOPLE.c.name, PEOPLE.c.phone)
        .join(PEOPLE, PEOPLE.c.id == ROOM_PEOPLE.c.person)
        .where(PEOPLE.c.left_ms.is_(None), func.length(PEOPLE.c.phone) > 0)
    )
    for row in await connection.execute(ask):
        found[row.room].append({"part": row.part, "name": row.name, "phone": row.phone})
    for rows in found.values():
        rows.sort(key=lambda one: (_PARTS.get(one["part"], 9), one["name"]))
    return found
