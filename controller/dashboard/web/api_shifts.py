"""Sổ giao ca: what one shift tells the next. Written once, confirmed by who takes over, never edited."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import insert, select, update

from controller.dashboard.discreet import shown
from controller.dashboard.rights import Action
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENTS, INSTANCES, SHIFTS
from controller.dashboard.web.gate import At, Id, Who, need

router = APIRouter(prefix="/api/shifts", tags=["shifts"])
DAY_MS = 86_400_000


class Shift(BaseModel):
    text: str = Field(min_length=1, max_length=4_000)


@router.get("", summary="Handovers, and what the next shift must know now")
async def shifts(at: At, who: Who, days: Annotated[int, Query(ge=1, le=400)] = 31) -> dict[str, Any]:
    await need(at, who, Action.ROLLCALL)
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        kept = select(SHIFTS).where(SHIFTS.c.at_ms > now_ms - days * DAY_MS).order_by(SHIFTS.c.id.desc())
        rows = [
            {"id": row.id, "at_ms": row.at_ms, "by": row.by, "to": row.to, "text": row.text,
             "mine": row.by_user == who.user}
            for row in await connection.execute(kept)
        ]  # fmt: skip
        open_ = select(INCIDENTS.c.id, INCIDENTS.c.code, INCIDENTS.c.rooms, INCIDENTS.c.from_ms, INCIDENTS.c.stage)
        still = open_.where(INCIDENTS.c.until_ms.is_(None)).order_by(INCIDENTS.c.id)
        incidents = [dict(row._mapping) for row in await connection.execute(still)]
        slugs = {slug for one in incidents for slug in one["rooms"]}
        named = await connection.execute(select(ROOMS.c.slug, ROOMS.c.name).where(ROOMS.c.slug.in_(slugs)))
        ahead = select(*(INSTANCES.c[name] for name in ("uid", "title", "start_ms", "end_ms", "secret")))
        ahead = ahead.where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice, INSTANCES.c.end_ms > now_ms)
        ahead = ahead.where(INSTANCES.c.start_ms < now_ms + DAY_MS).order_by(INSTANCES.c.start_ms)
        words = select(FEEDBACK).where(FEEDBACK.c.stage != "done").order_by(FEEDBACK.c.id)
        return {
            "now_ms": now_ms,
            "shifts": rows,
            "incidents": incidents,
            "names": {row.slug: row.name for row in named},
            "meetings": [shown(row._mapping) for row in await connection.execute(ahead)],
            "words": [dict(row._mapping) for row in await connection.execute(words)],
        }


@router.post("", summary="Hand over")
async def hand_over(said: Shift, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.ROLLCALL)
    async with at.engine.begin() as connection:
        row = {"at_ms": at.clock(), "by": who.name, "by_user": who.user, "to": "", "text": said.text}
        await connection.execute(insert(SHIFTS).values(**row))
    return {}


@router.post("/{id_}/take", summary="Take over: by another account, once")
async def take(id_: Id, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.ROLLCALL)
    async with at.engine.begin() as connection:
        row = (await connection.execute(select(SHIFTS).where(SHIFTS.c.id == id_))).first()
        if row is None:
            raise HTTPException(404, {"code": "shifts.unknown"})
        if row.by_user == who.user:
            raise HTTPException(409, {"code": "shifts.self"})
        mine = (SHIFTS.c.id == id_, SHIFTS.c.to == "")
        taken = update(SHIFTS).where(*mine).values(to=who.name, to_user=who.user)
        if not (await connection.execute(taken)).rowcount:
            raise HTTPException(409, {"code": "shifts.taken", "args": [row.to]})
    return {}
