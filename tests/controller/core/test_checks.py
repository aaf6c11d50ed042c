"""The five results of a check, each with its figure, in one place (R6, R7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.checks import SEATS, Check, Verdict, checks, items, overall
from controller.core.instant import Trust
from controller.core.state import Proof, Track
from hardware.contract import Value
from tests.controller.room_kit import Sit, a_room, all_loads, poor_room, stale

ON, OFF = all_loads("on"), all_loads("off")
GOOD: dict[str, Value] = {
    "ups.source": "mains",
    "ups.input_v": 231.0,
    "ups.link": "ok",
    "ups.charge_pct": 98.0,
    "ups.runtime_s": 3600,
    "codec.answers": True,
    "codec.identity": "HDX:123",
    "codec.mute": "muted",
    "codec.registered": True,
    "camera.main.ready": True,
    "camera.main.identity": "0001:0513",
    "climate.room.temp_c": 26.0,
    "climate.room.humidity_pct": 60.0,
    "climate.cabinet.temp_c": 30.0,
    "climate.cabinet.humidity_pct": 60.0,
    "link.desk": "up",
    "journal.state": "ok",
    "line.gateway.loss_ratio": 0.0,
    "line.gateway.rtt_ms": 4.0,
}


def result(sit: Sit, item: str) -> tuple[str, Value, str]:
    row = next(row for row in checks(sit.view()) if row.item == item)
    return row.result.value, row.figure, row.why


def sit(facts: dict[str, Any] | None = None, **more: Any) -> Sit:
    return Sit(facts=GOOD | (facts or {}), **{"seen": ON, **more})


def test_a_room_that_is_well_passes_with_its_figures() -> None:
    rows = checks(sit().view())
    assert overall(rows) is Verdict.PASSED
    assert result(sit(), "mains") == ("passed", 231.0, "")
    assert result(sit(), "codec") == ("passed", "HDX:123", "")
    assert result(sit(), "line.gateway.rtt_ms") == ("passed", 4.0, "")


@pytest.mark.parametrize(
    ("fact", "value", "item"),
    [
        ("ups.source", "battery", "mains"),
        ("ups.link", "down", "ups"),
        ("ups.runtime_s", 600, "ups.runtime"),
        ("codec.answers", False, "codec"),
        ("codec.registered", False, "codec.registered"),
        ("camera.main.ready", False, "camera.main"),
        ("climate.room.temp_c", 36.0, "climate.room.temp_c"),
        ("climate.room.humidity_pct", 93.0, "climate.room.humidity_pct"),
        ("link.desk", "down", "line"),
        ("journal.state", "readonly", "journal"),
        ("line.gateway.loss_ratio", 0.2, "line.gateway.loss_ratio"),
    ],
)
def test_each_item_can_fail_and_one_fails_the_whole(fact: str, value: Value, item: str) -> None:
    bad = sit({fact: value})
    assert result(bad, item)[0] == "failed"
    assert items(checks(bad.view()), Verdict.FAILED) == (item,)
    assert overall(checks(bad.view())) is Verdict.FAILED


@pytest.mark.parametrize(
    ("fact", "item"),
    [("ups.source", "mains"), ("codec.answers", "codec"), ("climate.room.temp_c", "climate.room.temp_c")],
)
def test_what_could_not_be_made_is_not_passed(fact: str, item: str) -> None:
    blind = sit({fact: stale(GOOD[fact])})
    assert result(blind, item) == ("not_made", None, "no_word")
    assert overall(checks(blind.view())) is Verdict.PARTLY


def test_what_is_rightly_off_is_not_due_and_not_failed() -> None:
    dark = sit({"codec.answers": False, "camera.main.ready": False}, seen=OFF)
    for item in ("load.codec", "codec", "camera.main"):
        assert result(dark, item)[0] == "not_due"
    assert overall(checks(dark.view())) is Verdict.PASSED


def test_a_load_on_its_way_is_not_made_and_one_without_effect_has_failed() -> None:
    dead = Track(Proof.FAILED, 0, "on", "on", failed="no_effect")
    late = Track(Proof.DONE, 0, "on", "on")
    assert result(sit(seen=ON | {"load.codec": dead}), "load.codec") == ("failed", "on", "no_effect")
    assert result(sit(seen=ON | {"load.codec": late}), "load.codec") == ("not_made", "on", "on_its_way")
    assert result(sit({"codec.answers": False}, seen=ON | {"load.codec": late}), "codec")[0] == "not_made"


def test_a_microphone_that_was_told_to_close_and_is_open_has_failed() -> None:
    assert result(sit({"codec.mute": "open"}), "codec.mic")[0] == "not_due"
    assert result(sit({"codec.mute": "open"}, want={"codec.mute": "muted"}), "codec.mic")[0] == "failed"


def test_pictures_are_for_the_rehearsal() -> None:
    assert result(sit(), "seat.chair") == ("not_due", 1, "in_rehearsal")
    made = sit(marks={SEATS: (("chair", "failed"), ("overview", "passed"))})
    assert result(made, "seat.chair")[0] == "failed"
    assert result(made, "seat.overview") == ("passed", 0, "")


@pytest.mark.parametrize(
    ("stage", "shown"), [("passed", "passed"), ("failed", "failed"), ("aborted", "not_due"), ("", "not_due")]
)
def test_the_last_self_test(stage: str, shown: str) -> None:
    marks = {"!self_test": (stage, "boot", 1_772_000_000_000)} if stage else {}
    assert result(sit(marks=marks), "ups.self_test")[0] == shown


def test_what_the_room_does_not_have_is_not_applicable() -> None:
    poor = Sit(room=poor_room())
    assert {result(poor, item)[0] for item in ("codec", "ups", "mains", "ups.self_test")} == {"not_applicable"}
    alone = Sit(facts={name: value for name, value in GOOD.items() if not name.startswith("link")}, seen=ON)
    assert result(alone, "line") == ("not_applicable", None, "")


def test_a_clock_that_only_guesses_fails() -> None:
    assert result(replace(sit(), trust=Trust.HELD), "clock") == ("failed", "held", "")


def test_by_the_backup_broker_the_desk_is_reached() -> None:
    assert result(sit({"link.desk": "backup"}), "line") == ("passed", "backup", "")


def test_a_row_is_written_as_values() -> None:
    assert Check("mains", Verdict.PASSED, 230.0).row() == ("mains", "passed", 230.0, "")
    assert a_room().seats == (("overview", "main", 0), ("chair", "main", 1))
