"""What another process reads of a calendar is what this one would have read."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from controller import calendar_aside
from controller.calendar import Agenda, CalendarError, example
from controller.calendar_aside import agenda
from controller.calendar_plan import LENGTH_MS, ZONE

TERMS: dict[str, Any] = {
    "room": "phong-1",
    "tz": ZONE,
    "holidays": frozenset({date(2026, 9, 2)}),
    "length_ms": LENGTH_MS,
    "version": "7",
    "day_rule": "day",
}
YEAR_MS = 365 * 86_400_000
BEGIN_MS = 1_782_000_000_000
ZONED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-
BEGIN:VTIMEZONE
TZID:Own
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0630
TZOFFSETTO:+0630
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a
DTSTART;TZID=Own:20260715T080000
RRULE:FREQ=MONTHLY;COUNT=3
SUMMARY:Giao ban
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize("text", [example(), ZONED, ZONED.replace("RRULE:FREQ=MONTHLY", "RRULE:FREQ=NEVER")])
def test_both_ways_give_the_same_meetings_and_problems(text: str) -> None:
    there, here = agenda(text, **TERMS), Agenda(text, **TERMS)
    assert there.occurrences(BEGIN_MS, BEGIN_MS + YEAR_MS) == here.occurrences(BEGIN_MS, BEGIN_MS + YEAR_MS)
    assert there.window(BEGIN_MS) == here.window(BEGIN_MS)
    assert (there.problems, there.version) == (here.problems, "7")


def test_no_calendar_is_the_same_error() -> None:
    with pytest.raises(CalendarError) as there:
        agenda("no calendar", **TERMS)
    with pytest.raises(CalendarError) as here:
        Agenda("no calendar", **TERMS)
    assert (there.value.code, there.value.told) == (here.value.code, here.value.told)


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false", "/bin/true"])
def test_without_another_process_it_is_read_here(python: str) -> None:
    assert agenda(ZONED, **TERMS, python=python).window(BEGIN_MS).version == "7"


def test_whoever_asks_never_loads_the_library() -> None:
    words = "import pickle, sys; from controller.calendar_aside import agenda; "
    words += "agenda(pickle.load(sys.stdin.buffer), room='a', tz='Asia/Ho_Chi_Minh', holidays=(), length_ms=1); "
    words += "sys.exit('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], input=pickle.dumps(example()), check=False, timeout=60)
    assert done.returncode == 0


def test_a_job_that_is_none_ends_the_other_process_and_nothing_else() -> None:
    assert calendar_aside._asked(sys.executable, b"no pickle") is None
