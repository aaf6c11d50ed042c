"""Two meetings of one room, the second soon after the first: what is the one's is not the other's (R8, R10, R12,
R19, R26), though the lead of the second begins while the first is on.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.seating import noted
from controller.core.views import next_meeting
from hardware.contract import Reading
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting
from tests.controller.rules.test_seats import preset, two_seats

THEN = a_meeting(10.25, 12, uid="tap-huan", seats=(("seat2", 7),))


def both(hour: float) -> Day:
    """08:00 to 10:00 and 10:15 to 12:00; in the first one's call since 08:12."""
    day = Day(6.5, two_seats()).calendar(a_meeting(8, 10), THEN).to(8.2).call().run(20_000)
    return day.to(hour)


def test_a_request_of_a_meeting_that_is_over_is_not_in_the_queue_of_the_next() -> None:
    day = both(9.5).press("talk_seat2", 300)
    assert "ask.seat2" in day.to(10.2).state.holds, "the first one may run over its end"
    assert "ask.seat2" not in day.to(10.26).state.holds
    assert "ask.seat2" in day.press("talk_seat2", 300).to(11.9).state.holds


def test_who_speaks_in_the_next_meeting_is_seen_by_its_own_seats() -> None:
    day = both(9.9)
    day.command("floor", "grant", "seat2")
    assert preset(day.run(10_000)) == 2, "the first one's, although the next one's hour before has begun"
    day.command("floor", "end")
    day.hang_up().to(10.3).call().run(20_000)
    day.command("floor", "grant", "seat2")
    assert preset(day.run(10_000)) == 7
    day.command("floor", "end")
    day.command("seat", "show", "overview")
    day.run(10_000).command("seat", "show", "seat2")
    assert preset(day.run(10_000)) == 7
    assert noted("giao-ban") not in day.state.marks


def test_the_first_ones_call_that_ends_after_its_end_is_no_lost_call_of_the_next() -> None:
    day = both(10.05).hang_up()
    assert "dropped" not in day.run(5 * MINUTE_MS).codes
    assert "dropped" not in day.to(10.3).codes


def test_a_call_of_the_next_meeting_that_is_lost_before_it_begins_is_told() -> None:
    day = both(10.02).hang_up().run(MINUTE_MS).call(id="2").run(2 * MINUTE_MS).hang_up()
    assert "dropped" in day.run(MINUTE_MS).codes


def test_a_call_that_goes_on_into_the_next_meeting_is_its_call() -> None:
    day = both(10.5).hang_up()
    assert "dropped" in day.run(MINUTE_MS).codes


def test_who_leaves_the_first_meeting_is_not_counted_in_the_next() -> None:
    day = both(9.5)
    for hour, people in ((9.6, 38), (10.1, 35), (10.4, 6), (11.5, 5)):
        day.to(hour).give(Reading("codec", (("people", people),), day.mono_ms))
    day.to(12.1)
    assert [(r["subject"], r["value"]) for r in day.told("noted") if str(r["subject"]).startswith("people.")] == [
        ("people.giao-ban", 38),
        ("people.tap-huan", 6),
    ]


def test_the_roll_call_is_of_the_meeting_that_comes() -> None:
    day = both(9.7)
    day.command("rollcall", "sound_in", "ok")
    assert day.told("noted", "rollcall.tap-huan")
    assert not day.told("noted", "rollcall.giao-ban")


def test_the_first_ones_break_in_the_lead_of_the_next_is_no_clash() -> None:
    rest = a_meeting(8, 10)
    rest = replace(rest, breaks=((rest.start_ms + 75 * MINUTE_MS, rest.start_ms + 95 * MINUTE_MS),))
    day = Day(6.5, two_seats()).calendar(rest, a_meeting(10.5, 12, uid="b")).to(9.5)
    assert not [row for row in day.told("alert") if row["alert"] == "clash"]


def test_a_meeting_that_people_have_moved_the_end_of_is_shown_as_long_as_it_lasts() -> None:
    """The calendar's own end says nothing any more: the desk would read the next meeting while this one is on."""
    day = both(9.5)
    day.command("meeting", "extend", "giao-ban", 10)
    shown = next_meeting(day.to(10.1).state, day.now)
    assert shown is not None
    assert (shown[0], shown[3]) == ("giao-ban", a_meeting(8, 10).end_ms + 10 * MINUTE_MS)
    day = both(9.5)
    day.command("meeting", "end", "giao-ban")
    shown = next_meeting(day.run(MINUTE_MS).state, day.now)
    assert shown is not None
    assert shown[0] == "tap-huan"


def test_the_break_between_two_meetings_puts_no_codec_to_sleep_in_a_third() -> None:
    meetings = (a_meeting(6.5, 7, uid="a"), a_meeting(7, 8, uid="b"), a_meeting(9, 10, uid="c"))
    day = Day(5, two_seats()).calendar(*meetings).to(7.9)
    assert not [row for row in day.told("alert") if row["alert"] == "clash"]
