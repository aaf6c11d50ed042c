"""What the rooms' journals say of alerts: which thing each is about, and what the room did about it by itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.store.tables import RECORDS

RECORDS_MOST = 400
"""An open alert that began before so many others is not found again: nothing is said of it then."""


async def subjects(connection: AsyncConnection, room: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """The room's open alerts of these codes, as its journal names them: (code, subject)."""
    ask = (
        select(RECORDS.c.kind, RECORDS.c.subject, RECORDS.c.body)
        .where(RECORDS.c.room == room, RECORDS.c.journal == 0, RECORDS.c.kind.in_(("alert", "alert.end")))
        .order_by(RECORDS.c.seq.desc())
        .limit(RECORDS_MOST)
    )
    newest: dict[tuple[str, str], str] = {}
    for row in await connection.execute(ask):
        newest.setdefault((str(row.body.get("alert")), row.subject), row.kind)
    wanted = frozenset(codes)
    return sorted(key for key, kind in newest.items() if kind == "alert" and key[0] in wanted)
