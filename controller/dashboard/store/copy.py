"""A centre's database copied whole into another, empty one: from SQLite to PostgreSQL, when a file is outgrown.

All or nothing: one transaction of the new database. The old one is only read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import Column, Table

from controller.dashboard.store.base import META
from controller.dashboard.store.open import create
from controller.dashboard.store.tables import LEASES
from controller.texts import ReadableError

BATCH_ROWS = 500
"""Some hundred KiB at a time, however many years of records there are."""


async def copy(old: AsyncEngine, new: AsyncEngine, now_ms: int) -> int:
    """How many rows. Raises ReadableError where a recorder runs on the old one (what it stores meanwhile would be
    lost) or the new one holds something already; DBAPIError, OSError."""
    await create(new)
    async with old.connect() as source, new.begin() as target:
        alive = select(func.count()).where(LEASES.c.until_ms > now_ms)
        if (await source.execute(alive)).scalar_one():
            raise ReadableError("centre.copy_runs")
        for table in META.sorted_tables:
            if (await target.execute(select(func.count()).select_from(table))).scalar_one():
                raise ReadableError("centre.copy_not_empty", table.name)
        return sum([await _table(source, target, table) for table in META.sorted_tables if table is not LEASES])


async def _table(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    """A row may name a later one of its own table (a unit below a younger unit): that is filled in at the end."""
    own = [column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    count, later = 0, []
    stream = await source.stream(select(table))
    async for part in stream.mappings().partitions(BATCH_ROWS):
        rows = [dict(row) for row in part]
        later += [row for row in rows if any(row[column.name] is not None for column in own)]
        blank = dict.fromkeys((column.name for column in own), None)
        await target.execute(insert(table), [{**row, **blank} for row in rows])
        count += len(rows)
    for row in later:
        its = [column == row[column.name] for column in table.primary_key]
        await target.execute(table.update().where(*its).values({column.name: row[column.name] for column in own}))
    await _counted_on(target, table)
    return count


async def _counted_on(target: AsyncConnection, table: Table) -> None:
    """PostgreSQL counts a key by itself: on from the highest that came, or the next row would take one again."""
    column: Column[Any] | None = table.autoincrement_column
    if column is None or target.dialect.name == "sqlite":
        return
    highest = (await target.execute(select(func.max(column)))).scalar()
    if highest is not None:
        words = "SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"
        await target.execute(text(words), {"table": table.name, "column": column.name, "highest": highest})
