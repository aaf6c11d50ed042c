"""The database of an older program is taken over: rows stay, what it did not know is there and empty."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from controller.dashboard.store.base import META
from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables_people import ROOMS, UNITS, USER_COMMUNES, USERS
from controller.dashboard.store.tables_work import FEEDBACK, SHIFTS
from controller.dashboard.web.communes import bind, rooms_of
from tests.controller.dashboard.kit import room_row, user_row

OLD = (
    'CREATE TABLE shifts (id INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, "by" VARCHAR(80) NOT NULL, '
    '"to" VARCHAR(80) NOT NULL, text TEXT NOT NULL)',
    """INSERT INTO shifts VALUES (1, 5, 'Bình', '', 'chờ VNPT')""",
)


def test_a_table_of_before_gets_its_new_columns_and_keeps_its_rows(bare: str) -> None:
    async def whole() -> list[tuple[object, ...]]:
        made = engine(bare)
        try:
            async with made.begin() as connection:
                for line in OLD:
                    await connection.execute(text(line))
            for _ in range(2):
                await create(made)
            async with made.connect() as connection:
                assert (await connection.execute(select(FEEDBACK))).all() == []
                found = await connection.execute(select(SHIFTS.c.by, SHIFTS.c.text, SHIFTS.c.by_user))
                return [tuple(row) for row in found]
        finally:
            await made.dispose()

    assert asyncio.run(whole()) == [("Bình", "chờ VNPT", None)]


def before_communes(connection: Connection) -> list[str]:
    """As the program of before left it: every table but the one it did not know. Which are there."""
    META.create_all(connection, tables=[table for table in META.sorted_tables if table is not USER_COMMUNES])
    return inspect(connection).get_table_names()


def test_a_database_of_before_the_communes_gains_their_table_and_keeps_its_accounts(bare: str) -> None:
    async def whole() -> None:
        made = engine(bare)
        try:
            async with made.begin() as connection:
                assert USER_COMMUNES.name not in await connection.run_sync(before_communes)
                await connection.execute(insert(UNITS).values(id=1, kind="xã", name="Kim Sơn"))
                await connection.execute(insert(USERS).values(id=9, **user_row("operator", "Lê Văn An")))
                await connection.execute(insert(ROOMS).values({**room_row("kim-son"), "unit": 1}))
            for _ in range(2):  # both halves make what is missing
                await create(made)
            async with made.begin() as connection:
                assert (await connection.execute(select(USERS.c.id, USERS.c.role))).all() == [(9, "operator")]
                assert await rooms_of(connection, 9) == frozenset(), "an account of before is bound to none"
                await bind(connection, 9, [1])
            await create(made)
            async with made.begin() as connection:
                assert await rooms_of(connection, 9) == {"kim-son"}
            with pytest.raises(IntegrityError):
                async with made.begin() as connection:
                    await connection.execute(insert(USER_COMMUNES).values(user=9, unit=77))
        finally:
            await made.dispose()

    asyncio.run(whole())
