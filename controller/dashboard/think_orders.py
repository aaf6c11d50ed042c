"""Orders that nobody answered: a room that is silent for a minute has not heard, or its answer was lost."""

from __future__ import annotations

from sqlalchemy import update

from controller.dashboard.store.tables import ORDERS
from controller.dashboard.web.place import Place

EVERY_S = 5.0
SILENT_MS = 60_000
LONG_MS = 15 * 60_000
"""What was accepted says how it ended, or is not heard of any more."""


async def think(place: Place) -> None:
    now_ms = place.clock()
    async with place.engine.begin() as connection:
        for stage, after_ms in (("sent", SILENT_MS), ("accepted", LONG_MS)):
            late = (ORDERS.c.stage == stage, ORDERS.c.changed_ms < now_ms - after_ms)
            await connection.execute(update(ORDERS).where(*late).values(stage="unanswered", changed_ms=now_ms))
