"""A named person moves the meeting's main site to the backup, or back (R25)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from controller.dashboard.calendar_publish import publish
from controller.dashboard.rights import Action
from controller.dashboard.store.tables_work import INSTANCE_ROOMS
from controller.dashboard.web.audit import note
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.many import each
from controller.dashboard.web.orders import dispatch
from controller.dashboard.web.replies import STILL, Answers
from controller.dashboard.web.session import meeting
from controller.dashboard.web.switch import To, turn

router = APIRouter(prefix="/api", tags=["desk"])


class Switch(BaseModel):
    reason: str = Field(min_length=3, max_length=500)
    to: To = "backup"


@router.post("/sessions/{uid}/backup", summary="Switch to the backup main site, or back (R25)", responses=STILL)
async def backup(uid: str, said: Switch, at: At, who: Who, request: Request, answer: Answers) -> dict[str, Any]:
    """Noted and written into the calendar before anything is sent; then every other room is told to dial, and gets
    the new calendar, by which it calls again when its line drops. Rooms that cannot be told are named; they follow
    by themselves when their call is lost (R12). `calendar`: changed, foreign (another's), none."""
    await need(at, who, Action.DESK, meeting=uid)
    async with at.engine.begin() as connection:
        row = await meeting(connection, uid)
        new = await turn(connection, row, said.to, said.reason, who, at.clock())
        ask = select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid, INSTANCE_ROOMS.c.room != new.place)
        rooms = list((await connection.execute(ask.order_by(INSTANCE_ROOMS.c.room))).scalars())
        if not row.practice:
            await note(connection, at.clock(), who, said.to, uid, [new.place or new.number, said.reason])
    args = {"value": "dial", "address": new.number}
    told = await each(rooms, lambda room: dispatch(at, who, room, "call", args, meeting=uid, reason=said.reason))
    request.app.state.hub.say("meetings", {"uid": uid})
    sent = await publish(at, new.rooms) if new.rooms else 0
    replies = (await answer.each(told)).replies
    done = {"ordered": list(told.sent), "refused": told.unsent, "replies": replies}
    return done | {"calendar": new.calendar, "calendars_sent": sent}
