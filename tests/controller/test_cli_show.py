"""`diemcau status` and `why` on the view of a room that lived a morning: words, titles, clauses, both languages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from controller.cli import main
from controller.cli_look import args, facts, names, now_ms, running, since, span, tree
from controller.config import load
from controller.core import report
from controller.runtime.local import LocalDoor
from controller.runtime.window import NAME, Window, lives, look
from tests.controller.day import Day
from tests.controller.room_file import room_file
from tests.controller.room_kit import HOUR_MS, MIDNIGHT_MS, a_meeting

Out = pytest.CaptureFixture[str]

CALLED = "“Họp giao ban” (08:00 02/03/2026)"


def shown(folder: Path, day: Day) -> list[str]:
    """Writes the room.toml and the view of `day` by this very process, which lives; the words to add to a call."""
    room = room_file(folder)
    summary = report.summary(day.state, day.now, day.room)
    details = {**report.details(day.state, day.now, day.room), **report.inside(day.state, day.room)}
    window = Window(folder / "run", print)
    window.show(summary, details, day.now._replace(mono_ms=now_ms()))
    assert look(folder / "run") is not None
    return ["--config", str(room), "--lang", "en"]


@pytest.fixture(scope="module")
def morning() -> Day:
    """An hour before the staff meeting: everything is proven."""
    return Day(6.0).calendar(a_meeting(8, 10)).to(7.2)


def test_the_room_at_a_glance(morning: Day, tmp_path: Path, capsys: Out) -> None:
    words = shown(tmp_path, morning)
    assert main(["status", *words]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Trung tâm GDTX huyện Lạc Thủy: Ready"
    assert told[1] == "07:12 02/03/2026 (time from the network)"
    assert told[2] == "Next or current meeting: Họp giao ban, 08:00–10:00 02/03; ready in time"
    assert told[3] == "Power: mains · Call: no · Microphone: closed"
    codec = next(line for line in told if "Thiết bị họp" in line)
    assert codec.startswith("  Thiết bị họp      on, proven · for ")
    assert any(line.startswith("  Màn hình          on, by its relay only · for ") for line in told)
    assert codec.endswith(f" · On for the meeting {CALLED}: ready 60 minutes before it begins")


def test_in_the_rooms_own_language(morning: Day, tmp_path: Path, capsys: Out) -> None:
    assert main(["status", *shown(tmp_path, morning)[:2]]) == 0
    told = capsys.readouterr().out
    assert "Trung tâm GDTX huyện Lạc Thủy: Sẵn sàng\n" in told
    assert "bật, đã xác nhận hoạt động · đã " in told
    assert f"Bật cho phiên họp {CALLED}: sẵn sàng trước giờ họp 60 phút" in told


@pytest.mark.parametrize("target", ["codec", "load.codec"])
def test_why_a_load_is_on(target: str, morning: Day, tmp_path: Path, capsys: Out) -> None:
    assert main(["why", target, *shown(tmp_path, morning)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Thiết bị họp: on, proven, for ")
    assert told[1].startswith("Wanted: on (for ")
    assert told[2] == f"Because: On for the meeting {CALLED}: ready 60 minutes before it begins"
    assert told[3] == "Rule R1: on one hour before"
    assert "“bật thiết bị trước 1 tiếng đồng hồ" in told[4]


def test_why_a_microphone_is_as_it_is(morning: Day, tmp_path: Path, capsys: Out) -> None:
    assert main(["why", "codec.volume", *shown(tmp_path, morning)]) == 0
    assert "No rule wants anything here, so nobody touches it." in capsys.readouterr().out


def test_a_gate_and_a_devices_no_are_told(tmp_path: Path, capsys: Out) -> None:
    day = Day(7.2)
    day.far.dead.add("display")
    day.calendar(a_meeting(8, 10)).run(10_000)
    words = shown(tmp_path, day)
    assert main(["why", "amplifier", *words]) == 0
    assert "\nNow: Waits for " in capsys.readouterr().out
    assert main(["status", *words]) == 0
    assert "off, waiting" in capsys.readouterr().out


def test_what_a_driver_refused_is_told_in_words(tmp_path: Path, capsys: Out) -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(7.2)
    track = replace(day.state.tracks["load.codec"], failed="no_lease")
    day.state = day.state._replace(tracks={**day.state.tracks, "load.codec": track})
    assert main(["why", "codec", *shown(tmp_path, day)]) == 0
    assert "Last try: No controller holds the lease" in capsys.readouterr().out


def test_alerts_are_told_with_their_reason(tmp_path: Path, capsys: Out) -> None:
    day = Day(6.0)
    day.far.dead.add("codec")
    day.calendar(a_meeting(8, 10)).to(7.2)
    words = shown(tmp_path, day)
    assert main(["status", *words]) == 0
    told = capsys.readouterr().out
    assert f"  ! Not ready: {CALLED} was not ready 60 minutes before its start; missing: " in told
    assert " (R1) · for " in told


def test_an_unknown_target_names_those_there_are(morning: Day, tmp_path: Path, capsys: Out) -> None:
    assert main(["why", "toaster", *shown(tmp_path, morning)]) == 64
    told = capsys.readouterr()
    assert told.err.startswith(
        "There is no load or target called toaster; there are network, network.cycle, display"
    )
    assert told.out == ""


@pytest.mark.parametrize("command", [["status"], ["why", "codec"]])
def test_without_a_controller_that_is_said(command: list[str], tmp_path: Path, capsys: Out) -> None:
    words = ["--config", str(room_file(tmp_path)), "--lang", "en"]
    assert main([*command, *words]) == 1
    assert capsys.readouterr().err == "The controller does not run: see systemctl status diemcau.\n"


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (["status"], 1, "The controller runs but cannot show what it does: "),
        (["why", "codec"], 1, "The controller runs but cannot show what it does: "),
        (["check"], 75, "The controller runs and has the ports open, so nothing was asked"),
    ],
)
def test_a_controller_that_cannot_write_its_view_is_not_taken_for_a_dead_one(
    command: list[str], code: int, told: str, tmp_path: Path, capsys: Out
) -> None:
    words = ["--config", str(room_file(tmp_path)), "--lang", "en"]
    door = LocalDoor(tmp_path / "run", print, lambda: Day(6.0).now)
    assert door.start() == ""
    try:
        assert main([*command, *words]) == code
    finally:
        door.stop()
    said = capsys.readouterr()
    assert (said.err or said.out).startswith(told)
    assert main(["status", *words]) == 1
    assert capsys.readouterr().err.startswith("The controller does not run: "), "its socket alone is nobody"


def test_the_view_of_a_dead_controller_is_not_believed(morning: Day, tmp_path: Path, capsys: Out) -> None:
    words = shown(tmp_path, morning)
    path = tmp_path / "run" / NAME
    body = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**body, "began": "1"}), encoding="utf-8")
    assert main(["status", *words]) == 1
    assert capsys.readouterr().err.startswith(
        "The controller does not run: see systemctl status diemcau. Its last view is "
    )
    for odd in ({"pid": "x"}, {"pid": 1 << 40}, {"began": ""}, {}):
        assert not lives(odd)


def test_an_empty_or_broken_view_breaks_nothing(tmp_path: Path, capsys: Out) -> None:
    room = room_file(tmp_path)
    Window(tmp_path / "run", print).show({}, {}, Day(6.0).now)
    words = ["--config", str(room), "--lang", "en"]
    assert main(["status", *words]) == 0
    assert "No meeting is known." in capsys.readouterr().out
    assert main(["why", "codec", *words]) == 64
    (tmp_path / "run" / NAME).write_text("[]", encoding="utf-8")
    assert look(tmp_path / "run") is None
    assert running(load(room)) is None
    assert main(["status", *words]) == 1


@pytest.mark.parametrize(
    ("ms", "vi", "en"),
    [
        (-5, "0 giây", "0 s"),
        (59_000, "59 giây", "59 s"),
        (12 * 60_000, "12 phút", "12 min"),
        (125 * 60_000, "2 giờ 5 phút", "2 h 5 min"),
        (51 * 3_600_000, "2 ngày 3 giờ", "2 d 3 h"),
    ],
)
def test_times_are_said_in_the_units_that_matter(ms: int, vi: str, en: str) -> None:
    assert (span(ms, "vi"), span(ms, "en")) == (vi, en)
    assert since(None, "en") == ""


def test_things_are_called_as_people_call_them(tmp_path: Path) -> None:
    at_ms = MIDNIGHT_MS + 8 * HOUR_MS
    rows = {
        "uid-1": {"title": "Họp giao ban", "start_ms": at_ms},
        "uid-2": {"title": "", "start_ms": at_ms},
        "x": 1,
    }
    called = names(load(room_file(tmp_path)), {"detail": {"titles": rows}}, "vi")
    assert args(("uid-2", "x"), called) == ("“08:00 02/03/2026”", "x"), "of a secret meeting the time alone"
    assert args(("uid-1", "load.codec", "chair", 3), called) == (
        CALLED,
        "Thiết bị họp",
        "Chủ trì điểm cầu",
        3,
    )
    assert args("text", called) == args(None, called) == ()


def test_only_good_facts_are_seen() -> None:
    view = {"detail": {"ups": {"link": "ok", "low": {"value": True, "quality": "stale"}}, "codec": None}}
    assert facts(view) == {"ups.link": "ok"}
    assert tree(view, "detail", "nothing") == {}


def test_what_the_desk_has_written_is_shown_until_somebody_answers(tmp_path: Path, capsys: Out) -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.4)
    day.command("message", "Xin chờ ít phút")
    line = "The desk writes: Xin chờ ít phút (TRỰC answers)"
    assert main(["status", *shown(tmp_path, day)]) == 0
    assert line in capsys.readouterr().out.splitlines()
    day.press("duty", 300)
    assert main(["status", *shown(tmp_path, day)]) == 0
    assert line not in capsys.readouterr().out


def test_the_checks_in_both_languages(tmp_path: Path, capsys: Out) -> None:
    """How many of each result, what is not passed, what was tested for whom."""
    day = Day(6.0).calendar(a_meeting(8, 10))
    day.far.climate["room"] = (36.0, 60.0)
    words = shown(tmp_path, day.to(7.2))
    assert main(["status", *words]) == 0
    told = capsys.readouterr().out
    assert "\nChecks now: passed " in told
    assert ", failed 1, " in told
    assert "\n  climate.room.temp_c: failed · 36.0\n" in told
    assert f"\nTest before {CALLED}, 07:00 02/03/2026: failed: climate.room.temp_c\n" in told
    assert main(["status", *words[:2]]) == 0
    told = capsys.readouterr().out
    assert "\nKiểm tra hiện tại: đạt " in told
    assert f"\nKiểm tra trước phiên họp {CALLED}, 07:00 02/03/2026: không đạt: climate.room.temp_c\n" in told
