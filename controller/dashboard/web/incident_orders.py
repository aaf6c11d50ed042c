"""What the desk does about an incident reaches its rooms as commands of the contract: `acknowledge` and `incident
note` when somebody has received it, `incident expect` when an end was promised (R12, N17).

The room is told about its own alerts only, as (code, subject) from its journal. What is written at the centre
stands whether or not a room could be told: a room that is silent hears it never, and need not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.alerts_ask import subjects
from controller.dashboard.rights import Actor
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_work import INCIDENT_ALERTS
from controller.dashboard.web.many import each
from controller.dashboard.web.orders import order
from controller.dashboard.web.place import Place
from controller.dashboard.words import say

Wish = tuple[str, dict[str, str | int]]
"""Verb and arguments."""
MINUTE_MS = 60_000
TOGETHER = 500
"""A statement carries a bounded number of values."""
MINUTES_MOST = 10_080
"""What a room takes for a promise (controller/link/commands.py)."""
_HAZARDS = frozenset({"smoke", "leak", "help"})
NOBODY = "order.silent"


async def tell(at: Place, who: Actor, incident: int, what: str, expected_ms: int = 0) -> dict[str, dict[str, Any]]:
    """Send what `what` (received, expected) means to each room of the incident. {"sent": {room: [id]}, "unsent":
    {room: code}}: the answers come later, as for any command."""
    async with at.engine.connect() as connection:
        plan = await _plan(connection, incident, what, at.clock(), expected_ms, at.settings.notify.language)
    return await tell_all(at, who, plan)


async def tell_all(at: Place, who: Actor, plan: Mapping[str, Sequence[Wish]]) -> dict[str, dict[str, Any]]:
    """Send to each room its commands, some rooms at a time. A room that is away is named; one that is to be told
    nothing is not."""
    here = await _there(at, plan.keys())

    async def tell(room: str) -> list[str]:
        if room not in here:
            raise HTTPException(409, {"code": NOBODY})
        return [await order(at, who, room, verb, args) for verb, args in plan[room]]

    told = await each(sorted(plan), tell)
    return {"sent": {room: ids for room, ids in told.sent.items() if ids}, "unsent": dict(told.unsent)}


async def _plan(
    connection: AsyncConnection, incident: int, what: str, now_ms: int, expected_ms: int, lang: str
) -> dict[str, list[Wish]]:
    """Room → commands; [] = nothing of its own is to be told."""
    mine = (INCIDENT_ALERTS.c.incident == incident, INCIDENT_ALERTS.c.until_ms.is_(None))
    rows = (await connection.execute(select(INCIDENT_ALERTS.c.room, INCIDENT_ALERTS.c.code).where(*mine))).all()
    plan: dict[str, list[Wish]] = {}
    for room in sorted({row.room for row in rows}):
        codes = {row.code for row in rows if row.room == room}
        known = await subjects(connection, room, codes)
        minutes = min(MINUTES_MOST, max(1, round((expected_ms - now_ms) / MINUTE_MS)))
        plan[room] = list(_received(codes, known, lang) if what == "received" else _expected(known, minutes))
    return plan


async def _there(at: Place, rooms: Iterable[str]) -> frozenset[str]:
    """Those that are on line."""
    found: set[str] = set()
    wanted = sorted(rooms)
    async with at.engine.connect() as connection:
        for start in range(0, len(wanted), TOGETHER):
            part = wanted[start : start + TOGETHER]
            ask = select(LAST.c.room, LAST.c.body).where(LAST.c.room.in_(part), LAST.c.part == "status")
            found |= {row.room for row in await connection.execute(ask) if row.body.get("online") is True}
    return frozenset(found)


def _received(codes: Iterable[str], known: Iterable[tuple[str, str]], lang: str) -> Iterable[Wish]:
    """A call for help or a danger is acknowledged, which its lamp shows; of the rest the journal hears."""
    found = frozenset(codes)
    if found & _HAZARDS:
        yield "acknowledge", {}
    for code, subject in known:
        if code not in _HAZARDS:
            yield (
                "incident",
                {"value": "note", "alert": code, "subject": subject, "text": say("incident.heard", lang)},
            )


def _expected(known: Iterable[tuple[str, str]], minutes: int) -> Iterable[Wish]:
    for code, subject in known:
        yield "incident", {"value": "expect", "alert": code, "subject": subject, "minutes": minutes}
