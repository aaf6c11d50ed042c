"""The network's calendar: series, moved and cancelled instances, rest days, roles, breaks; noise never raises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.calendar import (
    Agenda,
    CalendarError,
    example,
    holidays,
    near,
    occurrences,
    window,
)
from controller.calendar_plan import LENGTH_MAX_H
from controller.calendar_read import EVENTS_MAX, TEXT_MAX_KIB
from controller.core.meeting import Meeting, Policy, Role
from controller.texts import known

VN = timezone(timedelta(hours=7))
HOUR = 3_600_000


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Unix time of a moment in Vietnam."""
    return round(datetime(year, month, day, hour, minute, tzinfo=VN).timestamp()) * 1000


def event(*lines: str, uid: str = "a", start: str = "20260302T080000", summary: str = "Họp") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", f"DTSTART:{start}", *lines, "END:VEVENT"]
    )


def calendar(*events: str, head: str = "") -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *([head] if head else []), *events, "END:VCALENDAR", ""])


YEAR = (ms(2026, 1, 1), ms(2027, 1, 1))


def year(text: str, room: str = "") -> tuple[Meeting, ...]:
    return occurrences(text, *YEAR, room=room)


def starts(text: str) -> list[str]:
    """Local starts, day and hour."""
    return [f"{datetime.fromtimestamp(m.start_ms / 1000, VN):%m-%d %H:%M}" for m in year(text)]


def problems(text: str) -> list[str]:
    """Codes of what could not be used."""
    agenda = Agenda(text)
    agenda.occurrences(*YEAR)
    return [problem.code for problem in agenda.problems]


# The example: R18


def test_the_example_is_the_networks_year() -> None:
    agenda = Agenda(example(), holidays=holidays(example("holidays.example.txt")))
    rows = agenda.occurrences(*YEAR)
    assert agenda.problems == ()
    by_series = {
        name: [m for m in rows if m.uid.startswith(name)] for name in ("giao-ban", "sinh-hoat", "tap-huan")
    }
    days = {
        name: {datetime.fromtimestamp(m.start_ms / 1000, VN).day for m in ms_} for name, ms_ in by_series.items()
    }
    assert (len(by_series["giao-ban"]), days["giao-ban"]) == (12, {25})
    assert (len(by_series["sinh-hoat"]), days["sinh-hoat"]) == (12, {15})
    assert len(by_series["tap-huan"]) == 16
    months = {datetime.fromtimestamp(m.start_ms / 1000, VN).month for m in by_series["tap-huan"]}
    assert months == {7, 8}


def test_a_series_has_hours_a_break_and_roles() -> None:
    text = example()
    first = next(m for m in year(text, "ttgdtx-thanh-pho") if m.uid.startswith("giao-ban"))
    assert (first.start_ms, first.end_ms) == (ms(2026, 1, 25, 8), ms(2026, 1, 25, 11, 30))
    assert first.breaks == ((ms(2026, 1, 25, 9, 30), ms(2026, 1, 25, 9, 45)),)
    assert (first.role, first.policy) == (Role.BACKUP, Policy.CHAIR_LED)
    later = next(m for m in year(text, "sogddt") if m.start_ms == ms(2026, 3, 25, 8))
    assert later.role is Role.CHAIR
    assert later.breaks == ((ms(2026, 3, 25, 9, 30), ms(2026, 3, 25, 9, 45)),)
    training = next(m for m in year(text, "sogddt") if m.uid.startswith("tap-huan"))
    assert (training.policy, training.presents) == (Policy.PRESENTER, True)
    assert not next(m for m in year(text, "x") if m.uid.startswith("tap-huan")).presents


def test_a_series_on_a_rest_day_is_tentative() -> None:
    agenda = Agenda(example(), holidays=holidays(example("holidays.example.txt")))
    doubtful = {
        f"{datetime.fromtimestamp(m.start_ms / 1000, VN):%d/%m}" for m in agenda.occurrences(*YEAR) if m.tentative
    }
    assert doubtful == {"25/01", "15/02", "15/03", "25/04", "25/07", "15/08", "25/10", "15/11"}


def test_a_holiday_on_a_weekday_counts() -> None:
    text = calendar(event("RRULE:FREQ=WEEKLY;COUNT=3"))
    rows = occurrences(text, *YEAR, holidays={date(2026, 3, 9)})
    assert [m.tentative for m in rows] == [False, True, False]


# One event


