"""R6, R7: what becomes of a check: KIỂM TRA and its lamp, T-60, who is told of a failure."""

from __future__ import annotations

import pytest

from controller.core.lamps import LOOK_MS, PASSED_MS, lamps
from controller.core.report import details
from controller.rules.checks import results
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, Sit, a_booked, a_meeting, alerts, codes, said

CHECK_MS = 2 * MINUTE_MS


def lamp(day: Day) -> str:
    shown = lamps(day.state, day.now, day.room)
    name = next(lamp.name for lamp in day.room.lamps if lamp.role == "check")
    return shown[name]


def on() -> Day:
    return Day(hour=9.0).press("power", 300).run(4 * MINUTE_MS)


def test_kiem_tra_takes_two_minutes_and_shows_a_minute_that_it_passed() -> None:
    day = on().press("check", 300)
    assert lamp(day) == "slow"
    day.run(CHECK_MS)
    assert day.state.marks["!checked"].value[0] == "passed"  # type: ignore[index]
    assert lamp(day) == "steady"
    assert lamp(day.run(PASSED_MS)) == "off"


def test_what_is_not_passed_asks_for_a_look() -> None:
    day = on()
    day.far.climate["room"] = (38.0, 60.0)
    day.press("check", 300).run(CHECK_MS + 3 * 30_000)
    assert day.state.marks["!checked"].value[2] == ("climate.room.temp_c",)  # type: ignore[index]
    assert lamp(day) == "double"
    day.far.climate["room"] = (26.0, 60.0)
    assert lamp(day.run(LOOK_MS)) == "off"


def test_not_in_a_call() -> None:
    day = on().call().press("check", 300)
    assert lamp(day) == "refused"
    assert day.command("check").code == "in_call"
    assert "check" not in day.state.holds


def test_a_call_that_begins_ends_it_without_a_result() -> None:
    day = on().press("check", 300).call()
    day.run(CHECK_MS + MINUTE_MS)
    assert "!checked" not in day.state.marks


def test_the_desk_asks_too() -> None:
    day = on()
    assert day.command("check").stage == "accepted"
    assert day.run(CHECK_MS + 1_000).told("noted", "checked")


def test_after_a_repair_it_stands_for_the_meeting_that_was_not_passed() -> None:
    failed = ("failed", 0, ("load.codec",), (), ())
    meeting = a_meeting(start=32.0, end=34.0, rehearse=((0, 1),), due_ms=1)
    day = on()
    day.calendar(meeting)
    kept = Sit(marks={"!check.giao-ban": failed}).state().marks
    day.state = day.state._replace(marks={**day.state.marks, **kept})
    assert "check_failed" in day.run(1_000).codes
    day.press("check", 300).run(CHECK_MS)
    assert day.state.marks["!check.giao-ban"].value[0] == "passed"  # type: ignore[index]
    assert "check_failed" not in day.codes


def test_at_t_60_the_whole_room_is_looked_at_and_noted() -> None:
    day = Day(hour=6.0).calendar(a_meeting()).to(7.1)
    rows = {row[0]: row[1] for row in day.state.marks["!check60.giao-ban"].value[4]}  # type: ignore[index, union-attr]
    assert rows["load.display"] == rows["load.amplifier"] == rows["load.codec"] == "passed"


@pytest.mark.parametrize(
    ("failed", "code"),
    [
        (("line",), "R6.failed_line"),
        (("line.gateway.rtt_ms",), "R6.failed_line"),
        (("mains", "ups.runtime"), "R6.failed_power"),
        (("line", "mains"), "R6.failed_device"),
        (("seat.chair",), "R6.failed_device"),
    ],
)
def test_who_can_still_mend_it_is_told(failed: tuple[str, ...], code: str) -> None:
    kept: Value = ("failed", 0, failed, (), ())
    booked = a_booked(start=8.0, rehearse=((0, 1),), due_ms=1)
    words = said(results, Sit(hour=7.0, booked=(booked,), marks={"!check.giao-ban": kept}))
    assert alerts(words) == {"check_failed"}
    assert codes(words) == {code}


def test_the_parts_show_rows_and_what_was_made() -> None:
    day = on().press("check", 300).run(CHECK_MS)
    part = details(day.state, day.now, day.room)["checks"]
    assert part["now"]["mains"] == {"result": "passed", "figure": "mains"}  # type: ignore[index, call-overload]
    assert part["made"]["checked"]["result"] == "passed"  # type: ignore[index, call-overload]
    assert (part["rehearsal"], part["rehearse"]) == ("", "auto")
