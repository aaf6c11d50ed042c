"""The rooms of a technician's communes, from which the phone page of each is opened."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from sqlalchemy import select

from controller.dashboard.collate import key
from controller.dashboard.rights import Role
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS, UNITS
from controller.dashboard.store.tables_work import INCIDENTS
from controller.dashboard.units import unit_name
from controller.dashboard.web.gate import At, Who

router = APIRouter(prefix="/api/my-rooms", tags=["my room"])


@router.get("", summary="The rooms of this account's communes, each with its state and its open incidents")
async def my_rooms(at: At, who: Who) -> dict[str, Any]:
    """For a technician's account alone; [] = it has no commune, or that has no room."""
    if who.role is not Role.TECHNICIAN:
        raise HTTPException(403, {"code": "rights.role"})
    named = select(ROOMS.c.slug, ROOMS.c.name, UNITS.c.kind, UNITS.c.name.label("unit")).outerjoin(
        UNITS, UNITS.c.id == ROOMS.c.unit
    )
    said = select(LAST).where(LAST.c.room.in_(who.rooms), LAST.c.part.in_(("status", "state")))
    async with at.engine.connect() as connection:
        rows = await connection.execute(named.where(ROOMS.c.slug.in_(who.rooms)))
        mine = sorted(rows, key=lambda row: key(row.name))
        parts = {(row.room, row.part): row.body for row in await connection.execute(said)}
        open_ = (
            await connection.execute(select(INCIDENTS.c.rooms).where(INCIDENTS.c.until_ms.is_(None)))
        ).scalars()
        bad = [slug for rooms in open_ for slug in who.rooms.intersection(rooms)]
    return {
        "rooms": [
            {
                "slug": row.slug,
                "name": row.name,
                "unit": unit_name(row.kind, row.unit) if row.unit else "",
                "online": parts.get((row.slug, "status"), {}).get("online") is True,
                "phase": parts.get((row.slug, "state"), {}).get("phase", ""),
                "incidents": bad.count(row.slug),
            }
            for row in mine
        ]
    }