def test_a_single_meeting() -> None:
    (m,) = year(calendar(event("DTEND:20260302T113000")))
    assert replace(m, rehearse=(), due_ms=0) == Meeting("a", "Họp", ms(2026, 3, 2, 8), ms(2026, 3, 2, 11, 30))


def test_a_single_meeting_on_sunday_is_meant_so() -> None:
    (m,) = year(calendar(event(start="20260301T080000")))
    assert not m.tentative


def test_without_an_end_it_lasts_as_long_as_the_rules_say() -> None:
    (m,) = year(calendar(event()))
    assert m.end_ms - m.start_ms == 4 * HOUR
    (m,) = occurrences(calendar(event()), *YEAR, length_ms=2 * HOUR)
    assert m.end_ms - m.start_ms == 2 * HOUR
    (m,) = year(calendar(event("DURATION:PT90M")))
    assert m.end_ms - m.start_ms == 90 * 60_000


def test_over_midnight() -> None:
    text = calendar(event("DTEND:20260303T020000", start="20260302T220000"))
    assert [m.uid for m in occurrences(text, ms(2026, 3, 3), ms(2026, 3, 4))] == ["a"]
    assert occurrences(text, ms(2026, 3, 3, 2), ms(2026, 3, 4)) == ()
    assert occurrences(text, ms(2026, 3, 2), ms(2026, 3, 2, 22)) == ()


ZONE = """BEGIN:VTIMEZONE
TZID:Noi bo
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE""".replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("line", "hour"),
    [
        ("DTSTART:20260302T010000Z", 8),
        ("DTSTART;TZID=Asia/Ho_Chi_Minh:20260302T080000", 8),
        ("DTSTART;TZID=SE Asia Standard Time:20260302T080000", 8),
        ("DTSTART;TZID=Asia/Tokyo:20260302T100000", 8),
        ("DTSTART;TZID=Noi bo:20260302T100000", 8),
        ("DTSTART:20260302T080000", 8),
    ],
)
def test_zones(line: str, hour: int) -> None:
    text = calendar(event().replace("DTSTART:20260302T080000", line), head=ZONE)
    (m,) = year(text)
    assert m.start_ms == ms(2026, 3, 2, hour)


def test_the_rooms_own_zone_is_used_for_floating_times() -> None:
    (m,) = occurrences(calendar(event()), *YEAR, tz="UTC")
    assert m.start_ms == ms(2026, 3, 2, 15)


def test_title_and_uid_have_stand_ins_and_ends() -> None:
    text = calendar(event(summary="").replace("UID:a\r\n", ""))
    (m,) = year(text)
    assert (m.title, m.uid) == ("?", "?@20260302T0800")
    (m,) = year(calendar(event(summary="x" * 999)))
    assert len(m.title) == 200


def test_status() -> None:
    assert year(calendar(event("STATUS:CANCELLED"))) == ()
    assert [m.tentative for m in year(calendar(event("STATUS:TENTATIVE")))] == [True]
    assert [m.tentative for m in year(calendar(event("STATUS:CONFIRMED")))] == [False]


# Series


def test_instances_are_taken_out_added_and_moved() -> None:
    series = event(
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE:20260309T080000",
        "EXDATE;VALUE=DATE:20260316",
        "RDATE:20260305T080000",
        "RDATE;VALUE=PERIOD:20260306T090000/PT2H",
    )
    moved = event("RECURRENCE-ID:20260323T080000", start="20260324T140000")
    text = calendar(series, moved)
    assert starts(text) == ["03-02 08:00", "03-05 08:00", "03-06 09:00", "03-24 14:00", "03-30 08:00"]
    uids = {m.start_ms: m.uid for m in year(text)}
    assert uids[ms(2026, 3, 24, 14)] == "a@20260323T010000Z"
    assert uids[ms(2026, 3, 2, 8)] == "a@20260302T010000Z"


def test_added_dates_without_a_rule() -> None:
    assert starts(calendar(event("RDATE:20260305T080000"))) == ["03-02 08:00", "03-05 08:00"]


def test_a_moved_instance_is_found_where_it_went() -> None:
    text = calendar(
        event("RRULE:FREQ=WEEKLY;COUNT=2"), event("RECURRENCE-ID:20260302T080000", start="20260501T080000")
    )
    assert occurrences(text, ms(2026, 3, 2), ms(2026, 3, 3)) == ()
    (m,) = occurrences(text, ms(2026, 5, 1), ms(2026, 5, 2))
    assert m.uid == "a@20260302T010000Z"


