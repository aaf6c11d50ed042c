"""What people and the centre are shown: phase and its diagram, why, the summary, the parts, checks, pace."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from controller.core.meeting import Policy, Role
from controller.core.parts import fact_view
from controller.core.phases import PHASES, diagram, phase
from controller.core.records import Because
from controller.core.report import details, inside, summary
from controller.core.room import Rank
from controller.core.state import Desired, Fact, Proof, Quality, Track
from controller.core.views import FAST_MS, LINE_FAST_MS, REST_MS, load_state, loads, next_meeting, pace, why
from controller.link.topics import PARTS
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_hold,
    a_meeting,
    a_room,
    all_loads,
    poor_room,
    stale,
)

OFF, ON = all_loads("off"), all_loads("on")


def shown(**sit: Any) -> str:
    situation = Sit(**sit)
    return phase(situation.state(), situation.room)


def by(rule: str, code: str, value: str = "off") -> dict[str, Desired]:
    return {name: Desired(value, Rank.POWER, Because(rule, code), 0, 0) for name in ON}


@pytest.mark.parametrize(
    ("sit", "name"),
    [
        ({}, "unknown"),
        ({"seen": OFF}, "off"),
        ({"seen": OFF, "want": OFF}, "off"),
        ({"seen": OFF, "want": by("R5", "R5.stop")}, "stopped"),
        ({"seen": OFF, "want": ON}, "ready"),
        ({"seen": {n: Track(Proof.ORDERED, 0, "on", "off") for n in ON}, "want": ON}, "powering"),
        ({"seen": {n: Track(Proof.FAILED, 0, "on", "on") for n in ON}, "want": ON}, "ready"),
        ({"seen": ON, "want": ON}, "ready"),
        ({"seen": ON}, "ready"),
        ({"seen": ON, "want": OFF}, "closing"),
        ({"seen": ON, "want": ON, "facts": {"codec.in_call": True}}, "in_call"),
        ({"seen": ON, "want": OFF, "facts": {"codec.in_call": True}}, "in_call"),
        ({"seen": ON, "want": ON, "facts": {"codec.in_call": False}}, "ready"),
        ({"seen": ON, "want": ON, "facts": {"codec.in_call": stale(True, 1)}}, "in_call"),
        ({"seen": ON, "want": ON, "down": ("bypass",)}, "bypass"),
    ],
)
def test_the_phase_is_derived(sit: dict[str, Any], name: str) -> None:
    assert shown(**sit) == name


def test_a_codec_that_has_lost_its_power_has_no_call() -> None:
    cut = {**ON, "load.codec": Track(Proof.DONE, 0, "on", "on", off_ms=5)}
    assert shown(seen=cut, want=ON, facts={"codec.in_call": stale(True, 4)}) != "in_call"
    assert shown(seen={**ON, "load.codec": "off"}, facts={"codec.in_call": stale(True, 10**9)}) == "ready"


def test_a_whole_day_takes_only_steps_of_the_table() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(8).call().to(9.9).hang_up().to(11)
    steps = [str(row["to"]) for row in day.told("phase")]
    assert steps == ["off", "powering", "ready", "in_call", "ready", "closing", "off"]
    assert all(b in PHASES[a] for a, b in pairwise(steps))


def test_the_diagram_is_the_table() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> unknown"]
    steps = {tuple(line.strip().split(" --> ")) for line in lines[2:]}
    assert {(a, b) for a, b in steps if a != "any"} <= {(a, b) for a, to in PHASES.items() for b in to}
    assert {b for a, b in steps if a == "any"} == {"bypass", "stopped", "unknown"}
    assert all(b in PHASES for to in PHASES.values() for b in to)


# ---- loads and why


@pytest.mark.parametrize(
    ("track", "state"),
    [
        (None, "unknown"),
        (Track(Proof.UNSEEN, 0), "unknown"),
        (Track(Proof.ORDERED, 0, "on"), "ordered"),
        (Track(Proof.WAITING, 0, "on", "off"), "ordered"),
        (Track(Proof.DONE, 0, "on", "on"), "ordered"),
        (Track(Proof.DONE, 0, None, "on"), "proven"),
        (Track(Proof.FAILED, 0, "on", "off"), "failed"),
        (Track(Proof.PROVEN, 0, "on", "on"), "proven"),
        (Track(Proof.PROVEN, 0, "off", "off"), "off"),
        (Track(Proof.PROVEN, 0, None, "off"), "off"),
    ],
)
def test_four_states_that_people_read_and_unknown(track: Track | None, state: str) -> None:
    situation = Sit(seen={} if track is None else {"load.codec": track})
    assert load_state(situation.state(), "load.codec") == state
    assert loads(situation.state(), situation.room)["codec"] == state


def test_why_names_wish_rule_reason_and_what_it_waits_for() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).until(lambda d: d.phase == "powering").run(4_000)
    told = why(day.state, "load.amplifier")
    assert {k: told[k] for k in ("value", "rank", "rule", "code", "args", "waits", "waits_args")} == {
        "value": "on",
        "rank": "schedule",
        "rule": "R1",
        "code": "R1.meeting",
        "args": ("giao-ban",),
        "waits": "R3.sequence",
        "waits_args": ("load.mixer",),
    }
    assert why(Sit().state(), "load.codec") == {"target": "load.codec"}
    failed = Sit(seen={"load.codec": Track(Proof.FAILED, 0, "on", "off", failed="timeout")})
    assert why(failed.state(), "load.codec")["failed"] == "timeout"


def test_the_wishs_beginning_stays_while_nothing_changes() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7)
    before = day.state.desired["load.codec"]
    assert day.to(9.9).state.desired["load.codec"] is before


# ---- the next meeting


def test_the_next_meeting_and_its_readiness() -> None:
    day = Day(6)
    assert next_meeting(day.state, day.now) is None
    later = a_meeting(14, 15, uid="later")
    day.calendar(
        a_meeting(5, 6, uid="over"), a_meeting(7, 7.5, uid="maybe", tentative=True), later, a_meeting(8, 10)
    )
    told = next_meeting(day.state, day.now)
    assert told is not None
    assert (told[0], told[4]) == ("giao-ban", "")
    told = next_meeting(day.to(7).state, day.now)
    assert told is not None
    assert told[4] == "in_time"


def test_a_meeting_that_is_not_ready_says_so() -> None:
    day = Day(6).calendar(a_meeting(8, 10))
    day.far.deaf.add("load.mixer")
    day.to(7.1)
    told = next_meeting(day.state, day.now)
    assert told is not None
    assert told[4] == "not_ready"


# ---- summary and parts


def in_meeting() -> Day:
    meeting = a_meeting(8, 10, policy=Policy.OPEN, role=Role.CHAIR)
    return Day(6).calendar(meeting).to(8.2).call().press("talk_chair", 200).press("duty", 200).press("help", 200)


def test_the_summary_of_a_meeting() -> None:
    day = in_meeting()
    told = summary(day.state, day.now, day.room)
    expected = {
        "phase": "in_call",
        "health": "good",
        "power": "mains",
        "call": True,
        "mic": "muted",
        "floor": "closed",
        "policy": "open",
        "role": "chair",
        "duty": True,
        "help": "called",
        "asks": ("chair",),
        "bypass": False,
        "incidents": (),
    }
    assert {k: told[k] for k in expected} == expected
    assert told["loads"] == {**dict.fromkeys(day.far.relays, "1"), "fan": "0"}
    assert len(json.dumps(told)) < 1_000


def test_the_summary_of_an_empty_room_and_of_one_in_trouble() -> None:
    room = poor_room()
    sit = Sit(room=room, seen=OFF)
    told = summary(sit.state(), sit.now, room)
    assert (told["power"], told["meeting"], told["policy"], told["role"]) == ("mains", None, None, None)
    sit = Sit(alerts=("failed", "humidity"), holds=(a_hold("mic", "open"),))
    told = summary(sit.state(), sit.now, sit.room)
    assert (told["health"], told["power"], told["floor"]) == ("bad", "unknown", "live")
    assert summary(Sit(alerts=("humidity",)).state(), sit.now, sit.room)["health"] == "warn"


def test_every_part_in_full_with_quality() -> None:
    day = in_meeting()
    parts = details(day.state, day.now, day.room)
    assert set(parts) == set(PARTS)
    assert parts["codec"]["power"] == "awake"
    assert parts["checks"]["now"]["load.codec"] == {"result": "passed", "figure": "on"}  # type: ignore[index, call-overload]
    assert parts["schedule"]["version"] == "1"
    assert parts["config"]["modes"] == {rule: mode.value for rule, mode in day.room.modes.items()}


def test_what_was_approved_and_what_it_is_now() -> None:
    kept = {
        "approved.setting.sleep": "3",
        "another.setting.sleep": "30",
        "approved.codec": "A:1",
        "approved.ups": "",
    }
    sit = Sit(marks=kept)
    assert details(sit.state(), sit.now, sit.room)["config"]["drift"] == {
        "setting.sleep": {"approved": "3", "now": "30"},
        "codec": {"approved": "A:1", "now": "A:1"},
    }


def test_a_value_that_is_not_good_is_shown_with_its_quality() -> None:
    assert fact_view(Fact(7, Quality.GOOD, 1, 1)) == 7
    assert fact_view(Fact(7, Quality.STALE, 1, 2)) == {"value": 7, "quality": "stale", "since_ms": 2}


# ---- pace


def asked(**sit: Any) -> dict[str, int]:
    situation = Sit(**sit)
    return pace(situation.state(), situation.room)


def test_what_is_on_its_way_is_asked_fast_and_what_has_no_power_seldom() -> None:
    way = {**OFF, "load.codec": Track(Proof.ORDERED, 0, "on", "off")}
    assert asked(seen=way)["codec"] == asked(seen=way)["relay"] == FAST_MS
    assert asked(seen=OFF) == {"line": 0, "relay": 0, "codec": REST_MS, "camera": REST_MS, "ups": 0}
    assert asked(seen=ON) == {"line": 0, "relay": 0, "codec": 0, "camera": 0, "ups": 0}
    assert asked(seen=ON, marks={"mains": "lost"})["ups"] == FAST_MS


def test_a_ready_room_is_left_in_peace() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.5)
    paces = pace(day.state, a_room())
    assert paces.pop("line") == LINE_FAST_MS  # the line is watched closely from 90 minutes before
    assert set(paces.values()) == {0}
    assert day.run(MINUTE_MS).phase == "ready"


def test_whoever_stands_at_the_pi_sees_reasons_and_titles_too() -> None:
    day = in_meeting()
    day.far.ups |= {"replace": True}
    told = inside(day.look().state, day.room)
    assert told["titles"] == {"giao-ban": {"title": "Họp giao ban", "start_ms": MIDNIGHT_MS + 8 * HOUR_MS}}
    assert told["alerts"]["replace_battery ups"]["code"] == "R5.replace_battery"  # type: ignore[call-overload,index]
    assert set(told["targets"]) == set(day.room.targets)
    assert told["keeper"] == {"up": True}
