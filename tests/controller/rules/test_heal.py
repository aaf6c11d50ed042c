"""N9's exception and N15's first step: a device that is proven dead is power-cycled once, if it fits."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.memory import Kept
from controller.core.room import Rank
from controller.core.state import Proof, Track
from controller.rules.heal import heal
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    demands,
    marks,
    mono,
    ranks,
    said,
    stale,
)

DEAD = Track(Proof.FAILED, 0, "on", "on")


def sit(track: Track = DEAD, hour: float = 7.0, answers: Any = False, call: Any = False, **more: Any) -> Sit:
    facts = {"codec.answers": answers, "codec.in_call": call}
    return Sit(hour, facts, seen={"load.codec": track}, **{"want": {"load.codec": "on"}, **more})


def cycles(situation: Sit) -> bool:
    words = said(heal, situation)
    assert ranks(words) <= {Rank.HEAL}
    return demands(words) == {"load.codec": "off"}


def test_proven_dead_is_cycled_once() -> None:
    assert cycles(sit())
    assert marks(said(heal, sit())) == {"heal.codec": "cycle"}
    assert not cycles(sit(marks={"heal.codec": "done"}))


@pytest.mark.parametrize(
    "more",
    [
        {"answers": stale(False)},
        {"answers": True},
        {"track": Track(Proof.DONE, 0, "on", "on")},
        {"track": Track(Proof.FAILED, 0, "on", "off")},
        {"want": {"load.codec": "off"}},
        {"call": True},
        {"call": stale(True, 10**9)},
    ],
)
def test_unknown_not_failed_not_on_not_wanted_or_in_a_call_is_left_alone(more: dict[str, Any]) -> None:
    assert not cycles(sit(**more))


def test_a_load_that_nobody_can_ask_is_never_dead() -> None:
    room_sit = Sit(7, seen={"load.display": DEAD}, want={"load.display": "on"})
    assert said(heal, room_sit) == ()


NEED_H = (15_000 + 120_000 + 5 * MINUTE_MS) / HOUR_MS


@pytest.mark.parametrize(("hour", "fits"), [(8 - NEED_H - 0.01, True), (8 - NEED_H, False), (9, False), (10, True)])
def test_only_when_off_time_warm_up_and_five_minutes_fit_before_the_start(hour: float, fits: bool) -> None:
    assert cycles(sit(hour=hour, booked=(a_booked(),))) is fits


def test_it_demands_off_until_the_load_has_rested_and_then_no_more() -> None:
    def off(ms: int) -> Sit:
        track = Track(Proof.PROVEN, 0, "off", "off", off_ms=mono(7) - ms)
        return sit(track, marks={"heal.codec": "cycle"})

    assert cycles(sit(marks={"heal.codec": "cycle"}))
    assert cycles(off(14_999))
    assert marks(said(heal, off(15_000))) == {"heal.codec": "done"}


def test_a_call_that_begins_meanwhile_ends_the_attempt() -> None:
    words = said(heal, sit(call=True, marks={"heal.codec": "cycle"}))
    assert (marks(words), demands(words)) == ({"heal.codec": "done"}, {})


def test_the_next_day_it_may_be_tried_again() -> None:
    done = {"heal.codec": Kept("done", mono(7) - 24 * HOUR_MS)}
    assert marks(said(heal, sit(marks=done))) == {"heal.codec": ""}


def hung(load: str = "codec") -> Day:
    """The device hangs from the first moment of the power-up for a meeting."""
    day = Day(5).calendar(a_meeting(8, 10))
    day.far.dead.add(load)
    return day


@pytest.mark.parametrize("load", ["codec", "camera"])
def test_a_device_that_hung_is_back_before_the_meeting(load: str) -> None:
    day = hung(load).until(lambda d: (f"load.{load}", "off") in d.switched(), 3 * HOUR_MS)
    assert day.hour < 7.1
    day.far.dead.clear()
    day.to(7.25)
    assert day.phase == "ready"
    assert day.told("noted", "ready.giao-ban")[-1]["value"] in ("in_time", "late")


def test_a_device_that_stays_dead_is_cycled_once_and_a_person_is_called() -> None:
    day = hung().to(9.9)
    assert day.switched().count(("load.codec", "off")) == 1
    assert {"failed", "not_ready"} <= day.codes
    assert day.to(10).run(1).state.marks["heal.codec"].value == "done"
