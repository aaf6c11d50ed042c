"""The calendar: what is booked, and booking, moving, cancelling, postponing, confirming, extending it."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_ask import booked, names, notes_of, told
from controller.dashboard.calendar_book import AHEAD_MS, Kept, crew_of, holidays_of, keep, load, note, set_crew
from controller.dashboard.calendar_book import rooms_of as rooms_in_use
from controller.dashboard.calendar_cut import along, keep_both
from controller.dashboard.calendar_publish import publish
from controller.dashboard.discreet import shown
from controller.dashboard.meeting_cut import cut, cut_marked, is_first
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meeting_rest import rest_confirmed
from controller.dashboard.meetings import (
    CANCELLED,
    CONFIRMED,
    KINDS,
    TEMPLATES,
    TENTATIVE,
    Draft,
    Series,
    Wrong,
    edited,
    instance_of,
    marked,
    moved,
    ruled,
)
from controller.dashboard.rights import Action, Actor, refusal
from controller.dashboard.store.tables_calendar import MEETING_LINES
from controller.dashboard.store.tables_work import INSTANCES
from controller.dashboard.web.calendar_forms import Change, Edit, Form, Mark, Move, Ms, by, new_uid, said
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.place import Place

router = APIRouter(prefix="/api", tags=["calendar"])
SPAN_MOST_MS = 400 * 86_400_000
STATUS = {"cancel": CANCELLED, "postpone": TENTATIVE, "confirm": CONFIRMED, "restore": ""}


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
        kept, instance_ms = await _found(connection, uid)
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


@router.post("/meetings")
async def create(form: Form, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Book it; it is published to its rooms."""
    await need(at, someone, Action.CALENDAR)
    uid = new_uid()
    async with at.engine.begin() as connection:
        with said():
            series = form.series(uid, await rooms_in_use(connection), at.clock())
            await _crew(connection, uid, form)
            rooms = await keep(connection, series, at.clock(), by=by(someone), new=True)
        await note(connection, uid, by(someone), "meeting.done.create", at.clock(), series.draft.title)
    return await _published(at, request, uid, rooms)


