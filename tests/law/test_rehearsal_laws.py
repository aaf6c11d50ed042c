"""R6: the laws of the rehearsal can fail, and a fault of the night is found the day before on real bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from controller.core.meeting import Meeting
from controller.core.memory import Kept
from controller.core.records import Because, Record
from controller.simulation.laws_rehearsal import MutedTrialCall
from controller.simulation.plan import DAY_MS, begin_ms
from controller.simulation.room import TEST_ADDRESS
from controller.simulation.simulate import Job, Run
from hardware.contract import Value
from tests.controller.room_kit import HOUR_MS
from tests.law.days import Step, filmed_order, law
from tests.law.test_laws_bite import later, says, scene

WHY = Because("R6", "R6.rehearsal")
NOON_MS = 1_767_243_600_000 - 1_767_243_600_000 % DAY_MS + 5 * HOUR_MS
"""12:00 in Vietnam."""


def rehearsed(target: str = "load.camera", **marks: Value) -> Step:
    """A real order, as if a rehearsal had given it at noon."""
    before, outcome, now = filmed_order(target, "on")
    desired = {**outcome.state.desired, target: replace(outcome.state.desired[target], because=WHY)}
    kept = {**outcome.state.marks, **{name: Kept(value, now.mono_ms) for name, value in marks.items()}}
    state = outcome.state._replace(desired=desired, marks=kept)
    return before, outcome._replace(state=state), now._replace(wall_ms=NOON_MS)


def at_hour(step: Step, hour: float) -> Step:
    return step[0], step[1], step[2]._replace(wall_ms=NOON_MS + round((hour - 12) * HOUR_MS))


def test_at_noon_with_nobody_there_it_may() -> None:
    assert says("KeepsOut", rehearsed()) == []


@pytest.mark.parametrize(("hour", "broken"), [(5.4, True), (5.6, False), (21.9, False), (22.1, True), (2.0, True)])
def test_never_at_night(hour: float, broken: bool) -> None:
    assert bool(says("KeepsOut", at_hour(rehearsed(), hour))) is broken


def test_never_in_a_call() -> None:
    assert says("KeepsOut", rehearsed(), scene(calling=True))
    assert says("KeepsOut", rehearsed(), scene(calling=True, connected=(TEST_ADDRESS,))) == []
    assert says("KeepsOut", rehearsed(), scene(calling=True, connected=(TEST_ADDRESS, "mcu")))


def test_a_test_call_hears_nothing_and_ends() -> None:
    checker, step = MutedTrialCall(), rehearsed()
    own, longest_ms = scene(calling=True, connected=(TEST_ADDRESS,)), MutedTrialCall.LONGEST_MS
    assert says(checker, step, own) == []
    assert says(checker, step, scene(calling=True, connected=(TEST_ADDRESS,), hears=True))
    assert says(checker, step, scene(calling=True, hears=True)) == []
    assert says(checker, step, own) == says(checker, later(step, longest_ms), own) == []
    assert says(checker, later(step, longest_ms + 1), own)


@pytest.mark.parametrize("target", ["load.display", "load.amplifier"])
def test_nothing_lit_or_loud_unless_somebody_attends(target: str) -> None:
    assert says("KeepsOut", rehearsed(target))
    assert says("KeepsOut", rehearsed(target, attended=7)) == []


def test_nobody_is_there() -> None:
    checker, (before, outcome, now) = law("KeepsOut"), rehearsed()
    press = Record("press", "duty", (("role", "duty"),))
    assert says(checker, (before, outcome._replace(records=(press,), orders=()), now)) == []
    assert says(checker, later((before, outcome, now), 29 * 60_000))
    assert says(checker, later((before, outcome, now), 30 * 60_000)) == []


def test_dark_again_within_the_hour() -> None:
    checker, step = law("DarkAgain"), rehearsed(rehearsal=("down", "b", 0))
    assert says(checker, step) == []
    assert says(checker, later(step, HOUR_MS)) == []
    assert says(checker, later(step, HOUR_MS + 1))
    ended = rehearsed(rehearsal="")
    assert says(checker, later(ended, 2 * HOUR_MS)) == []
    assert says(checker, later(step, 3 * HOUR_MS)) == []


MEETING = Meeting(
    "x", "x", NOON_MS + DAY_MS, NOON_MS + DAY_MS + HOUR_MS, rehearse=((0, 1),), due_ms=NOON_MS - HOUR_MS
)


def due(mark: Value, *alerts: str) -> Step:
    before, outcome, now = rehearsed()
    state = outcome.state
    kept = {**state.marks, "!check.x": Kept(mark, 0)} if mark else state.marks
    told = {(code, "x"): next(iter(state.alerts.values()), None) for code in alerts}
    state = state._replace(meetings=(MEETING,), marks=kept, alerts=told, started_ms=0, stepped_ms=-HOUR_MS)  # type: ignore[arg-type]
    return before, outcome._replace(state=state), now._replace(mono_ms=DAY_MS)


@pytest.mark.parametrize(
    ("mark", "alerts", "broken"),
    [
        (None, (), True),
        (("passed", 0, (), (), ()), (), False),
        (("failed", 0, ("codec",), (), ()), (), True),
        (("failed", 0, ("codec",), (), ()), ("check_failed",), False),
        (("not_made", 0, ("R6.in_use",), (), ()), (), True),
        (("not_made", 0, ("R6.in_use",), (), ()), ("check_missing",), False),
        (("not_made", 0, ("R6.told_late",), (), ()), (), False),
    ],
)
def test_a_result_or_a_word(mark: Value, alerts: tuple[str, ...], broken: bool) -> None:
    assert bool(says("ResultOrWord", due(mark, *alerts))) is broken


@cache
def quiet_run() -> Run:
    """Twenty days without faults: two rehearsals."""
    run = Run(Job(20, 3, ()))
    run.finish()
    return run


def results(run: Run) -> list[tuple[Value, ...]]:
    values = [
        dict(e.body)["value"] for e in run.world.entries if e.kind == "noted" and e.subject.startswith("check.")
    ]
    return [v for v in values if isinstance(v, tuple)]


def test_on_real_bytes_a_quiet_year_rehearses_and_passes() -> None:
    run = quiet_run()
    assert run.report.violations == []
    assert [v[0] for v in results(run)] == ["not_made", "not_made", "passed", "passed"]
    rows = [row for v in results(run)[2:] for row in v[4]]  # type: ignore[union-attr]
    assert {row[1:2] for row in rows if row[0] == "codec.test_call"} == {("passed",)}  # type: ignore[index]
    moves = [(at_ms, load) for at_ms, load, on in run.world.moves if on and load in ("display", "amplifier")]
    begun = [v[1] - begin_ms() for v in results(run) if v[0] == "passed" and isinstance(v[1], int)]
    assert not [at_ms for at_ms, _ in moves if any(abs(at_ms - b) < HOUR_MS for b in begun)]


def test_a_codec_that_has_hung_in_the_night_is_found_the_day_before() -> None:
    """It hangs again at every boot; cycled once, it is still silent: who can mend it is told."""
    run = Run(Job(20, 3, ()))
    run.until(12 * DAY_MS)
    while run.world.now_ms < 12.5 * DAY_MS:
        run.world.bench.codec.hang()
        run.until(run.world.now_ms + 10_000)
    made = results(run)[-1]
    assert made[0] == "failed"
    assert "load.codec" in made[2]  # type: ignore[operator]
    assert [dict(e.body)["code"] for e in run.world.entries if dict(e.body).get("alert") == "check_failed"] == [
        "R6.failed_device"
    ]
    assert not any(run.world.contact(name) for name in ("camera", "codec", "mixer", "display"))
