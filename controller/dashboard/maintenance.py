"""Which rooms are in maintenance (N19): by a window of the centre, or because the room itself says so."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import FAMILY, Alert, Seen
from controller.dashboard.store.tables_work import MAINTENANCE

AT_RISK = frozenset({"not_ready", "battery_short"})
"""Maintenance cannot hide a meeting at risk, nor danger."""


async def windows(connection: AsyncConnection, now_ms: int) -> frozenset[str]:
    """Rooms with a window that is open now."""
    ask = select(MAINTENANCE.c.room).where(MAINTENANCE.c.from_ms <= now_ms, MAINTENANCE.c.until_ms > now_ms)
    return frozenset((await connection.execute(ask)).scalars())


def says(room: Seen) -> bool:
    """The room's own mode, which whoever stands in it may have begun."""
    return room.online is True and room.state.get("maintenance") is True


def loud(code: str) -> bool:
    """Told in any mode."""
    return FAMILY.get(code) == "safety" or code in AT_RISK


def hushed(alert: Alert, rooms: frozenset[str]) -> bool:
    return alert.room in rooms and not loud(alert.code)
