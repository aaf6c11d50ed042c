"""The live session: one screen with the queue, the microphones, the rooms and the incidents of one meeting; and the
chair's screen and the roll-call of the same meeting. Several meetings run at once, each with its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from controller.dashboard.discreet import shown
from controller.dashboard.floor import doubt, missing, queue, view
from controller.dashboard.incidents import asks_expected
from controller.dashboard.rights import Action, Actor, Role, refusal
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_work import INCIDENTS, INSTANCES, TICKS
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.orders import order
from controller.dashboard.web.phones import Phones, phones
from controller.dashboard.web.place import Place
from controller.dashboard.web.replies import STILL, Answers, Reply
from controller.dashboard.web.session import meeting, sites

router = APIRouter(prefix="/api", tags=["session"])
MINUTE_MS = 60_000
Slug = Annotated[str, Field(max_length=40)]
ITEMS = ("picture_in", "picture_out", "sound_in", "sound_out", "technician")


class Floor(BaseModel):
    """`grant deny end` a seat, the `next` of the room's queue, or `request` on its behalf."""

    room: Slug
    value: Literal["grant", "deny", "end", "next", "request"]
    seat: str = Field("", max_length=40)
    channel: Literal["phone", "chat"] = "phone"


class Mute(BaseModel):
    room: Slug
    value: Literal["muted", "open", "auto"]


class Message(BaseModel):
    room: Slug
    text: str = Field(min_length=1, max_length=500)


class Tick(BaseModel):
    room: Slug
    item: Literal["picture_in", "picture_out", "sound_in", "sound_out", "technician"]
    verdict: Literal["ok", "bad"]


@router.get("/sessions", summary="Meetings that are on, or begin within 90 minutes")
async def sessions(at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.SEE)
    now_ms = at.clock()
    ask = (
        select(*(INSTANCES.c[name] for name in ("uid", "title", "start_ms", "end_ms", "practice", "secret")))
        .where(~INSTANCES.c.cancelled, INSTANCES.c.start_ms < now_ms + 90 * MINUTE_MS)
        .where(INSTANCES.c.end_ms > now_ms - 30 * MINUTE_MS)
        .order_by(INSTANCES.c.start_ms)
    )
    async with at.engine.connect() as connection:
        return {"now_ms": now_ms, "meetings": [shown(row._mapping) for row in await connection.execute(ask)]}


@router.get("/sessions/{uid}", summary="One meeting: queue, microphones, rooms, incidents")
async def session(uid: str, at: At, who: Who) -> dict[str, Any]:
    """`people`: whom to phone about a site that is missing, for who may see people."""
    await need(at, who, Action.SEE)
    told = await _session(at, uid)
    return told | {"people": await _phones(at, who, told["missing"])}


async def _phones(at: Place, who: Actor, rooms: Iterable[str]) -> Phones:
    if refusal(who, Action.SEE_PEOPLE, at.clock()) is not None:
        return {}
    async with at.engine.connect() as connection:
        found = await phones(connection)
    return {room: found[room] for room in rooms if room in found}


async def _session(at: Place, uid: str) -> dict[str, Any]:
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        row = await meeting(connection, uid)
        found, _ = await sites(connection, uid)
        slugs = {site.slug for site in found}
        rows = await connection.execute(select(INCIDENTS).where(INCIDENTS.c.until_ms.is_(None)))
        incidents = [
            {
                "id": one.id,
                "code": one.code,
                "rooms": one.rooms,
                "from_ms": one.from_ms,
                "stage": one.stage,
                "asks_expected": asks_expected(one, now_ms),
            }
            for one in rows
            if slugs & set(one.rooms)
        ]
    tiles = [view(site, now_ms, row.secret) for site in found]
    on = row.start_ms <= now_ms < row.end_ms
    asks = [] if row.secret else queue(found)
    return {
        "now_ms": now_ms,
        "meeting": {
            "uid": uid,
            "title": shown(row._mapping)["title"],
            "start_ms": row.start_ms,
            "end_ms": row.end_ms,
            "chair": row.chair,
            "policy": row.policy,
            "secret": row.secret,
            "practice": row.practice,
        },
        "tiles": tiles,
        "queue": [
            {"room": a.slug, "name": a.name, "seat": a.seat, "channel": a.channel, "asked_ms": a.asked_ms}
            for a in asks
        ],
        "missing": [tile["slug"] for tile in missing(tiles, on)],
        "incidents": incidents,
    }


@router.post(
    "/sessions/{uid}/floor", summary="Give, end or deny the floor; ask on somebody's behalf", responses=STILL
)
async def floor(uid: str, said: Floor, at: At, who: Who, answer: Answers) -> Reply:
    args: dict[str, object] = {"value": said.value}
    args |= {"seat": said.seat} if said.seat else {}
    args |= {"channel": said.channel} if said.value == "request" else {}
    return await answer.one(await order(at, who, said.room, "floor", args, meeting=uid))


