"""12. A dead or stuck sensor keeps an output on."""

from __future__ import annotations

from dataclasses import replace

from controller.core.room import Room
from controller.rules import RULES
from controller.simulation.room import simulated_room
from controller.simulation.simulate import Rules
from tests.scenarios.kit import HOUR_MS, Scene, meeting, without


def room(fan_max_h: int) -> Room:
    """The fan may run so long on a sensor that says nothing; 0 = for ever."""
    made, max_ms = simulated_room(codec="polycom"), fan_max_h * HOUR_MS
    loads = tuple(replace(row, max_on_ms=max_ms) if row.name == "fan" else row for row in made.loads)
    target = replace(made.targets["load.fan"], max_on_ms=max_ms)
    return replace(made, loads=loads, targets={**made.targets, "load.fan": target})


def blind(fan_max_h: int) -> Scene:
    """In a long warm meeting the sensor dies while the fan runs."""
    scene = Scene(meeting(9, 19), room=room(fan_max_h)).to(8.5)
    scene.bench.temp_c = 33.0
    scene.to(9)
    assert "fan" in scene.closed
    return scene.do("sensor_dead", 20 * HOUR_MS)


def test_the_last_decision_stands_for_a_while_is_said_and_then_ends() -> None:
    scene = blind(4).to(12)
    assert "fan" in scene.closed
    assert "sensor_lost" in scene.alerts
    assert scene.fact("climate.cabinet.temp_c")[1] == "stale"
    assert "fan" not in scene.to(14).closed
    assert "fan" not in scene.to(18).closed


def test_without_a_longest_time_it_runs_for_ever() -> None:
    assert "fan" in blind(0).to(18).closed


def stuck(rules: Rules = RULES) -> Scene:
    """Somebody presses BẬT; a motion sensor sees somebody without a pause, all day and all night."""
    return Scene(rules=rules).to(8).press().wait(300).do("people", 5).to(24 + 9)


def test_a_stuck_motion_sensor_is_said_and_the_room_closes_in_the_evening() -> None:
    scene = stuck()
    assert "motion_stuck" in scene.alerts
    assert scene.closed == {"network"}


def test_without_the_doubt_it_keeps_the_room_on() -> None:
    made = simulated_room(codec="polycom")
    trusting = replace(made, presence=replace(made.presence, stuck_ms=10 * 24 * HOUR_MS))
    scene = Scene(room=trusting).to(8).press().wait(300).do("people", 5).to(24 + 9)
    assert scene.meets <= scene.closed
    assert "motion_stuck" not in scene.alerts
    assert stuck(without("motion")).alerts.isdisjoint({"motion_stuck"})
