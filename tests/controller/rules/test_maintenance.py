"""N19: maintenance mode keeps notices quiet, writes everything down, ends by itself and hides no meeting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.buzzer import buzzer
from controller.core.instant import Trust
from controller.core.room import Button
from controller.core.state import Alarm
from controller.link.commands import BadCommand, read
from controller.rules.maintenance import maintenance
from controller.rules.tamper import tamper
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    UP_MS,
    WHY,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    marks,
    said,
)

WORK = a_hold("maintenance", "dust")


def working(hour: float = 3.0, minutes: int = 120) -> Day:
    day = Day(hour)
    day.run(MINUTE_MS)
    assert day.command("maintenance", "begin", "dust", minutes).stage == "accepted"
    return day


def breaks(day: Day, well: bool = False) -> Day:
    """The UPS wants a new battery, or has got one: an incident like any other."""
    day.far.ups["replace"] = not well
    return day.run(MINUTE_MS)


def told(day: Day, kind: str = "alert") -> list[Value]:
    return [row.get("maintenance", False) for row in day.told(kind) if row["alert"] == "replace_battery"]


@pytest.mark.parametrize(
    ("sit", "quiet"),
    [
        (Sit(3.0, holds=(WORK,)), {"quiet": True}),
        (Sit(3.0), {}),
        (Sit(3.0, marks={"quiet": True}), {"quiet": False}),
        (Sit(7.5, holds=(WORK,), marks={"quiet": True}, booked=(a_booked(),)), {"quiet": False}),
        (Sit(6.4, holds=(WORK,), booked=(a_booked(),)), {"quiet": True}),
        (Sit(10.1, holds=(WORK,), booked=(a_booked(),)), {"quiet": True}),
    ],
)
def test_when_it_is_quiet(sit: Sit, quiet: dict[str, Value]) -> None:
    assert marks(said(maintenance, sit)) == quiet


def test_an_incident_is_written_and_marked_and_told_when_the_mode_ends() -> None:
    day = breaks(working())
    assert told(day) == [True]
    assert told(day, "alert.still") == []
    assert day.command("maintenance", "end").stage == "accepted"
    assert len(told(day.run(MINUTE_MS), "alert.still")) == 1
    assert breaks(day, well=True).told("alert.end", "ups")


def test_what_was_over_by_then_is_not_told() -> None:
    day = breaks(breaks(working()), well=True)
    day.command("maintenance", "end")
    assert told(day.run(MINUTE_MS), "alert.still") == []


def test_it_ends_by_itself_and_says_who_and_why() -> None:
    day = working(minutes=120)
    assert [row["args"] for row in day.told("hold", "maintenance")] == [("desk", "dust")]
    breaks(day)
    day.to(5.1)
    assert "maintenance" not in day.state.holds
    assert len(told(day, "alert.still")) == 1


def test_a_meeting_at_risk_is_not_hidden() -> None:
    day = working(hour=3.0, minutes=600).calendar(a_meeting())
    breaks(day)
    assert told(day, "alert.still") == []
    day.to(6.6)
    assert len(told(day, "alert.still")) == 1, "the lead has begun: what stands is told"
    breaks(breaks(day, well=True))
    assert told(day) == [True, False]


def test_whoever_carries_a_device_or_opens_the_cabinet_is_no_incident() -> None:
    room = a_room(buttons=(*a_room().buttons, Button("lid", "tamper")))
    sit = Sit(3.0, facts={"input.lid": True}, room=room)
    assert alerts(said(tamper, sit)) == {"tamper"}
    assert said(tamper, replace(sit, marks={"quiet": True})) == ()


@pytest.mark.parametrize(("code", "sound"), [("tamper", "off"), ("heat", "beep"), ("closing_soon", "beep")])
def test_the_buzzer_calls_only_for_what_is_danger_or_about_to_happen(code: str, sound: str) -> None:
    sit = Sit(12.0, marks={"quiet": True})
    state = sit.state()._replace(alerts={(code, "x"): Alarm(code, "x", WHY, sit.now.mono_ms)})
    assert buzzer(state, sit.now, sit.room) == sound


def test_the_end_without_a_beginning_is_refused() -> None:
    assert Day(3.0).command("maintenance", "end").code == "not_in_maintenance"


@pytest.mark.parametrize("args", [{"minutes": 721}, {"minutes": 0}, {"reason": ""}, {"value": "pause"}])
def test_never_longer_than_twelve_hours_and_never_without_a_reason(args: dict[str, object]) -> None:
    assert read("maintenance", {"value": "begin", "reason": "dust"}) == (("begin", "dust", 120), 0)
    with pytest.raises(BadCommand):
        read("maintenance", {"value": "begin", "reason": "dust", **args})


def test_it_survives_a_power_cut_until_its_end_by_the_clock() -> None:
    day = working(minutes=120).run(10_000)
    day.restart(boot="b2", after_ms=HOUR_MS, mono_ms=30_000)
    assert 58 * MINUTE_MS < day.state.holds["maintenance"].until_ms - day.mono_ms < 61 * MINUTE_MS


def test_a_clock_that_came_back_too_early_makes_it_no_longer() -> None:
    day = working(minutes=120).run(10_000)
    day.wall_ms -= 300 * HOUR_MS
    day.restart(boot="b2", mono_ms=30_000)
    assert day.state.holds["maintenance"].until_ms - day.mono_ms <= 2 * HOUR_MS


def test_without_a_clock_it_ends_and_what_stood_open_is_told() -> None:
    day = breaks(working()).run(10_000)
    day.trust = Trust.UNKNOWN
    day.restart(boot="b2", mono_ms=30_000)
    assert "maintenance" not in day.state.holds
    assert len(told(day, "alert.still")) == 1


def test_an_end_while_the_controller_was_away_is_told_too() -> None:
    day = breaks(working(minutes=30)).run(10_000)
    day.restart(after_ms=HOUR_MS)
    assert day.mono_ms > UP_MS
    assert len(told(day.run(MINUTE_MS), "alert.still")) == 1
