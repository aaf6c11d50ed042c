"""Orders that nobody answered: a room that is silent for a minute has not heard, or its answer was lost.

What was ordered of the floor of a secret meeting is forgotten a minute after its answer: it would be a log of who
spoke (people.md 5.2).
"""

from __future__ import annotations

from sqlalchemy import delete, exists, update

from controller.core.secrecy import VERBS
from controller.dashboard.store.tables import ORDERS
from controller.dashboard.web.orders import in_secret
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
        over = (ORDERS.c.stage.not_in(("sent", "accepted")), ORDERS.c.changed_ms < now_ms - SILENT_MS)
        kept = exists(in_secret(ORDERS.c.room, ORDERS.c.sent_ms))
        await connection.execute(delete(ORDERS).where(*over, ORDERS.c.verb.in_(VERBS), kept))
