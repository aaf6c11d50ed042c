"""Looks at all rooms, compares with the incidents that are open, writes the difference: one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

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
from controller.dashboard.incidents_after import came_back, fell_silent
from controller.dashboard.incidents_look import Rooms
from controller.dashboard.maintenance import hushed, in_maintenance
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables_work import ALERTS, INCIDENT_ALERTS, INCIDENT_LINES, INCIDENTS
from controller.dashboard.web.place import Place

Think = Callable[[Place], Awaitable[None]]
EVERY_S = 5.0
AGAIN_MS = 10 * 60_000
"""A line that comes and goes is one incident, not one each time."""
MACHINE = "máy"
"""Who wrote a line that nobody wrote: the operating log's own word."""


def begin() -> Think:
    """Looks that know what the last one saw: for whoever looks again and again."""
    return partial(think, rooms=Rooms())


async def think(place: Place, rooms: Rooms | None = None) -> None:
    now_ms = place.clock()
    async with place.engine.begin() as connection:
        seen = await (rooms or Rooms()).look(connection, now_ms)
        known = await _remembered(connection, should(seen.values(), now_ms), now_ms)
        opened = await _open(connection)
        quiet = await in_maintenance(connection, seen, now_ms)
        stays = frozenset[Alert]().union(*(one.alerts for one in opened))
        wanted = (alert for alert in ripe(known, now_ms) if alert in stays or not hushed(alert, quiet))
        for change in differ(opened, collapse(wanted, seen)):
            await _apply(connection, change, seen, now_ms)


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


async def _apply(connection: AsyncConnection, change: Change, rooms: Mapping[str, Seen], now_ms: int) -> None:
    again = await _reopened(connection, change, now_ms) if change.what == "open" else None
    id_ = change.id or again or await _begin(connection, change, now_ms)
    if change.what in ("open", "join"):
        await _rows(connection, id_, change, now_ms)
        await fell_silent(connection, change.alerts, rooms)
    else:
        await _ended(connection, id_, change, now_ms)
        await came_back(connection, id_, change.alerts, rooms, {"at_ms": now_ms, "by": MACHINE})
    if change.what == "close":
        done = {"until_ms": now_ms, "open_key": None, "changed_ms": now_ms}
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(**done))
    elif change.cause is not None:
        now = {"rooms": list(change.cause.rooms), "changed_ms": now_ms}
        await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == id_).values(**now))
    kind = "reopened" if again else _KINDS[change.what]
    told = [[alert.room, alert.code] for alert in sorted(change.alerts)]
    line = {"incident": id_, "at_ms": now_ms, "by": MACHINE, "kind": kind, "text": change.into, "args": told}
    await connection.execute(insert(INCIDENT_LINES).values(**line))


_KINDS = {"open": "opened", "join": "joined", "leave": "left", "close": "closed"}


async def _reopened(connection: AsyncConnection, change: Change, now_ms: int) -> int | None:
    """The number of the incident of this cause that was closed a moment ago: it goes on in the same row. What was
    called mended was not, and waits to be received anew."""
    assert change.cause is not None
    mine = (INCIDENTS.c.key == change.cause.key, INCIDENTS.c.until_ms > now_ms - AGAIN_MS)
    ask = select(INCIDENTS.c.id, INCIDENTS.c.stage).where(*mine).order_by(INCIDENTS.c.id.desc()).limit(1)
    row = (await connection.execute(ask)).first()
    if row is None:
        return None
    stage = "new" if row.stage == "mended" else row.stage
    open_ = {"until_ms": None, "open_key": change.cause.key, "stage": stage}
    await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == row.id).values(**open_))
    return int(row.id)


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
