"""The laws of danger can fail, and real danger does not make them speak."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.events import Command
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Desired, Proof
from controller.simulation.laws import HOUR_MS
from controller.simulation.laws_danger import COOLED_MS, EndsByItself, HeatIsNoRumour, ProvenIsSo
from controller.simulation.room import FAN_MAX_MS, simulated_room
from controller.simulation.simulate import Job, Run
from hardware.contract import NEVER_MS
from tests.law.days import Step, filmed, filmed_order
from tests.law.test_laws_bite import CODEC_OFF, later, says, scene, with_track

HOT = scene(celsius=41.0)


def closed_by_heat() -> Step:
    """The end of the day, told to be one by the hard limit, and in a meeting."""
    before, outcome, now = filmed_order(*CODEC_OFF)
    booked = next(step[1].state.booked[0] for step in filmed() if step[1].state.booked)
    booked = replace(booked, start_ms=now.mono_ms - 60_000, end_ms=now.mono_ms + COOLED_MS * 3)
    wish = Desired("off", Rank.SAFETY, Because("R4", "R4.hard", ("cabinet",)), now.mono_ms, now.mono_ms)
    wishes = {o.target: wish for o in outcome.orders}
    state = outcome.state._replace(booked=(booked,), desired={**outcome.state.desired, **wishes})
    return before, outcome._replace(state=state), now


def test_a_meeting_that_a_broken_sensor_closes() -> None:
    step = closed_by_heat()
    assert says(HeatIsNoRumour(), step)
    assert says(HeatIsNoRumour(), step, HOT) == []
    unbooked = step[1]._replace(state=step[1].state._replace(booked=()))
    assert says(HeatIsNoRumour(), (step[0], unbooked, step[2])) == []


def test_what_was_hot_may_be_believed_hot_for_a_while() -> None:
    law, step = HeatIsNoRumour(), closed_by_heat()
    says(law, step, HOT)
    assert says(law, later(step, COOLED_MS)) == []
    assert says(law, later(step, COOLED_MS + 1))


def proven(seen: str) -> Step:
    """The codec is called proven, at the end of the quiet days."""
    before, outcome, now = filmed()[-1]
    return before, with_track(outcome, "load.codec", proof=Proof.PROVEN, seen=seen), now


@pytest.mark.parametrize(
    ("seen", "closed", "wrong"), [("on", False, True), ("off", True, True), ("on", True, False)]
)
def test_a_load_that_is_proven_and_is_not(seen: str, closed: bool, wrong: bool) -> None:
    law, step = ProvenIsSo(), proven(seen)
    truth = scene(closed=closed)
    says(law, step, truth)
    assert not any("codec" in said for said in says(law, later(step, ProvenIsSo.LATE_MS), truth))
    found = says(law, later(step, ProvenIsSo.LATE_MS + 1), truth)
    assert any("codec" in said for said in found) is wrong


def test_an_output_that_is_on_too_long() -> None:
    step, longest_ms = filmed()[-1], FAN_MAX_MS + EndsByItself.LATE_MS
    for truth, wrong in ((scene(), True), (scene(stuck=True), False), (scene(closed=False), False)):
        law = EndsByItself()
        assert says(law, step, truth) == says(law, later(step, longest_ms), truth) == []
        assert bool(says(law, later(step, longest_ms + 1), truth)) is wrong
    law = EndsByItself()
    says(law, step)
    assert says(law, later(step, longest_ms), scene(closed=False)) == []
    assert says(law, later(step, longest_ms + 1)) == []  # it rested


def hot(**changes: object) -> Run:
    """Two hours at 33 °C in a room that is held on: its fan would run all the time."""
    room = simulated_room()
    run = Run(Job(1, 5, ()), replace(room, **changes))  # type: ignore[arg-type]
    run.world.bench.temp_c = 33.0
    run.until(HOUR_MS)
    run.world.tell(Command("c", "desk", "power", ("on",), NEVER_MS // 2, 4 * HOUR_MS))
    run.until(4 * HOUR_MS)
    return run


def test_a_fan_ends_by_itself_and_the_keeper_ends_what_no_rule_does() -> None:
    """Rule and keeper each know the longest time; without both the law speaks."""
    run = hot()
    assert run.report.violations == []
    assert [on for _, name, on in run.world.moves if name == "fan"][:3] == [True, False, True]
    bare = tuple(replace(load, max_on_ms=0) for load in run.world.room.loads)
    wild = hot(loads=bare)
    assert [on for _, name, on in wild.world.moves if name == "fan"] == [True]


def test_a_line_that_follows_no_order_is_told() -> None:
    run = Run(Job(3, 5, ()), laws=(ProvenIsSo(),))
    run.world.bench.keeper.stick("display", False)
    run.finish()
    assert run.report.violations == []
    failed = {e.subject for e in run.world.entries if dict(e.body).get("alert") == "failed"}
    assert "load.display" in failed
    assert run.report.ready_on_time == 0
