"""R5: mains that goes off at closing time, twice a week: one report with its hours, no incident."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.instant import Trust
from controller.core.lamps import lamps
from controller.rules.by_hand import NOTED, NOW, TIMES, by_hand
from controller.rules.mains import watch
from tests.controller.day import Day
from tests.controller.room_kit import (
    DAY_MS,
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    alerts,
    marks,
    said,
)
from tests.controller.rules.test_mains_day import back, cut

CLOSING = MIDNIGHT_MS + 17 * HOUR_MS


def sit(hour: float = 17.0, **more: Any) -> Sit:
    more = {"marks": {"mains": "lost", **more.pop("marks", {})}, **more}
    return Sit(hour=hour, **more)


def looked(**more: Any) -> object:
    return marks(said(by_hand, sit(**more))).get(NOW)


@pytest.mark.parametrize("hour", [16.5, 17.0, 19.99])
def test_a_clean_cut_at_closing_time_looks_like_a_hand(hour: float) -> None:
    assert looked(hour=hour) == "hand"


@pytest.mark.parametrize(
    "more",
    [
        {"hour": 16.49},
        {"hour": 20.0},
        {"hour": 9.0},
        {"trust": Trust.HELD},
        {"facts": {"codec.in_call": True}, "seen": {"load.codec": "on"}},
        {"booked": (a_booked(18, 19),)},
        {"marks": {"sags": (3, 400)}},
    ],
    ids=["before", "after", "by_day", "no_clock", "in_call", "before_a_meeting", "bad_mains"],
)
def test_anything_else_is_an_outage(more: dict[str, Any]) -> None:
    assert looked(**more) == "outage"


def test_it_is_looked_at_once() -> None:
    assert looked(marks={NOW: "outage"}) is None
    assert looked(marks={NOW: "hand", TIMES: (CLOSING,)}) is None
    assert marks(said(by_hand, Sit(hour=18, marks={"mains": "good", NOW: "hand"}))) == {NOW: ""}


def test_twice_in_a_week_is_a_habit_and_once_is_not() -> None:
    twice = {NOW: "hand", TIMES: (CLOSING - 2 * DAY_MS, CLOSING)}
    words = said(by_hand, sit(hour=17.1, marks=twice))
    assert alerts(words) == {"by_hand"}
    assert marks(words)[NOTED] == (CLOSING + 6 * MINUTE_MS, "17:00 28/02, 17:00 02/03")
    assert "on_battery" not in alerts(said(watch, sit(hour=17.1, marks=twice)))
    for times in ((CLOSING,), (CLOSING - 8 * DAY_MS, CLOSING)):
        once = {NOW: "hand", TIMES: times}
        assert alerts(said(by_hand, sit(hour=17.1, marks=once))) == set()
        assert "on_battery" in alerts(said(watch, sit(hour=17.1, marks=once)))


def test_a_meeting_that_needs_the_mains_makes_it_an_incident() -> None:
    twice = {NOW: "hand", TIMES: (CLOSING - DAY_MS, CLOSING)}
    assert "on_battery" in alerts(said(watch, sit(hour=18, marks=twice, booked=(a_booked(19, 20),))))


def test_without_a_clock_nothing_is_called_a_habit() -> None:
    twice = {NOW: "hand", TIMES: (CLOSING - DAY_MS, CLOSING)}
    there = sit(hour=17.1, marks=twice, trust=Trust.HELD)
    assert alerts(said(by_hand, there)) == set()
    assert "on_battery" in alerts(said(watch, there))


def test_it_is_noted_once_a_week() -> None:
    twice = {NOW: "hand", TIMES: (CLOSING - DAY_MS, CLOSING)}
    noted = {**twice, NOTED: (CLOSING - 6 * DAY_MS, "x")}
    assert NOTED not in marks(said(by_hand, sit(hour=17.1, marks=noted)))
    old = {**twice, NOTED: (CLOSING - 8 * DAY_MS, "x")}
    assert NOTED in marks(said(by_hand, sit(hour=17.1, marks=old)))


def test_the_lamp_says_battery_whatever_it_is_called() -> None:
    there = sit(hour=17.1, marks={NOW: "hand", TIMES: (CLOSING - DAY_MS, CLOSING)})
    assert lamps(there.state(), there.now, there.room)["power"] == "slow"


@pytest.mark.lives
def test_a_week_of_it_over_power_cuts_of_the_pi() -> None:
    """Every evening at 17:05 the breaker goes; the UPS is empty by the morning, when the Pi boots again."""
    day = Day(16.0).run(MINUTE_MS)
    for n in range(5):
        day.to(24 * n + 17 + 5 / 60)
        cut(day).run(2 * HOUR_MS)
        day.far.ups |= {"source": "mains", "charge_pct": 90.0}
        day.restart(f"b{n + 2}", after_ms=12 * HOUR_MS, mono_ms=day.mono_ms + 12 * HOUR_MS)
        back(day).run(MINUTE_MS)
    began = [row["alert"] for row in day.told("alert") if row["alert"] in ("on_battery", "by_hand")]
    assert began == ["on_battery", "by_hand"], "an outage at first, then one report and no incident"
    (noted,) = day.told("noted", "by_hand")
    assert str(noted["value"][1]).startswith("17:05 02/03, 17:05 03/03")  # type: ignore[index]


def test_a_real_outage_by_day_stays_one() -> None:
    day = Day(9.0).run(MINUTE_MS)
    for _ in range(3):
        cut(day).run(10 * MINUTE_MS)
        back(day).run(HOUR_MS)
    assert [row["alert"] for row in day.told("alert")].count("on_battery") == 3
    assert "by_hand" not in day.codes


def test_it_is_an_outage_again_when_a_meeting_comes_near() -> None:
    day = Day(17.0).run(MINUTE_MS)
    for n in range(2):
        cut(day).run(30 * MINUTE_MS)
        if n == 0:
            back(day).to(41.0)
    assert "on_battery" not in day.codes
    day.calendar(a_meeting(43, 44)).run(10 * MINUTE_MS)
    assert "on_battery" in day.codes


def test_times_of_a_clock_that_was_years_ahead_are_no_habit() -> None:
    """They would never be a week old, and every outage at closing hours would be a hand's for ever."""
    years_ms = 10 * 365 * DAY_MS
    ahead = tuple(MIDNIGHT_MS + years_ms + n * DAY_MS for n in range(4))
    assert "by_hand" not in alerts(said(by_hand, Sit(18, marks={"by_hand": ahead})))