@router.post("/meetings/edit")
async def edit(asked: Edit, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Another content, other rooms, another hour, another rule: of one meeting, of it and those that follow, or of
    the whole series."""
    if asked.following:
        return await _following(at, request, someone, asked)

    async def change(connection: AsyncConnection, series: Series, instance_ms: int | None) -> Series:
        draft = asked.form.draft(await rooms_in_use(connection))
        await _crew(connection, series.uid, asked.form)
        changed = edited(series, draft, instance_ms, at.clock())
        if instance_ms is None:
            changed = ruled(changed, asked.form.rule, asked.form.until_ms, at.clock())
        return changed

    return await _changed(at, request, someone, asked, "edit", change)


async def _following(at: Place, request: Request, who: Actor, asked: Edit) -> dict[str, Any]:
    """From the first meeting of a series on it is the whole of it."""

    async def halves(
        connection: AsyncConnection, series: Series, instance_ms: int, uid: str
    ) -> tuple[Series, Series]:
        draft, now_ms = asked.form.draft(await rooms_in_use(connection)), at.clock()
        if not asked.form.rule:
            raise Wrong("meeting.follows_none")
        if draft.end_ms <= now_ms:
            raise Wrong("meeting.past")
        await _crew(connection, uid, asked.form)
        return cut(series, instance_ms, draft, uid, asked.form.rule, asked.form.until_ms, now_ms)

    done = await _cut(at, request, who, asked, "following", halves)
    return done or await edit(asked.model_copy(update={"following": False, "whole": True}), who, at, request)


@router.post("/meetings/move")
async def move(asked: Move, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Another time (dời), or a later end of one that runs (gia hạn)."""

    async def change(_: AsyncConnection, series: Series, instance_ms: int | None) -> Series:
        return moved(series, instance_ms, asked.start_ms, asked.end_ms, at.clock())

    return await _changed(at, request, someone, asked, "move", change, asked.start_ms, asked.end_ms)


@router.post("/meetings/mark")
async def mark(asked: Mark, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Cancel (hủy), postpone (hoãn: tentative until somebody confirms or moves it), confirm, restore: one meeting,
    it and those that follow, or the whole series. Several are confirmed with their rest days."""
    status = STATUS[asked.what]

    async def several(connection: AsyncConnection, series: Series) -> Series:
        if status != CONFIRMED:
            return series
        return rest_confirmed(series, at.clock(), at.clock() + AHEAD_MS, await holidays_of(connection))

    async def halves(
        connection: AsyncConnection, series: Series, instance_ms: int, uid: str
    ) -> tuple[Series, Series]:
        left, own = cut_marked(series, instance_ms, status, uid, at.clock())
        return left, await several(connection, own)

    async def change(connection: AsyncConnection, series: Series, instance_ms: int | None) -> Series:
        changed = marked(series, instance_ms, status, at.clock())
        return changed if instance_ms is not None else await several(connection, changed)

    if asked.following:
        done = await _cut(at, request, someone, asked, f"{asked.what}_following", halves, asked.reason)
        if done is not None:
            return done
        asked = asked.model_copy(update={"whole": True})
    return await _changed(at, request, someone, asked, asked.what, change, asked.reason)


async def _found(connection: AsyncConnection, uid: str) -> tuple[Kept, int | None]:
    """A page may still show a meeting whose moment another series has by now (it was cut, or has another rule): one
    that is not laid out is not there, or changing it would bring it back, or change the rest instead."""
    name, instance_ms = instance_of(uid)
    kept = await load(connection, uid)
    if kept is None and (await connection.execute(select(1).where(INSTANCES.c.uid == uid))).first():
        kept = await load(connection, name)
    if kept is None:
        raise HTTPException(404, {"code": "meeting.unknown"})
    return kept, instance_ms if kept.series.repeats else None


async def _changed(
    at: Place, request: Request, who: Actor, asked: Change, verb: str, change: Any, *args: object
) -> dict[str, Any]:
    """Load, change, keep, note: one transaction; then publish. 409 `meeting.foreign`, `meeting.newer`,
    `meeting.over`."""
    await need(at, who, Action.CALENDAR)
    now_ms = at.clock()
    async with at.engine.begin() as connection:
        kept, instance_ms = await _found(connection, asked.uid)
        await _allowed(connection, kept, asked, now_ms)
        with said():
            series = await change(connection, kept.series, None if asked.whole else instance_ms)
            _coming(series, asked, instance_ms, now_ms)
            rooms = await keep(connection, series, now_ms, by=by(who), source=kept.source)
        title = series.at(instance_ms).title
        code = f"meeting.done.{verb}"
        await note(connection, series.uid, by(who), code, now_ms, title, *args)
    return await _published(at, request, series.uid, rooms)


async def _cut(
    at: Place, request: Request, who: Actor, asked: Change, verb: str, halves: Any, *args: object
) -> dict[str, Any] | None:
    """As `_changed`, for a meeting and those that follow: they become a series of their own. None = nothing stands
    before it, so that the whole series is meant."""
    await need(at, who, Action.CALENDAR)
    now_ms, uid = at.clock(), new_uid()
    async with at.engine.begin() as connection:
        kept, instance_ms = await _found(connection, asked.uid)
        old = kept.series
        if instance_ms is None or is_first(old, instance_ms):
            return None
        await _allowed(connection, kept, asked, now_ms)
        await along(connection, old.uid, uid)
        with said():
            left, own = await halves(connection, old, instance_ms, uid)
            rooms = await keep_both(connection, left, own, by(who), kept.source, now_ms)
        for name in (old.uid, uid):
            await note(connection, name, by(who), f"meeting.done.{verb}", now_ms, own.draft.title, *args)
    request.app.state.hub.say("meetings", {"series": old.uid})
    return await _published(at, request, uid, rooms)


async def _allowed(connection: AsyncConnection, kept: Kept, asked: Change, now_ms: int) -> None:
    if kept.source.isdigit():
        raise HTTPException(409, {"code": "meeting.foreign"})
    if asked.sequence is not None and asked.sequence != kept.series.sequence:
        raise HTTPException(409, {"code": "meeting.newer"})
    end = select(INSTANCES.c.end_ms).where(INSTANCES.c.uid == asked.uid)
    end_ms = (await connection.execute(end)).scalar()
    if end_ms is not None and end_ms <= now_ms and not asked.whole:
        raise HTTPException(409, {"code": "meeting.over"})


def _coming(series: Series, asked: Change, instance_ms: int | None, now_ms: int) -> None:
    """A meeting is not moved to where nobody would see it: into the past, or beyond what is laid out."""
    draft = series.at(instance_ms)
    if not (asked.whole and series.repeats) and not now_ms < draft.end_ms <= now_ms + AHEAD_MS:
        raise Wrong("meeting.past" if draft.end_ms <= now_ms else "meeting.far")


async def _crew(connection: AsyncConnection, uid: str, form: Form) -> None:
    if form.crew is not None:
        hands = {room: (one.technician.strip(), one.substitute.strip()) for room, one in form.crew.items()}
        await set_crew(connection, uid, hands)


async def _published(at: Place, request: Request, uid: str, rooms: frozenset[str]) -> dict[str, Any]:
    """Rooms are told after the commit; `sent` may be fewer when the broker is away: they get it later."""
    request.app.state.hub.say("meetings", {"series": uid})
    return {"uid": uid, "rooms": len(rooms), "sent": await publish(at, rooms)}
