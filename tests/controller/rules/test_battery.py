"""R7, N12: the monthly self-test and what stops it, a battery that dies in it, and what is spared on battery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.core.records import Record
from controller.core.room import Rank
from controller.rules.battery import TEST, plan, plan_over, report, self_test
from controller.simulation.simulate import Job, simulate
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    DAY_MS,
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_room,
    alerts,
    all_loads,
    demands,
    marks,
    poor_room,
    ranks,
    said,
    stale,
)

MAINS = {"ups.source": "mains", "ups.testing": False, "ups.charge_pct": 100.0, "ups.runtime_s": 3600}
GOOD = {"mains": "good"}
NIGHT = Sit(hour=3.0, facts=MAINS, marks=GOOD, seen=all_loads("off"), since_ms=5 * HOUR_MS)


def sit(**changes: object) -> Sit:
    return replace(NIGHT, **changes)  # type: ignore[arg-type]


def begun(stage: str = "begun", boot: str = "boot", ago_ms: int = MINUTE_MS) -> Value:
    return (stage, boot, MIDNIGHT_MS + round(3.0 * HOUR_MS) - ago_ms)


def stage(situation: Sit) -> str:
    """What the test comes to; '' = nothing changes."""
    after = marks(said(self_test, situation)).get(TEST)
    return str(after[0]) if isinstance(after, tuple) else ""


def test_a_room_at_rest_tests_its_battery() -> None:
    assert stage(NIGHT) == "begun"


@pytest.mark.parametrize(
    ("why", "situation"),
    [
        ("a load is on", sit(seen=all_loads("off") | {"load.display": "on"})),
        ("nobody can read the relays", sit(seen={})),
        ("the mains came back just now", sit(since_ms=3 * HOUR_MS)),
        ("the mains is lost", sit(marks={"mains": "lost"})),
        ("nobody knows of the mains", sit(marks={})),
        ("the battery is not charged", sit(facts=MAINS | {"ups.charge_pct": 80.0})),
        ("the clock is not trusted", sit(trust=Trust.HELD)),
        ("a meeting within a day", sit(booked=(a_booked(start=26.5, end=28.0),))),
        ("a meeting is on", sit(booked=(a_booked(start=2.0, end=4.0),))),
        ("somebody works by hand", sit(down=("bypass",))),
        ("it was tested last week", sit(marks=GOOD | {TEST: begun("passed", ago_ms=7 * DAY_MS)})),
        ("it was stopped today", sit(marks=GOOD | {TEST: begun("aborted", ago_ms=HOUR_MS)})),
        ("it failed and nobody knows", sit(marks=GOOD | {TEST: begun("failed", ago_ms=90 * DAY_MS)})),
        ("the UPS takes no orders", sit(room=poor_room())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_waits(why: str, situation: Sit) -> None:
    assert stage(situation) == ""
    assert demands(said(self_test, situation)) == {}


def test_a_meeting_after_tomorrow_is_far_enough() -> None:
    assert stage(sit(booked=(a_booked(start=27.5, end=28.0),))) == "begun"


@pytest.mark.parametrize(("last", "ago_ms"), [("passed", 31 * DAY_MS), ("aborted", DAY_MS), ("not_made", DAY_MS)])
def test_it_comes_again(last: str, ago_ms: int) -> None:
    assert stage(sit(marks=GOOD | {TEST: begun(last, ago_ms=ago_ms)})) == "begun"


def running(stage: str = "begun", facts: Mapping[str, Value] = {}, **more: Any) -> Sit:
    since_ms: int = more.pop("since_ms", MINUTE_MS)
    return sit(marks=GOOD | {TEST: begun(stage, **more)}, facts=MAINS | dict(facts), since_ms=since_ms)


def test_it_is_ordered_until_the_ups_shows_it() -> None:
    words = said(self_test, running())
    assert demands(words) == {"ups.test": "quick"}
    assert ranks(words) == {Rank.IDLE}
    assert stage(running(facts={"ups.testing": True})) == "running"


def test_a_ups_that_shows_nothing_in_two_minutes_was_not_tested() -> None:
    assert stage(running(since_ms=2 * MINUTE_MS)) == "not_made"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ("Done and passed", "passed"),
        ("Done and warning", "failed"),
        ("Done and error", "failed"),
        ("FAILED - Battery Capacity", "failed"),
        ("Aborted", "aborted"),
        (None, "passed"),
    ],
)
def test_the_ups_own_words_are_the_verdict(told: str | None, verdict: str) -> None:
    assert stage(running("running", {"ups.test_result": told})) == verdict


def test_without_words_a_bad_battery_is_told_by_its_flag() -> None:
    assert stage(running("running", {"ups.replace": True})) == "failed"


def test_a_test_that_runs_is_left_alone() -> None:
    assert said(self_test, running("running", {"ups.testing": True})) == ()


def test_who_needs_the_room_stops_it() -> None:
    pressed = replace(running("running", {"ups.testing": True}), seen=all_loads("on"))
    assert stage(pressed) == "stopping"
    stopping = replace(running("stopping", {"ups.testing": True}), seen=all_loads("on"))
    assert demands(said(self_test, stopping)) == {"ups.test": "stop"}
    assert stage(running("stopping")) == "aborted"


def test_a_battery_that_took_the_pi_along_has_failed() -> None:
    """Begun in another boot, and no end was written."""
    assert stage(running("running", boot="before")) == "failed"


def test_a_failed_battery_is_told_until_somebody_acknowledges() -> None:
    assert "battery_failed" in alerts(said(report, sit(marks=GOOD | {TEST: begun("failed")})))
    day = Day()
    day.state = day.state._replace(marks={**day.state.marks, **sit(marks={TEST: begun("failed")}).state().marks})
    day.run(1_000)
    assert "battery_failed" in day.codes
    assert day.command("acknowledge", "battery").stage in ("accepted", "done")
    day.run(1_000)
    assert "battery_failed" not in day.codes
    assert day.command("acknowledge", "battery").code == "nothing_to_acknowledge"


def test_an_old_battery_is_told_by_a_clock_that_knows() -> None:
    room = a_room()
    old = replace(room, battery=replace(room.battery, since_ms=MIDNIGHT_MS - 4 * 365 * DAY_MS))
    assert "battery_old" in alerts(said(report, sit(room=old)))
    assert "battery_old" not in alerts(said(report, sit(room=old, trust=Trust.HELD)))
    assert "battery_old" not in alerts(said(report, NIGHT))


def test_too_little_backup_is_told_from_t_60() -> None:
    short = MAINS | {"ups.runtime_s": 1200}
    live = sit(hour=7.5, facts=short, booked=(a_booked(),))
    assert alerts(said(report, live)) == {"backup_short"}
    assert alerts(said(report, replace(live, hour=6.5))) == set()
    assert alerts(said(report, replace(live, facts=MAINS))) == set()
    assert alerts(said(report, replace(live, facts=MAINS | {"ups.runtime_s": stale(1200)}))) == set()


def lost(runtime_s: int, **more: object) -> Sit:
    facts = {"ups.source": "battery", "ups.runtime_s": runtime_s}
    return Sit(hour=9.0, facts=facts, marks={"mains": "lost"}, booked=(a_booked(),), since_ms=1_000, **more)  # type: ignore[arg-type]


def shed_room() -> Sit:
    room = a_room()
    loads = tuple(replace(load, shed=load.name == "display") for load in room.loads)
    return lost(1200, room=replace(room, loads=loads))


def test_what_can_be_spared_goes_at_once_when_the_meeting_would_not_be_carried() -> None:
    words = said(plan, shed_room())
    assert demands(words) == {"load.display": "off"}
    assert ranks(words) == {Rank.POWER}
    assert marks(words) == {"sparing": True}


def test_enough_runtime_spares_nothing() -> None:
    assert said(plan, lost(2 * 3600)) == ()
    assert said(plan, replace(shed_room(), booked=())) == ()


def test_the_decision_stands_when_the_runtime_grows_by_it() -> None:
    situation = replace(shed_room(), facts={"ups.runtime_s": 3 * 3600}, marks={"mains": "lost", "sparing": True})
    assert demands(said(plan, situation)) == {"load.display": "off"}
    assert marks(said(plan_over, replace(situation, marks={"mains": "good", "sparing": True}))) == {
        "sparing": False
    }


def test_no_word_of_the_runtime_is_no_plan() -> None:
    assert said(plan, Sit(marks={"mains": "lost"}, booked=(a_booked(),))) == ()


def test_a_night_in_the_room_that_lives() -> None:
    """The record and the order are of one call, so that the record is on disk before the order goes out; a UPS that
    takes it and does nothing was not tested."""
    day = Day(hour=2.0)
    day.run(6 * HOUR_MS)
    told = [(at_ms, r) for at_ms, r in day.records if r.subject == "self_test"]
    assert [_stage(r) for _, r in told] == ["begun", "not_made"]
    assert told[0][0] == day.order_ms("ups.test", "quick")


@pytest.mark.lives
def test_a_month_on_a_real_line() -> None:
    """Our side, upsd's far end and its UPS: begun, running, passed, and not again within the month."""
    run = simulate(Job(29, 3, ()))
    assert [_stage(e) for e in run.world.entries if e.subject == "self_test"] == ["begun", "running", "passed"]


def _stage(record: Record | Entry) -> Value:
    value = dict(record.body)["value"]
    return value[0] if isinstance(value, tuple) else value


def test_a_test_that_a_wrong_clock_dated_years_ahead_does_not_put_the_next_one_off_for_years() -> None:
    years_ms = 10 * 365 * DAY_MS
    marks_ = {"mains": "good", TEST: ("passed", "boot", MIDNIGHT_MS + years_ms)}
    rested = replace(NIGHT, facts=MAINS | {"ups.charge_pct": 100.0}, since_ms=DAY_MS, marks=marks_)
    assert marks(said(self_test, rested))[TEST] == ("begun", "boot", rested.now.wall_ms)


def test_no_test_of_the_ups_is_begun_while_somebody_maintains_the_room() -> None:
    rested = replace(NIGHT, since_ms=DAY_MS)
    assert marks(said(self_test, rested))[TEST] == ("begun", "boot", rested.now.wall_ms)
    assert TEST not in marks(said(self_test, replace(rested, holds=(a_hold("maintenance", "battery"),))))
