"""Commands to a room, and what became of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, desc, select

from controller.dashboard.rights import Action, Actor, Role
from controller.dashboard.store.tables import ORDERS
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.orders import order
from controller.dashboard.web.place import Place
from controller.dashboard.web.replies import STILL, Answers, Reply
from controller.link.commands import BadCommand, read

router = APIRouter(prefix="/api", tags=["orders"])


class Wish(BaseModel):
    """`args` as in controller/link/commands.py; `meeting`: the booked instance that gives the right; `force` goes
    over the room's own holds and needs a reason."""

    verb: str = Field(max_length=20)
    args: dict[str, str | int | bool] = Field(default_factory=dict, max_length=8)
    meeting: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=500)
    force: bool = False


@router.post("/rooms/{slug}/orders", summary="Send a command to a room", responses=STILL)
async def send(slug: str, wish: Wish, at: At, someone: Who, answer: Answers) -> Reply:
    """What the room replied: 200 with its last word, a refusal with the reason too; 202 while that is still to come
    (topic `orders`, GET /api/orders/{id}). Errors are of what was not sent: 422 when the command is not written as
    the room would read it."""
    try:
        read(wish.verb, wish.args)
    except BadCommand as error:
        code = error.code if error.code in _REPLIES else "bad_args"
        raise HTTPException(422, {"code": f"reply.{code}", "args": list(error.reason)}) from error
    id_ = await order(
        at,
        someone,
        slug,
        wish.verb,
        wish.args,
        meeting=wish.meeting,
        reason=wish.reason,
        force=wish.force,
    )
    return await answer.one(id_)


_REPLIES = frozenset({"unknown_command", "unsupported", "bad_args"})


@router.get("/orders", summary="The last commands of a room, the newest first")
async def of_room(
    room: Annotated[str, Query(min_length=1, max_length=40)],
    at: At,
    someone: Who,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> list[dict[str, Any]]:
    await need(at, someone, Action.SEE, room=room)
    ask = (
        select(ORDERS).where(ORDERS.c.room == room).order_by(desc(ORDERS.c.sent_ms), desc(ORDERS.c.id)).limit(limit)
    )
    async with at.engine.connect() as connection:
        return [_told(row) for row in (await connection.execute(ask)).mappings()]


@router.get("/orders/{id_}", summary="One command and its stages")
async def one(id_: str, at: At, someone: Who, answer: Answers) -> dict[str, Any]:
    """Also for the chair whose meeting it is of; with the room's `name`. 404 `order.gone` when there is none. Waits
    for the room's last word only where `Prefer: wait=N` says so."""
    row = await _seen(at, someone, id_)
    if await answer.look(id_):
        row = await _seen(at, someone, id_)
    return _told(row) | {"name": row["name"] or row["room"]}


async def _seen(at: Place, someone: Actor, id_: str) -> RowMapping:
    ask = select(ORDERS, ROOMS.c.name).outerjoin(ROOMS, ROOMS.c.slug == ORDERS.c.room).where(ORDERS.c.id == id_)
    async with at.engine.connect() as connection:
        row = (await connection.execute(ask)).mappings().first()
    if someone.role is Role.CHAIR:
        await need(at, someone, Action.FLOOR, meeting=row["meeting"] if row is not None else "")
    else:
        await need(at, someone, Action.SEE, room=row["room"] if row is not None else "")
    if row is None:
        raise HTTPException(404, {"code": "order.gone"})
    return row


def _told(row: RowMapping) -> dict[str, Any]:
    return {column.name: row[column.name] for column in ORDERS.c}
