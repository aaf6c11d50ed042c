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
        metafunc.parametrize("codec", [*SIMULATED, *(["hardware"] if file else [])], indirect=True)


@pytest.fixture
def codec(request: pytest.FixtureRequest) -> Iterator[Codec]:
    if request.param == "hardware":
        real = Real(Path(request.config.getoption("--hardware")))
        yield real
        assert real.pump.stop()
    else:
        yield Met(SIMULATED[request.param]())


@pytest.fixture
def met(request: pytest.FixtureRequest) -> Met:
    return Met(SIMULATED[request.param]())


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., SimLine]:
    return SIMULATED[request.param]
