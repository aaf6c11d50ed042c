"""The plan of a year: the same for the same seed, by R18's calendar, and healthy at its end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from controller.core.meeting import Meeting
from controller.simulation.fault_names import (
    FAULTS,
    PER_YEAR,
)
from controller.simulation.plan import BEGIN_MS, DAY_MS, MINUTE_MS, OFFSET, Plan, make

YEAR = make(365, 7)


def local(meeting: Meeting) -> datetime:
    return datetime.fromtimestamp(meeting.start_ms / 1000, UTC) + OFFSET


def of(plan: Plan, start: str) -> list[Meeting]:
    return [m for m in plan.meetings if m.uid.startswith(start)]


def test_one_seed_one_plan() -> None:
    assert make(40, 3) == make(40, 3)
    assert make(40, 3) != make(40, 4)


def test_meetings_follow_the_calendar_of_the_province() -> None:
    assert {local(m).day for m in of(YEAR, "giao-ban")} == {25}
    assert {local(m).day for m in of(YEAR, "chuyen-mon")} == {15}
    assert {local(m).month for m in of(YEAR, "tap-huan")} == {7, 8}
    assert all(m.breaks for m in of(YEAR, "tap-huan"))
    assert all(local(m).weekday() < 5 for m in YEAR.meetings)
    assert 60 < len(YEAR.meetings) < 120


def test_some_meetings_are_told_late_moved_or_cancelled() -> None:
    first, last = YEAR.told[0][1], YEAR.told[-1][1]
    assert [at for at, _ in YEAR.told] == sorted(at for at, _ in YEAR.told)
    assert {m.uid for m in first} == {m.uid for m in YEAR.meetings if not m.uid.startswith("dot-xuat")}
    planned, held = {m.uid: m for m in YEAR.meetings}, {m.uid: m for m in last}
    assert set(planned) - set(held)
    assert [uid for uid, m in held.items() if planned[uid].start_ms != m.start_ms]
    short = [
        at for at, known in YEAR.told[1:] if any(0 < m.start_ms - BEGIN_MS - at < 60 * MINUTE_MS for m in known)
    ]
    assert short


def test_without_faults_only_people_act() -> None:
    assert not {act.what for act in make(365, 7, ()).acts} & set(FAULTS)
    assert [a for a in YEAR.acts if a.what not in FAULTS] == list(make(365, 7, ()).acts)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_strikes_as_often_as_it_should(name: str) -> None:
    count = Counter(act.what for act in YEAR.acts)[name]
    assert 0.5 * PER_YEAR.get(name, 10) <= count <= PER_YEAR.get(name, 10)


def test_all_is_within_the_days_in_order_and_healthy_at_the_end() -> None:
    times = [act.at_ms for act in YEAR.acts]
    assert times == sorted(times)
    assert times[0] > 0
    assert times[-1] < 365 * DAY_MS
    assert max(a.at_ms for a in YEAR.acts if a.what in FAULTS) <= 365 * DAY_MS - timedelta(hours=36) / timedelta(
        milliseconds=1
    )


def test_one_day_has_a_plan_too() -> None:
    assert all(0 < act.at_ms < DAY_MS for act in make(1, 2).acts)


def test_the_desk_orders_what_it_may_and_what_it_may_not() -> None:
    orders = {act.args[0] for act in YEAR.acts if act.what == "desk_orders"}
    assert orders == {
        *("power", "load", "floor", "mute", "seat", "call", "meeting"),
        *("acknowledge", "message", "rollcall", "volume", "maintenance", "storm"),
    }
    assert {"desk_twice", "desk_late", "desk_garbage"} <= {act.what for act in YEAR.acts}
