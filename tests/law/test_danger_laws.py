"""The laws of danger can fail, and real danger does not make them speak."""

from __future__ import annotations

from dataclasses import replace

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Desired
from controller.simulation.laws_danger import COOLED_MS, HeatIsNoRumour
from tests.law.days import Step, filmed, filmed_order
from tests.law.test_laws_bite import CODEC_OFF, later, says, scene

HOT = scene(celsius=41.0)


def closed_by_heat() -> Step:
    """The end of the day, told to be one by the hard limit, and in a meeting."""
    before, outcome, now = filmed_order(*CODEC_OFF)
    booked = next(step[1].state.booked[0] for step in filmed() if step[1].state.booked)
    booked = replace(booked, start_ms=now.mono_ms - 60_000, end_ms=now.mono_ms + COOLED_MS * 3)
    wish = Desired("off", Rank.SAFETY, Because("R4", "R4.hard", ("cabinet",)), now.mono_ms, now.mono_ms)
    wishes = {o.target: wish for o in outcome.orders}
    state = outcome.state._replace(booked=(booked,), desired={**outcome.state.desired, **wishes})
    return before, replace(outcome, state=state), now


def test_a_meeting_that_a_broken_sensor_closes() -> None:
    step = closed_by_heat()
    assert says(HeatIsNoRumour(), step)
    assert says(HeatIsNoRumour(), step, HOT) == []
    unbooked = replace(step[1], state=step[1].state._replace(booked=()))
    assert says(HeatIsNoRumour(), (step[0], unbooked, step[2])) == []


def test_what_was_hot_may_be_believed_hot_for_a_while() -> None:
    law, step = HeatIsNoRumour(), closed_by_heat()
    says(law, step, HOT)
    assert says(law, later(step, COOLED_MS)) == []
    assert says(law, later(step, COOLED_MS + 1))
