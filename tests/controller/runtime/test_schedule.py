"""The room's own copy of the calendar: kept, replaced, never lost to a worse one."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.core.events import Calendar, Rejected
from controller.core.instant import Instant, Trust
from controller.runtime.schedule import PROBLEMS, Files, Schedule, Terms
from hardware.contract import NEVER_MS

WAIT_S = 20
HOUR_MS = 3_600_000
NOON_MS = round(datetime(2026, 7, 15, 5, tzinfo=UTC).timestamp() * 1000)
"""12:00 on a Wednesday in Viet Nam."""


def now(hours: float = 0.0) -> Instant:
    return Instant(1_000_000 + round(hours * HOUR_MS), NOON_MS + round(hours * HOUR_MS), Trust.NTP)


def event(uid: str = "giao-ban", start: str = "20260715T070000Z", *more: str) -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", *more, "END:VEVENT"]
    )


def text(*events: str) -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//VI", *(events or (event(),)), "END:VCALENDAR", ""]
    )


@dataclass
class Bench:
    folder: Path
    given: str | None = None
    holidays: str | None = None
    reports: queue.Queue[Calendar | Rejected] = field(default_factory=queue.Queue)
    notes: queue.Queue[tuple[str, tuple[object, ...]]] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        given = self._file("given.ics", self.given)
        holidays = self._file("holidays.txt", self.holidays)
        self.kept = self.folder / "state" / "calendar.ics"
        self.kept.parent.mkdir(exist_ok=True)
        self.schedule = self.again(given, holidays)

    def _file(self, name: str, content: str | None) -> Path | None:
        path = self.folder / name
        if content is not None:
            path.write_text(content, encoding="utf-8")
        return path if content is not None else None

    def again(self, given: Path | None = None, holidays: Path | None = None) -> Schedule:
        """The next life over the same folder."""
        terms = Terms("phong-1", length_ms=2 * HOUR_MS, lang="en")
        return Schedule(
            Files(self.kept, given, holidays),
            terms,
            self.reports.put,
            lambda code, args: self.notes.put((code, args)),
        )

    def next(self) -> Calendar:
        report = self.reports.get(timeout=WAIT_S)
        assert isinstance(report, Calendar), report
        return report

    def note(self) -> tuple[str, tuple[object, ...]]:
        return self.notes.get(timeout=WAIT_S)

    def idle(self, schedule: Schedule | None = None) -> None:
        """Everything that was handed over has been done."""
        done: queue.Queue[bool] = queue.Queue()
        (schedule or self.schedule)._post(lambda: done.put(True))
        done.get(timeout=WAIT_S)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def uids(calendar: Calendar) -> list[str]:
    return [meeting.uid for meeting in calendar.window]


def test_a_text_of_the_centre_is_planned_with_and_kept(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now())
    calendar = bench.next()
    assert (uids(calendar), calendar.version) == (["giao-ban"], "7")
    bench.idle()
    assert bench.kept.read_bytes() == text().encode()
    assert bench.schedule.edge_ms == calendar.edge_ms > now().wall_ms


def test_a_meeting_without_an_end_has_the_length_of_the_rules(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now())
    (meeting,) = bench.next().window
    assert meeting.end_ms - meeting.start_ms == 2 * HOUR_MS


def test_the_next_life_reads_what_was_kept(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now())
    bench.next()
    bench.idle()
    later = bench.again()
    later.load(now())
    assert uids(bench.next()) == ["giao-ban"]


def test_the_file_of_room_toml_serves_until_the_centre_speaks(tmp_path: Path) -> None:
    bench = Bench(tmp_path, given=text(event("given")))
    bench.schedule.load(now())
    assert uids(bench.next()) == ["given"]
    bench.schedule.take(text(), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    bench.idle()
    later = bench.again(tmp_path / "given.ics")
    later.load(now())
    assert uids(bench.next()) == ["giao-ban"]


def test_a_kept_copy_that_is_broken_is_told_and_the_given_one_serves(tmp_path: Path) -> None:
    bench = Bench(tmp_path, given=text(event("given")))
    bench.kept.write_text("half a calen", encoding="utf-8")
    bench.schedule.load(now())
    assert uids(bench.next()) == ["given"]
    assert bench.note()[0] == "calendar.not_calendar"


def test_bytes_that_are_no_text_are_told(bench: Bench) -> None:
    bench.kept.write_bytes(b"\xff\xfe\x00")
    bench.schedule.load(now())
    assert bench.note()[0] == "calendar.file"
    bench.idle()
    assert bench.reports.empty()


def test_a_file_that_is_named_and_missing_is_told(bench: Bench, tmp_path: Path) -> None:
    later = bench.again(tmp_path / "nowhere.ics", tmp_path / "nowhere.txt")
    later.load(now())
    assert bench.note() == ("calendar.file", (str(tmp_path / "nowhere.ics"), "errno.ENOENT"))
    later.take(text(), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    assert bench.note() == ("calendar.file", (str(tmp_path / "nowhere.txt"), "errno.ENOENT"))


def test_a_room_without_any_calendar_says_nothing(bench: Bench) -> None:
    bench.schedule.load(now())
    bench.schedule.step(now())
    bench.schedule.look(now())
    bench.idle()
    assert bench.reports.empty()
    assert bench.notes.empty()
    assert bench.schedule.edge_ms == NEVER_MS


def test_an_unreadable_text_keeps_the_old_one_and_is_refused_with_its_reason(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now())
    bench.next()
    bench.schedule.take("no calendar at all", "8", now())
    assert bench.reports.get(timeout=WAIT_S) == Rejected("", "calendar.not_calendar", (), topic="calendar")
    assert bench.note() == ("calendar.not_calendar", ())
    bench.schedule.look(now(13))
    calendar = bench.next()
    assert calendar.version == "7"
    assert bench.kept.read_bytes() == text().encode()


def test_a_flood_of_texts_costs_one_and_its_note_is_said_once(bench: Bench) -> None:
    """A calendar is a quarter of a megabyte: what waits is replaced by what follows, and nothing piles up."""
    held = threading.Event()

    def hold() -> None:
        held.wait(WAIT_S)

    bench.schedule._post(hold)
    for n in range(1000):
        bench.schedule.take("no calendar at all", str(n), now())
    bench.schedule.take(text(), "last", now())
    held.set()
    assert bench.next().version == "last"
    for _ in range(2):
        bench.schedule.take("no calendar at all", "8", now())
        bench.idle()
    assert (bench.reports.qsize(), bench.notes.qsize()) == (2, 1)


def test_an_emptied_topic_changes_nothing(bench: Bench) -> None:
    bench.schedule.take("", "", now())
    bench.schedule.take(" \r\n", "", now())
    assert bench.schedule._thread is None


def test_the_same_text_again_is_left_alone(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now())
    bench.next()
    bench.idle()
    bench.kept.unlink()
    bench.schedule.take(text(), "7", now())
    bench.idle()
    assert bench.reports.empty()
    assert not bench.kept.exists()
    bench.schedule.take(text(), "8", now())
    assert bench.next().version == "8"
    bench.idle()
    assert not bench.kept.exists(), "the text is on disk already"


def test_the_window_moves_on(bench: Bench) -> None:
    bench.schedule.take(text(event(), event("later", "20260718T110000Z")), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    bench.idle()
    bench.schedule.look(now(1))
    bench.idle()
    assert bench.reports.empty()
    bench.schedule.look(now(24))
    bench.schedule.look(now(24))
    moved = bench.next()
    assert uids(moved) == ["later"]
    bench.idle()
    assert bench.reports.empty(), "asked once"
    assert bench.schedule.edge_ms == moved.edge_ms


def test_a_moved_clock_moves_the_window_both_ways(bench: Bench) -> None:
    bench.schedule.take(text(), "7", now(24 * 60))
    assert uids(bench.next()) == []
    bench.schedule.step(now())
    back = bench.next()
    assert uids(back) == ["giao-ban"]
    bench.idle()
    assert bench.schedule.edge_ms == back.edge_ms < now(24).wall_ms


def test_a_text_that_came_later_is_never_overtaken(bench: Bench) -> None:
    bench.kept.write_text(text(*(event(f"old-{n}") for n in range(200))), encoding="utf-8")
    bench.schedule.load(now())
    bench.schedule.take(text(), "7", now())
    bench.schedule.step(now())
    bench.idle()
    seen = [bench.next() for _ in range(3)]
    assert [len(calendar.window) for calendar in seen] == [200, 1, 1]


def test_holidays_make_a_series_tentative(tmp_path: Path) -> None:
    bench = Bench(tmp_path, holidays="2026-07-15 a day of rest\n")
    bench.schedule.take(text(event("daily", "20260714T070000Z", "RRULE:FREQ=DAILY;COUNT=3")), "7", now())
    found = {meeting.start_ms: meeting.tentative for meeting in bench.next().window}
    assert sorted(found.items())[0][1] is True
    assert not all(found.values())


def test_a_broken_list_of_holidays_costs_no_meeting(tmp_path: Path) -> None:
    bench = Bench(tmp_path, holidays="the 40th of May\n")
    bench.schedule.take(text(), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    assert bench.note() == ("calendar.holiday", (1,))


def test_problems_of_single_events_are_told_in_words_and_bounded(bench: Bench) -> None:
    broken = [event(f"e{n}", "20260715T080000Z", "RRULE:FREQ=SECONDLY") for n in range(PROBLEMS + 5)]
    bench.schedule.take(text(event(), *broken), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    bench.idle()
    told = [bench.note() for _ in range(PROBLEMS)]
    assert bench.notes.empty()
    assert {code for code, _ in told} == {"calendar.problem"}
    assert "SECONDLY" in str(told[0][1][0])


def test_a_disk_that_refuses_is_told_and_the_meeting_takes_place(bench: Bench) -> None:
    bench.kept.parent.rmdir()
    bench.schedule.take(text(), "7", now())
    assert uids(bench.next()) == ["giao-ban"]
    assert bench.note()[0] == "calendar.not_kept"
