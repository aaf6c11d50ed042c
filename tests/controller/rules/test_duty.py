"""R20: TRỰC from T-60; the room reminded, the desk told whom to phone; from when to when somebody was there."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.buzzer import buzzer
from controller.core.lamps import lamps
from controller.core.words import Alert
from controller.rules.duty import HANDOVER_MS, duty
from hardware.contract import Value
from tests.controller.day import SELDOM_MS, Day
from tests.controller.room_kit import (
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    said,
)

MISSING = {"duty_remind", "duty_missing", "duty_leader"}


def sit(hour: float, **more: Any) -> Sit:
    return Sit(hour, booked=(a_booked(),), **more)


def wall(hour: float) -> int:
    return MIDNIGHT_MS + round(hour * 3_600_000)


def noted(day: Day) -> Value:
    return day.state.marks["!duty.giao-ban"].value


@pytest.mark.parametrize(
    ("hour", "codes"),
    [
        (6.95, set()),
        (7.0, set()),
        (7.24, set()),
        (7.25, {"duty_remind"}),
        (7.5, {"duty_remind", "duty_missing"}),
        (7.75, MISSING),
        (9.9, MISSING),
        (10.0, set()),
    ],
)
def test_who_is_told_when_nobody_presses(hour: float, codes: set[str]) -> None:
    assert alerts(said(duty, sit(hour))) == codes
    assert alerts(said(duty, sit(hour, holds=(a_hold("duty", "present"),)))) == set()


def test_the_desk_hears_the_role_and_no_number() -> None:
    rows = {w.code: (w.subject, w.because.args) for w in said(duty, sit(7.8)) if isinstance(w, Alert)}
    assert rows["duty_missing"] == ("technician", ("giao-ban",))
    assert rows["duty_leader"] == ("leader", ("giao-ban",))


def test_a_room_without_the_button_has_nobody_to_ask() -> None:
    buttons = tuple(b for b in a_room().buttons if b.role != "duty")
    assert alerts(said(duty, sit(7.8, room=a_room(buttons=buttons)))) == set()


def test_the_room_beeps_once_at_the_reminder_and_the_press_ends_it_all() -> None:
    day = Day(6.5, a_room(buzzer="buzzer")).calendar(a_meeting(8, 10)).to(7.249)
    assert lamps(day.state, day.now, day.room)["duty"] == "slow"
    day.until(lambda d: "duty_remind" in d.codes, MINUTE_MS)
    assert buzzer(day.state, day.now, day.room) == "beep"
    assert day.to(7.8).codes >= MISSING
    day.press("duty", 300)
    assert not MISSING & day.codes
    assert lamps(day.state, day.now, day.room)["duty"] == "steady"


def test_presence_is_from_the_first_press_to_the_last_press_of_anything() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.1).press("duty", 300).to(8.5)
    assert noted(day) == pytest.approx((wall(7.1), wall(7.1)), abs=1_000)
    day.press("help", 300).to(9)
    assert noted(day) == pytest.approx((wall(7.1), wall(8.5)), abs=1_000)
    assert len(day.told("noted", "duty.giao-ban")) == 2
    assert [row["value"] for row in day.told("hold", "duty")] == ["present"]


def test_what_was_noted_outlives_the_pi() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.1).press("duty", 300).to(8.5)
    day.restart("b2")
    day.to(8.6).press("duty", 300).to(8.7)
    assert noted(day) == pytest.approx((wall(7.1), wall(8.6)), abs=10_000)


def test_a_handover_has_ten_minutes() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.1).press("duty", 300).to(8.5).press("duty", 3_500)
    assert "duty" not in day.state.holds
    assert noted(day) == pytest.approx((wall(7.1), wall(8.5)), abs=5_000)
    assert lamps(day.state, day.now, day.room)["duty"] == "slow"
    assert not MISSING & day.run(HANDOVER_MS - 10_000).codes
    assert day.run(20_000).codes >= MISSING
    assert not MISSING & day.press("duty", 300).codes


def test_the_desk_may_enter_it_and_says_who() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.8)
    day.command("duty", "on")
    assert not MISSING & day.codes
    assert day.told("hold", "duty")[-1]["code"] == "R20.by_desk"
    assert noted(day) == pytest.approx((wall(7.8), wall(7.8)), abs=1_000)


def test_the_next_meeting_asks_again() -> None:
    day = Day(6.5).calendar(a_meeting(8, 9), a_meeting(14, 15, uid="next")).to(7.1).press("duty", 300).to(13.6)
    assert day.codes >= {"duty_remind", "duty_missing"}


@pytest.mark.parametrize(("pressed", "counts"), [(-9.0, False), (5.4, False), (5.6, True), (6.9, True)])
def test_a_press_long_before_is_nobody_who_is_there_now(pressed: float, counts: bool) -> None:
    """T-60 is 07:00. Who pressed yesterday, with nothing booked, is not the technician of this morning."""
    day = Day(pressed, sample_ms=SELDOM_MS).calendar(a_meeting(8, 10)).press("duty", 200).to(7.6)
    assert ("duty_missing" not in day.codes) is counts
    assert ("!duty.giao-ban" in day.state.marks) is counts


def test_who_took_the_first_of_two_meetings_back_to_back_stays_for_the_second() -> None:
    day = Day(6.9, sample_ms=SELDOM_MS).calendar(a_meeting(8, 10), a_meeting(10, 12, uid="next")).to(7.2)
    day.press("duty", 200).to(11.9)
    assert {"!duty.giao-ban", "!duty.next"} <= day.state.marks.keys()
    assert not {"duty_missing", "duty_leader"} & day.codes
