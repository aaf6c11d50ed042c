"""Pi and controller die in a call: what moves then, what must not, and that the law about it can fail."""

from __future__ import annotations

import pytest

from controller.core.instant import Instant, Trust
from controller.simulation.laws_danger import ResetDropsCoilsOnly
from controller.simulation.plan import MINUTE_MS
from controller.simulation.simulate import Job, Run
from tests.law.days import Step, filmed
from tests.law.test_laws_bite import says, scene

COILS = {"display", "mixer", "amplifier"}
"""Of the example room, on in a meeting, on plain contacts."""


def calling(codec: str = "polycom", keeps: bool = True) -> Run:
    """In the middle of the call of the second day; `keeps`: the keeper has a disk to write to."""
    run = Run(Job(3, 5, (), codec=codec))
    run.world.bench.disk = "ok" if keeps else "readonly"
    run.world.bench.keeper.keeps = keeps
    while not run.world.in_call():
        run.until(run.world.now_ms + MINUTE_MS)
    run.until(run.world.now_ms + 5 * MINUTE_MS)
    assert run.world.in_call()
    return run


@pytest.mark.parametrize("codec", ["polycom", "cisco"])
def test_a_reset_of_the_pi_drops_coils_and_no_call(codec: str) -> None:
    run = calling(codec)
    call_ms = run.world.now_ms
    run.world.new_boot()
    assert set(run.world.fell()) == COILS
    assert {name for _, name, on in run.world.moves if not on} >= COILS
    run.until(call_ms + 10 * MINUTE_MS)
    assert run.world.in_call()
    assert all(run.world.contact(name) for name in COILS)
    assert ("codec", False) not in {(n, on) for at_ms, n, on in run.world.moves if at_ms >= call_ms}
    assert run.report.violations == []


def test_without_what_the_keeper_wrote_the_call_falls() -> None:
    run = calling(keeps=False)
    run.world.new_boot()
    assert {"codec", "camera"} < set(run.world.fell())
    run.until(run.world.now_ms + MINUTE_MS)
    assert not run.world.in_call()


@pytest.mark.parametrize("codec", ["polycom", "cisco"])
def test_the_controllers_own_death_moves_nothing(codec: str) -> None:
    run = calling(codec)
    moves = list(run.world.moves)
    for down_ms in (500, 20_000, 200_000):
        run.world.crash(down_ms)
        run.until(run.world.now_ms + down_ms + 2 * MINUTE_MS)
    assert run.world.moves == moves
    assert run.world.in_call()
    assert run.report.violations == []


def mutes(run: Run) -> int:
    return sum(e.kind == "order" and e.subject == "codec.mute" for e in run.world.entries)


def test_a_codec_that_takes_mute_and_stays_open_is_not_told_anew_by_every_life() -> None:
    """Its port is opened anew, then the Pi is reset in the same call; the desk gives the floor meanwhile."""
    run = calling("cisco")
    call_ms, before = run.world.now_ms, mutes(run)
    run.world.bench.codec.faults.deaf = True
    run.world.bench.codec.person_mutes(False, call_ms)
    run.world.arm_all()
    run.until(call_ms + 4 * MINUTE_MS)
    assert mutes(run) == before + 3
    run.world.new_boot()
    run.until(call_ms + 7 * MINUTE_MS)
    assert mutes(run) == before + 4
    run.until(call_ms + 58 * MINUTE_MS)
    assert run.world.in_call()
    assert run.report.violations == []


def begun(boot: str) -> Step:
    before, outcome, _ = filmed()[0]
    return before, outcome._replace(state=outcome.state._replace(boot=boot)), Instant(1, 1, Trust.NTP)


@pytest.mark.parametrize(
    ("fell", "on", "writes", "wrong"),
    [
        ("display", False, True, False),
        ("display", True, True, True),
        ("codec", False, True, True),
        ("codec", False, False, False),
        ("network", True, True, False),
    ],
)
def test_the_law_of_resets(fell: str, on: bool, writes: bool, wrong: bool) -> None:
    law = ResetDropsCoilsOnly()
    assert says(law, begun("boot1")) == []
    after = scene(moved=(fell,), closed=on, writes=writes)
    assert bool(says(law, begun("boot2"), after)) is wrong
    assert says(law, begun("boot2"), after) == []  # said once
