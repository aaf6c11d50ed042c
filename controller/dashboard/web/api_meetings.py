"""Booking, moving, cancelling, postponing, confirming and extending what is in the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_book import AHEAD_MS, Kept, holidays_of, keep, load, note, set_crew
from controller.dashboard.calendar_book import rooms_of as rooms_in_use
from controller.dashboard.calendar_cut import along, keep_both
from controller.dashboard.calendar_publish import publish
from controller.dashboard.meeting_cut import cut, cut_marked, is_first
from controller.dashboard.meeting_rest import rest_confirmed
from controller.dashboard.meeting_text import whole
from controller.dashboard.meetings import (
    CANCELLED,
    CONFIRMED,
    TENTATIVE,
    Series,
    Wrong,
    edited,
    marked,
    moved,
    ruled,
)
from controller.dashboard.rights import Action, Actor
from controller.dashboard.store.tables_work import INSTANCES
from controller.dashboard.web.api_calendar import found
from controller.dashboard.web.calendar_forms import Change, Create, Edit, Form, Mark, Move, by, new_uid, said
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.place import Place

router = APIRouter(prefix="/api", tags=["calendar"])
STATUS = {"cancel": CANCELLED, "postpone": TENTATIVE, "confirm": CONFIRMED, "restore": ""}


@router.post("/meetings")
async def create(form: Create, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Book it; it is published to its rooms. A form sent again with its `key` is the same meeting; 409
    `meeting.sent_before` where it says something else by now."""
    await need(at, someone, Action.CALENDAR)
    uid = f"m-{form.key}" if form.key else new_uid()
    async with at.engine.begin() as connection:
        with said():
            series = form.series(uid, await rooms_in_use(connection), at.clock())
            before = await load(connection, uid)
            if before is not None and not _same(before.series, series):
                raise HTTPException(409, {"code": "meeting.sent_before"})
            await _crew(connection, uid, form)
            rooms = await keep(connection, series, at.clock(), by=by(someone), new=True)
        if before is None:
            await note(connection, uid, by(someone), "meeting.done.create", at.clock(), series.draft.title)
    return await _published(at, request, uid, rooms)


def _same(one: Series, other: Series) -> bool:
    return whole(replace(one, stamp_ms=0)) == whole(replace(other, stamp_ms=0))


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


async def _changed(
    at: Place, request: Request, who: Actor, asked: Change, verb: str, change: Any, *args: object
) -> dict[str, Any]:
    """Load, change, keep, note: one transaction; then publish. 409 `meeting.foreign`, `meeting.newer`,
    `meeting.over`."""
    await need(at, who, Action.CALENDAR)
    now_ms = at.clock()
    async with at.engine.begin() as connection:
        kept, instance_ms = await found(connection, asked.uid)
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
        kept, instance_ms = await found(connection, asked.uid)
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
