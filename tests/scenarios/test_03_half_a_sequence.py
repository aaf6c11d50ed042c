"""3. A sequence cut by an outage leaves half the room on; blind resume makes it worse."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from controller.core.room import Room
from controller.rules import RULES
from controller.simulation.room import simulated_room
from controller.simulation.simulate import Rules
from controller.simulation.world import World
from tests.scenarios.kit import Scene, meeting

ORDER = ["display", "camera", "codec", "mixer", "amplifier"]


class Forgetful(World):
    """A controller that keeps nothing over its end."""

    def crash(self, again_ms: int) -> None:
        super().crash(again_ms)
        self.memory = None


def killed(world: type[World]) -> Scene:
    """A person presses BẬT; the controller is killed when the first load has come on, and is back in three
    seconds."""
    scene = Scene(world=world).to(8).press().wait(0.5)
    assert scene.closed == {"network", "display"}
    scene.world.crash(3_000)
    return scene.wait(60)


def test_after_a_restart_the_rest_follows_and_nothing_is_done_twice() -> None:
    scene = killed(World)
    assert scene.meets <= scene.closed
    assert scene.moves(8) == [(name, True) for name in ORDER]


def test_without_memory_half_the_room_stays_dark() -> None:
    scene = killed(Forgetful).wait(600)
    assert scene.closed == {"network", "display"}


def outage(room: Room | None = None, rules: Rules = RULES) -> Scene:
    """In the middle of a power-up for a meeting the Pi itself is without power for a moment."""
    scene = Scene(meeting(10, 12), room=room, rules=rules).to(8.9006)
    assert scene.closed == {"network", "display", "camera"}
    scene.world.new_boot()
    return scene


def gaps(scene: Scene) -> list[int]:
    """Seconds between loads that come on after the outage."""
    at = [at_ms for at_ms, _, on in scene.world.moves if on][-len(ORDER) :]
    return [(b - a) // 1000 for a, b in pairwise(at)]


def test_after_an_outage_the_whole_sequence_begins_anew() -> None:
    """Its coils have fallen; the camera's latching relay has carried it through, and it is not switched again."""
    scene = outage().wait(600)
    again = [(name, True) for name in ORDER if name != "camera"]
    assert scene.moves(8.9)[-5:] == [("display", False), *again]
    assert min(gaps(scene)) >= 2
    assert scene.ready


def test_without_the_table_of_the_sequence_all_comes_on_at_once() -> None:
    bare = simulated_room(codec="polycom")
    bare = replace(bare, edges=(), power_up=replace(bare.power_up, inrush_gap_ms=0))
    with pytest.raises(AssertionError):
        outage(bare)
    scene = Scene(meeting(10, 12), room=bare).to(9)
    assert min(gaps(scene)) < 2
