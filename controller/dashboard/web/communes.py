"""The communes of a technician's account, and the rooms that are theirs now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from fastapi import HTTPException
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.store.tables_people import ROOMS, UNITS, USER_COMMUNES


async def rooms_of(connection: AsyncConnection, user: int) -> frozenset[str]:
    """Asked for at every request: a room that moves to another commune takes its rights along."""
    own = select(USER_COMMUNES.c.unit).where(USER_COMMUNES.c.user == user)
    units = select(UNITS.c.id).where(UNITS.c.id.in_(own)).cte("its_units", recursive=True)
    units = units.union(select(UNITS.c.id).join(units, UNITS.c.parent == units.c.id))
    ask = select(ROOMS.c.slug).join(units, ROOMS.c.unit == units.c.id).where(~ROOMS.c.retired)
    return frozenset((await connection.execute(ask)).scalars())


async def communes(connection: AsyncConnection) -> dict[int, list[int]]:
    """Account → its units."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in await connection.execute(select(USER_COMMUNES).order_by(USER_COMMUNES.c.unit)):
        found[row.user].append(row.unit)
    return found


async def bind(connection: AsyncConnection, user: int, units: Iterable[int]) -> None:
    """To these units and no other. Raises 422 `people.unit` for one that is not there, or no more."""
    wanted = set(units)
    ask = select(UNITS.c.id).where(UNITS.c.id.in_(wanted), UNITS.c.merged_into.is_(None))
    if wanted - set((await connection.execute(ask)).scalars()):
        raise HTTPException(422, {"code": "people.unit"})
    await connection.execute(delete(USER_COMMUNES).where(USER_COMMUNES.c.user == user))
    if wanted:
        await connection.execute(insert(USER_COMMUNES), [{"user": user, "unit": unit} for unit in sorted(wanted)])


async def merged(connection: AsyncConnection, old: int, new: int) -> None:
    """Who was of the old unit is of the new one."""
    its = USER_COMMUNES.c
    there = select(its.user).where(its.unit == new)
    over = select(its.user, literal(new)).where(its.unit == old, its.user.not_in(there))
    await connection.execute(insert(USER_COMMUNES).from_select(["user", "unit"], over))
    await connection.execute(delete(USER_COMMUNES).where(its.unit == old))
