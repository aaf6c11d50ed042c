"""A centre for tests: over both databases, with a clock that tests set and a way that keeps what was sent."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: each test that takes it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/centre.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database(f"t{next(_COUNT)}")


@pytest.fixture
def desk(address: str) -> Iterator[Desk]:
    """The web half over an empty database of each kind."""
    with Desk(address) as made:
        yield made