def test_a_confirmed_instance_on_a_rest_day_takes_place() -> None:
    series = event("RRULE:FREQ=DAILY;COUNT=9", "STATUS:CONFIRMED")
    confirmed = event("RECURRENCE-ID:20260307T080000", "STATUS:CONFIRMED", start="20260307T080000")
    unsaid = event("RECURRENCE-ID:20260308T080000", start="20260308T090000")
    rows = {m.start_ms: m.tentative for m in year(calendar(series, confirmed, unsaid))}
    assert rows[ms(2026, 3, 6, 8)] is False
    assert rows[ms(2026, 3, 7, 8)] is False
    assert rows[ms(2026, 3, 8, 9)] is True


def test_an_instance_that_is_cancelled_is_gone_and_so_is_a_cancelled_series() -> None:
    series = event("RRULE:FREQ=WEEKLY;COUNT=2")
    gone = event("RECURRENCE-ID:20260302T080000", "STATUS:CANCELLED")
    assert starts(calendar(series, gone)) == ["03-09 08:00"]
    moved = event("RECURRENCE-ID:20260302T080000", start="20260304T080000")
    cancelled = event("RRULE:FREQ=WEEKLY;COUNT=2", "STATUS:CANCELLED", "SEQUENCE:1")
    assert starts(calendar(cancelled, moved)) == []


def test_an_instance_named_by_its_day_only() -> None:
    text = calendar(
        event("RRULE:FREQ=WEEKLY;COUNT=2"), event("RECURRENCE-ID;VALUE=DATE:20260302", "STATUS:CANCELLED")
    )
    assert starts(text) == ["03-09 08:00"]


def test_the_highest_sequence_counts_then_the_last() -> None:
    rows = [event(f"SEQUENCE:{n}", start=f"202603{day:02}T080000") for n, day in ((2, 2), (1, 3), (2, 4))]
    assert starts(calendar(*rows)) == ["03-04 08:00"]


@pytest.mark.parametrize(
    ("until", "n"), [("20260316", 3), ("20260316T010000Z", 3), ("20260316T005959Z", 2), ("20260316T080000", 3)]
)
def test_until(until: str, n: int) -> None:
    assert len(year(calendar(event(f"RRULE:FREQ=WEEKLY;UNTIL={until}")))) == n


def test_the_hour_of_a_zone_with_summer_time_is_kept() -> None:
    text = calendar(event("RRULE:FREQ=MONTHLY;COUNT=2").replace("DTSTART:", "DTSTART;TZID=Europe/Paris:"))
    first, second = (datetime.fromtimestamp(m.start_ms / 1000, UTC).hour for m in year(text))
    assert (first, second) == (7, 6)


def test_a_series_from_a_leap_day() -> None:
    text = calendar(event("RRULE:FREQ=YEARLY;INTERVAL=4", start="20240229T080000"))
    (m,) = occurrences(text, ms(2028, 1, 1), ms(2029, 1, 1))
    assert m.start_ms == ms(2028, 2, 29, 8)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=4",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
    ],
)
def test_a_rule_that_never_happens_is_an_empty_series(rule: str) -> None:
    assert year(calendar(event(f"RRULE:{rule}"))) == ()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=YEARLY;BYWEEKNO=53",
        "FREQ=MONTHLY;BYHOUR=9",
        "FREQ=MONTHLY;INTERVAL=61",
        "FREQ=MONTHLY;COUNT=99999",
        "FREQ=MONTHLY;COUNT=0",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=400",
        "COUNT=3",
        "FREQ=MONTHLY\r\nRRULE:FREQ=DAILY",
    ],
)
def test_a_rule_that_is_not_supported_is_said_and_the_others_live(rule: str) -> None:
    text = calendar(event(f"RRULE:{rule}"), event(uid="b", start="20260303T080000"))
    assert starts(text) == ["03-03 08:00"]
    assert problems(text) == ["calendar.rule"]


def test_a_change_of_all_later_meetings_is_said() -> None:
    text = calendar(
        event("RRULE:FREQ=WEEKLY;COUNT=3"),
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20260309T080000", start="20260310T080000"),
    )
    assert problems(text) == ["calendar.future"]
    assert starts(text) == ["03-02 08:00", "03-10 08:00", "03-16 08:00"]


# Our own properties


