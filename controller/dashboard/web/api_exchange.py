"""Calendars of others (a file, an address that is read again) and addresses of ours to subscribe to."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import Field
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from controller.calendar import holidays
from controller.dashboard.calendar_ask import booked, names
from controller.dashboard.calendar_book import AHEAD_MS, again, rooms_of
from controller.dashboard.calendar_feed import feed
from controller.dashboard.calendar_import import Whose, taken
from controller.dashboard.calendar_publish import publish
from controller.dashboard.calendar_subscribe import drop_others, explained, merge, refresh
from controller.dashboard.meetings import ROOMS_MOST
from controller.dashboard.rights import Action, refusal
from controller.dashboard.store.tables_calendar import FEEDS, SUBSCRIPTIONS
from controller.dashboard.store.tables_people import PACK, ROOMS, UNITS
from controller.dashboard.web.calendar_forms import Slug, Strict, by, said
from controller.dashboard.web.gate import At, Id, Who, digest, need
from controller.texts import ReadableError

router = APIRouter(prefix="/api", tags=["exchange"])
BACK_MS = 31 * 86_400_000


class Rooms(Strict):
    """Which rooms, where the events themselves name none."""

    rooms: list[Slug] = Field(default_factory=list, max_length=ROOMS_MOST)
    everyone: bool = False
    chair: Slug = ""

    def whose(self) -> Whose:
        return Whose(tuple(self.rooms), self.everyone, self.chair)


class Import(Rooms):
    text: str = Field(max_length=600_000)
    name: str = Field("", max_length=200)


class Subscribe(Rooms):
    name: str = Field(min_length=1, max_length=120)
    url: str = Field(min_length=1, max_length=500)


class Ask(Strict):
    """Of one room, of a unit's rooms, or of all."""

    room: Slug = ""
    unit: Id = 0
    note: str = Field("", max_length=200)


class Holidays(Strict):
    """As controller.calendar.holidays reads it: a line a day, `2026-09-02 name` or `first/last name`."""

    text: str = Field(max_length=50_000)
    decision: str = Field(min_length=1, max_length=120)


@router.get("/exchange")
async def exchange(someone: Who, at: At) -> dict[str, Any]:
    """Subscriptions with how they are, and feeds without their secrets."""
    await need(at, someone, Action.CALENDAR)
    async with at.engine.connect() as connection:
        rows = (await connection.execute(select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.name))).mappings().all()
        feeds = (await connection.execute(select(FEEDS).order_by(FEEDS.c.made_ms))).mappings().all()
    shown = [{name: row[name] for name in row if name != "hash"} | {"id": row["hash"][:16]} for row in feeds]
    return {"subscriptions": [dict(row) for row in rows], "feeds": shown}


@router.post("/exchange/import")
async def take(asked: Import, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """A file, whole or not at all: 422 `import.refused` with line, its words and the reason. Importing it again
    changes the same meetings."""
    await need(at, someone, Action.CALENDAR)
    async with at.engine.begin() as connection:
        try:
            found = taken(asked.text, "f", asked.whose(), await rooms_of(connection))
            told = await merge(
                connection, found, at.clock(), by=by(someone), source="file", name=asked.name or "file"
            )
        except ReadableError as error:
            args = list(explained(error, someone.lang))
            raise HTTPException(422, {"code": error.code, "args": args}) from error
    request.app.state.hub.say("meetings", {})
    return {"count": len(found), "sent": await publish(at, told)}


@router.post("/exchange/subscriptions")
async def subscribe(asked: Subscribe, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Read at once, then every quarter of an hour. 409 `exchange.twice`."""
    await need(at, someone, Action.CALENDAR)
    row = {**asked.model_dump(), "by": by(someone)}
    try:
        async with at.engine.begin() as connection:
            number = (await connection.execute(insert(SUBSCRIPTIONS).values(**row))).inserted_primary_key
            found = select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == (number or (0,))[0])
            made = (await connection.execute(found)).one()
    except IntegrityError as error:
        raise HTTPException(409, {"code": "exchange.twice"}) from error
    await refresh(at, made)
    request.app.state.hub.say("meetings", {})
    return {"id": made.id}


@router.delete("/exchange/subscriptions/{number}")
async def unsubscribe(number: Id, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Its coming meetings are cancelled."""
    await need(at, someone, Action.CALENDAR)
    async with at.engine.begin() as connection:
        told = await drop_others(connection, (), at.clock(), by=by(someone), source=str(number))
        await connection.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == number))
    request.app.state.hub.say("meetings", {})
    return {"sent": await publish(at, told)}


