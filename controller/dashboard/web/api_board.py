"""The next meetings and how their rooms stand (board.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.board import Due, Look, counts, looks, outlook
from controller.dashboard.discreet import shown
from controller.dashboard.rights import Action, refusal
from controller.dashboard.store.tables import RECORDS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.live import Live
from controller.dashboard.web.phones import phones
from controller.dashboard.web.watch import Watch

router = APIRouter(prefix="/api", tags=["board"])
AHEAD_MS = 7 * 24 * 3_600_000
_T60 = "t60."
_NOTED_MS = 2 * 86_400_000
"""No meeting on the board began longer ago; the index of records goes by kind and time."""


@router.get("/board", summary="The next meetings, their rooms by state, and who can still mend what")
async def board(
    request: Request, at: At, someone: Who, limit: Annotated[int, Query(ge=1, le=50)] = 12
) -> dict[str, Any]:
    """{"now_ms", "meetings": [{uid, title, start_ms, end_ms, …, outlook, counts, rooms: [{slug, stand, on_time,
    why, args, fix, people}]}]}: meetings that run or begin within a week, the next first; no practice, for no room
    is to be ready for it. `people` with their numbers only for who may see them. The title of a secret meeting is
    not told."""
    await need(at, someone, Action.SEE)
    live: Live = request.app.state.live
    watch: Watch = request.app.state.watch
    await watch.look()
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        meetings = await _meetings(connection, now_ms, limit)
        uids = [one.uid for one in meetings]
        rooms = await _rooms(connection, uids)
        noted = await _noted(connection, uids, now_ms)
        people = await phones(connection)
    seen = people if refusal(someone, Action.SEE_PEOPLE, now_ms) is None else {}
    told = []
    for one in meetings:
        due = Due(one.uid, one.start_ms, one.end_ms)
        found = looks(rooms[one.uid], live.rows, due, now_ms, noted[one.uid], frozenset(people))
        told.append(_meeting(one, found, seen))
    return {"now_ms": now_ms, "meetings": told}


def _meeting(one: Row[Any], found: Sequence[Look], people: Mapping[str, list[dict[str, str]]]) -> dict[str, Any]:
    keys = ("uid", "start_ms", "end_ms", "kind", "document_no", "chair", "desk", "tentative", "secret")
    rooms = [
        {
            "slug": look.slug,
            "stand": look.stand,
            "on_time": look.on_time,
            "why": look.why,
            "args": look.args,
            "fix": look.fix,
            "people": people.get(look.slug, []),
        }
        for look in found
    ]
    told = shown(one._mapping)
    body = {key: told[key] for key in keys}
    title = "" if one.secret else one.title
    return {**body, "title": title, "outlook": outlook(found), "counts": counts(found), "rooms": rooms}


async def _meetings(connection: AsyncConnection, now_ms: int, limit: int) -> Sequence[Row[Any]]:
    ask = (
        select(INSTANCES)
        .where(INSTANCES.c.end_ms > now_ms, INSTANCES.c.start_ms < now_ms + AHEAD_MS)
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .order_by(INSTANCES.c.start_ms, INSTANCES.c.uid)
        .limit(limit)
    )
    return (await connection.execute(ask)).all()


async def _rooms(connection: AsyncConnection, uids: Sequence[str]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    ask = select(INSTANCE_ROOMS.c.uid, INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid.in_(uids))
    for row in await connection.execute(ask):
        found[row.uid].append(row.room)
    return found


async def _noted(connection: AsyncConnection, uids: Sequence[str], now_ms: int) -> Mapping[str, dict[str, str]]:
    """Meeting → room → what its record of T-60 says; the last one counts."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    subjects = [(_T60 + uid)[:100] for uid in uids]
    ask = (
        select(RECORDS.c.room, RECORDS.c.subject, RECORDS.c.body)
        .where(
            RECORDS.c.kind == "noted",
            RECORDS.c.at_ms > now_ms - _NOTED_MS,
            RECORDS.c.subject.in_(subjects),
        )
        .order_by(RECORDS.c.seq)
    )
    for row in await connection.execute(ask):
        value = row.body.get("value")
        word = value[0] if isinstance(value, list) and value else value
        if isinstance(word, str):
            found[row.subject.removeprefix(_T60)][row.room] = word
    return found
