"""Looks at all rooms, compares with the incidents that are open, writes the difference: one transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import (
    Alert,
    Change,
    Open,
    Seen,
    Since,
    collapse,
    differ,
    remember,
    ripe,
    should,
)
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import ALERTS, INCIDENT_ALERTS, INCIDENT_LINES, INCIDENTS
from controller.dashboard.web.place import Place

EVERY_S = 5.0
MACHINE = "máy"
"""Who wrote a line that nobody wrote: the operating log's own word."""


async def think(place: Place) -> None:
    now_ms = place.clock()
    async with place.engine.begin() as connection:
        rooms = await look(connection)
        known = await _remembered(connection, should(rooms.values(), now_ms), now_ms)
        opened = await _open(connection)
        for change in differ(opened, collapse(ripe(known, now_ms), rooms)):
            await _apply(connection, change, now_ms)


async def look(connection: AsyncConnection) -> dict[str, Seen]:
    """Every room as last heard; retired ones are nobody's business any more."""
    said: dict[str, dict[str, tuple[Any, int]]] = defaultdict(dict)
    ask = select(LAST).where(LAST.c.part.in_(("status", "state", "gasp")))
    for row in await connection.execute(ask):
        said[row.room][row.part] = (row.body, row.received_ms)
    places = {row.slug: row for row in await connection.execute(select(ROOMS))}
    found = {}
    for room, parts in said.items():
        place = places.get(room)
        if place is not None and not place.retired:
            found[room] = _seen(room, str(place.unit or ""), place.provider, parts)
    return found


def _seen(room: str, unit: str, provider: str, parts: dict[str, tuple[Any, int]]) -> Seen:
    status, state, gasp = (parts.get(name, ({}, 0)) for name in ("status", "state", "gasp"))
    return Seen(room, unit, provider, status[0].get("online"), state[0], gasp[0], state[1])


async def _remembered(connection: AsyncConnection, now: frozenset[Alert], now_ms: int) -> dict[Alert, Since]:
    rows = await connection.execute(select(ALERTS))
    before = {Alert(row.room, row.code): Since(row.from_ms, row.seen_ms) for row in rows}
    known = remember(before, now, now_ms)
    for alert in before.keys() - known.keys():
        await connection.execute(delete(ALERTS).where(ALERTS.c.room == alert.room, ALERTS.c.code == alert.code))
    if known:
        words = upsert(connection, ALERTS)
        new = {"from_ms": words.excluded.from_ms, "seen_ms": words.excluded.seen_ms}
        found = [
            {"room": alert.room, "code": alert.code, "from_ms": since.from_ms, "seen_ms": since.seen_ms}
            for alert, since in sorted(known.items(), key=lambda one: one[0])
        ]
        await connection.execute(words.on_conflict_do_update(index_elements=["room", "code"], set_=new), found)
    return known


async def _open(connection: AsyncConnection) -> list[Open]:
    of: dict[int, set[Alert]] = defaultdict(set)
    ask = (
        select(INCIDENT_ALERTS)
        .join(INCIDENTS)
        .where(INCIDENTS.c.until_ms.is_(None), INCIDENT_ALERTS.c.until_ms.is_(None))
    )
    for row in await connection.execute(ask):
        of[row.incident].add(Alert(row.room, row.code))
    rows = await connection.execute(select(INCIDENTS.c.id, INCIDENTS.c.key).where(INCIDENTS.c.until_ms.is_(None)))
    return [Open(row.id, row.key, frozenset(of[row.id])) for row in rows]


async def _apply(connection: AsyncConnection, change: Change, now_ms: int) -> None:
    id_ = change.id or await _begin(connection, change, now_ms)
    if change.what in ("open", "join"):
        await _rows(connection, id_, change, now_ms)
    else:
        await _ended(connection, id_, change, now_ms)
    if change.what == "close":
        done = {"until_ms": now_ms, "open_key": None, "changed_ms": now_ms}
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(**done))
    elif change.cause is not None:
        rooms = {"rooms": list(change.cause.rooms), "changed_ms": now_ms}
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(**rooms))
    kind = {"open": "opened", "join": "joined", "leave": "left", "close": "closed"}[change.what]
    told = [[alert.room, alert.code] for alert in sorted(change.alerts)]
    line = {"incident": id_, "at_ms": now_ms, "by": MACHINE, "kind": kind, "text": change.into, "args": told}
    await connection.execute(insert(INCIDENT_LINES).values(**line))


async def _begin(connection: AsyncConnection, change: Change, now_ms: int) -> int:
    cause = change.cause
    assert cause is not None
    row = {
        "key": cause.key,
        "open_key": cause.key,
        "code": cause.code,
        "scope": cause.scope,
        "rooms": list(cause.rooms),
        "meeting": cause.meeting,
        "from_ms": now_ms,
        "seen_ms": now_ms,
        "proposed": cause.proposed,
        "changed_ms": now_ms,
    }
    done = await connection.execute(insert(INCIDENTS).values(**row).returning(INCIDENTS.c.id))
    return int(done.scalar_one())


async def _rows(connection: AsyncConnection, id_: int, change: Change, now_ms: int) -> None:
    rows = [
        {"incident": id_, "room": alert.room, "code": alert.code, "from_ms": now_ms, "until_ms": None}
        for alert in sorted(change.alerts)
    ]
    await connection.execute(insert(INCIDENT_ALERTS), rows)


async def _ended(connection: AsyncConnection, id_: int, change: Change, now_ms: int) -> None:
    for alert in sorted(change.alerts):
        mine = (
            INCIDENT_ALERTS.c.incident == id_,
            INCIDENT_ALERTS.c.room == alert.room,
            INCIDENT_ALERTS.c.code == alert.code,
            INCIDENT_ALERTS.c.until_ms.is_(None),
        )
        await connection.execute(update(INCIDENT_ALERTS).where(*mine).values(until_ms=now_ms))