@router.get("/exchange/holidays")
async def holidays_now(someone: Who, at: At) -> dict[str, Any]:
    """The list that counts, with its decision; `may`: the asker may change it."""
    await need(at, someone, Action.CALENDAR)
    may = refusal(someone, Action.SETTINGS, at.clock()) is None
    ask = select(PACK).where(PACK.c.key == "holidays").order_by(PACK.c.id.desc()).limit(1)
    async with at.engine.connect() as connection:
        row = (await connection.execute(ask)).first()
    return {"text": row.value if row else "", "decision": row.decision if row else "", "may": may}


@router.post("/exchange/holidays")
async def set_holidays(asked: Holidays, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """A new list, by a decision: series on these days become tentative, in all rooms. 422 names the line."""
    await need(at, someone, Action.SETTINGS)
    with said():
        holidays(asked.text)
    row = {"key": "holidays", "value": asked.text, "decision": asked.decision, "by": by(someone)}
    async with at.engine.begin() as connection:
        await connection.execute(insert(PACK).values(**row, at_ms=at.clock()))
        await again(connection, at.clock())
        rooms = await rooms_of(connection)
    request.app.state.hub.say("meetings", {})
    return {"sent": await publish(at, rooms)}


@router.post("/exchange/feeds")
async def offer(asked: Ask, someone: Who, at: At) -> dict[str, Any]:
    """A new address; it is shown once, for its secret is stored nowhere."""
    await need(at, someone, Action.CALENDAR)
    secret = secrets.token_urlsafe(24)
    row = {**asked.model_dump(), "hash": digest(secret), "by": by(someone), "made_ms": at.clock()}
    async with at.engine.begin() as connection:
        if asked.room and asked.room not in await rooms_of(connection):
            raise HTTPException(422, {"code": "meeting.room", "args": [asked.room]})
        await connection.execute(insert(FEEDS).values(**row))
    return {"url": f"{at.settings.web.public_url}/api/feed/{secret}.ics"}


@router.delete("/exchange/feeds/{start}")
async def withdraw(start: Annotated[str, Field(pattern="^[0-9a-f]{16}$")], someone: Who, at: At) -> dict[str, Any]:
    """By the first sixteen digits of its hash, as `exchange` shows it."""
    await need(at, someone, Action.CALENDAR)
    async with at.engine.begin() as connection:
        await connection.execute(delete(FEEDS).where(FEEDS.c.hash.startswith(start, autoescape=True)))
    return {}


@router.get("/feed/{secret}.ics")
async def subscribed(secret: str, at: At) -> Response:
    """The address itself is the pass: programs that subscribe have no cookie. 404 without a valid one."""
    async with at.engine.connect() as connection:
        row = (await connection.execute(select(FEEDS).where(FEEDS.c.hash == digest(secret)))).first()
        if row is None:
            raise HTTPException(404, {"code": "exchange.no_feed"})
        now_ms = at.clock()
        rows = await booked(connection, now_ms - BACK_MS, now_ms + AHEAD_MS, row.room)
        if row.unit:
            units = [row.unit, *(await connection.execute(_below(row.unit))).scalars()]
            slugs = set((await connection.execute(select(ROOMS.c.slug).where(ROOMS.c.unit.in_(units)))).scalars())
            rows = [one for one in rows if slugs & one["rooms"].keys()]
        text = feed(rows, await names(connection))
    return Response(text, media_type="text/calendar", headers={"Cache-Control": "private, max-age=300"})


def _below(unit: int) -> Any:
    return select(UNITS.c.id).where(UNITS.c.parent == unit)
