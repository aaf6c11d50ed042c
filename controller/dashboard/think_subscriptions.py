"""Calendars of others, read again. One that does not answer keeps what it said last."""

from __future__ import annotations

import asyncio

from sqlalchemy import or_, select

from controller.dashboard.calendar_subscribe import refresh
from controller.dashboard.store.tables_calendar import SUBSCRIPTIONS
from controller.dashboard.web.place import Place

EVERY_S = 60.0
BESIDE = True
AGAIN_MS = 15 * 60_000
"""So old a calendar may be: short enough for a meeting called today, seldom enough for the other side."""
AT_ONCE = 4
"""In one turn and side by side: the thinker has other things to think of."""


async def think(place: Place) -> None:
    old = or_(SUBSCRIPTIONS.c.tried_ms.is_(None), SUBSCRIPTIONS.c.tried_ms < place.clock() - AGAIN_MS)
    async with place.engine.connect() as connection:
        ask = select(SUBSCRIPTIONS).where(old).order_by(SUBSCRIPTIONS.c.tried_ms).limit(AT_ONCE)
        rows = (await connection.execute(ask)).all()
    await asyncio.gather(*(refresh(place, row) for row in rows))
