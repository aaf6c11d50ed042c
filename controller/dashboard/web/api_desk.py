"""Who runs a meeting, the log of its floor, and links shown as QR codes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, case, delete, insert, or_, select

from controller.dashboard.floor_log import Said, steps, totals
from controller.dashboard.rights import Action, Role
from controller.dashboard.store.tables import RECORDS
from controller.dashboard.store.tables_people import DESK_USERS, ROOMS, USERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS
from controller.dashboard.web.audit import note
from controller.dashboard.web.gate import At, Id, Who, admit, need
from controller.dashboard.web.place import Place
from controller.dashboard.web.qr import rows as drawn
from controller.dashboard.web.session import meeting
from controller.dashboard.web.switch import turned

router = APIRouter(prefix="/api", tags=["desk"])
MINUTE_MS = 60_000
DAY_MS = 86_400_000


class Seat(BaseModel):
    user: Id
    part: Literal["desk", "chair", "backup"] = "desk"


class Desk(BaseModel):
    """Everybody at the desk; nobody = every operator again."""

    users: Annotated[list[Seat], Field(max_length=20)]
    series: bool = False


class Days(BaseModel):
    days: int = Field(365, ge=1, le=400)


@router.get("/sessions/{uid}/desk", summary="Who runs this meeting, and the backup main site")
async def desk(uid: str, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.ROLLCALL, meeting=uid)
    async with at.engine.connect() as connection:
        row = await meeting(connection, uid)
        ask = select(DESK_USERS.c.meeting, DESK_USERS.c.user, DESK_USERS.c.part)
        found = (await connection.execute(ask.where(DESK_USERS.c.meeting.in_((uid, row.series))))).all()
        own = [one for one in found if one.meeting == uid] or found
        named = (await connection.execute(select(ROOMS.c.name).where(ROOMS.c.slug == row.backup))).scalar()
        able = select(USERS.c.id, USERS.c.name, USERS.c.unit).where(USERS.c.role == Role.OPERATOR.value)
        people = await connection.execute(able.where(~USERS.c.disabled).order_by(USERS.c.name))
        switched = await turned(connection, uid)
        return {
            "users": [{"user": one.user, "part": one.part} for one in own],
            "able": [dict(one._mapping) for one in people],
            "backup": row.backup,
            "backup_name": named or row.backup,
            "switched": switched,
        }


@router.post("/sessions/{uid}/desk", summary="Set who runs this meeting")
async def seat(uid: str, said: Desk, at: At, who: Who, request: Request) -> dict[str, Any]:
    """By its own desk, or by an administrator; of the whole series when asked."""
    await need(at, who, Action.ROLLCALL, meeting=uid)
    async with at.engine.begin() as connection:
        row = await meeting(connection, uid)
        bound = row.series if said.series else uid
        able = select(USERS.c.id).where(USERS.c.role == Role.OPERATOR.value, ~USERS.c.disabled)
        if {one.user for one in said.users} - set((await connection.execute(able)).scalars()):
            raise HTTPException(422, {"code": "desk.operators"})
        await connection.execute(delete(DESK_USERS).where(DESK_USERS.c.meeting == bound))
        rows = {one.user: {"meeting": bound, "user": one.user, "part": one.part} for one in said.users}
        if rows:
            await connection.execute(insert(DESK_USERS), list(rows.values()))
        await note(connection, at.clock(), who, "desk", bound, sorted(rows))
    request.app.state.hub.say("meetings", {"uid": uid})
    return {}


@router.get("/sessions/{uid}/floor-log", summary="Who asked, by which channel, who was given the floor; totals")
async def floor_log(uid: str, at: At, who: Who) -> dict[str, Any]:
    """From the rooms' own records. A secret meeting has none. Totals in seconds, per site only."""
    await need(at, who, Action.ROLLCALL, meeting=uid)
    async with at.engine.connect() as connection:
        row = await meeting(connection, uid)
        if row.secret or row.practice:
            return {"steps": [], "spoken_s": {}}
        of = select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid)
        when = _true_ms()
        about = or_(RECORDS.c.subject.in_(("floor", "mic")), RECORDS.c.subject.like("ask.%"))
        inside = (RECORDS.c.room.in_(of), when >= row.start_ms - 90 * MINUTE_MS, when < row.end_ms + 30 * MINUTE_MS)
        ask = select(RECORDS.c.room, when.label("when_ms"), RECORDS.c.kind, RECORDS.c.subject, RECORDS.c.body)
        kept = await connection.execute(ask.where(*inside, about, RECORDS.c.kind.in_(("hold", "hold.end"))))
        found = steps(Said(r.room, r.when_ms, r.kind, r.subject, r.body) for r in kept)
    return {
        "steps": [
            {"at_ms": s.at_ms, "room": s.room, "what": s.what, "seat": s.seat, "channel": s.channel} for s in found
        ],
        "spoken_s": totals(found, min(at.clock(), row.end_ms)),
    }


def _true_ms() -> ColumnElement[int]:
    """The time as corrected later, else as the room said it."""
    return case((RECORDS.c.true_ms.is_(None), RECORDS.c.at_ms), else_=RECORDS.c.true_ms)


@router.post("/sessions/{uid}/chair-qr", summary="The chair's link as a QR code")
async def chair_qr(uid: str, at: At, who: Who) -> dict[str, Any]:
    """Good until an hour after the meeting's end; gives the floor and shows the queue, nothing else."""
    await need(at, who, Action.DESK, meeting=uid)
    async with at.engine.begin() as connection:
        row = await meeting(connection, uid)
        if not row.practice:
            await note(connection, at.clock(), who, "chair_link", uid)
    return await _link(at, "chair", row.end_ms + 60 * MINUTE_MS, meeting=uid, name="Chủ trì")


@router.post("/links/{slug}", summary="The link of a site's phone page, as a QR code")
async def phone_link(slug: str, said: Days, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.PEOPLE, room=slug)
    async with at.engine.begin() as connection:
        place = select(ROOMS.c.name).where(ROOMS.c.slug == slug, ~ROOMS.c.retired)
        name = (await connection.execute(place)).scalar()
        if name is None:
            raise HTTPException(404, {"code": "desk.room", "args": [slug]})
        await note(connection, at.clock(), who, "phone_link", slug)
    return await _link(at, "phone", at.clock() + said.days * DAY_MS, room=slug, name=name)


async def _link(
    at: Place, kind: str, until_ms: int, *, name: str, room: str = "", meeting: str = ""
) -> dict[str, Any]:
    secret = await admit(at, kind, until_ms, room=room, meeting=meeting, name=name)
    url = f"{at.settings.web.public_url}/#/pass/{secret}"
    return {"url": url, "until_ms": until_ms, "qr": drawn(url)}
