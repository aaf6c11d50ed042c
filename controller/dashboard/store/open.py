"""One engine for a database address; tables and columns are made where they are missing.

SQLite: write-ahead log, so that readers never wait for the recorder; foreign keys checked; a writer waits up to
20 s for another. PostgreSQL: as it comes.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, event, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateColumn, Table

from controller.dashboard.store import tables, tables_calendar, tables_people, tables_work
from controller.dashboard.store.base import META

BUSY_S = 20.0
_KNOWN = (tables, tables_calendar, tables_people, tables_work)
"""Imported so that META knows every table."""


def engine(address: str) -> AsyncEngine:
    """An engine for a SQLAlchemy address (`sqlite+aiosqlite:///FILE`, `postgresql+asyncpg://…`)."""
    lite = address.startswith("sqlite")
    made = create_async_engine(address, connect_args={"timeout": BUSY_S} if lite else {}, pool_pre_ping=not lite)
    if lite:
        event.listen(made.sync_engine, "connect", _prepare)
    return made


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for word in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {word}")
    cursor.close()


async def create(made: AsyncEngine) -> None:
    """Make the tables that are missing, and the columns that an older program did not know. A new column may be
    empty: nothing is known of the rows that were before it."""
    async with made.begin() as connection:
        await connection.run_sync(_make)


def _make(connection: Connection) -> None:
    META.create_all(connection)
    dialect = connection.dialect
    there = inspect(connection).get_multi_columns(filter_names=[table.name for table in META.sorted_tables])
    # Two halves may start at once; SQLite has one writer and knows no such word.
    unless = "" if dialect.name == "sqlite" else "IF NOT EXISTS "
    for table in META.sorted_tables:
        known = {column["name"] for column in there[None, table.name]}
        for column in (one for one in table.columns if one.name not in known):
            words = CreateColumn(column).compile(dialect=dialect)
            name = dialect.identifier_preparer.format_table(table)
            connection.execute(text(f"ALTER TABLE {name} ADD COLUMN {unless}{words}"))


async def group(made: AsyncEngine) -> str:
    """The name of this database among the centres of one broker, made once; hex digits."""
    async with made.begin() as connection:
        row = {"key": "group", "value": secrets.token_hex(4)}
        await connection.execute(upsert(connection, tables.SELF).values(**row).on_conflict_do_nothing())
        ask = select(tables.SELF.c.value).where(tables.SELF.c.key == "group")
        return str((await connection.execute(ask)).scalar_one())


def upsert(connection: AsyncConnection, table: Table) -> Any:
    """INSERT of this database's own dialect, for `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
