"""Which UPS a simulated room has, and that the world powers either of them."""

from __future__ import annotations

import pytest

from controller.core.state import Quality
from controller.simulation.room import simulated_room
from controller.simulation.world import World

MIN_MS = 60_000


@pytest.mark.parametrize(("seed", "megatec"), [(0, False), (1, False), (2, True), (11, True)])
def test_the_seed_chooses(seed: int, megatec: bool) -> None:
    assert (World(simulated_room(), seed).bench.megatec is not None) is megatec


@pytest.mark.parametrize("seed", [1, 2])
def test_an_outage_a_silent_ups_and_the_return_are_seen_the_same(seed: int) -> None:
    world = World(simulated_room(), seed)
    world.run_until(10 * MIN_MS)
    assert world.state.facts["ups.source"].value == "mains"
    world.bench.set_mains(False, world.now_ms)
    world.power()
    world.run_until(20 * MIN_MS)
    assert world.state.facts["ups.source"].value == "battery"
    assert world.state.facts["ups.estimated"].value is (seed == 2)
    world.bench.set_mains(True, world.now_ms)
    world.power()
    world.run_until(30 * MIN_MS)
    assert world.state.facts["ups.source"].value == "mains"
    world.bench.ups_fault("stale", on=True)
    world.run_until(45 * MIN_MS)
    assert world.state.facts["ups.link"].value == "stale"
    assert world.state.facts["ups.source"].quality is not Quality.GOOD
