"""The lamp table of the panel, row by row: off = not needed, steady = all right, slow = wait, double = a person,
fast = now. The clerk must read it in three seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.lamps import LINE_DOWN_MS, MIC_TOLD_MS, REFUSED_MS, lamps, lamps_due_ms
from controller.core.memory import Kept
from controller.core.room import Lamp
from controller.core.state import Proof, Track
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    all_loads,
    mono,
    stale,
)

ROLES = ("ready", "power", "device", "line", "mic", "duty", "check", "help", "room")
ROOM = replace(a_room(), lamps=(*(Lamp(role, role) for role in ROLES), Lamp("talk", "talk", "chair")))
OFF, ON = all_loads("off"), all_loads("on")
READY = {"seen": ON, "want": ON}
POWERING = {"seen": {**ON, "load.codec": Track(Proof.DONE, 0, "on", "on")}, "want": ON}
CLOSING = {"seen": ON, "want": OFF}
UNKNOWN: dict[str, Any] = {}
IN_CALL = {**READY, "facts": {"codec.in_call": True, "codec.mute": "muted"}}


def lamp(name: str, **sit: Any) -> str:
    situation = Sit(**{"room": ROOM, "seen": OFF, **sit})
    return lamps(situation.state(), situation.now, situation.room)[name]


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({}, "off"),
        (READY, "steady"),
        (IN_CALL, "steady"),
        (POWERING, "slow"),
        (CLOSING, "slow"),
        ({**POWERING, "alerts": ("failed",)}, "double"),
        ({**CLOSING, "alerts": ("failed",)}, "slow"),
        ({**READY, "alerts": ("not_ready",)}, "double"),
        ({**READY, "alerts": ("failed",)}, "double"),
        ({**READY, "alerts": ("closing_soon",)}, "double"),
        ({**READY, "alerts": ("condensation",)}, "steady"),
        ({**READY, "alerts": ("heat",)}, "fast"),
        ({"seen": UNKNOWN}, "double"),
        ({"down": ("bypass",)}, "steady"),
    ],
)
def test_may_we_start(sit: dict[str, Any], shown: str) -> None:
    assert lamp("ready", **sit) == shown


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({}, "steady"),
        ({"alerts": ("on_battery",)}, "slow"),
        ({"alerts": ("on_battery", "battery_short")}, "double"),
        ({"alerts": ("on_battery", "battery_short"), "marks": {"stopping": True}}, "fast"),
        ({"marks": {"stopping": ""}}, "steady"),
    ],
)
def test_the_power_lamp_is_dark_only_when_the_controller_is_dead(sit: dict[str, Any], shown: str) -> None:
    assert lamp("power", **sit) == shown


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({}, "off"),
        (READY, "steady"),
        (IN_CALL, "steady"),
        (POWERING, "slow"),
        (CLOSING, "slow"),
        ({"alerts": ("lost",)}, "double"),
        ({**READY, "alerts": ("keeper_down",)}, "double"),
        ({**READY, "alerts": ("heat", "failed")}, "fast"),
    ],
)
def test_the_device_lamp(sit: dict[str, Any], shown: str) -> None:
    assert lamp("device", **sit) == shown


@pytest.mark.parametrize(
    ("desk", "since_ms", "shown"),
    [
        (None, 0, "off"),
        ("up", 0, "steady"),
        ("backup", HOUR_MS, "slow"),
        ("down", LINE_DOWN_MS - 1, "slow"),
        ("down", LINE_DOWN_MS, "double"),
    ],
)
def test_the_line_lamp(desk: str | None, since_ms: int, shown: str) -> None:
    facts = {} if desk is None else {"link.desk": desk}
    assert lamp("line", facts=facts, since_ms=since_ms) == shown


@pytest.mark.parametrize(
    ("alerts", "reach", "desk", "shown"),
    [
        (("line_down",), False, "down", "slow"),
        (("line_down", "phone_provider"), False, "down", "double"),
        (("desk_away",), True, "down", "slow"),  # the line carries: nobody is to be phoned about a dead broker
        ((), None, "down", "double"),
        (("line_down",), False, "up", "slow"),
    ],
)
def test_the_line_lamp_where_the_line_is_measured(
    alerts: tuple[str, ...], reach: bool | None, desk: str, shown: str
) -> None:
    facts = {"link.desk": desk, "line.far.reachable": stale(None) if reach is None else reach}
    assert lamp("line", facts=facts, alerts=alerts, since_ms=HOUR_MS) == shown


def test_figures_of_another_path_never_ask_for_the_provider() -> None:
    room = replace(ROOM, line=replace(ROOM.line, ours=False))
    assert lamp("line", facts={"link.desk": "down"}, since_ms=HOUR_MS, room=room) == "slow"


def open_mic(in_call: bool, mute: str = "open") -> dict[str, Any]:
    return {**READY, "facts": {"codec.in_call": in_call, "codec.mute": mute}}


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        (open_mic(True), "steady"),
        (open_mic(False), "off"),
        (open_mic(True, "muted"), "off"),
        ({**open_mic(True, "muted"), "marks": {"out_of_turn": Kept(True, 0, (1,))}}, "off"),
    ],
)
def test_do_they_hear_us(sit: dict[str, Any], shown: str) -> None:
    assert lamp("mic", **sit) == shown


@pytest.mark.parametrize(("ago_ms", "shown"), [(MIC_TOLD_MS - 1, "double"), (MIC_TOLD_MS, "off")])
def test_it_was_open_out_of_turn_and_is_closed_again(ago_ms: int, shown: str) -> None:
    turn = Kept(False, Sit().ago(ago_ms), (1,))
    assert lamp("mic", **open_mic(True, "muted"), marks={"out_of_turn": turn}) == shown
    never = Kept(False, Sit().ago(ago_ms))
    assert lamp("mic", **open_mic(True, "muted"), marks={"out_of_turn": never}) == "off"


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({}, "off"),
        ({"holds": (a_hold("ask.chair", True),)}, "slow"),
        ({"holds": (a_hold("ask.other", True),)}, "off"),
        ({"holds": (a_hold("floor", "open"),), **open_mic(True)}, "steady"),
        ({"holds": (a_hold("mic", "open"),), **open_mic(True)}, "steady"),
        ({"holds": (a_hold("floor", "open"),), **open_mic(True, "muted")}, "slow"),
        ({"holds": (a_hold("mic", "muted"),)}, "off"),
    ],
)
def test_the_table_box(sit: dict[str, Any], shown: str) -> None:
    assert lamp("talk", **sit) == shown


@pytest.mark.parametrize(("name", "mark"), [("talk", "refused.talk"), ("room", "refused.power")])
def test_refused_is_three_short_blinks_then_off(name: str, mark: str) -> None:
    assert lamp(name, marks={mark: 1}, since_ms=REFUSED_MS - 1) == "refused"
    assert lamp(name, marks={mark: 1}, since_ms=REFUSED_MS) == "off"


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({}, "off"),
        ({"hour": 6.9, "booked": (a_booked(),)}, "off"),
        ({"hour": 7.0, "booked": (a_booked(),)}, "slow"),
        ({"hour": 8.0, "booked": (a_booked(),), "holds": (a_hold("duty", "present"),)}, "steady"),
        ({"hour": 10.0, "booked": (a_booked(),)}, "off"),
    ],
)
def test_duty_is_asked_from_t_60(sit: dict[str, Any], shown: str) -> None:
    assert lamp("duty", **sit) == shown


@pytest.mark.parametrize(
    ("name", "sit", "shown"),
    [
        ("check", {}, "off"),
        ("check", {"holds": (a_hold("check", True),), "alerts": ("failed",)}, "slow"),
        ("check", {"alerts": ("failed",)}, "double"),
        ("help", {}, "off"),
        ("help", {"holds": (a_hold("help", "called"),)}, "slow"),
        ("help", {"holds": (a_hold("help", "acknowledged"),)}, "steady"),
        ("room", {}, "off"),
        ("room", {"alerts": ("closing_soon",)}, "double"),
        ("room", POWERING, "slow"),
        ("room", {**READY, "holds": (a_hold("room", "on"),)}, "steady"),
        ("room", {**READY, "holds": (a_hold("room", "off"),)}, "off"),
    ],
)
def test_the_other_buttons(name: str, sit: dict[str, Any], shown: str) -> None:
    assert lamp(name, **sit) == shown


def due(**sit: Any) -> int | None:
    situation = Sit(room=ROOM, **sit)
    at_ms = lamps_due_ms(situation.state(), situation.now)
    return None if at_ms is None else at_ms - situation.now.mono_ms


def test_lamps_that_change_by_time_alone_say_when() -> None:
    assert due() is None
    assert due(marks={"refused.talk": 1}, since_ms=1_000) == REFUSED_MS - 1_000
    assert due(marks={"refused.talk": 1}, since_ms=REFUSED_MS) is None
    assert due(facts={"link.desk": "down"}, since_ms=1_000) == LINE_DOWN_MS - 1_000
    assert due(facts={"link.desk": "up"}, since_ms=1_000) is None
    assert due(hour=6.5, booked=(a_booked(),)) == 30 * MINUTE_MS
    assert due(hour=7.5, booked=(a_booked(),)) == 150 * MINUTE_MS


def test_a_morning_in_lamps() -> None:
    day = Day(6, ROOM).calendar(a_meeting(8, 10))

    def ready() -> str:
        return lamps(day.state, day.now, ROOM)["ready"]

    seen = [ready()]
    for hour in (6.2, 6.92, 7.0, 8.1, 10.4, 10.503, 10.7):
        day.to(hour)
        seen.append(ready())
    assert seen == ["double", "off", "slow", "steady", "steady", "double", "slow", "off"]


def silent(mute: str, call: bool = True) -> dict[str, Any]:
    """The codec's last words, an hour ago."""
    return {"codec.in_call": stale(call, mono(6.5)), "codec.mute": stale(mute, mono(6.5))}


