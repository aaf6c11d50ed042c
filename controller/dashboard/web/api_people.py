"""Danh bạ (R23): who is the technician where, their training (R31), who stands in today; the tree of units.

Whoever leaves is deleted for good (Law 91/2025): evidence names roles and numbers, not people, and keeps its chain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.rights import Action
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, STAND_INS, UNITS
from controller.dashboard.web.audit import note
from controller.dashboard.web.communes import merged
from controller.dashboard.web.gate import At, Id, Who, need

router = APIRouter(prefix="/api", tags=["people"])
Name = Annotated[str, Field(min_length=1, max_length=120)]
Day = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Training(BaseModel):
    on: Day
    what: str = Field(min_length=1, max_length=200)


class Work(BaseModel):
    room: str = Field(max_length=40)
    part: Literal["technician", "substitute", "leader"] = "technician"


class Person(BaseModel):
    name: Name
    unit: Id | None = None
    phone: str = Field("", max_length=40, pattern=r"^[0-9+ .()-]*$")
    email: str = Field("", max_length=120)
    trained: Annotated[list[Training], Field(max_length=50)] = []
    rooms: Annotated[list[Work], Field(max_length=50)] = []


class StandIn(BaseModel):
    """`person` None takes it back."""

    room: str = Field(max_length=40)
    person: Id | None
    day: Day | Literal[""] = ""


class Unit(BaseModel):
    name: Name
    kind: str = Field(min_length=1, max_length=20)
    parent: Id | None = None


class Merge(BaseModel):
    into: Id


def today(now_ms: int) -> str:
    """The day in the network's zone."""
    return f"{datetime.fromtimestamp(now_ms / 1000, UTC) + timedelta(hours=7):%Y-%m-%d}"


@router.get("/people", summary="Contacts, their sites, training, and who stands in today")
async def people(at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.SEE_PEOPLE)
    day = today(at.clock())
    async with at.engine.connect() as connection:
        rows = await connection.execute(select(PEOPLE).where(PEOPLE.c.left_ms.is_(None)).order_by(PEOPLE.c.id))
        found: dict[int, dict[str, Any]] = {row.id: dict(row._mapping) | {"rooms": []} for row in rows}
        for work in await connection.execute(select(ROOM_PEOPLE).order_by(ROOM_PEOPLE.c.room, ROOM_PEOPLE.c.part)):
            if work.person in found:
                found[work.person]["rooms"].append({"room": work.room, "part": work.part})
        stands = await connection.execute(select(STAND_INS).where(STAND_INS.c.day == day))
        instead = [{"room": row.room, "person": row.person, "by": row.by} for row in stands]
        ask = select(ROOMS.c.slug, ROOMS.c.name, ROOMS.c.unit, ROOMS.c.retired).order_by(ROOMS.c.slug)
        rooms = [dict(row._mapping) for row in await connection.execute(ask)]
        units = [dict(row._mapping) for row in await connection.execute(select(UNITS).order_by(UNITS.c.id))]
    for person in found.values():
        del person["left_ms"]
    return {"day": day, "people": list(found.values()), "stand_ins": instead, "rooms": rooms, "units": units}


@router.post("/people", summary="A new contact")
async def add(said: Person, at: At, who: Who) -> dict[str, int]:
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        await _known(connection, said)
        made = await connection.execute(insert(PEOPLE).values(**_row(said)).returning(PEOPLE.c.id))
        id_ = int(made.scalar_one())
        await _works(connection, id_, said)
        await note(connection, at.clock(), who, "person", id_)
    return {"id": id_}


@router.post("/people/{id_}", summary="Change a contact")
async def change(id_: Id, said: Person, at: At, who: Who) -> dict[str, int]:
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        await _known(connection, said)
        done = await connection.execute(update(PEOPLE).where(PEOPLE.c.id == id_).values(**_row(said)))
        if not done.rowcount:
            raise HTTPException(404, {"code": "people.unknown"})
        await connection.execute(delete(ROOM_PEOPLE).where(ROOM_PEOPLE.c.person == id_))
        await _works(connection, id_, said)
        await note(connection, at.clock(), who, "person", id_)
    return {"id": id_}


@router.delete("/people/{id_}", summary="Delete a contact for good")
async def remove(id_: Id, at: At, who: Who) -> dict[str, Any]:
    """Name, phone and training go; records of the room and of incidents name nobody and stay as they are."""
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        for table in (ROOM_PEOPLE, STAND_INS):
            await connection.execute(delete(table).where(table.c.person == id_))
        if not (await connection.execute(delete(PEOPLE).where(PEOPLE.c.id == id_))).rowcount:
            raise HTTPException(404, {"code": "people.unknown"})
        await note(connection, at.clock(), who, "person_gone", id_)
    return {}


