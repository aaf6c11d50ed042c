"""A centre for tests: over both databases, with a clock that tests set and a way that keeps what was sent."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.dashboard.store.open import create, engine
from tests.controller.dashboard.kit import Desk
from tests.services.postgres import Postgres

_COUNT = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a worker; each test gets a database of its own."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def tables(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables made once on each kind: a SQLite file, and what PostgreSQL copies for each new database."""
    file = tmp_path_factory.mktemp("tables") / "centre.db"

    async def made(address: str) -> None:
        begun = engine(address)
        await create(begun)
        await begun.dispose()

    for address in (f"sqlite+aiosqlite:///{file}", postgres.database("tables")):
        asyncio.run(made(address))
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(kind: str, tmp_path: Path, tables: Path, postgres: Postgres) -> str:
    """A database with nothing in its tables: each test that takes it runs on both kinds."""
    if kind == "sqlite":
        shutil.copy(tables, tmp_path / "centre.db")
        return f"sqlite+aiosqlite:///{tmp_path}/centre.db"
    return postgres.database(f"t{next(_COUNT)}", like="tables")


@pytest.fixture
def bare(kind: str, tmp_path: Path, postgres: Postgres) -> str:
    """A database without any table."""
    return f"sqlite+aiosqlite:///{tmp_path}/bare.db" if kind == "sqlite" else postgres.database(f"t{next(_COUNT)}")


@pytest.fixture
def desk(address: str) -> Iterator[Desk]:
    """The web half over an empty database of each kind."""
    with Desk(address) as made:
        yield made
