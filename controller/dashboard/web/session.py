"""Reading one meeting and its rooms from the database, for the desk's, the chair's and the roll-call's screens."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.collate import key
from controller.dashboard.floor import Site
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES

_PARTS = ("status", "state", "detail/panel", "detail/rollcall")


async def meeting(connection: AsyncConnection, uid: str) -> Any:
    """The row of INSTANCES. Raises 404 `session.unknown`."""
    row = (await connection.execute(select(INSTANCES).where(INSTANCES.c.uid == uid))).first()
    if row is None:
        raise HTTPException(404, {"code": "session.unknown"})
    return row


async def sites(connection: AsyncConnection, uid: str) -> tuple[list[Site], dict[str, dict[str, Any]]]:
    """The rooms of the meeting by name, as last heard, and what each says of its roll-call."""
    rows = (await connection.execute(select(INSTANCE_ROOMS).where(INSTANCE_ROOMS.c.uid == uid))).all()
    slugs = [row.room for row in rows]
    names = {r.slug: r.name for r in await connection.execute(select(ROOMS).where(ROOMS.c.slug.in_(slugs)))}
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in await connection.execute(select(LAST).where(LAST.c.room.in_(slugs), LAST.c.part.in_(_PARTS))):
        said[row.room][row.part] = row
    found, rollcalls = [], {}
    for row in sorted(rows, key=lambda row: key(names.get(row.room, row.room))):
        parts = said[row.room]
        state, panel, status = (parts.get(name) for name in ("state", "detail/panel", "status"))
        found.append(
            Site(
                slug=row.room,
                name=names.get(row.room, row.room),
                role=row.role,
                online=status is not None and status.body.get("online") is True,
                state=state.body if state is not None else {},
                spoke_ms=state.received_ms if state is not None else 0,
                panel=panel.body if panel is not None else {},
                panel_ms=panel.received_ms if panel is not None else 0,
            )
        )
        rollcalls[row.room] = parts["detail/rollcall"].body if "detail/rollcall" in parts else {}
    return found, rollcalls
