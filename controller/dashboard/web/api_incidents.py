"""Incidents: the list, one with its timeline, and what people do about it. Added to, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import asks_expected
from controller.dashboard.maintenance import LONGEST_MS, marked
from controller.dashboard.rights import Action, Actor
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS
from controller.dashboard.store.tables_work import INCIDENT_ALERTS, INCIDENT_LINES, INCIDENTS, MAINTENANCE, NOTICES
from controller.dashboard.web.gate import LAST_MS, At, Id, Who, need
from controller.dashboard.web.incident_orders import tell, tell_all
from controller.dashboard.web.place import Place

router = APIRouter(prefix="/api/incidents", tags=["incidents"])
HOUR_MS = 3_600_000
CAUSES = ("mains", "provider", "device", "handling", "centre", "unknown")
Text = Annotated[str, Field(max_length=2_000)]


class Step(BaseModel):
    """What somebody did: `what` and what it needs."""

    what: Literal["received", "working", "mended", "note", "told", "expected", "cause", "explained", "opinion",
                  "effect", "measures"]  # fmt: skip
    text: Text = ""
    at_ms: int = Field(0, ge=0, lt=LAST_MS)
    cause: Literal["mains", "provider", "device", "handling", "centre", "unknown"] | None = None
    own: bool | None = None


class Window(BaseModel):
    """Maintenance (N19): it ends by itself, at the centre and in the room."""

    room: str = Field(max_length=40)
    hours: float = Field(gt=0, allow_inf_nan=False)
    reason: str = Field(min_length=3, max_length=500)


_OF_ROOM = frozenset({"maintained", "unmaintained"})
"""Lines that name a room."""
_NEEDS: Mapping[str, Action] = {"cause": Action.CAUSE, "explained": Action.EXPLAIN}


@router.get("", summary="Incidents, the open ones first")
async def incidents(
    at: At,
    who: Who,
    room: Annotated[str, Query(max_length=40)] = "",
    open_only: bool = False,
    days: Annotated[int, Query(ge=1, le=400)] = 7,
) -> dict[str, Any]:
    """Rows of the list; a phone's pass sees those of its own room, a technician those of the one that is named."""
    await need(at, who, Action.SEE, room=who.room or room)
    wanted = who.room or room
    since_ms = at.clock() - days * 24 * HOUR_MS
    ask = select(INCIDENTS).order_by(INCIDENTS.c.until_ms.is_not(None), INCIDENTS.c.from_ms.desc()).limit(500)
    ask = ask.where(INCIDENTS.c.until_ms.is_(None) if open_only else (
        INCIDENTS.c.until_ms.is_(None) | (INCIDENTS.c.until_ms >= since_ms)
    ))  # fmt: skip
    async with at.engine.connect() as connection:
        rows = (await connection.execute(ask)).all()
        names = {row.slug: row.name for row in await connection.execute(select(ROOMS.c.slug, ROOMS.c.name))}
        open_ = select(MAINTENANCE).where(MAINTENANCE.c.until_ms > at.clock())
        maintained = [dict(row._mapping) for row in await connection.execute(open_)]
        quiet = await marked(
            connection, {slug for row in rows if row.until_ms is None for slug in row.rooms}, at.clock()
        )
        failed = await _untold(connection, at.clock())
    found = [_shown(row, quiet, at.clock(), who) for row in rows if not wanted or wanted in row.rooms]
    return {
        "now_ms": at.clock(),
        "incidents": found,
        "names": {slug: name for slug, name in names.items() if _may_know(who, slug)},
        "maintenance": [row for row in maintained if _may_know(who, row["room"])],
        "notices_failed": failed if who.bound is None else [],
    }


async def _untold(connection: AsyncConnection, now_ms: int) -> list[str]:
    """Addresses that took no notice within a day, as far as they may be shown: nobody is to believe that those who
    are not at the page know."""
    bad = (NOTICES.c.stage == "given_up", NOTICES.c.changed_ms > now_ms - 24 * HOUR_MS)
    return sorted((await connection.execute(select(NOTICES.c.label).where(*bad).distinct())).scalars())