@router.post("/stand-ins", summary="Who replaces the technician on a day")
async def stand_in(said: StandIn, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.PEOPLE)
    day = said.day or today(at.clock())
    async with at.engine.begin() as connection:
        await _rooms_known(connection, [said.room])
        if said.person is None:
            await connection.execute(delete(STAND_INS).where(STAND_INS.c.room == said.room, STAND_INS.c.day == day))
        else:
            if not (await connection.execute(select(func.count()).where(PEOPLE.c.id == said.person))).scalar():
                raise HTTPException(404, {"code": "people.unknown"})
            new = {"person": said.person, "by": who.name}
            put = upsert(connection, STAND_INS).values(room=said.room, day=day, **new)
            await connection.execute(put.on_conflict_do_update(index_elements=["room", "day"], set_=new))
        await note(connection, at.clock(), who, "stand_in", said.room, [day, said.person])
    return {}


def _row(said: Person) -> dict[str, Any]:
    row = said.model_dump(exclude={"rooms"})
    return row | {"trained": sorted(row["trained"], key=lambda one: str(one["on"])), "left_ms": None}


async def _known(connection: AsyncConnection, said: Person) -> None:
    await _rooms_known(connection, [work.room for work in said.rooms])
    if said.unit is not None:
        await _unit(connection, said.unit)


async def _rooms_known(connection: AsyncConnection, slugs: list[str]) -> None:
    known = set((await connection.execute(select(ROOMS.c.slug).where(ROOMS.c.slug.in_(slugs)))).scalars())
    if unknown := sorted(set(slugs) - known):
        raise HTTPException(422, {"code": "people.room", "args": [unknown[0]]})


async def _works(connection: AsyncConnection, id_: int, said: Person) -> None:
    rows = {(work.room, work.part) for work in said.rooms}
    if rows:
        new = [{"room": room, "part": part, "person": id_} for room, part in sorted(rows)]
        await connection.execute(insert(ROOM_PEOPLE), new)


# ---- units: they merge and are renamed; the slug of a room survives


async def _unit(connection: AsyncConnection, id_: int) -> Any:
    row = (await connection.execute(select(UNITS).where(UNITS.c.id == id_))).first()
    if row is None or row.merged_into is not None:
        raise HTTPException(422, {"code": "people.unit"})
    return row


async def _no_circle(connection: AsyncConnection, id_: int, parent: int | None) -> None:
    """Raises 422 when `id_` would stand above itself."""
    while parent is not None:
        if parent == id_:
            raise HTTPException(422, {"code": "people.circle"})
        parent = (await _unit(connection, parent)).parent


@router.post("/units", summary="A new unit")
async def add_unit(said: Unit, at: At, who: Who) -> dict[str, int]:
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        if said.parent is not None:
            await _unit(connection, said.parent)
        made = await connection.execute(insert(UNITS).values(**said.model_dump()).returning(UNITS.c.id))
        id_ = int(made.scalar_one())
        await note(connection, at.clock(), who, "unit", id_, [said.name])
    return {"id": id_}


@router.post("/units/{id_}", summary="Rename or move a unit")
async def change_unit(id_: Id, said: Unit, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        before = await _unit(connection, id_)
        await _no_circle(connection, id_, said.parent)
        await connection.execute(update(UNITS).where(UNITS.c.id == id_).values(**said.model_dump()))
        await note(connection, at.clock(), who, "unit", id_, [before.name, said.name])
    return {}


@router.post("/units/{id_}/merge", summary="A unit becomes part of another")
async def merge(id_: Id, said: Merge, at: At, who: Who) -> dict[str, Any]:
    """Its rooms, people and lower units go over; the row stays, so that old reports still name it."""
    await need(at, who, Action.PEOPLE)
    async with at.engine.begin() as connection:
        before, into = await _unit(connection, id_), await _unit(connection, said.into)
        await _no_circle(connection, id_, said.into)
        for table, column in ((ROOMS, ROOMS.c.unit), (PEOPLE, PEOPLE.c.unit), (UNITS, UNITS.c.parent)):
            await connection.execute(update(table).where(column == id_).values({column.name: said.into}))
        await merged(connection, id_, said.into)
        await connection.execute(update(UNITS).where(UNITS.c.id == id_).values(merged_into=said.into))
        await note(connection, at.clock(), who, "unit_merged", id_, [before.name, into.name])
    return {}
