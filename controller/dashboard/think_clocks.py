"""Times that a room said while its clock was not trusted are worked out later, from a trusted record of the same
boot: both stand in monotonic time. What the room said stays beside it (mqtt.md: keep both)."""

from __future__ import annotations

from sqlalchemy import exists, select, update

from controller.dashboard.store.tables import RECORDS
from controller.dashboard.web.place import Place

EVERY_S = 60.0
AT_ONCE = 100
"""Lives of rooms in one turn."""
_TRUSTED = ("rtc", "ntp")


async def think(place: Place) -> None:
    other = RECORDS.alias("other")
    pair = exists().where(
        other.c.room == RECORDS.c.room, other.c.boot == RECORDS.c.boot, other.c.clock.in_(_TRUSTED)
    )
    lives = (
        select(RECORDS.c.room, RECORDS.c.boot).where(RECORDS.c.true_ms.is_(None), pair).distinct().limit(AT_ONCE)
    )
    async with place.engine.begin() as connection:
        for room, boot in (await connection.execute(lives)).all():
            mine = (RECORDS.c.room == room, RECORDS.c.boot == boot)
            trusted = select(RECORDS.c.at_ms - RECORDS.c.mono_ms).where(*mine, RECORDS.c.clock.in_(_TRUSTED))
            begun_ms = (await connection.execute(trusted.order_by(RECORDS.c.seq).limit(1))).scalar_one()
            late = update(RECORDS).where(*mine, RECORDS.c.true_ms.is_(None))
            await connection.execute(late.values(true_ms=RECORDS.c.mono_ms + begun_ms))
