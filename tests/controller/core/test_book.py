"""R18, N2, N3: when a meeting's lead begins, what moves it and what does not, and what outages make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.instant import Trust
from controller.core.meeting import Booked, Meeting
from tests.controller.day import SELDOM_MS, Day
from tests.controller.room_kit import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    a_meeting,
    mono,
)


def booked(day: Day) -> Booked:
    (one,) = day.state.booked
    return one


def moved(meeting: Meeting, hours: float) -> Meeting:
    by_ms = round(hours * HOUR_MS)
    return replace(meeting, start_ms=meeting.start_ms + by_ms, end_ms=meeting.end_ms + by_ms)


def kinds(day: Day, prefix: str = "meeting.") -> list[str]:
    return [r.kind for _, r in day.records if r.kind.startswith(prefix)]


def test_a_meeting_is_booked_at_t_90_and_powered_at_its_lead() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(6.499)
    assert day.state.booked == ()
    day.to(6.5)
    assert booked(day).late == ""
    assert (booked(day).ready_ms, booked(day).start_ms, booked(day).end_ms) == (mono(7), mono(8), mono(10))
    assert mono(6.89) < booked(day).on_by_ms < mono(6.91)


def test_tentative_meetings_are_not_booked_until_they_are_confirmed() -> None:
    day = Day(6).calendar(a_meeting(8, 10, tentative=True)).to(6.8)
    assert day.state.booked == ()
    assert booked(day.calendar(a_meeting(8, 10), version="2")).late == ""


@pytest.mark.parametrize(("hour", "late"), [(6.91, ""), (6.93, "short_notice"), (9, "short_notice")])
def test_told_after_the_time_to_begin_is_short_notice(hour: float, late: str) -> None:
    assert booked(Day(hour).calendar(a_meeting(8, 10))).late == late


def test_what_is_over_is_skipped_and_said_once() -> None:
    day = Day(10).calendar(a_meeting(8, 10))
    assert (day.state.booked, day.state.over) == ((), ("giao-ban",))
    day.calendar(a_meeting(8, 10), version="2").run(HOUR_MS)
    assert kinds(day) == ["meeting.skipped"]


def test_a_clock_that_nobody_trusts_skips_nothing() -> None:
    day = Day(10, trust=Trust.UNKNOWN).calendar(a_meeting(8, 10))
    assert kinds(day) == []
    day.step_clock(-2 * HOUR_MS, Trust.NTP)
    assert booked(day).meeting.uid == "giao-ban"


@pytest.mark.parametrize("boot", ["", "b2"])
def test_a_meeting_that_a_clock_ahead_has_skipped_begins_when_the_clock_is_set_back(boot: str) -> None:
    """An RTC that kept local time for UTC is seven hours ahead until the first word of an NTP server."""
    day = Day(12, trust=Trust.RTC).calendar(a_meeting(8, 10))
    assert kinds(day) == ["meeting.skipped"]
    if boot:
        day.restart(boot=boot)
    day.step_clock(-7 * HOUR_MS, Trust.NTP)
    day.run(2 * HOUR_MS)
    assert (booked(day).meeting.uid, booked(day).late, day.phase) == ("giao-ban", "", "ready")


def test_what_was_skipped_leaves_nothing_behind() -> None:
    day = Day(12).calendar(a_meeting(8, 10))
    assert "skipped.giao-ban" in day.state.marks
    assert "skipped.giao-ban" not in day.calendar(version="2").state.marks


def test_a_meeting_that_was_held_does_not_begin_again_by_a_clock_set_back() -> None:
    day = Day(6, sample_ms=SELDOM_MS).calendar(a_meeting(8, 10)).to(15.1)
    assert (day.state.booked, day.state.over) == ((), ("giao-ban",))
    day.step_clock(-6 * HOUR_MS)
    assert day.run(MINUTE_MS).state.booked == ()


def test_over_midnight() -> None:
    day = Day(22).calendar(a_meeting(23.5, 25.5)).to(24.5)
    assert booked(day).end_ms == mono(25.5)
    assert day.phase == "ready"
    assert day.until(lambda d: d.phase == "off", 2 * HOUR_MS).hour == pytest.approx(26, abs=0.05)


@pytest.mark.parametrize("by_ms", [DAY_MS, -DAY_MS, 50 * MINUTE_MS, -10 * MINUTE_MS])
def test_a_stepped_clock_does_not_move_what_is_booked(by_ms: int) -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(6.95)
    before = booked(day)
    day.step_clock(by_ms)
    assert booked(day.to(9.9)) == before
    assert day.phase == "ready"
    assert day.told("clock.stepped") == [{"subject": "clock", "by_ms": by_ms, "trust": "ntp"}]


def test_a_clock_that_was_wrong_books_by_the_new_time() -> None:
    day = Day(5).calendar(a_meeting(8, 10))
    day.step_clock(HOUR_MS)
    assert booked(day.to(5.95)).start_ms == mono(7)


def test_cancelled_before_its_end_it_is_let_go_after_it_it_stays_for_the_closing() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.5).calendar(version="2")
    assert day.state.booked == ()
    assert kinds(day) == ["meeting.booked", "meeting.cancelled"]
    day = Day(6).calendar(a_meeting(8, 10)).to(10.1).calendar(version="2")
    assert booked(day).end_ms == mono(10)


def test_a_journal_says_what_its_meeting_is_called_and_of_a_secret_one_only_when_it_begins() -> None:
    meeting = a_meeting(8, 10)
    (said,) = Day(6).calendar(meeting).to(7).told("meeting.booked")
    assert (said["title"], said["start"]) == (meeting.title, meeting.start_ms)
    (said,) = Day(6).calendar(replace(meeting, secret=True)).to(7).told("meeting.booked")
    assert ("title" in said, said["start"]) == (False, meeting.start_ms)


@pytest.mark.parametrize("by_ms", [DAY_MS, -3 * DAY_MS, 400 * DAY_MS])
def test_a_window_around_another_day_cancels_nothing_that_is_on(by_ms: int) -> None:
    """The schedule plans anew when the clock jumps: what the new window leaves out is not cancelled by that."""
    day = Day(6).calendar(a_meeting(8, 10)).to(8.5)
    before, marks = booked(day), dict(day.state.marks)
    day.step_clock(by_ms)
    assert booked(day.calendar()) == before
    assert marks["!t60.giao-ban"] == day.state.marks["!t60.giao-ban"], "and its evidence stays"
    refused = day.command("power", "off")
    assert (refused.stage, refused.code) == ("refused", "N9.meeting")
    day.step_clock(-by_ms)
    assert booked(day.calendar(a_meeting(8, 10)).to(9.9)) == before
    assert kinds(day) == ["meeting.booked"]


def test_cancelled_while_the_clock_was_wrong_it_is_let_go_when_it_is_right() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(8.5)
    day.step_clock(DAY_MS)
    assert booked(day.calendar(version="2"))
    day.step_clock(-DAY_MS)
    assert day.calendar(version="2").state.booked == ()


def test_turned_tentative_it_is_let_go() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7).calendar(a_meeting(8, 10, tentative=True), version="2")
    assert day.state.booked == ()


def test_moved_an_hour_later_it_begins_anew_with_evidence_of_its_own() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.2).calendar(moved(a_meeting(8, 10), 2), version="2")
    assert day.state.booked == ()
    day.to(9.1)
    assert (booked(day).start_ms, booked(day).late) == (mono(10), "")
    noted = [row["value"] for row in day.told("noted", "t60.giao-ban")]
    assert noted == ["ready", "ready"]
    assert "meeting.changed" in kinds(day)


def test_moved_earlier_at_short_notice_is_short_notice() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(6.6).calendar(moved(a_meeting(8, 10), -0.5), version="2")
    assert booked(day).late == "short_notice"


def test_a_meeting_that_was_late_and_is_moved_to_tomorrow_is_not_late_tomorrow() -> None:
    day = Day(7.5, sample_ms=SELDOM_MS).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    assert booked(day).late == "short_notice"
    day.calendar(moved(a_meeting(8, 10), 24), version="2").to(31.1)
    assert day.told("noted", "ready.giao-ban")[-1]["value"] == "in_time"


def test_a_skipped_meeting_that_is_held_later_after_all() -> None:
    day = Day(11).calendar(a_meeting(8, 10)).calendar(moved(a_meeting(8, 10), 5), version="2").to(12.1)
    assert booked(day).start_ms == mono(13)


def test_a_new_title_or_break_changes_no_time_and_keeps_an_extension() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(8)
    day.command("meeting", "extend", "giao-ban", 30)
    break_ = (a_meeting(9, 9.5).start_ms, a_meeting(9, 9.5).end_ms)
    day.calendar(replace(a_meeting(8, 10), title="Mới", breaks=(break_,)), version="2")
    assert (booked(day).end_ms, booked(day).breaks) == (mono(10.5), ((mono(9), mono(9.5)),))
    assert booked(day).meeting.title == "Mới"


def test_two_meetings_are_kept_in_order_of_their_start() -> None:
    day = Day(6).calendar(a_meeting(8.2, 9, uid="b"), a_meeting(8, 9, uid="a")).to(7.5)
    assert [b.meeting.uid for b in day.state.booked] == ["a", "b"]


def test_an_hour_after_the_locks_last_hour_it_is_let_go_and_does_not_come_back() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(14.99)
    assert day.state.booked
    day.to(15.0)
    assert (day.state.booked, day.state.over) == ((), ("giao-ban",))
    assert day.calendar(a_meeting(8, 10), version="2").run(MINUTE_MS).state.booked == ()
    assert day.calendar(version="3").state.over == ()


@pytest.mark.lives
def test_what_was_noted_does_not_gather_for_years() -> None:
    day = Day(6, sample_ms=SELDOM_MS)
    for n in range(3):
        meeting = replace(moved(a_meeting(8, 10), 24 * n), uid=f"m{n}")
        day.calendar(meeting, version=str(n)).to(24 * n + 30)
    assert {name for name in day.state.marks if name.startswith(("!ready", "!t60"))} == {"!ready.m2", "!t60.m2"}


def test_confirmed_after_the_time_to_begin_is_short_notice_and_not_the_rooms_fault() -> None:
    """The calendar has known it all the time; whoever confirmed it did so too late."""
    day = Day(6).calendar(a_meeting(8, 10, tentative=True)).to(7.5)
    assert booked(day.calendar(a_meeting(8, 10), version="2")).late == "short_notice"


def test_a_meeting_that_would_be_over_all_the_same_is_not_extended() -> None:
    """Accepted, the desk would believe that the room goes on."""
    day = Day(6.5).calendar(a_meeting(8, 10)).to(10.6)
    assert day.command("meeting", "extend", "giao-ban", 30).code == "not_in_meeting"
    assert day.command("meeting", "extend", "giao-ban", 60).stage == "accepted"