def test_roles_are_of_the_meeting() -> None:
    text = calendar(
        event("X-DIEMCAU-CHAIR:A-1", "X-DIEMCAU-DESK:b", "X-DIEMCAU-MEMBERS:C, d", "X-DIEMCAU-PRESENTER:e")
    )
    roles = {room: [m.role for m in year(text, room)] for room in ("a-1", "b", "c", "d", "e", "f", "")}
    assert roles == {
        "a-1": [Role.CHAIR],
        "b": [Role.DESK],
        "c": [Role.MEMBER],
        "d": [Role.MEMBER],
        "e": [Role.MEMBER],
        "f": [],
        "": [Role.MEMBER],
    }


def test_a_chairing_site_that_is_also_desk_is_the_chair() -> None:
    assert [m.role for m in year(calendar(event("X-DIEMCAU-DESK:a", "X-DIEMCAU-CHAIR:a")), "a")] == [Role.CHAIR]


def test_secret_external_numbers() -> None:
    (m,) = year(calendar(event("X-DIEMCAU-EXTERNAL:true", "X-DIEMCAU-NUMBERS:1001,1002", "X-DIEMCAU-NUMBERS:1003")))
    assert (m.secret, m.external, m.numbers) == (False, True, ("1001", "1002", "1003"))
    assert [m.secret for m in year(calendar(event("CLASS:CONFIDENTIAL")))] == [True]
    assert [m.secret for m in year(calendar(event("X-DIEMCAU-SECRET:TRUE", "CLASS:PUBLIC")))] == [True]
    assert [m.secret for m in year(calendar(event("X-DIEMCAU-SECRET:FALSE")))] == [False]


def test_seats_of_a_meeting_are_for_every_room_or_for_one() -> None:
    text = calendar(event("X-DIEMCAU-SEATS:chair=3,lac-thuy:seat2=5", "X-DIEMCAU-SEATS:kim-son:seat2=6"))
    assert year(text, "lac-thuy")[0].seats == (("chair", 3), ("seat2", 5))
    assert year(text, "kim-son")[0].seats == (("chair", 3), ("seat2", 6))


@pytest.mark.parametrize("row", ["chair", "chair=x", "chair=255", "=3", "ghế=3"])
def test_a_seat_that_cannot_be_read_is_said_and_keeps_the_rooms_frame(row: str) -> None:
    text = calendar(event(f"X-DIEMCAU-SEATS:{row},chair=2"))
    assert problems(text) == ["calendar.seat"]
    assert year(text)[0].seats == (("chair", 2),)


def test_a_word_that_nobody_knows_makes_the_machine_keep_back() -> None:
    text = calendar(event("X-DIEMCAU-SECRET:có", "X-DIEMCAU-POLICY:ai cũng được"))
    (m,) = year(text)
    assert (m.secret, m.policy) == (True, Policy.OPEN)
    assert sorted(problems(text)) == ["calendar.word", "calendar.word"]


@pytest.mark.parametrize(
    "row", ["20260302T090000/20260302T091500", "20260302T090000/PT15M", "20260302T020000Z/PT15M"]
)
def test_breaks(row: str) -> None:
    (m,) = year(calendar(event(f"X-DIEMCAU-BREAK:{row}")))
    assert m.breaks == ((ms(2026, 3, 2, 9), ms(2026, 3, 2, 9, 15)),)


@pytest.mark.parametrize(
    "row", ["x", "20260302T070000/PT15M", "20260302T090000/20260302T080000", "09:00/09:15", "/"]
)
def test_a_break_that_cannot_be_is_said(row: str) -> None:
    text = calendar(event(f"X-DIEMCAU-BREAK:{row}"))
    assert [m.breaks for m in year(text)] == [()]
    assert problems(text) == ["calendar.break"]


def test_a_break_after_a_shortened_meeting_is_gone() -> None:
    (m,) = year(calendar(event("X-DIEMCAU-BREAK:20260302T093000/PT15M", "DURATION:PT1H")))
    assert m.breaks == ()


