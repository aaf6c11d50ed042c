"""Which rooms are in maintenance (N19): by a window of the centre, or because the room itself says so. It opens no
incident there; what was open stays, and danger and a meeting at risk are told in any case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import FAMILY, Alert, Seen
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_work import MAINTENANCE
from controller.link.commands import MAINTENANCE_MOST_MIN

LONGEST_MS = MAINTENANCE_MOST_MIN * 60_000
"""As long as a room's own mode may last: no window is longer, and a room that was pulled out in it is missed after
that."""
LOUD = frozenset({"help", "not_ready", "battery_short", "heat"})


async def windows(connection: AsyncConnection, now_ms: int) -> frozenset[str]:
    """Rooms with a window that is open now."""
    ask = select(MAINTENANCE.c.room).where(MAINTENANCE.c.from_ms <= now_ms, MAINTENANCE.c.until_ms > now_ms)
    return frozenset((await connection.execute(ask)).scalars())


async def in_maintenance(connection: AsyncConnection, rooms: Mapping[str, Seen], now_ms: int) -> frozenset[str]:
    """By window or by their own last word."""
    says = {slug for slug, room in rooms.items() if _says(room.state, room.spoke_ms, now_ms)}
    return await windows(connection, now_ms) | says


async def marked(connection: AsyncConnection, slugs: Collection[str], now_ms: int) -> frozenset[str]:
    """Those of `slugs` that are in maintenance: for a page, which need not look at every room."""
    ask = select(LAST).where(LAST.c.part == "state", LAST.c.room.in_(slugs))
    says = {row.room for row in await connection.execute(ask) if _says(row.body, row.received_ms, now_ms)}
    return (await windows(connection, now_ms)).intersection(slugs) | says


def _says(state: Mapping[str, Any], spoke_ms: int, now_ms: int) -> bool:
    return state.get("maintenance") is True and now_ms - spoke_ms < LONGEST_MS


def hushed(alert: Alert, rooms: frozenset[str]) -> bool:
    """Opens no incident now."""
    return alert.room in rooms and FAMILY.get(alert.code) != "safety" and alert.code not in LOUD
