"""The technician's phone page ("Phòng của tôi"): one room, by the pass of its QR code or by the
account of a technician of its commune, which names it (`?room=`). It works on the phone's own
network when the room's line is dead, and shows what was ordered in the room, by whom and why (people.md 5.7).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import insert, select

from controller.dashboard.discreet import shown
from controller.dashboard.rights import Action
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENTS, INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.mine import Mine
from controller.dashboard.web.orders import order
from controller.dashboard.web.replies import STILL, Answers, Reply

router = APIRouter(prefix="/api/my-room", tags=["my room"])
DAY_MS = 86_400_000
SeatName = Annotated[str, Field(min_length=1, max_length=40)]
_MEETING = ("uid", "title", "start_ms", "end_ms", "technician", "substitute", "seats")
_PARTS = ("status", "state", "detail/panel", "detail/checks", "detail/camera", "detail/config")


class Duty(BaseModel):
    value: Literal["on", "off"]


class Word(BaseModel):
    """A fault, a signature under the minutes, or feedback."""

    kind: Literal["fault", "signed", "feedback"]
    text: str = Field(min_length=1, max_length=2_000)


class Store(BaseModel):
    """Keep the camera's present frame for a seat (R8)."""

    value: Literal["store"]
    seat: SeatName


class Assign(BaseModel):
    """Give a seat another preset in the meeting that is on."""

    value: Literal["assign"]
    seat: SeatName
    preset: int = Field(ge=0, le=254)


class Confirm(BaseModel):
    """Confirm the seating of the meeting that is on."""

    value: Literal["confirm"]


Seat = Annotated[Store | Assign | Confirm, Field(discriminator="value")]
"""Nothing here moves a camera: that is the desk's, inside a meeting."""


class Done(BaseModel):
    """Maintenance that was done (R17)."""

    what: str = Field(min_length=1, max_length=40)


@router.get("", summary="The room of this pass: state, meetings, checks, seats, orders, incidents, words")
async def my_room(at: At, who: Who, slug: Mine) -> dict[str, Any]:
    await need(at, who, Action.SEE, room=slug)
    now_ms = at.clock()
    coming = (
        select(INSTANCES, INSTANCE_ROOMS.c.technician, INSTANCE_ROOMS.c.substitute, INSTANCE_ROOMS.c.seats)
        .join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
        .where(INSTANCE_ROOMS.c.room == slug, INSTANCES.c.end_ms > now_ms - DAY_MS)
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .order_by(INSTANCES.c.start_ms)
        .limit(10)
    )
    async with at.engine.connect() as connection:
        place = (await connection.execute(select(ROOMS).where(ROOMS.c.slug == slug))).first()
        said = await connection.execute(select(LAST).where(LAST.c.room == slug, LAST.c.part.in_(_PARTS)))
        parts = {row.part: row.body | {"received_ms": row.received_ms} for row in said}
        meetings = [shown(row._mapping) for row in await connection.execute(coming)]
        wrote = select(FEEDBACK).where(FEEDBACK.c.room == slug).order_by(FEEDBACK.c.id.desc()).limit(10)
        words = [dict(row._mapping) for row in await connection.execute(wrote)]
        asked = select(ORDERS).where(ORDERS.c.room == slug).order_by(ORDERS.c.sent_ms.desc()).limit(20)
        orders = [dict(row._mapping) for row in await connection.execute(asked)]
        open_ = await connection.execute(
            select(INCIDENTS).where(INCIDENTS.c.until_ms.is_(None) | (INCIDENTS.c.until_ms > now_ms - 7 * DAY_MS))
        )
        incidents = [
            {"id": row.id, "code": row.code, "from_ms": row.from_ms, "until_ms": row.until_ms, "stage": row.stage,
             "explanation": row.explanation}
            for row in open_
            if slug in row.rooms
        ]  # fmt: skip
    kept = ("id", "verb", "args", "by", "reason", "sent_ms", "stage", "code", "told")
    return {
        "now_ms": now_ms,
        "room": None if place is None else {"slug": slug, "name": place.name, "provider": place.provider,
                                            "circuit": place.circuit, "hotline": place.hotline},
        "last": parts,
        "meetings": [{name: row[name] for name in _MEETING} for row in meetings],
        "orders": [{name: row[name] for name in kept} for row in orders],
        "words": words,
        "incidents": incidents,
    }  # fmt: skip


@router.post("/duty", summary="TRỰC: here, or gone", responses=STILL)
async def duty(said: Duty, at: At, who: Who, slug: Mine, answer: Answers) -> Reply:
    args = {"value": said.value}
    return await answer.one(await order(at, who, slug, "duty", args, action=Action.DUTY))


@router.post("/check", summary="KIỂM TRA: a two-minute check now", responses=STILL)
async def check(at: At, who: Who, slug: Mine, answer: Answers) -> Reply:
    return await answer.one(await order(at, who, slug, "check", {}, action=Action.DUTY))


@router.post("/seat", summary="Store, assign or confirm seats", responses=STILL)
async def seat(said: Seat, at: At, who: Who, slug: Mine, answer: Answers) -> Reply:
    return await answer.one(await order(at, who, slug, "seat", said.model_dump(), action=Action.DUTY))


@router.post("/done", summary="Maintenance that was done", responses=STILL)
async def done(said: Done, at: At, who: Who, slug: Mine, answer: Answers) -> Reply:
    args = {"value": "done", "what": said.what}
    return await answer.one(await order(at, who, slug, "maintenance", args, action=Action.DUTY))


@router.post("/word", summary="Report a fault, sign the minutes, give feedback")
async def word(said: Word, at: At, who: Who, slug: Mine, request: Request) -> dict[str, Any]:
    await need(at, who, Action.ASK, room=slug)
    row = {"room": slug, "by": who.name, "at_ms": at.clock(), "kind": said.kind, "text": said.text}
    async with at.engine.begin() as connection:
        await connection.execute(insert(FEEDBACK).values(**row))
    request.app.state.hub.say("words", {"room": slug})
    return {}
