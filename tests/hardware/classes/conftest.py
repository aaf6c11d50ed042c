"""`codec`: every simulated make, and with --hardware the real one. `met`: the simulated ones, whose far end can be
played with. `make`: their makers. `camera`, `ups`, `display`, `climate`, `relay`: the other classes, simulated, and
with --hardware each device of that class in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hardware.classes import bench
from tests.hardware.classes.codecs import SIMULATED, Codec, Met, Real, SimLine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    file = metafunc.config.getoption("--hardware")
    for name in {"met", "make"} & set(metafunc.fixturenames):
        metafunc.parametrize(name, list(SIMULATED), indirect=True)
    if "codec" in metafunc.fixturenames:
        metafunc.parametrize("codec", [*SIMULATED, *(["bench"] if file else [])], indirect=True)
    there = bench.named(file) if file else {}
    for name in bench.SIMULATED.keys() & set(metafunc.fixturenames):
        kinds = [(name, kind) for kind in bench.SIMULATED[name]]
        kinds += [("bench", source) for source in there.get(name, ())]
        ids = [kind if cls != "bench" else f"bench {kind}" for cls, kind in kinds]
        metafunc.parametrize(name, kinds, ids=ids, indirect=True)


@pytest.fixture(scope="session")
def real(pytestconfig: pytest.Config) -> Iterator[Real]:
    """Met once: opening a port anew for every case would cost minutes."""
    device = Real(Path(pytestconfig.getoption("--hardware")))
    yield device
    assert device.pump.stop()


@pytest.fixture(scope="session")
def room(pytestconfig: pytest.Config) -> Iterator[bench.Room]:
    """Every other device of the file, started once."""
    found = bench.Room(Path(pytestconfig.getoption("--hardware")))
    yield found
    found.devices.stop()


def _device(request: pytest.FixtureRequest) -> bench.Device:
    cls, kind = request.param
    if cls == "bench":
        found: bench.Room = request.getfixturevalue("room")
        return bench.OnBench(found, kind)
    return bench.SIMULATED[cls][kind]()


camera = pytest.fixture(_device, name="camera")
ups = pytest.fixture(_device, name="ups")
display = pytest.fixture(_device, name="display")
climate = pytest.fixture(_device, name="climate")
relay = pytest.fixture(_device, name="relay")


@pytest.fixture
def codec(request: pytest.FixtureRequest) -> Codec:
    if request.param == "bench":
        device: Codec = request.getfixturevalue("real")
        return device
    return Met(SIMULATED[request.param]())


@pytest.fixture
def met(request: pytest.FixtureRequest) -> Met:
    return Met(SIMULATED[request.param]())


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., SimLine]:
    return SIMULATED[request.param]
