"""`codec`: every simulated make, and with --hardware the real one. `met`: the simulated ones, whose far end can be
played with. `make`: their makers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hardware.classes.codecs import SIMULATED, Codec, Met, Real, SimLine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    file = metafunc.config.getoption("--hardware")
    for name in {"met", "make"} & set(metafunc.fixturenames):
        metafunc.parametrize(name, list(SIMULATED), indirect=True)
    if "codec" in metafunc.fixturenames:
        metafunc.parametrize("codec", [*SIMULATED, *(["bench"] if file else [])], indirect=True)


@pytest.fixture(scope="session")
def real(pytestconfig: pytest.Config) -> Iterator[Real]:
    """Met once: opening a port anew for every case would cost minutes."""
    bench = Real(Path(pytestconfig.getoption("--hardware")))
    yield bench
    assert bench.pump.stop()


@pytest.fixture
def codec(request: pytest.FixtureRequest) -> Codec:
    if request.param == "bench":
        bench: Codec = request.getfixturevalue("real")
        return bench
    return Met(SIMULATED[request.param]())


@pytest.fixture
def met(request: pytest.FixtureRequest) -> Met:
    return Met(SIMULATED[request.param]())


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., SimLine]:
    return SIMULATED[request.param]
