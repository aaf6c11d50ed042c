"""The laws of rooms whose meetings run on a computer can fail, and excuse no more than nobody can know: real steps,
changed in one place, in a truth put together by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Desired
from controller.simulation.laws import HOUR_MS
from controller.simulation.room import simulated_room
from tests.controller.room_kit import MINUTE_MS, a_booked
from tests.law.days import Step, filmed_order, law
from tests.law.test_laws_bite import ALARM, CODEC_OFF, Scene, later, order, says, scene

LAW = "never_off_in_a_call"


def camera_off(rank: Rank, starts_min: int | None = None) -> Step:
    """The camera goes off by this rank; a meeting that starts in so many minutes, or none, is booked."""
    before, outcome, now = filmed_order("load.camera", "off")
    outcome = outcome._replace(orders=(order("load.camera", "off"),))
    wish = replace(outcome.state.desired["load.camera"], rank=rank)
    state = outcome.state._replace(desired={**outcome.state.desired, "load.camera": wish}, booked=())
    if starts_min is not None:
        start_ms = now.mono_ms + starts_min * MINUTE_MS
        end_ms = start_ms + 60 * MINUTE_MS
        on_by_ms = start_ms - 66 * MINUTE_MS
        booked = replace(a_booked(), on_by_ms=on_by_ms, start_ms=start_ms, end_ms=end_ms)
        state = state._replace(booked=(booked,))
    return before, outcome._replace(state=state), now


def wrong(step: Step, codec: str = "pc", people: int = 10) -> bool:
    here = Scene(simulated_room(codec=codec), calling=True, sitting=people)
    assert says(LAW, step, replace(here, calling=False)) == []
    return bool(says(LAW, step, here))


@pytest.mark.parametrize("rank", [Rank.IDLE, Rank.SCHEDULE, Rank.HEAL, Rank.MANUAL])
def test_in_a_call_that_a_codec_tells_of_nothing_goes_off(rank: Rank) -> None:
    assert wrong(camera_off(rank), "polycom", people=0)
    assert wrong(camera_off(rank, 20), "polycom", people=0)


@pytest.mark.parametrize("rank", [Rank.IDLE, Rank.SCHEDULE])
def test_no_rule_of_the_day_is_excused_by_a_computer_that_tells_nothing(rank: Rank) -> None:
    assert wrong(camera_off(rank), people=0)
    assert wrong(camera_off(rank, 20), people=0)


@pytest.mark.parametrize(
    ("starts_min", "locked"),
    [(None, False), (91, False), (90, True), (20, True), (-30, True), (-89, True), (-90, False)],
)
def test_a_hand_may_while_no_booked_meeting_locks_the_room(starts_min: int | None, locked: bool) -> None:
    """The meeting lasts an hour, and its grace half of one."""
    assert wrong(camera_off(Rank.MANUAL, starts_min)) is locked


@pytest.mark.parametrize(
    ("starts_min", "people", "forbidden"),
    [(None, 0, False), (None, 1, True), (67, 1, True), (66, 1, False), (1, 1, False), (0, 1, True), (-70, 1, True)],
)
def test_what_is_dead_is_cycled_where_nobody_is_or_in_a_lead(
    starts_min: int | None, people: int, forbidden: bool
) -> None:
    assert wrong(camera_off(Rank.HEAL, starts_min), people=people) is forbidden


def test_a_wish_waits_for_a_computer_that_runs_and_no_longer() -> None:
    checker, (before, outcome, now) = law("SettledAfterFaults"), filmed_order("load.display", "on")

    def said(alert_of: str, after_ms: int, computing: bool = True) -> str:
        alerts = {("computer_on", alert_of): ALARM}
        asked = outcome._replace(state=outcome.state._replace(alerts=alerts))
        return " ".join(says(checker, later((before, asked, now), after_ms), scene(computing=computing)))

    assert said("load.display", 0) == ""
    assert "load.display" not in said("load.display", 2 * HOUR_MS)
    assert "load.display" not in said("load.display", 4 * HOUR_MS, computing=False), (
        "its hour begins when it is down"
    )
    assert "load.display" in said("load.display", 6 * HOUR_MS, computing=False), "whatever people are still asked"


def test_a_wish_of_another_load_is_not_excused_by_a_computer() -> None:
    checker, (before, outcome, now) = law("SettledAfterFaults"), filmed_order("load.display", "on")
    alerts = {("computer_on", "load.codec"): ALARM}
    step = before, outcome._replace(state=outcome.state._replace(alerts=alerts)), now
    assert says(checker, step, scene(computing=True)) == []
    assert "load.display" in says(checker, later(step, 2 * HOUR_MS), scene(computing=True))[0]


@pytest.mark.parametrize(
    ("target", "rank", "rule", "computing", "wrong"),
    [
        ("load.codec", Rank.IDLE, "R2", True, True),
        ("load.codec", Rank.POWER, "R5", True, True),
        ("load.codec", Rank.SAFETY, "R13", True, True),
        ("load.codec", Rank.SAFETY, "R16", True, False),
        ("load.codec", Rank.IDLE, "R2", False, False),
        ("load.display", Rank.IDLE, "R2", True, False),
    ],
)
def test_the_power_of_a_computer_that_runs(
    target: str, rank: Rank, rule: str, computing: bool, wrong: bool
) -> None:
    """Smoke and water alone (R16): heat, a battery and an end are no reason to break its disk."""
    before, outcome, now = filmed_order(*CODEC_OFF)
    wish = Desired("off", rank, Because(rule, f"{rule}.off"), 0, 0)
    state = outcome.state._replace(desired={**outcome.state.desired, target: wish})
    cut = outcome._replace(state=state, orders=(order(target, "off"),))
    assert bool(says("no_running_computer_is_cut", (before, cut, now), scene(computing=computing))) is wrong
