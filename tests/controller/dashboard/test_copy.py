"""A centre moves to another database: every row of every table, on both kinds, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from controller.cli import main
from controller.dashboard.store.base import META
from controller.dashboard.store.copy import copy
from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables import LEASES
from controller.dashboard.store.tables_people import UNITS, USERS
from controller.texts import ReadableError

Out = pytest.CaptureFixture[str]
ROWS = 3
NOW_MS = 1_000


def value(column: Column[Any], n: int) -> object:
    """Something of the column's kind, another one in each row; a row that points into its own table points at a
    younger one."""
    for key in column.foreign_keys:
        if key.column.table is column.table:
            return value(key.column, n + 1) if n < ROWS else None
        return value(key.column, n)
    if column.nullable and n == 2:
        return None
    if isinstance(column.type, Boolean):
        return n % 2 == 0
    if isinstance(column.type, Float):
        return n / 4
    if isinstance(column.type, Integer):
        return n
    if isinstance(column.type, JSON):
        return {"n": n, "không": None, "list": [n, "Kim Sơn"]}
    return bytes([0, n]) if isinstance(column.type, LargeBinary) else f"ấ{n}"


def row(table: Table, n: int) -> dict[str, object]:
    return {column.name: value(column, n) for column in table.columns}


async def filled(made: AsyncEngine) -> None:
    await create(made)
    async with made.begin() as connection:
        for table in META.sorted_tables:
            for n in range(ROWS, 0, -1):
                await connection.execute(insert(table).values(row(table, n)))


async def whole(made: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    async with made.connect() as connection:
        return {
            table.name: sorted(map(tuple, await connection.execute(select(table))), key=repr)
            for table in META.sorted_tables
            if table is not LEASES
        }


def between(tmp_path: Path, address: str, act: Callable[[AsyncEngine, AsyncEngine], Awaitable[None]]) -> None:
    async def run() -> None:
        old, new = engine(f"sqlite+aiosqlite:///{tmp_path}/old.db"), engine(address)
        try:
            await filled(old)
            await act(old, new)
        finally:
            await old.dispose()
            await new.dispose()

    asyncio.run(run())


def test_every_row_of_every_table_is_there_and_new_ones_are_counted_on(tmp_path: Path, address: str) -> None:
    async def act(old: AsyncEngine, new: AsyncEngine) -> None:
        count = await copy(old, new, NOW_MS)
        there = await whole(new)
        assert there == await whole(old)
        assert count == sum(map(len, there.values())) == ROWS * (len(META.tables) - 1)
        async with new.begin() as connection:
            made = await connection.execute(insert(UNITS).values(kind="commune", name="Kim Sơn"))
            assert made.inserted_primary_key == (ROWS + 1,)

    between(tmp_path, address, act)


def test_a_database_that_holds_something_is_left_alone(tmp_path: Path, address: str) -> None:
    async def act(old: AsyncEngine, new: AsyncEngine) -> None:
        await create(new)
        async with new.begin() as connection:
            await connection.execute(insert(USERS).values(row(USERS, 1)))
        before = await whole(new)
        with pytest.raises(ReadableError) as error:
            await copy(old, new, NOW_MS)
        assert error.value.code == "centre.copy_not_empty"
        assert await whole(new) == before

    between(tmp_path, address, act)


def test_a_value_that_the_new_one_does_not_take_leaves_it_empty(tmp_path: Path, address: str) -> None:
    if address.startswith("sqlite"):
        pytest.skip("SQLite takes a text of any length")

    async def act(old: AsyncEngine, new: AsyncEngine) -> None:
        async with old.begin() as connection:
            await connection.execute(USERS.update().values(lang="vietnamese"))
        with pytest.raises(Exception, match="character varying"):
            await copy(old, new, NOW_MS)
        assert not any((await whole(new)).values())

    between(tmp_path, address, act)


def test_a_centre_that_runs_is_not_copied(tmp_path: Path) -> None:
    async def act(old: AsyncEngine, new: AsyncEngine) -> None:
        with pytest.raises(ReadableError) as error:
            await copy(old, new, ROWS - 1)
        assert error.value.code == "centre.copy_runs"
        assert not any((await whole(new)).values())

    between(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/new.db", act)


def test_the_command_says_what_to_do_next_and_what_is_away(tmp_path: Path, capsys: Out) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.toml").write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/{name}.db"\n')
    (tmp_path / "away.toml").write_text('database = "postgresql+asyncpg://ann:hunter2@127.0.0.1:1/centre"\n')
    old = ["--centre", str(tmp_path / "old.toml"), "--lang", "en"]
    assert main(["centre", "user", "binh", *old]) == 0
    assert main(["centre", "copy", str(tmp_path / "away.toml"), *old]) == 69
    assert main(["centre", "copy", str(tmp_path / "none.toml"), *old]) == 78
    capsys.readouterr()
    assert main(["centre", "copy", str(tmp_path / "new.toml"), *old]) == 0
    assert capsys.readouterr().out.startswith(f"1 rows copied to sqlite+aiosqlite:///{tmp_path}/new.db: ")
    assert main(["centre", "copy", str(tmp_path / "new.toml"), *old]) == 78
    assert "not empty (table users)" in capsys.readouterr().err