@router.post(
    "/sessions/{uid}/mute", summary="Close a microphone, or give it back to the room's mode", responses=STILL
)
async def mute(uid: str, said: Mute, at: At, who: Who, answer: Answers) -> Reply:
    return await answer.one(await order(at, who, said.room, "mute", {"value": said.value}, meeting=uid))


@router.post("/sessions/{uid}/message", summary="A line of text to the room's screen", responses=STILL)
async def message(uid: str, said: Message, at: At, who: Who, answer: Answers) -> Reply:
    return await answer.one(await order(at, who, said.room, "message", {"text": said.text}, meeting=uid))


# ---- the chair


@router.get("/chair", summary="The chair's screen: the queue and who is missing")
async def chair(at: At, who: Who) -> dict[str, Any]:
    """For a chair's pass alone; read-only but for giving the floor."""
    uid = who.meeting
    await need(at, who, Action.FLOOR, meeting=uid)
    whole = await _session(at, uid)
    names = {tile["slug"]: tile["name"] for tile in whole["tiles"]}
    return {
        "now_ms": whole["now_ms"],
        "title": whole["meeting"]["title"],
        "secret": whole["meeting"]["secret"],
        "queue": whole["queue"],
        "speaking": [tile["name"] for tile in whole["tiles"] if tile.get("floor") == "live"],
        "missing": [names[slug] for slug in whole["missing"]],
    }


class Grant(BaseModel):
    room: Slug
    seat: str = Field(max_length=40)


@router.post("/chair/grant", summary="The chair gives the floor", responses=STILL)
async def grant(said: Grant, at: At, who: Who, answer: Answers) -> Reply:
    args = {"value": "grant", "seat": said.seat}
    return await answer.one(await order(at, who, said.room, "floor", args, meeting=who.meeting))


# ---- the roll-call


@router.get("/sessions/{uid}/rollcall", summary="Rooms by doubt, what the machine found, what people ticked")
async def rollcall(uid: str, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.SEE)
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        row = await meeting(connection, uid)
        found, checks = await sites(connection, uid)
        ticks: dict[str, dict[str, Any]] = {}
        for tick in await connection.execute(select(TICKS).where(TICKS.c.meeting == uid)):
            ticks.setdefault(tick.room, {})[tick.item] = {
                "verdict": tick.verdict,
                "by": tick.by,
                "at_ms": tick.at_ms,
            }
    ordered = sorted(found, key=lambda site: doubt(site, checks[site.slug], now_ms))
    rows = [
        view(site, now_ms, row.secret) | {"found": _found(checks[site.slug]), "ticks": ticks.get(site.slug, {})}
        for site in ordered
    ]
    doubtful = [row["slug"] for row in rows if row["found"] or row["reach"] != "here"]
    return {
        "now_ms": now_ms,
        "title": shown(row._mapping)["title"],
        "people": await _phones(at, who, doubtful),
        "start_ms": row.start_ms,
        "items": list(ITEMS),
        "rows": rows,
    }


def _found(said: Mapping[str, Any]) -> list[Any]:
    """The doubtful items only: the desk calls because of them."""
    rows = said.get("found", [])
    return [row for row in rows if isinstance(row, list) and len(row) == 2 and row[1] in ("failed", "not_made")]


@router.post("/sessions/{uid}/rollcall", summary="A person heard or saw it")
async def tick(uid: str, said: Tick, at: At, who: Who, request: Request) -> dict[str, Any]:
    """Kept at the centre with who and when, and told to the room, whose evidence it is. A room that cannot be
    reached does not keep the desk from noting what it saw."""
    await need(at, who, Action.ROLLCALL, room=said.room, meeting=uid)
    async with at.engine.begin() as connection:
        row = await meeting(connection, uid)
        if not row.practice:
            new = {"verdict": said.verdict, "by": who.name, "at_ms": at.clock()}
            insert = upsert(connection, TICKS).values(meeting=uid, room=said.room, item=said.item, **new)
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["meeting", "room", "item"], set_=new)
            )
    request.app.state.hub.say("ticks", {"meeting": uid})
    if who.role in (Role.OPERATOR, Role.ADMIN) and not row.practice:
        return await _told(at, who, uid, said)
    return {}


async def _told(at: Place, who: Who, uid: str, said: Tick) -> dict[str, Any]:
    try:
        return {
            "id": await order(
                at, who, said.room, "rollcall", {"value": said.item, "result": said.verdict}, meeting=uid
            )
        }
    except HTTPException as error:
        return {"room": error.detail}