# What is wrong is said


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (event().replace("DTSTART:20260302T080000\r\n", ""), "calendar.no_start"),
        (event(start="20260302").replace("DTSTART:", "DTSTART;VALUE=DATE:"), "calendar.no_hour"),
        (event(start="18990302T080000"), "calendar.year"),
        (event(start="21000302T080000"), "calendar.year"),
        (event().replace("DTSTART:", "DTSTART;TZID=Asia/Sa_Thay:"), "calendar.zone"),
        (event().replace("DTSTART:", "DTSTART;TZID=Asia:"), "calendar.unreadable"),
        (event("DTEND:20260302T080000"), "calendar.length"),
        (event("DTEND:20270302T080000"), "calendar.length"),
        (event("DURATION:-PT1H"), "calendar.length"),
        (event("DTEND:hôm nay"), "calendar.unreadable"),
        (event(start="hôm nay"), "calendar.unreadable"),
        (event("RRULE:FREQ=MONTHLY;BYDAY=XX"), "calendar.unreadable"),
        (event("a line without a colon"), "calendar.unreadable"),
        (event("BEGIN:VALARM"), "calendar.unreadable"),
    ],
)
def test_one_bad_event_does_not_lose_the_others(broken: str, code: str) -> None:
    text = calendar(event(uid="b", start="20260301T080000"), broken, event(uid="c", start="20260303T080000"))
    agenda = Agenda(text)
    assert [m.uid for m in agenda.occurrences(*YEAR)] == ["b", "c"]
    (problem,) = agenda.problems
    assert problem.code == code
    assert known(code)
    assert "Họp" in problem.text("vi") or "2" in problem.text("vi")
    assert problem.args[0] in ("Họp", "2")


def test_a_text_that_was_cut_off_keeps_what_is_whole() -> None:
    text = calendar(event(), event(uid="b", start="20260303T080000"))
    cut = text[: text.rindex("DTSTART")]
    assert starts(cut) == ["03-02 08:00"]
    assert problems(cut) == ["calendar.cut_off"]


@pytest.mark.parametrize("text", ["", "\n\n", "VERSION:2.0", "BEGIN:VCARD\nEND:VCARD", '{"v":1}'])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(CalendarError) as caught:
        Agenda(text)
    assert caught.value.code == "calendar.not_calendar"
    assert ".ics" in caught.value.text("vi")


def test_a_text_that_is_too_large_is_refused() -> None:
    with pytest.raises(CalendarError, match=f"{TEXT_MAX_KIB} KiB"):
        Agenda(calendar("X:" + "x" * TEXT_MAX_KIB * 1024))
    with pytest.raises(CalendarError, match=f"{EVENTS_MAX} events"):
        Agenda(calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (EVENTS_MAX + 1)))


def test_too_many_meetings_are_cut_and_said() -> None:
    text = calendar(*(event("RRULE:FREQ=DAILY", uid=f"u{n}") for n in range(4)))
    assert len(year(text)) == 1000
    assert problems(text) == ["calendar.too_many"]


def test_a_byte_order_mark_and_bare_line_feeds_are_no_fault() -> None:
    assert starts("\ufeff\n" + calendar(event()).replace("\r\n", "\n")) == ["03-02 08:00"]


# The window


def test_the_window_is_twelve_hours_back_two_days_ahead_and_what_is_rehearsed_for_soon() -> None:
    now = ms(2026, 3, 2, 12)
    text = calendar(
        event("DTEND:20260302T000000", uid="past", start="20260301T230000"),
        event("DTEND:20260302T003000", uid="just", start="20260301T230000"),
        event(uid="ahead", start="20260304T113000"),
        event(uid="rehearsed", start="20260305T110000"),
        event(uid="far", start="20260305T190000"),
    )
    calendar_now = window(text, now, version="v7")
    assert [m.uid for m in calendar_now.window] == ["just", "ahead", "rehearsed"]
    assert (calendar_now.edge_ms, calendar_now.version) == (now + 12 * HOUR, "v7")


def test_windows_cut_from_months_equal_occurrences_asked_alone() -> None:
    text = example()
    agenda = Agenda(text, room="sogddt")
    for n in range(0, 365 * 2, 3):
        now = YEAR[0] + n * 12 * HOUR
        alone = occurrences(text, now - 12 * HOUR, now + 48 * HOUR, room="sogddt") if n % 60 == 0 else None
        rows = agenda.window(now).window
        assert alone is None or set(alone) <= set(rows)
        assert all(near(m, now) for m in rows)
        assert list(rows) == sorted(rows, key=lambda m: m.start_ms)


def test_a_meeting_across_the_edge_of_a_month_is_there_once() -> None:
    edge = 30 * 86_400_000 * 690
    start = datetime.fromtimestamp(edge / 1000, UTC) - timedelta(hours=1)
    text = calendar(event("DURATION:PT2H", start=f"{start:%Y%m%dT%H%M%SZ}"))
    assert len(window(text, edge).window) == 1


