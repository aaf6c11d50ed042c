"""People 5.7, on real bytes: the controller and a simulated codec that somebody has left to answer by itself, in an
empty office. The truth is the codec's, not ours."""

from __future__ import annotations

import pytest

from controller.simulation.acts import Stage
from controller.simulation.plan import MINUTE_MS, Act
from controller.simulation.room import SLEEP, simulated_room
from controller.simulation.world import World

pytestmark = pytest.mark.parametrize("codec", SLEEP)


def lived(codec: str, until_min: int, *acts: Act) -> World:
    """A world with nothing booked after some minutes."""
    world = World(simulated_room(codec=codec), seed=5)
    stage = Stage(world, acts)
    while world.now_ms < until_min * MINUTE_MS:
        world.run_until(min(stage.next_ms() or until_min * MINUTE_MS, until_min * MINUTE_MS))
        stage.run_due(world.now_ms)
    return world


ON = Act(5 * MINUTE_MS, "press", ("power", 300))
CALL = Act(20 * MINUTE_MS, "mcu_calls")
PRESS = Act(20 * MINUTE_MS + 5_000, "press", ("help", 300))


def test_the_codec_is_left_open_and_we_close_it(codec: str) -> None:
    assert lived(codec, 4).bench.codec.takes_calls
    assert not lived(codec, 20, ON).bench.codec.takes_calls


def test_nobody_far_away_gets_an_empty_room_on_the_line(codec: str) -> None:
    assert not lived(codec, 30, ON, CALL).in_call()


def test_a_press_in_the_room_takes_the_call(codec: str) -> None:
    world = lived(codec, 30, ON, CALL, PRESS)
    assert world.in_call()
    assert any(e.kind == "hold" and dict(e.body).get("code") == "R11.press" for e in world.entries)
