"""Incidents are told by e-mail and webhook (R12). What is to be told is decided and kept in one transaction, then
sent; a message that a dying process may have sent is not sent again, it is marked as unsure.

Runs beside the other jobs: a mail server that hangs holds up nobody but later notices.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.maintenance import marked
from controller.dashboard.notices import Known, News, Site, Told, body, due, grouped, title
from controller.dashboard.notices_send import Target, send, targets
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, NOTICED, NOTICES
from controller.dashboard.think_incidents import MACHINE
from controller.dashboard.web.place import Place
from controller.dashboard.words import log, say
from controller.texts import ReadableError

EVERY_S = 5.0
BESIDE = True
TRIES = 8
FIRST_MS = 30_000
"""Tried after 30 s, 1, 2, 4 … 32 minutes: an hour in all. Who has not heard by then looks at the page."""
LOST_MS = 2 * 60_000
"""Longer than an attempt takes: whoever began it is dead."""
AT_ONCE = 8
DAY_MS = 86_400_000


async def think(place: Place) -> None:
    file = place.settings.notify.urls_file
    if not file:
        return
    try:
        found = targets(Path(file))
    except ReadableError as error:
        _say_once(error.code, *error.told)
        return
    now_ms = place.clock()
    async with place.engine.begin() as connection:
        await _lost(connection, now_ms)
        await _make(place, connection, found, now_ms)
        claimed = await _claim(connection, found, now_ms)
    if claimed:
        known = {target.name: target for target in found}
        await asyncio.gather(*(_one(place, known[row.target], row) for row in claimed))


@cache
def _say_once(code: str, *args: object) -> None:
    """A file that is wrong stays so for a while; the recorder goes on without notices."""
    log(code, *args)


async def _make(place: Place, connection: AsyncConnection, found: tuple[Target, ...], now_ms: int) -> None:
    last_ms = (await connection.execute(select(func.max(NOTICES.c.made_ms)))).scalar() or 0
    news = due(await _known(connection, now_ms), await _told(connection, now_ms), last_ms, now_ms)
    if not news or not found:
        return
    rooms = await connection.execute(select(ROOMS))
    sites = {row.slug: Site(row.name, row.provider, row.circuit, row.hotline) for row in rooms}
    its = place.settings
    words = {
        "title": title(news, its.network, its.notify.language),
        "body": body(news, sites, its.web.public_url, its.notify.language),
        "about": sorted({one.incident.id for one in news}),
    }
    await connection.execute(insert(NOTICED), [_noted(one, now_ms) for one in news])
    stage = {"made_ms": now_ms, "stage": "waiting", "tries": 0, "next_ms": now_ms, "changed_ms": now_ms, "why": ""}
    rows = [{"target": one.name, "label": one.label, **words, **stage} for one in found]
    await connection.execute(insert(NOTICES), rows)


def _noted(one: News, now_ms: int) -> dict[str, Any]:
    return {
        "incident": one.incident.id,
        "what": one.what,
        "nth": one.nth,
        "rooms": len(one.incident.rooms),
        "at_ms": now_ms,
    }


async def _known(connection: AsyncConnection, now_ms: int) -> list[Known]:
    """What is open, and what ended within the day."""
    ask = select(INCIDENTS).where(or_(INCIDENTS.c.until_ms.is_(None), INCIDENTS.c.until_ms > now_ms - DAY_MS))
    rows = (await connection.execute(ask.order_by(INCIDENTS.c.id))).all()
    quiet = await marked(connection, {room for row in rows if row.until_ms is None for room in row.rooms}, now_ms)
    into = (
        INCIDENT_LINES.c.kind == "closed",
        INCIDENT_LINES.c.text != "",
        INCIDENT_LINES.c.at_ms > now_ms - DAY_MS,
    )
    lines = await connection.execute(select(INCIDENT_LINES.c.incident, INCIDENT_LINES.c.at_ms).where(*into))
    merged = {(line.incident, line.at_ms) for line in lines}
    return [_as_known(row, quiet, (row.id, row.until_ms) in merged) for row in rows]


def _as_known(row: Row[Any], quiet: frozenset[str], merged: bool) -> Known:
    return Known(
        row.id,
        row.code,
        tuple(row.rooms),
        row.from_ms,
        row.until_ms,
        row.cause or row.proposed,
        row.stage != "new",
        row.expected_ms,
        row.code != "safety" and bool(row.rooms) and quiet.issuperset(row.rooms),
        merged and row.scope == "room",
    )


async def _told(connection: AsyncConnection, now_ms: int) -> dict[int, list[Told]]:
    alive = or_(INCIDENTS.c.until_ms.is_(None), INCIDENTS.c.until_ms > now_ms - DAY_MS)
    rows = await connection.execute(select(NOTICED).join(INCIDENTS).where(alive))
    return grouped((row.incident, Told(row.what, row.nth, row.rooms)) for row in rows)


async def _lost(connection: AsyncConnection, now_ms: int) -> None:
    """Begun and never ended: it may have been taken, so it is not sent again."""
    dead = (NOTICES.c.stage == "sending", NOTICES.c.changed_ms < now_ms - LOST_MS)
    done = update(NOTICES).where(*dead).values(stage="unsure", changed_ms=now_ms).returning(NOTICES)
    for row in (await connection.execute(done)).all():
        await _line(connection, row, "unsure", now_ms)


async def _claim(connection: AsyncConnection, found: tuple[Target, ...], now_ms: int) -> list[Row[Any]]:
    """Messages whose turn it is, marked before they are sent. One whose address is gone from the file waits."""
    mine = (NOTICES.c.stage == "waiting", NOTICES.c.target.in_([one.name for one in found]))
    ready = select(NOTICES.c.id).where(*mine, NOTICES.c.next_ms <= now_ms).order_by(NOTICES.c.id).limit(AT_ONCE)
    ids = (await connection.execute(ready)).scalars().all()
    begun = {"stage": "sending", "tries": NOTICES.c.tries + 1, "changed_ms": now_ms}
    take = update(NOTICES).where(NOTICES.c.id.in_(ids), NOTICES.c.stage == "waiting").values(**begun)
    return list((await connection.execute(take.returning(NOTICES))).all())


async def _one(place: Place, target: Target, row: Row[Any]) -> None:
    number = say("notice.number", place.settings.notify.language, (row.id,))
    why = await send(target, row.title, f"{row.body}\n{number}")
    now_ms = place.clock()
    stage = "sent" if not why else "waiting" if row.tries < TRIES else "given_up"
    new = {"stage": stage, "why": why, "changed_ms": now_ms, "next_ms": now_ms + FIRST_MS * 2 ** (row.tries - 1)}
    async with place.engine.begin() as connection:
        await connection.execute(update(NOTICES).where(NOTICES.c.id == row.id).values(**new))
        if stage != "waiting":
            await _line(connection, row, stage, now_ms)
    if stage == "given_up":
        log("notice.given_up", row.label, why)


async def _line(connection: AsyncConnection, row: Row[Any], stage: str, now_ms: int) -> None:
    """Who was told belongs to the incident's own timeline."""
    kind = {"sent": "notified", "unsure": "notice_unsure", "given_up": "notice_failed"}[stage]
    lines = [
        {"incident": id_, "at_ms": now_ms, "by": MACHINE, "kind": kind, "text": row.label, "args": [row.id]}
        for id_ in row.about
    ]
    await connection.execute(insert(INCIDENT_LINES), lines)
    changed = update(INCIDENTS).where(INCIDENTS.c.id.in_(row.about)).values(changed_ms=now_ms)
    await connection.execute(changed)
