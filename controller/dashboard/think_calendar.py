"""The rooms have the calendar that they should have: what a room reports is compared with what it should say, and
what was lost on the way is sent again. Once a day everything is laid out anew, so that it always reaches a year
ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from controller.dashboard.calendar_book import again, rooms_of
from controller.dashboard.calendar_publish import send, texts, versions
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import LAST, LEASES
from controller.dashboard.store.tables_calendar import CALENDARS_SENT
from controller.dashboard.web.place import Place

EVERY_S = 30.0
REPORT_MS = 120_000
"""A room says its schedule within a second of reading it, and every 5 min: sooner it is not sent the same again."""
AT_ONCE = 500
DAY_MS = 86_400_000
DAILY = "calendar.laid_out"


async def think(place: Place) -> None:
    now_ms = place.clock()
    await _daily(place, now_ms)
    async with place.engine.connect() as connection:
        rooms = await rooms_of(connection)
        wanted = await versions(connection, rooms, now_ms)
        said = {row.room: row.body for row in (await connection.execute(_reported())).all()}
        sent = {row.room: row for row in (await connection.execute(select(CALENDARS_SENT))).all()}
        late = [room for room in rooms if _owes(wanted[room], said.get(room), sent.get(room), now_ms)]
        ready = await texts(connection, late[:AT_ONCE], now_ms) if late else {}
    await send(place, ready)


def _reported() -> Any:
    return select(LAST.c.room, LAST.c.body).where(LAST.c.part == "detail/schedule")


def _owes(version: str, said: Mapping[str, Any] | None, sent: Any, now_ms: int) -> bool:
    """Never sent this version; or sent, and the room, which has had time to say so, still has another."""
    if sent is None or sent.version != version:
        return True
    has = None if said is None else said.get("version")
    return has is not None and has != version and now_ms - sent.at_ms > REPORT_MS


async def forget_sent(place: Place) -> None:
    """After the broker was away: whatever it retained may be gone, everyone is sent theirs again."""
    async with place.engine.begin() as connection:
        await connection.execute(delete(CALENDARS_SENT))


async def _daily(place: Place, now_ms: int) -> None:
    async with place.engine.begin() as connection:
        done = (await connection.execute(select(LEASES.c.until_ms).where(LEASES.c.name == DAILY))).scalar()
        if done is not None and done > now_ms:
            return
        await again(connection, now_ms)
        row = {"holder": "", "until_ms": now_ms + DAY_MS}
        write = upsert(connection, LEASES).values(name=DAILY, **row)
        await connection.execute(write.on_conflict_do_update(index_elements=["name"], set_=row))
