"""1. Green but dead: the device was power-cycled, the driver says OK, nothing works until a restart."""

from __future__ import annotations

from dataclasses import replace

from controller.core.room import Room
from controller.rules import RULES
from controller.simulation.room import simulated_room
from controller.simulation.simulate import Rules
from tests.scenarios.kit import Scene, meeting, without


def hung(rules: Rules = RULES, room: Room | None = None) -> Scene:
    """Ten minutes after T-60 the codec hangs: it has power, its contact is closed, it says nothing."""
    scene = Scene(meeting(10, 12), rules=rules, room=room).to(9.15)
    assert scene.ready
    scene.bench.codec.hang()
    return scene


def test_a_dead_device_is_seen_cycled_and_proven_alive_before_the_meeting() -> None:
    scene = hung().to(9.16)
    assert not scene.ready
    scene = scene.to(10)
    assert scene.alerted("failed") or scene.alerted("lost")
    assert [on for name, on in scene.moves(9.15) if name == "codec"] == [False, True]
    assert scene.ready
    assert scene.fact("codec.answers") == (True, "good")
    assert scene.alerts == set()


def test_without_healing_it_stays_dead_but_is_never_called_good() -> None:
    scene = hung(without("heal")).to(10)
    assert not scene.ready
    assert {"not_ready", "failed"} <= scene.alerts


def test_without_proof_by_effect_the_dead_room_is_green() -> None:
    """The codec's target believes its contact, as a driver would that sent `on` and is content."""
    room = simulated_room(codec="polycom")
    load = room.targets["load.codec"]
    believing = {**room.targets, "load.codec": replace(load, proven=load.done)}
    loads = tuple(replace(row, proof="") if row.name == "codec" else row for row in room.loads)
    scene = hung(room=replace(room, targets=believing, loads=loads)).to(10)
    assert not scene.ready
    assert "failed" not in scene.alerts
    assert scene.moves(9.15) == []
