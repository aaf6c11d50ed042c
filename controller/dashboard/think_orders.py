"""How orders end. One that nobody answered: a room that is silent for a minute has not heard, or its answer was
lost. A set-point that was accepted is done when the room's own state, which is what its devices say, says so.

What was ordered of the floor of a secret meeting is forgotten a minute after its answer: it would be a log of who
spoke (people.md 5.2).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.core.secrecy import VERBS
from controller.dashboard.stages import GOALS
from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.web.orders import in_secret
from controller.dashboard.web.place import Place

EVERY_S = 5.0
SILENT_MS = 60_000
LONG_MS = 15 * 60_000
"""What was accepted and can be seen in the state is seen by then, or is said not to have been."""
FRESH_MS = 10_000
"""A state goes out within a second of its change: what was said before the order still holds so long after it."""


async def think(place: Place) -> None:
    now_ms = place.clock()
    async with place.engine.begin() as connection:
        late = (ORDERS.c.stage == "sent", ORDERS.c.changed_ms < now_ms - SILENT_MS)
        await connection.execute(update(ORDERS).where(*late).values(stage="unanswered", changed_ms=now_ms))
        await _seen(connection, now_ms)
        over = (ORDERS.c.stage.not_in(("sent", "accepted")), ORDERS.c.changed_ms < now_ms - SILENT_MS)
        kept = exists(in_secret(ORDERS.c.room, ORDERS.c.sent_ms))
        await connection.execute(delete(ORDERS).where(*over, ORDERS.c.verb.in_(VERBS), kept))


async def _seen(connection: AsyncConnection, now_ms: int) -> None:
    state = (LAST.c.room == ORDERS.c.room) & (LAST.c.part == "state")
    ask = select(ORDERS, LAST.c.body, LAST.c.received_ms).join(LAST, state).where(ORDERS.c.stage == "accepted")
    recent = ORDERS.c.changed_ms > now_ms - 2 * LONG_MS
    for row in (await connection.execute(ask.where(recent, ORDERS.c.verb.in_({verb for verb, _ in GOALS})))).all():
        if end := ended(row, now_ms):
            mine = update(ORDERS).where(ORDERS.c.id == row.id, ORDERS.c.stage == "accepted")
            await connection.execute(mine.values(**end))


def ended(row: Any, now_ms: int) -> dict[str, object]:
    """What becomes of an accepted order, {} = nothing yet. `row`: of ORDERS, with `body` and `received_ms` of the
    room's state."""
    goal = GOALS.get((row.verb, str(row.args.get("value"))))
    if goal is None:
        return {}
    current = row.received_ms >= row.changed_ms or now_ms - row.changed_ms >= FRESH_MS
    if current and row.body.get(goal[0]) in goal[1]:
        return {"stage": "done", "changed_ms": now_ms}
    if now_ms - row.changed_ms >= LONG_MS:
        return {"stage": "failed", "code": "order.not_seen", "changed_ms": now_ms}
    return {}