@given(st.integers(-(2**62), 2**62))
def test_a_wild_clock_gives_a_window(now_ms: int) -> None:
    assert isinstance(Agenda(calendar(event())).window(now_ms).window, tuple)


# Holidays


def test_holidays_are_days_and_ranges() -> None:
    days = holidays("# năm 2026\n2026-01-01 Tết\n\n2026-04-30/2026-05-01\t30/4, 1/5 # hai ngày\n")
    assert days == {date(2026, 1, 1), date(2026, 4, 30), date(2026, 5, 1)}


@pytest.mark.parametrize(
    "line",
    ["Tết", "2026-02-30", "2026-1-1", "01/01/2026", "2026-05-02/2026-05-01", "2026-01-01/2026-12-31", "1026-01-01"],
)
def test_a_line_that_is_no_date_is_named(line: str) -> None:
    with pytest.raises(CalendarError, match="Line 2"):
        holidays(f"2026-01-01\n{line}\n")


def test_too_many_holidays_are_refused() -> None:
    with pytest.raises(CalendarError):
        holidays("\n".join(f"20{n:02}-{m:02}-01/20{n:02}-{m:02}-28" for n in range(10, 20) for m in range(1, 13)))


# Noise


NAMES = (
    "DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID UID SUMMARY STATUS CLASS SEQUENCE X-DIEMCAU-BREAK "
    "X-DIEMCAU-POLICY X-DIEMCAU-MEMBERS BEGIN END EXRULE TZID DTSTART;TZID=Asia/Ho_Chi_Minh DTSTART;VALUE=DATE "
    "RDATE;VALUE=PERIOD EXDATE;TZID=x DTSTART;TZID=../x"
)
WORDS = (
    "20260302T080000 20260302T080000Z 20260302 VEVENT VTIMEZONE PT1H -P1D P99999999D 0 20260302T080000/PT1H "
    "00010101T000000 99991231T235959 FREQ=DAILY FREQ=MONTHLY;BYDAY=-1MO FREQ=WEEKLY;UNTIL=20260401;COUNT=2 "
    "FREQ=YEARLY;BYMONTHDAY=31 FREQ=DAILY;COUNT=-1 FREQ=DAILY;INTERVAL=0 FREQ=WEEKLY;BYDAY=54MO "
    "FREQ=MONTHLY;BYMONTHDAY=99 FREQ=YEARLY;BYMONTH=13 FREQ=DAILY;WKST=XX FREQ=MONTHLY;BYSETPOS=999"
)
WORD = st.one_of(st.text(max_size=20), st.sampled_from(WORDS.split()))
LINES = st.lists(st.tuples(st.sampled_from(NAMES.split()), WORD).map(":".join), max_size=6)


def harmless(text: str) -> None:
    """Reading gives meetings and sentences, or one CalendarError; nothing else comes out."""
    agenda = Agenda(text, room="a")
    for m in (*agenda.occurrences(*YEAR), *agenda.window(YEAR[0]).window):
        assert m.start_ms < m.end_ms <= m.start_ms + LENGTH_MAX_H * HOUR
        assert all(m.start_ms <= a < b <= m.end_ms for a, b in m.breaks)
    assert all(known(problem.code) for problem in agenda.problems)


@settings(max_examples=150)
@given(st.lists(LINES, max_size=3))
def test_any_events_are_read_or_said(events: list[list[str]]) -> None:
    harmless(calendar(*("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]) for lines in events)))


@given(LINES)
def test_any_property_beside_a_good_start(lines: list[str]) -> None:
    harmless(calendar(event(*lines, "RRULE:FREQ=WEEKLY")))


@given(st.text(max_size=200))
def test_any_text_after_the_first_line(text: str) -> None:
    harmless("BEGIN:VCALENDAR\n" + text)


@given(st.integers(0, 2000), st.integers(0, 60), st.text(max_size=5))
def test_the_example_with_a_hole(at: int, width: int, patch: str) -> None:
    text = example()
    holed = text[:at] + patch + text[at + width :]
    if at > 20:
        harmless(holed)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_read(text: str) -> None:
    try:
        harmless(text)
    except CalendarError as error:
        refused = error.text("vi")
        if not refused:
            raise


@given(st.text(max_size=60))
def test_any_holidays_are_days_or_a_calendar_error(text: str) -> None:
    try:
        days = holidays(text)
    except CalendarError:
        return
    assert all(isinstance(day, date) for day in days)
