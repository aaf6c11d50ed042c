"""R14 on real bytes: somebody turns knobs in an accepted room that lives; nothing moves or changes in a call."""

from __future__ import annotations

import pytest

from controller.simulation.acts import Stage
from controller.simulation.plan import MINUTE_MS, Act
from controller.simulation.room import SLEEP, simulated_room
from controller.simulation.world import World
from hardware.contract import Order, OrderId, Value

HOUR_MS = 60 * MINUTE_MS
ON = Act(5 * MINUTE_MS, "press", ("power", 300))


def lived(world: World, until_ms: int, *acts: Act) -> World:
    stage = Stage(world, acts)
    while world.now_ms < until_ms:
        world.run_until(min(stage.next_ms() or until_ms, until_ms))
        stage.run_due(world.now_ms)
    return world


def told(world: World, kind: str, code: str) -> list[Value]:
    """The words of every incident of this code: what, before, after."""
    rows = (dict(entry.body) for entry in world.entries if entry.kind == kind)
    return [row.get("args", "") for row in rows if row.get("alert") == code]


@pytest.mark.parametrize("codec", SLEEP)
def test_a_setting_is_told_and_put_back_within_the_hour_and_not_in_a_call(codec: str) -> None:
    world = lived(World(simulated_room(codec=codec), 5), 20 * MINUTE_MS, ON)
    approved = {"polycom": "3", "cisco": "10"}[codec]
    assert world.state.marks["approved.setting.sleep"].value == approved
    answered = Act(21 * MINUTE_MS + 5_000, "press", ("help", 300))
    lived(world, 22 * MINUTE_MS, Act(21 * MINUTE_MS, "mcu_calls"), answered)
    assert world.in_call()
    world.bench.codec.person_sets_sleep(30)
    lived(world, 150 * MINUTE_MS)
    assert world.in_call()
    assert told(world, "alert", "setting_drift") == []
    lived(world, 230 * MINUTE_MS, Act(151 * MINUTE_MS, "mcu_hangs_up"))
    assert told(world, "alert", "setting_drift") == [("sleep", approved, "30")]
    assert told(world, "alert.end", "setting_drift") != []
    assert world.state.facts["setting.sleep"].value == approved


def test_a_preset_that_was_stored_anew_is_told_when_it_is_next_recalled() -> None:
    world = lived(World(simulated_room(), 5), HOUR_MS, ON)
    presets = world.bench.camera.unit(0).presets
    before = presets[1]
    recall(world, 1)
    name = "frame.main.1"
    assert world.state.marks[f"approved.{name}"].value == " ".join(map(str, before))
    presets[1] = before._replace(pan=before.pan + 300)
    assert told(world, "alert", "frame_drift") == []
    recall(world, 0)
    recall(world, 1)
    after = " ".join(map(str, presets[1]))
    assert told(world, "alert", "frame_drift") == [("main", 1, " ".join(map(str, before)), after)]


def recall(world: World, preset: int) -> None:
    """The desk's order would need a meeting: the camera itself is told, as by a driver of ours."""
    wire = world.bench.camera_wire
    wire.ours.ask(Order(OrderId("t", preset), "camera.main.preset", preset, 30_000), world.now_ms - wire.base_ms)
    world.power()
    lived(world, world.now_ms + 10 * MINUTE_MS)


def test_a_cable_that_somebody_pulled_is_told_and_over_when_it_is_back() -> None:
    world = lived(World(simulated_room(), 5), HOUR_MS, ON)
    assert world.state.marks["approved.port.codec"].value == "0403:6001:codec"
    world.bench.codec_wire.unplugged = True
    world.bench.codec_wire.close(world.now_ms)
    lived(world, 90 * MINUTE_MS)
    assert told(world, "alert", "port_gone") == [("codec", "0403:6001:codec")]
    world.bench.codec_wire.unplugged = False
    world.bench.codec_wire.open(world.now_ms)
    lived(world, 2 * HOUR_MS)
    assert len(told(world, "alert.end", "port_gone")) == 1
