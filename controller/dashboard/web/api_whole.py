"""What the desk tells a whole meeting: power up every room, close every microphone but the chair's, call the sites
one after another; and what each room answered, with its reason.

Calls go out one by one, as the page of the desk asks for them: a bridge that a hundred codecs dial at once drops
most of them, and who leaves the page stops calling.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import select

from controller.dashboard.main_site import main_of
from controller.dashboard.rights import Action
from controller.dashboard.store.tables import ORDERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.many import each
from controller.dashboard.web.orders import dispatch, order
from controller.dashboard.web.replies import STILL, Answers, Replies, Reply
from controller.dashboard.web.session import meeting

router = APIRouter(prefix="/api", tags=["session"])
VERBS = ("power", "mute", "call")
_SHOWN = ("room", "verb", "args", "by", "sent_ms", "stage", "code", "told")


class All(BaseModel):
    """`muted`: closed until it is given back or the floor; `auto`: as the room's own mode says."""

    value: Literal["muted", "auto"]


class Power(BaseModel):
    """`on`: as a press in the room; `auto`: as the calendar says. Nobody switches all rooms off at once."""

    value: Literal["on", "auto"]


class Call(BaseModel):
    """`address` '' = the meeting's main site."""

    room: Annotated[str, Field(max_length=40)]
    address: Annotated[str, Field(max_length=100)] = ""


@router.get("/sessions/{uid}/whole", summary="Whom the sites dial, and what each answered last")
async def whole(uid: str, at: At, who: Who) -> dict[str, Any]:
    """`replies`: of each room the newest command to its power, its microphone and its line in this meeting."""
    await need(at, who, Action.ROLLCALL, meeting=uid)
    async with at.engine.connect() as connection:
        main = await main_of(connection, await meeting(connection, uid))
        about = (ORDERS.c.meeting == uid, ORDERS.c.verb.in_(VERBS))
        newest = {}
        for row in await connection.execute(select(ORDERS).where(*about).order_by(ORDERS.c.id)):
            newest[row.room, row.verb] = {name: getattr(row, name) for name in _SHOWN}
    return {"number": main.number, "place": main.place, "replies": list(newest.values())}


@router.post("/sessions/{uid}/power-all", summary="Power up every room of the meeting", responses=STILL)
async def power_all(uid: str, said: Power, at: At, who: Who, answer: Answers) -> Replies:
    """As `mute-all`, the chair's room too."""
    await need(at, who, Action.ROLLCALL, meeting=uid)
    await need(at, who, Action.POWER, meeting=uid)
    async with at.engine.connect() as connection:
        await meeting(connection, uid)
        ask = select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid).order_by(INSTANCE_ROOMS.c.room)
        rooms = list((await connection.execute(ask)).scalars())
    told = await each(rooms, lambda room: dispatch(at, who, room, "power", {"value": said.value}, meeting=uid))
    return await answer.each(told)


@router.post("/sessions/{uid}/mute-all", summary="Every microphone but the chair's", responses=STILL)
async def mute_all(uid: str, said: All, at: At, who: Who, answer: Answers) -> Replies:
    """A room that cannot be told is named, with the reason. Whoever is invited by word opens the microphone at the
    seat, as always."""
    await need(at, who, Action.MIC, meeting=uid)
    async with at.engine.connect() as connection:
        row = await meeting(connection, uid)
        ask = select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid, INSTANCE_ROOMS.c.room != row.chair)
        rooms = list((await connection.execute(ask.order_by(INSTANCE_ROOMS.c.room))).scalars())
    told = await each(rooms, lambda room: dispatch(at, who, room, "mute", {"value": said.value}, meeting=uid))
    return await answer.each(told)


@router.post("/sessions/{uid}/call", summary="One site dials the main site", responses=STILL)
async def call(uid: str, said: Call, at: At, who: Who, answer: Answers) -> Reply:
    """409 `desk.no_number` when nobody has entered a number, `desk.itself` for the main site itself; else as any
    command."""
    await need(at, who, Action.CALL, room=said.room, meeting=uid)
    async with at.engine.connect() as connection:
        main = await main_of(connection, await meeting(connection, uid))
    number = said.address.strip() or main.number
    if not number:
        raise HTTPException(409, {"code": "desk.no_number"})
    if said.room == main.place and number == main.number:
        raise HTTPException(409, {"code": "desk.itself"})
    args = {"value": "dial", "address": number}
    return await answer.one(await order(at, who, said.room, "call", args, meeting=uid))
