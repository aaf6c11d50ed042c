"""Meetings by title and time in place of what the calendar's machinery calls them."""

from __future__ import annotations

from controller.simulation.called import named, titles
from controller.simulation.story import told
from tests.controller.simulation.test_story import WALL_MS, entry

BOOKED = entry("meeting.booked", "m1", late="", start=WALL_MS, title="Giao ban")
SECRET = entry("meeting.booked", "m11", late="", start=WALL_MS)


def test_a_journal_tells_what_its_meetings_are_called() -> None:
    known = titles((BOOKED, SECRET, entry("meeting.booked", "old", late="")), "vi")
    assert known == {"m1": "“Giao ban” (07:00 01/01/2026)", "m11": "“07:00 01/01/2026”"}
    assert named(told(BOOKED, "en"), known, "en").endswith("The room prepares for “Giao ban” (07:00 01/01/2026)")
    assert named("m1, m11, am1, m1-b", known, "vi") == f"{known['m1']}, {known['m11']}, am1, m1-b"


def test_one_of_a_series_that_nobody_knows_is_called_by_its_time() -> None:
    assert named("cho gb@20260101T010000Z, x", {}, "vi") == "cho “08:00 01/01/2026”, x"
    assert named("gb@20261399T010000Z", {}, "vi") == "“07:00 01/01/1970”", "read from a file: no date, no error"
