"""R2's exceptions: a codec that keeps its power in the update window, and whatever ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from controller.config_compile import compile_room
from controller.core.instant import Trust
from controller.core.room import Mode, Room
from controller.core.room_window import NEVER, Updates
from controller.rules.idle_off import idle_off
from controller.rules.kept import kept
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MINUTE_MS,
    Sit,
    a_hold,
    a_meeting,
    a_room,
    all_loads,
    codes,
    demands,
    marks,
    poor_room,
    said,
)
from tests.controller.rooms_on_paper import changed

MONDAY_18_TO_20 = Updates(0, 18 * HOUR_MS, 2 * HOUR_MS)
DARK = all_loads("off")
LONE = {**DARK, "load.codec": "on"}
QUIET: dict[str, Any] = {"codec.answers": True, "codec.in_call": False, "codec.calls": (), "codec.power": "asleep"}


def weekly(**changes: Any) -> Room:
    return a_room(updates=MONDAY_18_TO_20, **changes)


def wished(**sit: Any) -> dict[str, Any]:
    there: dict[str, Any] = {"hour": 18.5, "seen": DARK, "facts": QUIET, "room": weekly()}
    return demands(said(kept, Sit(**{**there, **sit})))


@pytest.mark.parametrize(
    ("hour", "open_"),
    [(17.99, False), (18, True), (19.99, True), (20, False), (24 + 18.5, False), (168 + 18, True)],
)
def test_its_hours_are_those_of_one_day_of_the_week(hour: float, open_: bool) -> None:
    assert ("load.codec" in wished(hour=hour)) is open_


@pytest.mark.parametrize(("hour", "open_"), [(22.9, False), (23, True), (24.9, True), (25, False)])
def test_hours_over_midnight_end_in_the_morning(hour: float, open_: bool) -> None:
    room = a_room(updates=Updates(0, 23 * HOUR_MS, 2 * HOUR_MS))
    assert ("load.codec" in wished(hour=hour, room=room)) is open_


@pytest.mark.parametrize(
    "sit",
    [
        {"room": a_room(updates=NEVER)},
        {"room": poor_room(updates=MONDAY_18_TO_20)},
        {"trust": Trust.UNKNOWN},
        {"marks": {"mains": "lost"}},
        {"marks": {"heat.cabinet": "over"}},
        {"marks": {"hazard.smoke": "cut"}},
        {"down": ("bypass",)},
    ],
    ids=["never", "no codec", "clock", "battery", "heat", "smoke", "by hand"],
)
def test_what_keeps_it_shut(sit: dict[str, Any]) -> None:
    assert wished(**sit) == {}


def test_the_codec_is_on_and_asleep_and_nothing_else_is_asked_for() -> None:
    assert wished() == {"load.codec": "on"}
    assert wished(seen=LONE) == {"load.codec": "on", "codec.power": "asleep"}


@pytest.mark.parametrize(
    "facts",
    [{"codec.in_call": True}, {"codec.in_call": None}, {"codec.calls": ((3, "in", "ringing", "x"),)}],
    ids=["in a call", "booting", "ringing"],
)
def test_a_codec_that_somebody_may_be_using_is_not_put_to_sleep(facts: dict[str, Any]) -> None:
    facts = {name: value for name, value in {**QUIET, **facts}.items() if value is not None}
    assert "codec.power" not in wished(seen=LONE, facts=facts)


def test_a_codec_that_has_just_started_is_left_to_set_itself_up() -> None:
    assert "codec.power" not in wished(seen=LONE, since_ms=MINUTE_MS)
    assert "codec.power" in wished(seen=LONE, since_ms=2 * MINUTE_MS)


def test_a_room_in_use_is_not_put_to_sleep() -> None:
    assert "codec.power" not in wished(seen=all_loads("on"))


def test_that_only_the_codec_is_on_is_remembered_until_something_else_is() -> None:
    sit = Sit(18.5, QUIET, seen=LONE, room=weekly())
    assert marks(said(kept, sit)) == {"kept": "R2.updates"}
    over = replace(sit, hour=20.5, marks={"kept": "R2.updates"})
    assert marks(said(kept, over)) == {}, "stands until it is off"
    assert marks(said(kept, replace(over, seen={}))) == {}, "after a start nothing is seen for a moment"
    for seen in (DARK, all_loads("on")):
        assert marks(said(kept, replace(over, seen=seen))) == {"kept": ""}


def test_while_it_lasts_nobody_is_warned_and_then_it_closes() -> None:
    sit = Sit(18.5, QUIET, seen=LONE, room=weekly(), marks={"kept": "R2.updates"})
    assert codes(said(idle_off, sit)) == set()
    assert codes(said(idle_off, replace(sit, hour=20.5))) == {"R2.kept"}
    assert codes(said(idle_off, replace(sit, hour=20.5, trust=Trust.UNKNOWN))) == set(), (
        "no off by a doubtful clock"
    )


@pytest.mark.parametrize(
    ("updates", "hours"),
    [
        ({"weekday": "fri", "start": "18:00", "end": "20:30"}, Updates(4, 18 * HOUR_MS, 150 * MINUTE_MS)),
        ({"weekday": "sun", "start": "23:00", "end": "01:00"}, Updates(6, 23 * HOUR_MS, 2 * HOUR_MS)),
        ({"weekday": "never"}, NEVER),
    ],
)
def test_the_table_of_the_room(updates: dict[str, str], hours: Updates) -> None:
    assert compile_room(changed(updates=updates)).updates == hours


# ---- storm

STORM = (a_hold("storm", True),)


def test_in_a_storm_the_codec_is_on_by_day_and_night_and_on_battery() -> None:
    for hour in (3, 12, 21):
        for mains in ("good", "lost"):
            there: dict[str, Any] = {"hour": hour, "holds": STORM, "marks": {"mains": mains}}
            assert codes(said(kept, Sit(seen=DARK, facts=QUIET, **there))) == {"R2.storm"}


@pytest.mark.parametrize("sit", [{"marks": {"heat.cabinet": "over"}}, {"marks": {"hazard.smoke": "cut"}}])
def test_heat_and_smoke_count_for_more_than_a_storm(sit: dict[str, Any]) -> None:
    assert wished(hour=3, holds=STORM, **sit) == {}


@pytest.mark.parametrize(
    ("trust", "hour", "on_"), [(Trust.NTP, 2.9, True), (Trust.NTP, 3.1, False), (Trust.HELD, 2.9, False)]
)
def test_a_storm_that_room_toml_knows_of(trust: Trust, hour: float, on_: bool) -> None:
    until = {"until": datetime.fromisoformat("2026-03-02T03:00:00+07:00")}
    room = compile_room(changed(room__accepted=True, storm=until))
    assert ("load.codec" in wished(hour=hour, trust=trust, room=room)) is on_


# ---- whole evenings


def on(day: Day) -> set[str]:
    return {name for name in MEETING_LOADS if day.far.relays[name] == "on"}


def test_an_evening_from_a_dark_room_to_a_dark_room() -> None:
    day = Day(17, weekly()).to(17.9)
    assert on(day) == set()
    day.to(18.3)
    assert (on(day), day.far.codec["power"], day.phase) == ({"codec"}, "asleep", "off")
    day.to(19.9)
    assert (on(day), day.codes) == ({"codec"}, set())
    day.to(20.3)
    assert (on(day), day.phase, day.codes) == (set(), "off", set())


def test_after_a_meeting_all_but_the_codec_goes_off_and_it_follows_at_the_end() -> None:
    day = Day(14, weekly()).calendar(a_meeting(16, 17.5)).to(16).call().to(17.4).hang_up().to(19)
    assert (on(day), day.far.codec["power"]) == ({"codec"}, "asleep")
    day.to(20.3)
    assert on(day) == set()


def test_a_codec_that_updates_at_the_end_of_its_hours_is_waited_for() -> None:
    day = Day(17, weekly()).to(19.9)
    day.far.codec["updating"] = True
    day.to(20.5)
    assert on(day) == {"codec"}
    day.far.codec["updating"] = False
    day.to(20.8)
    assert on(day) == set()


def test_a_meeting_in_the_window_is_a_meeting() -> None:
    day = Day(16, weekly()).calendar(a_meeting(18.5, 19.5)).to(18.4)
    assert (on(day), day.phase) == (set(MEETING_LOADS), "ready")
    day.call().to(19)
    assert (day.far.codec["power"], day.phase) == ("awake", "in_call")


def test_the_mains_that_goes_ends_it() -> None:
    day = Day(17, weekly()).to(18.5)
    day.far.ups["source"] = "battery"
    day.to(19)
    assert on(day) == set()


def test_a_room_that_is_watched_only_has_its_window_and_is_never_closed_by_it() -> None:
    day = Day(17, weekly(modes={"R2": Mode.WATCH})).to(18.5)
    assert on(day) == {"codec"}
    assert on(day.to(21)) == {"codec"}


def test_a_night_of_storm() -> None:
    day = Day(20)
    assert day.command("storm", "on", 600).stage == "accepted"
    day.to(21)
    assert (on(day), day.far.codec["power"], day.phase, day.codes) == ({"codec"}, "asleep", "off", set())
    day.call().to(21.1)
    assert (day.state.desired.get("codec.power"), day.phase) == (None, "in_call"), "in a call it is left alone"
    day.far.codec["power"] = "awake"
    day.hang_up().to(21.5)
    assert day.far.codec["power"] == "asleep"
    assert (on(day.to(29.9)), on(day.to(30.5))) == ({"codec"}, set()), "ends by itself"


def test_a_storm_is_called_off_and_never_longer_than_the_room_allows() -> None:
    day = Day(20)
    day.command("storm", "on", 10_080)
    assert day.state.holds["storm"].until_ms == day.mono_ms + 72 * HOUR_MS
    day.to(21)
    day.command("storm", "off")
    assert (on(day.to(21.5)), day.state.holds) == (set(), {})


def test_a_room_without_a_codec_keeps_none() -> None:
    assert Day(20, poor_room()).command("storm", "on", 60).code == "not_applicable"


def test_the_storm_that_takes_the_mains_does_not_end_storm_mode() -> None:
    day = Day(20)
    day.command("storm", "on", 600)
    day.to(21)
    day.restart("b2", after_ms=HOUR_MS, mono_ms=30_000)
    assert day.state.holds["storm"].until_ms - day.mono_ms == 8 * HOUR_MS
    day.trust = Trust.HELD
    day.wall_ms -= HOUR_MS
    day.restart("b3", after_ms=0, mono_ms=30_000)
    assert day.state.holds["storm"].until_ms - day.mono_ms == 8 * HOUR_MS, "no longer by a clock that only guesses"
    day.run(10 * MINUTE_MS)
    assert on(day) == {"codec"}
    day.step_clock(HOUR_MS, Trust.NTP)
    assert day.state.holds["storm"].until_ms - day.mono_ms == 8 * HOUR_MS - 10 * MINUTE_MS, "put right"


def test_a_storm_that_is_over_does_not_come_back() -> None:
    day = Day(20)
    day.command("storm", "on", 60)
    day.run(MINUTE_MS).restart("b2", after_ms=2 * HOUR_MS, mono_ms=30_000)
    assert day.state.holds == {}


def test_the_controller_may_restart_in_the_middle_of_it() -> None:
    day = Day(17, weekly()).to(18.5)
    day.restart()
    assert (on(day.to(19)), on(day.to(20.3))) == ({"codec"}, set())
