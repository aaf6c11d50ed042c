"""The calendar as it is read: what is booked, one meeting of it, and what stands in the way of one to be booked."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_ask import booked, names, notes_of, told
from controller.dashboard.calendar_book import AHEAD_MS, Kept, crew_of, holidays_of, load
from controller.dashboard.calendar_book import rooms_of as rooms_in_use
from controller.dashboard.discreet import shown
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meetings import (
    KINDS,
    TEMPLATES,
    Draft,
    instance_of,
)
from controller.dashboard.rights import Action, refusal
from controller.dashboard.store.tables_calendar import MEETING_LINES
from controller.dashboard.store.tables_work import INSTANCES
from controller.dashboard.web.calendar_forms import Form, Ms, said
from controller.dashboard.web.gate import At, Who, need

router = APIRouter(prefix="/api", tags=["calendar"])
SPAN_MOST_MS = 400 * 86_400_000


@router.get("/calendar")
async def calendar(someone: Who, at: At, from_ms: Ms, to_ms: Ms, room: str = "") -> dict[str, Any]:
    """Instances that touch [from, to), at most 400 days, with rooms as slug → role; titles of secret meetings are
    for those who plan."""
    await need(at, someone, Action.SEE, room=room)
    to_ms = min(to_ms, from_ms + SPAN_MOST_MS)
    plans = refusal(someone, Action.CALENDAR, at.clock()) is None
    async with at.engine.connect() as connection:
        rows = [
            {**row, "rooms": someone.part(row["rooms"])} for row in await booked(connection, from_ms, to_ms, room)
        ]
        known = someone.part(await names(connection))
        return {"meetings": rows if plans else [shown(row) for row in rows], "names": known}


@router.get("/calendar/now")
async def now(someone: Who, at: At) -> dict[str, int]:
    """The centre's clock, Unix ms: what day it is on the calendar."""
    await need(at, someone, Action.SEE)
    return {"now_ms": at.clock()}


@router.get("/calendar/terms")
async def terms(someone: Who, at: At) -> dict[str, Any]:
    """What the form offers: rooms in use with names, kinds, templates of R18."""
    await need(at, someone, Action.ASK)
    async with at.engine.connect() as connection:
        known = await names(connection)
        rooms = [{"slug": slug, "name": known[slug]} for slug in await rooms_in_use(connection)]
        crew = await crew_of(connection, "") if refusal(someone, Action.SEE_PEOPLE, at.clock()) is None else {}
    hands = {room: {"technician": row[0], "substitute": row[1]} for room, row in crew.items()}
    return {"rooms": rooms, "kinds": KINDS, "templates": TEMPLATES, "crew": hands}


@router.get("/meetings/one")
async def one(someone: Who, at: At, uid: Annotated[str, Query(max_length=120)]) -> dict[str, Any]:
    """One instance as the form edits it, and who did what to its series, the latest first; 404
    `meeting.unknown`."""
    await need(at, someone, Action.CALENDAR)
    async with at.engine.begin() as connection:
        kept, instance_ms = await found(connection, uid)
        series = kept.series
        draft = series.at(instance_ms)
        ask = select(MEETING_LINES).where(MEETING_LINES.c.series == series.uid)
        lines = await connection.execute(ask.order_by(MEETING_LINES.c.id.desc()).limit(100))
        crew = await crew_of(connection, series.uid)
        history = [{"at_ms": row.at_ms, "by": row.by, "code": row.code, "args": row.args} for row in lines]
    return {
        "uid": uid,
        "form": _form(draft),
        "series_form": _form(series.draft),
        "rule": series.rule,
        "until_ms": series.until_ms,
        "repeats": series.repeats,
        "sequence": series.sequence,
        "source": kept.source,
        "crew": {room: {"technician": row[0], "substitute": row[1]} for room, row in crew.items()},
        "history": history,
    }


async def found(connection: AsyncConnection, uid: str) -> tuple[Kept, int | None]:
    """A meeting, and which of its series it is; 404 `meeting.unknown`. A page may still show a meeting whose moment
    another series has by now (it was cut, or has another rule): one that is not laid out is not there, or changing
    it would bring it back, or change the rest instead."""
    name, instance_ms = instance_of(uid)
    kept = await load(connection, uid)
    if kept is None and (await connection.execute(select(1).where(INSTANCES.c.uid == uid))).first():
        kept = await load(connection, name)
    if kept is None:
        raise HTTPException(404, {"code": "meeting.unknown"})
    return kept, instance_ms if kept.series.repeats else None


def _form(draft: Draft) -> dict[str, Any]:
    """A draft as `Form` takes it; `status` says more than its `tentative`."""
    row = {field.name: getattr(draft, field.name) for field in fields(draft)}
    row["breaks"] = [{"start_ms": begin, "end_ms": end} for begin, end in draft.breaks]
    row["seats"] = [{"room": room, "seat": seat, "preset": preset} for room, seat, preset in draft.seats]
    return row


@router.post("/meetings/look")
async def look(form: Form, someone: Who, at: At, uid: str = "", people: int = 0) -> dict[str, Any]:
    """What stands in the way, and the first moments, before anything is stored. 422 with the reason for what cannot
    be."""
    await need(at, someone, Action.ASK)
    async with at.engine.connect() as connection:
        rooms, now_ms = await rooms_in_use(connection), at.clock()
        with said():
            series = form.series(instance_of(uid)[0] or "look", rooms, now_ms)
            laid = lay(series, rooms, min(now_ms, form.start_ms), now_ms + AHEAD_MS, await holidays_of(connection))
        notes = await notes_of(connection, series.uid, laid, now_ms, people)
        first = [{"start_ms": one.start_ms, "tentative": one.tentative} for one in laid[:6]]
        return {"notes": told(notes, await names(connection)), "first": first, "count": len(laid)}
