"""What rooms have and we have not: asked for again, by what their state reports say, and at last given up.

A number that is asked for in vain while its room answers (it is online and has nothing old left to send) will not
come: a room that was taken over from another centre has dropped what that one acknowledged. It becomes a finding
and the cursor passes it; were it to come all the same, it would be stored.
"""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.recorder.journals import advance, found, wait_ms
from controller.dashboard.recorder.recorder import tell
from controller.dashboard.recorder.word import Owed
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import CURSORS, LAST, RECORDS
from controller.dashboard.web.place import Place

EVERY_S = 15.0
OLD_MS, NEW_MS = 10_000, 60_000
"""States of this age are looked at: what was sent with them is here by now. A room says one in five minutes."""
VAIN_MS = 10 * 60_000
QUIET_MS = 60_000
_FRESH = {"upto": 0, "boot": "", "stuck_ms": 0, "begun_ms": 0, "checked": 0}


async def think(place: Place) -> None:
    now_ms, owed = place.clock(), Owed()
    async with place.engine.begin() as connection:
        await _behind(connection, now_ms, owed)
        await _in_vain(connection, now_ms, owed)
    await tell(place, owed)


async def _behind(connection: AsyncConnection, now_ms: int, owed: Owed) -> None:
    cursor = (CURSORS.c.upto, CURSORS.c.asked, CURSORS.c.stuck_ms)
    ask = (
        select(LAST.c.room, LAST.c.body, *cursor)
        .outerjoin(CURSORS, CURSORS.c.room == LAST.c.room)
        .where(LAST.c.part == "state", LAST.c.received_ms.between(now_ms - NEW_MS, now_ms - OLD_MS))
    )
    for room, body, upto, asked, stuck_ms in (await connection.execute(ask)).all():
        first, last = (upto or 0) + 1, int(body.get("seq", 0))
        if last < first or now_ms < (asked or 0) or stuck_ms:
            continue  # a gap before records is asked for when records come
        owed.again[room] = (first, last)
        row = {"room": room, "asked": now_ms + wait_ms(last - first + 1)}
        insert = upsert(connection, CURSORS).values(**_FRESH, **row)
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["room"], set_={"asked": row["asked"]})
        )


async def _in_vain(connection: AsyncConnection, now_ms: int, owed: Owed) -> None:
    stuck = select(CURSORS.c.room, CURSORS.c.upto).where(
        CURSORS.c.stuck_ms > 0, CURSORS.c.stuck_ms < now_ms - VAIN_MS
    )
    for room, upto in (await connection.execute(stuck)).all():
        if not await _answers(connection, room, now_ms):
            continue
        mine = (RECORDS.c.room == room, RECORDS.c.journal == 0)
        beyond = select(func.min(RECORDS.c.seq)).where(*mine, RECORDS.c.seq > upto)
        next_ = (await connection.execute(beyond)).scalar()
        if next_ is not None and next_ > upto + 1:
            await found(connection, room, "silent", [(upto + 1, next_ - 1)], now_ms)
        await connection.execute(update(CURSORS).where(CURSORS.c.room == room).values(asked=0))
        await advance(connection, room, now_ms, owed)


async def _answers(connection: AsyncConnection, room: str, now_ms: int) -> bool:
    """The room is there, and has sent nothing old for a while."""
    status = select(LAST.c.body).where(LAST.c.room == room, LAST.c.part == "status")
    body = (await connection.execute(status)).scalar()
    if not isinstance(body, dict) or body.get("online") is not True:
        return False
    late = select(func.max(RECORDS.c.received_ms)).where(RECORDS.c.room == room, RECORDS.c.hist)
    return int((await connection.execute(late)).scalar() or 0) < now_ms - QUIET_MS
