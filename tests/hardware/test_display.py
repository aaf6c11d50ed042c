"""A projector over a real TCP port: greeting, password, hang-up and return, one connection at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from hardware.contract import Order, OrderId, Reading, Report, Stage
from hardware.display import display_pump
from hardware.pump import Pump
from hardware.sim.listen import ListenFarEnd
from hardware.sim.pjlink import PjLinkServer, Projector
from hardware.sim.serve import carrier
from tests.hardware.talk import Heard, clock_ms


def says(report: Report, **wanted: object) -> bool:
    return isinstance(report, Reading) and wanted.items() <= dict(report.values).items()


@pytest.fixture
def body() -> Projector:
    made = Projector(warm_ms=50, cool_ms=50, boot_ms=0)
    made.faults.password = "phong hop"
    return made


@pytest.fixture
def connections() -> list[PjLinkServer]:
    return []


@pytest.fixture
def end(body: Projector, connections: list[PjLinkServer]) -> Iterator[ListenFarEnd]:
    def connect() -> PjLinkServer:
        connections.append(PjLinkServer(body))
        return connections[-1]

    running = ListenFarEnd(connect, ("127.0.0.1", 0), clock_ms)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def pump(end: ListenFarEnd, heard: Heard) -> Iterator[Pump]:
    running = display_pump("wall", "127.0.0.1", end.port, "phong hop", heard.put, clock_ms)
    running.start()
    yield running
    assert running.stop()


def test_it_is_found_turned_on_and_off(
    pump: Pump, heard: Heard, body: Projector, connections: list[PjLinkServer]
) -> None:
    assert heard.until(partial(says, answers=True, login="ok", power="standby"))
    pump.ask(Order(OrderId("t", 1), "display.wall.power", "on", 20_000))
    assert heard.until(partial(says, power="on"))
    pump.ask(Order(OrderId("t", 2), "display.wall.power", "standby", 20_000))
    assert heard.until(partial(says, power="standby"))
    assert body.lamp_cut_hot == 0
    assert len(connections) == 1


def test_a_projector_that_hangs_up_is_called_again(
    pump: Pump, end: ListenFarEnd, heard: Heard, connections: list[PjLinkServer]
) -> None:
    assert heard.until(partial(says, answers=True))
    end.call(lambda _now_ms: setattr(connections[0], "hung_up", True))
    assert heard.until(partial(says, answers=True), within_s=30.0)
    assert len(connections) == 2


def test_a_wrong_password_is_told(end: ListenFarEnd, heard: Heard, body: Projector) -> None:
    running = display_pump("wall", "127.0.0.1", end.port, "sai", heard.put, clock_ms)
    running.start()
    assert heard.until(partial(says, answers=True, login="refused"))
    assert running.stop()
    assert body.state == "standby"


def test_it_runs_alone_with_its_faults() -> None:
    running = carrier("pjlink", "127.0.0.1:0", faults=["password=x", "errors=000200", "not_now=1"])
    running.start()
    assert isinstance(running, ListenFarEnd)
    heard = Heard()
    pump = display_pump("wall", "127.0.0.1", running.port, "x", heard.put, clock_ms)
    pump.start()
    try:
        assert heard.until(partial(says, fault="cover"))
        pump.ask(Order(OrderId("t", 1), "display.wall.power", "sideways", 20_000))
        assert heard.result(1).stage is Stage.REFUSED
    finally:
        assert pump.stop()
        running.stop()
