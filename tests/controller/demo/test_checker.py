"""A good day is seen step by step, and each flaw is missed at the step that it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.demo.steps import UP, steps
from controller.demo.story import Seen
from tests.controller.demo.day_kit import good_day, play


@pytest.mark.parametrize("mode", ["watch", "remind", "enforce"])
def test_a_good_day_is_seen_from_the_first_step_to_the_last(mode: str) -> None:
    checker = play(good_day(mode), mode)
    assert checker.missed is None, checker.missed
    assert [step.name for step, _ in checker.done] == [step.name for step in steps(mode)]
    assert checker.over
    assert checker.step is None
    assert checker.turn(999_999) == []


def test_a_day_of_which_nothing_is_seen_is_missed_at_its_first_step() -> None:
    checker = play([])
    assert checker.missed is not None
    assert (checker.missed.name, checker.done) == ("dark", [])


def is_record(row: Seen, kind: str, subject: str, body: dict[str, Any]) -> bool:
    if row.source != "record" or row.value["kind"] != kind or row.value["subject"] != subject:
        return False
    return all(row.value["body"].get(key) == value for key, value in body.items())


@pytest.mark.parametrize(
    ("kind", "subject", "body", "step"),
    [
        ("calendar", "calendar", {}, "invited"),
        ("meeting.booked", "m", {}, "booked"),
        ("order", "load.mixer", {}, "up_in_order"),
        ("proof", "load.amplifier", {"seen": "on"}, "all_proven"),
        ("proof", "codec.power", {}, "all_proven"),
        ("noted", "ready.m", {}, "ready"),
        ("noted", "t60.m", {}, "ready"),
        ("phase", "room", {}, "in_call"),
        ("proof", "camera.main.preset", {}, "framed"),
        ("alert", "mic", {"alert": "mic_out_of_turn"}, "out_of_turn"),
        ("alert", "mic", {"alert": "mic_reminder"}, "handled_remind"),
        ("would", "codec.mute=muted", {}, "handled_remind"),
        ("alert.end", "mic", {}, "closed_again"),
        ("hold", "mic", {"value": "open"}, "spoken"),
        ("hold", "mic", {"value": "muted"}, "turn_over"),
        ("alert", "ups", {}, "on_battery"),
        ("alert.end", "ups", {}, "unmoved"),
        ("alert", "room", {}, "warned"),
        ("proof", "load.codec", {"seen": "off"}, "off_proven"),
        ("noted", "closed", {}, "closing_record"),
    ],
)
def test_a_record_that_did_not_come_is_missed(kind: str, subject: str, body: dict[str, Any], step: str) -> None:
    day = [seen for seen in good_day() if not is_record(seen, kind, subject, body)]
    assert len(day) < len(good_day())
    checker = play(day)
    assert checker.missed is not None
    assert checker.missed.name == step


@pytest.mark.parametrize(
    ("name", "value", "step"),
    [
        ("codec.up", True, "booted"),
        ("codec.in_call", True, "in_call"),
        ("camera.chair", True, "framed"),
        ("camera.home", True, "slept_first"),
        ("codec.asleep", True, "slept_first"),
        ("codec.powered", False, "off_proven"),
    ],
)
def test_what_the_far_end_does_not_show_is_missed_whatever_the_records_say(
    name: str, value: bool, step: str
) -> None:
    day = [seen for seen in good_day() if not (seen.name == name and seen.value is value)]
    checker = play(day)
    assert checker.missed is not None
    assert checker.missed.name == step


def moved(seen: Seen, name: str, on: bool, at_ms: int) -> Seen:
    hit = seen.source == "line" and seen.name == name and seen.value is on and seen.at_ms > 1_000
    return replace(seen, at_ms=at_ms) if hit else seen


@pytest.mark.parametrize(
    ("name", "on", "at_ms", "step"),
    [
        ("amplifier", True, 10_005, "up_in_order"),
        ("camera", True, 10_100, "up_in_order"),
        ("codec", False, 117_500, "slept_first"),
        ("camera", False, 116_000, "slept_first"),
        ("amplifier", False, 109_000, "slept_first"),
        ("mixer", False, 118_900, "down_in_order"),
    ],
)
def test_a_contact_that_moved_at_another_time_is_missed(name: str, on: bool, at_ms: int, step: str) -> None:
    day = sorted((moved(seen, name, on, at_ms) for seen in good_day()), key=lambda seen: seen.at_ms)
    checker = play(day)
    assert checker.missed is not None
    assert checker.missed.name == step


def with_more(*more: Seen) -> list[Seen]:
    return sorted((*good_day(), *more), key=lambda seen: seen.at_ms)


@pytest.mark.parametrize("name", [*UP, "network"])
def test_a_relay_that_moved_during_the_mains_cut_is_missed(name: str) -> None:
    away, back = Seen(92_000, "line", name, False), Seen(93_000, "line", name, True)
    checker = play(with_more(away, back))
    assert checker.missed is not None
    assert checker.missed.name == "unmoved"


def test_a_call_that_broke_during_the_mains_cut_is_missed() -> None:
    gone, again = Seen(92_000, "truth", "codec.in_call", False), Seen(93_000, "truth", "codec.in_call", True)
    checker = play(with_more(gone, again))
    assert checker.missed is not None
    assert checker.missed.name == "unmoved"


def test_a_network_that_was_cut_is_missed_though_it_came_back() -> None:
    away, back = Seen(125_500, "line", "network", False), Seen(126_000, "line", "network", True)
    checker = play(with_more(away, back))
    assert checker.missed is not None
    assert checker.missed.name == "dark_again"


def test_a_room_that_closes_the_microphone_by_itself_does_not_only_remind() -> None:
    checker = play(good_day("enforce"), "remind")
    assert checker.missed is not None
    assert checker.missed.name == "handled_remind"


def test_a_room_that_only_reminds_does_not_enforce() -> None:
    checker = play(good_day("remind"), "enforce")
    assert checker.missed is not None
    assert checker.missed.name == "handled_enforce"


@pytest.mark.parametrize("field", ["prev", "hash"])
def test_a_record_changed_on_the_way_is_missed(field: str) -> None:
    day = [
        replace(seen, value={**seen.value, field: "other"}) if is_record(seen, "phase", "room", {}) else seen
        for seen in good_day()
    ]
    checker = play(day)
    assert checker.missed is not None
    assert checker.missed.name == "unbroken"


@pytest.mark.parametrize(
    ("kind", "body"), [("proof", {"proof": "failed"}), ("out_of_order", {}), ("unlogged", {"unlogged_s": 2.0})]
)
def test_a_day_with_something_failed_is_no_good_day(kind: str, body: dict[str, Any]) -> None:
    last = max(seen.value["seq"] for seen in good_day() if seen.source == "record")
    value = {"boot": "b", "seq": last + 1, "prev": f"h{last}", "hash": "h", "mono_s": 146.0, "kind": kind}
    row = Seen(146_000, "record", kind, {**value, "subject": "load.display", "body": body, "at": ""})
    late = Seen(145_050, *("record", kind), row.value)
    checker = play(with_more(late))
    assert checker.missed is not None
    assert checker.missed.name == "unbroken"


def test_acts_wait_for_their_edge_and_are_named_once() -> None:
    checker = play([seen for seen in good_day() if seen.at_ms < 69_000])
    assert checker.missed is not None
    assert checker.missed.name == "in_call"
    acts = [seen for seen in checker.story.truths if seen.name.startswith("act.")]
    assert [(act.name, act.at_ms) for act in acts] == [("act.mcu_calls", 70_000)]
