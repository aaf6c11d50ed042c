"""The database of an older program is taken over: rows stay, what it did not know is there and empty."""

from __future__ import annotations

import asyncio

from sqlalchemy import select, text

from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables_work import FEEDBACK, SHIFTS

OLD = (
    'CREATE TABLE shifts (id INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, "by" VARCHAR(80) NOT NULL, '
    '"to" VARCHAR(80) NOT NULL, text TEXT NOT NULL)',
    """INSERT INTO shifts VALUES (1, 5, 'Bình', '', 'chờ VNPT')""",
)


def test_a_table_of_before_gets_its_new_columns_and_keeps_its_rows(address: str) -> None:
    async def whole() -> list[tuple[object, ...]]:
        made = engine(address)
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
