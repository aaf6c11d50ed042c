"""Hours of the line: weighed by time, gaps stated; forty days of them on a card that may tear, fill or die."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.instant import Instant, Trust
from controller.core.records import Priority
from controller.runtime.line_hours import CALL, HOUR_MS, Hour, Hours, Row, body, busy, worst
from controller.runtime.line_keeper import LineKeeper
from controller.runtime.line_log import KEEP, NAME, SLACK, LineLog, packed, unpacked
from hardware.contract import Reading, Value
from tests.controller.room_kit import a_room
from tests.controller.runtime.given import until

START_MS = 490_000 * HOUR_MS
FAR = Row("far", "icmp", 3600, 0, 0.0, 20.0, 25.0, 1.0)


def said(at_s: float, source: str = "line.far", **values: Value) -> Reading:
    return Reading(source, tuple(values.items()), round(at_s * 1000))


def at(hours: float, trust: Trust = Trust.NTP) -> Instant:
    return Instant(round(hours * HOUR_MS), START_MS + round(hours * HOUR_MS), trust)


def one_hour(*readings: Reading, trust: Trust = Trust.NTP) -> Hour | None:
    hours = Hours()
    assert hours.close(at(0)) is None
    for reading in readings:
        hours.note(reading)
    assert hours.close(at(0.99)) is None
    return hours.close(at(1, trust))


def test_figures_weigh_by_the_time_that_they_stand_for() -> None:
    rest = said(0, reachable=True, loss_ratio=0.0, rtt_ms=10.0, jitter_ms=1.0, kind="icmp")
    fast = [said(600 + 10 * n, reachable=True, loss_ratio=0.1, rtt_ms=40.0, kind="icmp") for n in range(7)]
    hour = one_hour(rest, *fast)
    assert hour is not None
    (row,) = hour.rows
    assert (hour.start_ms, hour.sure, row.name, row.kind) == (START_MS, True, "far", "icmp")
    assert (row.seen_s, row.loss_ratio, row.rtt_ms, row.rtt_max_ms, row.jitter_ms) == (180, 0.0667, 30.0, 40.0, 1.0)


def test_time_without_reach_is_counted_and_what_cannot_be_measured_is_not() -> None:
    down = [said(600 * n, reachable=n < 2, loss_ratio=float(n > 1), kind="icmp") for n in range(4)]
    blind = said(5, "line.provider", reachable=None, measurable=False, loss_ratio=None, rtt_ms=None, kind="icmp")
    hour = one_hour(*down, blind)
    assert hour is not None
    far, provider = hour.rows
    assert far.down_s == 600
    assert provider == Row("provider", "icmp", 0, 0, None, None, None, None)


def test_the_codecs_own_statistics_are_a_row_of_their_own() -> None:
    call = said(0, "codec", in_call=True, loss_pct=2.5, jitter_ms=12.0)
    idle = said(9, "codec", in_call=False, loss_pct=99.0)
    hour = one_hour(call, idle, said(10, "codec", answers=True), said(11, "ups", loss_ratio=1.0))
    assert hour is not None
    (row,) = hour.rows
    assert (row.name, row.loss_ratio, row.jitter_ms) == (CALL, 0.025, 12.0)


def test_an_hour_without_a_word_is_no_hour_and_a_guessed_clock_is_said() -> None:
    assert one_hour() is None
    hour = one_hour(said(0, loss_ratio=0.5), trust=Trust.HELD)
    assert hour is not None
    assert not hour.sure
    assert worst([hour], 5) == {}


def test_the_worst_hours_and_the_hours_of_the_day_that_congest() -> None:
    lossy, cut = FAR._replace(loss_ratio=0.08), FAR._replace(down_s=900, loss_ratio=0.3)
    days = [Hour(START_MS + n * HOUR_MS, True, (lossy if n % 24 == 9 else FAR,)) for n in range(72)]
    days.append(Hour(START_MS + 72 * HOUR_MS, True, (cut, FAR._replace(name="gateway", loss_ratio=1.0))))
    found = worst(days, 2)
    assert [(row["down_s"], row["loss_ratio"]) for row in found.values()] == [(900, 0.3), (0, 0.08)]
    of_day = (START_MS // HOUR_MS + 9 + 7) % 24
    assert busy(days, 7 * HOUR_MS) == (of_day,)


def test_a_line_of_the_log_comes_back_and_a_torn_one_does_not() -> None:
    hour = Hour(START_MS, True, (FAR, FAR._replace(name="call", rtt_ms=None)))
    line = packed(hour)
    assert unpacked(line) == hour
    assert [unpacked(line[:n]) for n in range(len(line))] == [None] * len(line)
    assert unpacked(b"00000000 [1]") is None


@pytest.fixture
def noted() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, noted: list[str]) -> Iterator[LineLog]:
    made = LineLog(tmp_path, 0, lambda code, _args: noted.append(code))
    yield made
    made.stop()


def lines(folder: Path) -> list[bytes]:
    path = folder / NAME
    return path.read_bytes().splitlines() if path.exists() else []


def test_hours_outlive_the_process_and_a_torn_end(tmp_path: Path, log: LineLog) -> None:
    assert log.start() == frozenset()
    log.keep(Hour(START_MS, True, (FAR,)))
    log.stop()
    (tmp_path / NAME).write_bytes((tmp_path / NAME).read_bytes() + b"deadbeef [torn")
    later = LineLog(tmp_path, 0, lambda _code, _args: None)
    assert later.start() == {("far", "icmp")}
    assert later.view["hours"] == 1
    later.keep(Hour(START_MS + HOUR_MS, True, (FAR._replace(loss_ratio=0.2),)))
    later.stop()
    assert [unpacked(line) is not None for line in lines(tmp_path)] == [True, False, True]
    assert "1" in dict(later.view["worst"])  # type: ignore[arg-type]


def test_the_file_keeps_forty_days_and_stays_small(tmp_path: Path) -> None:
    wide = tuple(FAR._replace(name=f"place{n}", kind="icmp") for n in range(8))
    old = [packed(Hour(START_MS + n * HOUR_MS, True, wide)) for n in range(KEEP + SLACK)]
    (tmp_path / NAME).write_bytes(b"".join(line + b"\n" for line in old))
    assert (tmp_path / NAME).stat().st_size < 1_000_000
    log = LineLog(tmp_path, 0, lambda _code, _args: None)
    log.start()
    log.keep(Hour(START_MS + 9_999 * HOUR_MS, True, wide))
    log.stop()
    kept = lines(tmp_path)
    assert len(kept) == KEEP
    last = unpacked(kept[-1])
    assert last is not None
    assert last.start_ms == START_MS + 9_999 * HOUR_MS


def test_a_card_that_takes_nothing_is_said_once_and_the_hours_stay_in_sight(
    tmp_path: Path, log: LineLog, noted: list[str]
) -> None:
    log.start()
    os.mkdir(tmp_path / NAME)  # a folder stands where the file should
    for n in range(2):
        log.keep(Hour(START_MS + n * HOUR_MS, True, (FAR,)))
    until(lambda: log.view.get("hours") == 2)
    assert noted == ["line.unwritten"]


def test_the_hour_becomes_a_record_for_the_centre(tmp_path: Path) -> None:
    keeper = LineKeeper(tmp_path, a_room(), lambda _code, _args: None)
    keeper.start()
    assert list(keeper.turn(at(0))) == []
    keeper.note(said(0, loss_ratio=0.25, rtt_ms=30.0, kind="icmp"))
    keeper.note(said(0, "ups", charge_pct=3))
    (record,) = keeper.turn(at(1))
    keeper.stop()
    told = dict(record.body)
    assert (record.kind, record.priority) == ("line.hour", Priority.TELEMETRY)
    assert (told["start"], told["measures_line"]) == (START_MS, True)
    assert told["far"] == ("icmp", 60, 0, 0.25, 30.0, 30.0, None)
    assert body(Hour(1, False, ()), False) == (("start", 1), ("sure", False), ("measures_line", False))
    assert keeper.shown({"line": {"desk": "up"}})["line"]["desk"] == "up"
    assert lines(tmp_path)