def _may_know(who: Actor, slug: str) -> bool:
    return who.bound is None or slug in who.bound


def _shown(row: Row[Any], quiet: frozenset[str], now_ms: int, who: Actor) -> dict[str, Any]:
    """The row, with which of its sites are in maintenance and whether its expected end is asked for."""
    told = {name: value for name, value in row._mapping.items() if name not in ("open_key", "seen_ms")}
    marked = sorted(quiet.intersection(row.rooms)) if row.until_ms is None else []
    told["rooms"] = [slug for slug in row.rooms if _may_know(who, slug)]
    marked = [slug for slug in marked if _may_know(who, slug)]
    return {**told, "maintained": marked, "asks_expected": asks_expected(row, now_ms)}


@router.get("/{id_}", summary="One incident: timeline, alerts, whom to phone")
async def incident(id_: Id, at: At, who: Who) -> dict[str, Any]:
    """Contacts only for who may see people."""
    async with at.engine.connect() as connection:
        row = await _row(connection, id_)
        await need(at, who, Action.SEE, room=who.one_of(row.rooms))
        lines = await connection.execute(
            select(INCIDENT_LINES).where(INCIDENT_LINES.c.incident == id_).order_by(INCIDENT_LINES.c.id)
        )
        alerts = await connection.execute(select(INCIDENT_ALERTS).where(INCIDENT_ALERTS.c.incident == id_))
        places = (await connection.execute(select(ROOMS).where(ROOMS.c.slug.in_(row.rooms)))).all()
        people = await _people(at, who, connection, row.rooms)
        quiet = await marked(connection, row.rooms, at.clock())
        return {
            "incident": _shown(row, quiet, at.clock(), who),
            "lines": [
                dict(line._mapping) for line in lines if line.kind not in _OF_ROOM or _may_know(who, line.args[0])
            ],
            "alerts": [dict(alert._mapping) for alert in alerts if _may_know(who, alert.room)],
            "rooms": [
                {"slug": p.slug, "name": p.name, "provider": p.provider, "circuit": p.circuit, "hotline": p.hotline}
                for p in places
                if _may_know(who, p.slug)
            ],
            "people": people,
        }


async def _people(at: Place, who: Actor, connection: AsyncConnection, rooms: list[str]) -> list[dict[str, Any]]:
    try:
        await need(at, who, Action.SEE_PEOPLE)
    except HTTPException:
        return []
    ask = select(ROOM_PEOPLE.c.room, ROOM_PEOPLE.c.part, PEOPLE.c.name, PEOPLE.c.phone)
    join = ask.join(PEOPLE, PEOPLE.c.id == ROOM_PEOPLE.c.person).where(ROOM_PEOPLE.c.room.in_(rooms))
    return [dict(row._mapping) for row in await connection.execute(join.where(PEOPLE.c.left_ms.is_(None)))]


async def _row(connection: AsyncConnection, id_: int) -> Row[Any]:
    row = (await connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == id_))).first()
    if row is None:
        raise HTTPException(404, {"code": "incident.unknown", "args": [id_]})
    return row


@router.post("/{id_}", summary="What somebody did about it")
async def step(id_: Id, did: Step, at: At, who: Who, request: Request) -> dict[str, Any]:
    """Stage, note, told to whom, expected end, cause (own or outside, by a person), the site's explanation.
    `received` and `expected` go to the sites too: {"sent": {site: [order]}, "unsent": {site: code}}."""
    now_ms = at.clock()
    async with at.engine.begin() as connection:
        row = await _row(connection, id_)
        await need(at, who, _NEEDS.get(did.what, Action.INCIDENT), room=who.one_of(row.rooms))
        new = _changes(did, who, now_ms)
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(**new, changed_ms=now_ms))
        args: list[Any] = [did.cause, did.own] if did.what == "cause" else [did.at_ms] if did.at_ms else []
        line = {"incident": id_, "at_ms": now_ms, "by": who.name, "kind": did.what, "text": did.text, "args": args}
        await connection.execute(insert(INCIDENT_LINES).values(**line))
    request.app.state.hub.say("incidents", {"id": id_})
    if did.what in ("received", "expected"):
        return await tell(at, who, id_, did.what, did.at_ms)
    return {}


