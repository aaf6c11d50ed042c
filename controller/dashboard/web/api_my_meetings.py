"""What a site's technician says of its next meetings on the phone page: who is at the devices, and which frame each
seat has then (R8, R20). It goes into the calendar, for this room alone, and the room gets it like any change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import keep, load, note, set_hands
from controller.dashboard.calendar_publish import publish
from controller.dashboard.meetings import Draft, edited
from controller.dashboard.rights import Action
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.calendar_forms import Strict, said
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.mine import Mine

router = APIRouter(prefix="/api/my-room", tags=["my room"])
Name = Annotated[str, Field(max_length=120)]


class Frame(Strict):
    seat: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    preset: Annotated[int, Field(ge=0, le=254)]


class Plan(Strict):
    """`technician`, `substitute`: '' = the room's own. `seats`: those whose frame is another than the room's."""

    technician: Name = ""
    substitute: Name = ""
    seats: Annotated[tuple[Frame, ...], Field(max_length=40)] = ()


@router.post("/meetings/{uid}", summary="Who is at the devices of a coming meeting, and its seats")
async def plan(uid: str, asked: Plan, at: At, who: Who, room: Mine, request: Request) -> dict[str, Any]:
    """The seats of this meeting; the people of its whole series. 403 for another room's meeting, 404
    `session.unknown`, 409 `meeting.foreign` (another's calendar), `meeting.over`."""
    await need(at, who, Action.DUTY, room=room)
    now_ms = at.clock()
    async with at.engine.begin() as connection:
        row = await _mine(connection, uid, room)
        kept = await load(connection, row.series)
        if kept is None:
            raise HTTPException(404, {"code": "session.unknown"})
        if kept.source.isdigit():
            raise HTTPException(409, {"code": "meeting.foreign"})
        if row.end_ms <= now_ms:
            raise HTTPException(409, {"code": "meeting.over"})
        instance = row.recurrence_ms if kept.series.repeats else None
        draft = _seated(kept.series.at(instance), room, asked.seats)
        await set_hands(connection, row.series, room, asked.technician.strip(), asked.substitute.strip())
        with said():
            series = edited(kept.series, draft, instance, now_ms)
            rooms = await keep(connection, series, now_ms, by=who.name[:80], source=kept.source)
        await note(connection, row.series, who.name[:80], "meeting.done.seats", now_ms, draft.title)
    request.app.state.hub.say("meetings", {"series": row.series})
    return {"sent": await publish(at, rooms & {room})}


async def _mine(connection: AsyncConnection, uid: str, room: str) -> Any:
    """The row of INSTANCES, if this room takes part; in practice none does."""
    ask = select(INSTANCES).join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
    mine = (INSTANCES.c.uid == uid, INSTANCE_ROOMS.c.room == room, ~INSTANCES.c.cancelled)
    row = (await connection.execute(ask.where(*mine, ~INSTANCES.c.practice))).first()
    if row is None:
        there = (await connection.execute(select(INSTANCES.c.uid).where(INSTANCES.c.uid == uid))).first()
        if there is not None:
            raise HTTPException(403, {"code": "rights.other_meeting"})
        raise HTTPException(404, {"code": "session.unknown"})
    return row


def _seated(draft: Draft, room: str, seats: tuple[Frame, ...]) -> Draft:
    """With this room's own frames; those of all rooms and of other rooms stay."""
    others = tuple(one for one in draft.seats if one[0] != room)
    return replace(draft, seats=(*others, *((room, one.seat, one.preset) for one in seats)))