@pytest.mark.parametrize(
    ("sit", "shown"),
    [
        ({**READY, "facts": silent("open")}, "steady"),
        ({**READY, "facts": silent("muted")}, "off"),
        ({**READY, "facts": silent("open", call=False)}, "off"),
        ({"facts": silent("open")}, "off"),
        ({"facts": silent("open"), "down": ("bypass",)}, "steady"),
    ],
)
def test_a_microphone_of_which_nothing_is_known_is_not_shown_as_closed(sit: dict[str, Any], shown: str) -> None:
    """They may hear you: a codec that hangs in a call keeps its microphone as it was."""
    assert lamp("mic", **sit) == shown


@pytest.mark.parametrize("role", ["ready", "room", "duty", "check", "help", "talk"])
def test_a_refused_press_is_answered_by_three_short_blinks(role: str) -> None:
    button = "power" if role in ("ready", "room") else role
    fresh = Kept(1, Sit().now.mono_ms - REFUSED_MS + 1)
    assert lamp(role, **READY, marks={f"refused.{button}": fresh}) == "refused"
    assert lamp(role, **READY, marks={f"refused.{button}": Kept(1, Sit().now.mono_ms - REFUSED_MS)}) != "refused"


def test_a_closing_that_is_refused_in_a_call_is_seen_on_every_panel() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call().press("power", 3_200)
    names = {lamp.role: lamp.name for lamp in day.room.lamps}
    assert lamps(day.state, day.now, day.room)[names["ready"]] == "refused"
    day.run((lamps_due_ms(day.state, day.now) or 0) - day.mono_ms)
    assert lamps(day.state, day.now, day.room)[names["ready"]] == "steady"
