"""The real upsd and dummy-ups that demo and tests start: they answer, change, hang and die when told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo.daemon import Daemon
from controller.demo.services import UPS_NAME, ServiceError, Ups

pytestmark = pytest.mark.services

STATUS = f"GET VAR {UPS_NAME} ups.status"


@pytest.fixture
def ups(tmp_path: Path) -> Iterator[Ups]:
    service = Ups(tmp_path / "ups")
    try:
        service.start()
        yield service
    finally:
        service.stop()


def wait_for(ups: Ups, answer: str) -> None:
    """Asks until the answer is there; the test's own time limit ends it otherwise."""
    while ups.ask(STATUS) != answer:
        pass


def test_it_serves_a_healthy_ups(ups: Ups) -> None:
    assert ups.ask(STATUS) == f'VAR {UPS_NAME} ups.status "OL"'
    assert ups.ask(f"GET VAR {UPS_NAME} battery.charge") == f'VAR {UPS_NAME} battery.charge "100"'


def test_two_changes_within_one_second_are_both_seen(ups: Ups) -> None:
    ups.set(**{"ups.status": "OB DISCHRG", "battery.charge": "80"})
    assert ups.ask(STATUS) == f'VAR {UPS_NAME} ups.status "OB DISCHRG"'
    ups.set(**{"ups.status": "OL CHRG"})
    assert ups.ask(STATUS) == f'VAR {UPS_NAME} ups.status "OL CHRG"'


def test_a_killed_driver_is_not_a_mains_cut_and_comes_back(ups: Ups) -> None:
    ups.kill_driver()
    wait_for(ups, "ERR DRIVER-NOT-CONNECTED")
    ups.start_driver()
    assert ups.ask(STATUS) == f'VAR {UPS_NAME} ups.status "OL"'


def test_it_restarts_on_its_port(ups: Ups) -> None:
    port = ups.port
    ups.stop()
    assert ups.ask(STATUS) == ""
    assert ups.start() == port


def test_what_dies_at_start_says_why(tmp_path: Path) -> None:
    service = Ups(tmp_path / "ups", {"ups.status": "OL"})
    (tmp_path / "ups" / "room.dev").mkdir(parents=True)
    try:
        with pytest.raises(OSError, match=r"room\.dev"):
            service.start()
    finally:
        service.stop()


def test_a_machine_without_it_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="make setup-tests"):
        Daemon("no-such-service", tmp_path).start([])