def _changes(did: Step, who: Actor, now_ms: int) -> dict[str, Any]:
    """What the row itself keeps. Raises 422 where something is missing."""
    if did.what in ("received", "working", "mended"):
        first = {"acked_by": who.name, "acked_ms": now_ms} if did.what == "received" else {}
        return {"stage": did.what, **first}
    if did.what == "expected":
        if did.at_ms <= now_ms:
            raise HTTPException(422, {"code": "incident.past"})
        return {"expected_ms": did.at_ms}
    if did.what == "cause":
        if did.cause is None or did.own is None:
            raise HTTPException(422, {"code": "incident.cause"})
        return {"cause": did.cause, "own": did.own, "cause_by": who.name}
    if not did.text.strip():
        raise HTTPException(422, {"code": "incident.text"})
    if did.what == "explained":
        return {"explanation": did.text, "explained_by": who.name}
    return {did.what: did.text} if did.what in ("opinion", "effect", "measures") else {}


@router.post("/maintenance/begin", summary="A maintenance window of a room")
async def maintain(window: Window, at: At, who: Who) -> dict[str, Any]:
    """What was sent to the room, as for POST /api/incidents/{id}. 422 `incident.too_long` beyond what a room takes:
    longer work begins its mode anew each day."""
    await need(at, who, Action.MAINTAIN, room=window.room)
    if window.hours * HOUR_MS > LONGEST_MS:
        raise HTTPException(422, {"code": "incident.too_long", "args": [LONGEST_MS // HOUR_MS]})
    now_ms = at.clock()
    row = {"room": window.room, "from_ms": now_ms, "until_ms": now_ms + round(window.hours * HOUR_MS),
           "reason": window.reason, "by": who.name}  # fmt: skip
    async with at.engine.begin() as connection:
        if not (await connection.execute(select(func.count()).where(ROOMS.c.slug == window.room))).scalar():
            raise HTTPException(404, {"code": "incident.room", "args": [window.room]})
        await connection.execute(insert(MAINTENANCE).values(**row))
        await _mark(connection, window.room, "maintained", who, now_ms, window.reason)
    minutes = max(1, round(window.hours * 60))
    wish: dict[str, str | int] = {"value": "begin", "reason": window.reason[:200], "minutes": minutes}
    return await tell_all(at, who, {window.room: [("maintenance", wish)]})


async def _mark(connection: AsyncConnection, room: str, kind: str, who: Actor, now_ms: int, text: str = "") -> None:
    """What was open when a window begins or ends stays open, and its timeline says so."""
    mine = select(INCIDENT_ALERTS.c.incident).where(
        INCIDENT_ALERTS.c.room == room, INCIDENT_ALERTS.c.until_ms.is_(None)
    )
    line = {"at_ms": now_ms, "by": who.name, "kind": kind, "text": text, "args": [room]}
    for id_ in (await connection.execute(mine.distinct())).scalars().all():
        await connection.execute(insert(INCIDENT_LINES).values(incident=id_, **line))
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(changed_ms=now_ms))


@router.post("/maintenance/{id_}/end", summary="It ends now")
async def maintained(id_: Id, at: At, who: Who) -> dict[str, Any]:
    """With every other window of its room that still runs: the room's own mode ends too, and one begun twice, as
    an answer was lost, would keep the room's alerts quiet. One that is over stays as it was."""
    async with at.engine.begin() as connection:
        row = (await connection.execute(select(MAINTENANCE.c.room).where(MAINTENANCE.c.id == id_))).first()
        await need(at, who, Action.MAINTAIN, room=row.room if row else "")
        if row is None:
            raise HTTPException(404, {"code": "incident.window"})
        now_ms = at.clock()
        runs = (MAINTENANCE.c.room == row.room, MAINTENANCE.c.until_ms > now_ms)
        if (await connection.execute(update(MAINTENANCE).where(*runs).values(until_ms=now_ms))).rowcount:
            await _mark(connection, row.room, "unmaintained", who, now_ms)
    return await tell_all(at, who, {row.room: [("maintenance", {"value": "end"})]})
