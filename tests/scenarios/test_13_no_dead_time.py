"""13. No interlock or dead time; short pulses stretched by network work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.room import Room
from controller.simulation.room import simulated_room
from hardware.contract import Order, OrderId
from hardware.keeper_table import Line, Table
from hardware.protocols.keeper import KeeperClient
from hardware.sim.keeper import SimKeeper
from tests.scenarios.kit import Scene


def hasty() -> Room:
    """A room that knows no rest after *off*."""
    made = simulated_room(codec="polycom")
    loads = tuple(replace(load, min_off_ms=0) for load in made.loads)
    targets = {name: replace(target, min_off_ms=0) for name, target in made.targets.items()}
    return replace(made, loads=loads, targets=targets)


def rest_ms(room: Room | None = None) -> int:
    """Somebody closes the room by hand and wants it back when the display has just lost its power: how long the
    display's contact was open."""
    scene = Scene(room=room).to(8).press().wait(300).press(ms=10_500)
    while "display" in scene.closed:
        scene.wait(0.5)
    scene.press().wait(120)
    assert "display" in scene.closed
    off, on = [at_ms for at_ms, name, _ in scene.world.moves if name == "display"][-2:]
    return on - off


def test_a_contact_rests_before_it_closes_again() -> None:
    assert rest_ms() >= 15_000


def test_without_it_the_contact_closes_at_once() -> None:
    assert rest_ms(hasty()) < 15_000


def keeper(min_off_ms: int) -> tuple[SimKeeper, KeeperClient]:
    far = SimKeeper(
        Table((Line("display", 1, min_off_ms=min_off_ms), Line("network", 2, boot="on", cycles_a_day=2)))
    )
    ours = KeeperClient(["display", "network"], lease_ms=600_000)
    far.opened(0)
    ours.opened(0)
    ours.renew(0)
    return far, ours


def talk(far: SimKeeper, ours: KeeperClient, now_ms: int, *orders: tuple[str, str]) -> None:
    for n, (load, value) in enumerate(orders):
        ours.ask(Order(OrderId("t", now_ms + n), f"load.{load}", value, 5_000), now_ms)
    for _ in range(3):
        far.feed(ours.take()[0], now_ms)
        far.tick(now_ms)
        ours.feed(far.take()[0], now_ms)


@pytest.mark.parametrize(("min_off_ms", "closed"), [(15_000, False), (0, True)])
def test_the_keeper_itself_refuses_whoever_asks(min_off_ms: int, closed: bool) -> None:
    """The last to say no is the process that drives the pins, and it needs no reason of ours."""
    far, ours = keeper(min_off_ms)
    talk(far, ours, 20_000, ("display", "on"))
    talk(far, ours, 30_000, ("display", "off"))
    talk(far, ours, 31_000, ("display", "on"))
    assert far.contact("display") is closed


def test_a_pulse_is_timed_by_the_keeper_though_its_controller_hangs() -> None:
    """The network's own load goes off and on: nobody could send the *on* over the network that is gone."""
    far, ours = keeper(0)
    talk(far, ours, 20_000, ("network", "cycle"))
    assert not far.contact("network")
    far.tick(20_000 + 14_000)
    assert not far.contact("network")
    far.tick(20_000 + 15_100)
    assert far.contact("network")


def test_a_pulse_made_by_two_orders_is_as_long_as_whoever_sends_them_hangs() -> None:
    far, ours = keeper(0)
    talk(far, ours, 20_000, ("network", "off"))
    far.tick(20_000 + 100_000)
    assert not far.contact("network")
