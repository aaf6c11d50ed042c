"""R6: the spans in which a room may rehearse, from the calendar alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from controller.calendar import Agenda
from controller.calendar_rehearse import HOURS, LEAST, due, slots
from controller.core.meeting import Meeting

VN = timezone(timedelta(hours=7))
TET = frozenset(date(2026, 2, 14) + timedelta(days=n) for n in range(9))


def spans(start: datetime, holidays: frozenset[date] = frozenset(), rule: str = "hours") -> list[str]:
    return [
        f"{datetime.fromtimestamp(begin_ms / 1000, VN):%a %d %H:%M}" for begin_ms, _ in slots(start, holidays, rule)
    ]


def vn(day: int, hour: int = 8, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VN)


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        (vn(5, 14), ["Tue 03 17:15", "Wed 04 05:45", "Wed 04 11:45"]),
        (vn(3, 8), ["Mon 02 05:45"]),
        (
            vn(2, 8),
            ["Fri 27 05:45", "Fri 27 11:45", "Fri 27 17:15", "Sat 28 11:45", "Sat 28 17:15", "Sun 01 05:45"],
        ),
        (
            vn(8, 21),
            ["Fri 06 05:45", "Fri 06 11:45", "Fri 06 17:15", "Sat 07 05:45", "Sat 07 11:45", "Sat 07 17:15"],
        ),
    ],
    ids=["midweek", "Tuesday morning", "after a weekend: Friday, and again", "on a Sunday evening"],
)
def test_on_the_last_working_day_by_t_24(start: datetime, begins: list[str]) -> None:
    assert spans(start) == begins


def test_after_the_new_year_on_the_last_working_day_before_it() -> None:
    begins = spans(datetime(2026, 2, 23, 8, tzinfo=VN), TET)
    assert begins[:3] == ["Fri 13 05:45", "Fri 13 11:45", "Fri 13 17:15"]
    assert begins[3:] == ["Sat 21 11:45", "Sat 21 17:15", "Sun 22 05:45"]


def test_a_province_that_counts_calendar_days_has_the_evening_before_too() -> None:
    assert spans(vn(5), rule="day") == [
        "Tue 03 11:45",
        "Tue 03 17:15",
        "Wed 04 05:45",
        "Wed 04 11:45",
        "Wed 04 17:15",
    ]
    assert due(vn(5), "day") == vn(5, 0)
    assert due(vn(5), "hours") == vn(4)


@pytest.mark.parametrize("rule", ["hours", "day"])
def test_never_at_night_and_never_too_short(rule: str) -> None:
    for hour in range(24 * 14):
        start = vn(2, 0) + timedelta(hours=hour)
        found = slots(start, TET, rule)
        assert found, start
        assert list(found) == sorted(found)
        for begin_ms, end_ms in found:
            begin, end = (datetime.fromtimestamp(at / 1000, VN) for at in (begin_ms, end_ms))
            assert end <= due(start, rule)
            assert end - begin >= LEAST
            assert any(first <= begin.time() and end.time() <= last for first, last in HOURS)


def test_a_list_of_holidays_without_an_end_leaves_the_last_two_days() -> None:
    always = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert spans(vn(5, 14), always) == ["Tue 03 17:15", "Wed 04 05:45", "Wed 04 11:45"]


def test_the_window_knows_a_meeting_as_soon_as_there_is_something_to_rehearse_for() -> None:
    agenda = Agenda(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Họp\r\nDTSTART:20260223T080000\r\n"
        "DTEND:20260223T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        holidays=TET,
    )
    assert _known(agenda, datetime(2026, 2, 10, 8, tzinfo=VN)) == ()
    meeting = _known(agenda, datetime(2026, 2, 12, 8, tzinfo=VN))[0]
    assert meeting.rehearse == slots(datetime(2026, 2, 23, 8, tzinfo=VN), TET)
    assert meeting.due_ms == meeting.start_ms - 24 * 3_600_000


def _known(agenda: Agenda, at: datetime) -> tuple[Meeting, ...]:
    return agenda.window(round(at.timestamp() * 1000)).window
