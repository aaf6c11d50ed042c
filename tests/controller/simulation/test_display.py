"""A room with a projector that speaks PJLink: warmed up for the meeting, told off after it, and never cut hot."""

from __future__ import annotations

import pytest

from controller.config_compile import compile_room
from controller.core.meeting import Meeting
from controller.core.room import Room
from controller.core.state import Proof
from controller.simulation.plan import begin_ms
from controller.simulation.room import slowly_asked
from controller.simulation.world import HOUR_MS, World
from tests.controller.rooms_on_paper import changed

MIN_MS = 60_000


def room() -> Room:
    lamp = {"loads__display__wake": "pjlink", "loads__display__host": "10.0.0.8", "loads__display__lamp": True}
    return slowly_asked(compile_room(changed(**lamp)))


def day(world: World) -> World:
    """A meeting of an hour that begins after three."""
    start_ms = begin_ms() + 3 * HOUR_MS
    world.publish((Meeting("m", "m", start_ms, start_ms + HOUR_MS),))
    return world


@pytest.fixture
def world() -> World:
    return day(World(room(), 1))


def test_it_shows_the_picture_an_hour_before_and_is_cut_cold_after(world: World) -> None:
    body = world.bench.projectors["display"]
    world.run_until(2 * HOUR_MS)
    assert (body.powered, body.state) == (True, "on")
    assert world.state.tracks["display.display.power"].proof is Proof.PROVEN
    assert world.state.tracks["load.display"].proof is Proof.PROVEN
    world.run_until(7 * HOUR_MS)
    assert not world.contact("display")
    assert body.lamp_cut_hot == 0
    assert world.state.tracks["load.display"].proof is Proof.PROVEN  # proven off: it has fallen silent
    said = [entry.kind for entry in world.entries if dict(entry.body).get("failed")]
    assert said == []


def test_a_projector_that_never_says_off_is_cut_when_its_lamp_had_five_minutes(world: World) -> None:
    body = world.bench.projectors["display"]
    body.faults.stays_warm = True
    world.run_until(7 * HOUR_MS)
    assert not world.contact("display")
    off_ms = next(at for at, load, on in world.moves if load == "display" and not on and at > 3 * HOUR_MS)
    others = [at for at, load, on in world.moves if load == "amplifier" and not on and at > 3 * HOUR_MS]
    assert off_ms - others[0] >= 5 * MIN_MS
    assert body.lamp_cut_hot == 1  # it said so itself; five minutes are what a lamp needs


def test_a_projector_whose_port_is_dead_is_a_reported_defect_and_the_room_lives(world: World) -> None:
    world.bench.projectors["display"].faults.hangs = True
    world.run_until(3 * HOUR_MS)
    assert world.contact("codec")
    assert world.state.tracks["load.codec"].proof is Proof.PROVEN
    assert world.state.tracks["load.display"].proof is Proof.FAILED
    assert any(alert.subject == "load.display" for alert in world.state.alerts.values())
