"""Faults on demand: each does to the world what its name says, and is over when its time is."""

from __future__ import annotations

import pytest

from controller.core.instant import Trust
from controller.simulation.acts import Stage
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.plan import Act
from tests.scenarios.kit import HOUR_MS, MINUTE_MS, Scene, meeting

LONG_MS = 20 * MINUTE_MS


def scene() -> Scene:
    """A room that is ready for its meeting."""
    made = Scene(meeting(10, 12)).to(9.1)
    assert made.ready
    return made


def test_every_fault_of_the_plan_can_be_had() -> None:
    stage = Stage(Scene().world, ())
    for name in FAULTS:
        stage.do(Act(0, name, (MINUTE_MS, 1)))
        assert name not in stage.people


@pytest.mark.parametrize(("random", "said"), [(1, "battery"), (7, "mains"), (5, "mains")])
def test_a_sag_is_battery_or_figures(random: int, said: str) -> None:
    """150 V are no mains for a UPS; 190 V it boosts, 255 V it trims."""
    made = Scene(meeting(10, 12)).to(9.1)
    made.stage.do(Act(0, "voltage_sag", (LONG_MS, random)))
    made.wait(400)
    assert made.bench.mains
    assert made.fact("ups.source") == (said, "good")
    assert (made.fact("ups.regulating") == (True, "good")) is (said == "mains")
    made.wait(1_500)
    assert made.fact("ups.source") == ("mains", "good")
    assert made.fact("ups.regulating") == (False, "good")


@pytest.mark.parametrize("word", ["full", "readonly", "failed"])
def test_a_bad_disk_is_said_also_by_a_controller_that_starts_on_it(word: str) -> None:
    made = scene().do({"failed": "disk_failing"}.get(word, f"disk_{word}"), LONG_MS).wait(10)
    assert made.fact("journal.state") == (word, "good")
    assert [b["code"] for b in made.told("alert") if b["alert"] == "journal"] == [f"journal.{word}"]
    made.world.crash(2_000)
    made.wait(60)
    assert made.fact("journal.state") == (word, "good")
    assert made.moves(9.1) == []
    made.wait(1_300)
    assert made.alerts == set()


def test_a_cable_that_is_out_stays_out_for_the_next_controller() -> None:
    made = scene().do("cable_out", LONG_MS).wait(1)
    (wire,) = [w for w in made.bench.wires if not w.up]
    made.world.crash(2_000)
    made.wait(30)
    assert made.world.alive
    assert [w for w in made.bench.wires if not w.up] == [wire]
    made.wait(1_300)
    assert wire.up


def test_an_idle_camera_acknowledges_and_stays_where_it_is() -> None:
    made = scene().do("camera_idle", LONG_MS)
    before = made.bench.camera.frame(0, made.world.now_ms)
    made.do("desk_orders", "seat", "recall", 1).wait(60)
    assert made.bench.camera.frame(0, made.world.now_ms) == before
    assert made.bench.camera.faults(0).ignores_moves
    made.wait(1_300)
    assert not made.bench.camera.faults(0).ignores_moves


def test_a_half_open_link_looks_well_until_its_keepalive() -> None:
    made = scene().do("half_open", LONG_MS).wait(30)
    assert made.bench.desk() == "down"
    assert made.fact("link.desk") == ("up", "good")
    assert made.wait(20).fact("link.desk") == ("down", "good")
    assert made.wait(1_300).fact("link.desk") == ("up", "good")


def test_a_stuck_sensor_shows_one_figure_whatever_the_room_is_like() -> None:
    made = scene().do("sensor_stuck", 3 * HOUR_MS)
    made.bench.temp_c = 39.0
    assert made.wait(1_800).fact("climate.room.temp_c") == (27.0, "good")


def test_a_dead_clock_begins_in_the_past_after_a_boot() -> None:
    made = scene()
    before_ms = made.world.instant().wall_ms
    made.do("clock_dead", LONG_MS).wait(120)
    now = made.world.instant()
    assert now.wall_ms < before_ms
    assert now.trust < Trust.RTC
    assert made.told("started")[-1]["same_boot"] is False
    assert made.wait(1_300).world.instant().trust is Trust.NTP


@pytest.mark.parametrize("what", ["call_reset", "call_reboot"])
def test_what_strikes_in_calls_waits_for_one(what: str) -> None:
    made = scene().do(what, LONG_MS).wait(1_200)
    assert made.stage.done == {}
    made.do("mcu_calls").wait(30)
    made.do("press", "power", 200)
    calling = made.world.in_call()
    made.wait(900)
    assert calling
    assert made.stage.done[what] == 1


def test_a_button_that_is_held_while_the_levels_are_read_is_down_till_it_is_let_go() -> None:
    made = scene()
    talk = next(button.input for button in made.world.room.buttons if button.role == "talk")
    made.do("press", "talk", LONG_MS).wait(LONG_MS / 1_000 - 1)
    assert made.world.state.presses[talk].down
    made.wait(2)
    assert not made.world.state.presses[talk].down
