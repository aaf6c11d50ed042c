"""R18, `break_max_min`: between two meetings of one day the room stays on and the codec sleeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.book import follows
from controller.core.room import Mode
from controller.core.room_figures import Idle
from controller.rules.power_up import pause
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    all_loads,
    codes,
    demands,
    said,
    waits,
)

ALL_ON = {"network", *MEETING_LOADS}
FIRST, THEN = a_meeting(8, 10), a_meeting(12.5, 14, uid="tap-huan")


@pytest.mark.parametrize(
    ("end", "start", "so"),
    [(10, 13, True), (10, 13.01, False), (10, 10, True), (10, 9.9, False), (23, 24.5, False), (21, 23.9, True)],
)
def test_what_follows_after_a_break(end: float, start: float, so: bool) -> None:
    assert follows(a_booked(8, end), a_booked(start, start + 1), a_room()) is so


def test_a_province_without_breaks() -> None:
    room = a_room(idle=Idle(break_max_ms=0))
    assert not follows(a_booked(8, 10), a_booked(10.1, 12), room)


def sit(hour: float, **more: Any) -> Sit:
    both = (a_booked(8, 10), a_booked(12.5, 14, uid="tap-huan"))
    on: dict[str, Any] = {"facts": {"codec.in_call": False}, "seen": all_loads("on"), "want": all_loads("on")}
    return Sit(hour, **{**on, "booked": both, **more})


@pytest.mark.parametrize(("hour", "codec"), [(10.2, "awake"), (10.6, "asleep"), (11.39, "asleep")])
def test_the_codec_sleeps_once_the_first_meetings_grace_is_over(hour: float, codec: str) -> None:
    words = said(pause, sit(hour))
    assert {**all_loads("on"), "codec.power": codec}.items() <= demands(words).items()
    assert codes(words) == {"R18.pause"}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"codec.in_call": True},
        {"codec.in_call": False, "codec.calls": (("7", "in", "ringing", "mcu", "video"),)},
    ],
)
def test_a_codec_that_may_be_needed_stays_awake(facts: dict[str, Any]) -> None:
    assert demands(said(pause, sit(10.6, facts=facts)))["codec.power"] == "awake"


SLEEPS = {**all_loads("on"), "codec.power": "asleep"}


def test_a_codec_that_sleeps_and_is_not_heard_goes_on_sleeping_and_is_not_told_so() -> None:
    words = said(pause, sit(10.6, facts={}, want=SLEEPS))
    assert demands(words)["codec.power"] == "asleep"
    assert waits(words) == {("codec.power", "asleep"): "R18.pause"}
    assert waits(said(pause, sit(10.6, want=SLEEPS))) == {}


@pytest.mark.parametrize(
    "calls", [{"codec.in_call": True}, {"codec.calls": (("7", "in", "ringing", "mcu", "video"),)}]
)
def test_a_codec_that_sleeps_wakes_for_a_call(calls: dict[str, Any]) -> None:
    assert demands(said(pause, sit(10.6, facts=calls, want=SLEEPS)))["codec.power"] == "awake"


@pytest.mark.parametrize("more", [{"want": all_loads("off")}, {"want": {}, "seen": all_loads("off")}, {"seen": {}}])
def test_a_room_that_is_off_is_not_powered_up_for_a_pause(more: dict[str, Any]) -> None:
    assert said(pause, sit(10.6, **{"want": {}, **more})) == ()


def test_after_a_restart_what_is_on_stays_on() -> None:
    assert demands(said(pause, sit(10.6, want={})))["load.display"] == "on"


@pytest.mark.parametrize("hour", [9.9, 11.41])
def test_before_and_after_it_the_meetings_speak_for_themselves(hour: float) -> None:
    assert said(pause, sit(hour)) == ()


class TestDay:
    def test_the_room_stays_on_and_the_codec_sleeps_until_the_next_one(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(8).call().to(10.1).hang_up()
        assert day.to(10.4).far.codec["power"] == "awake"
        assert day.to(10.6).far.codec["power"] == "asleep"
        assert "closing_soon" not in day.codes
        assert day.to(11.45).far.codec["power"] == "awake"
        assert day.to(13).relays("on") == ALL_ON
        assert not [row for row in day.switched() if row[0].startswith("load.") and row[1] == "off"]
        assert [dict(r.body)["value"] for _, r in day.records if r.subject == "t60.tap-huan"] == ["ready"]

    def test_a_bad_line_in_between_wakes_nobody(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(10.7)
        at_ms = day.mono_ms
        for _ in range(5):
            day.far.dead.add("codec")
            day.run(3 * MINUTE_MS).far.dead.clear()
            day.run(3 * MINUTE_MS)
        about = [r.kind for ms, r in day.records if ms >= at_ms and r.subject == "codec.power"]
        assert "proof" in about
        assert not {"wish", "order"} & set(about)

    def test_after_the_last_one_it_closes(self) -> None:
        assert not Day(6.5).calendar(FIRST, THEN).to(15).relays("on") & set(MEETING_LOADS)

    def test_with_more_than_a_break_between_it_is_closed_and_powered_up_again(self) -> None:
        day = Day(6.5).calendar(FIRST, a_meeting(13.1, 14, uid="tap-huan")).to(11)
        assert not day.relays("on") & set(MEETING_LOADS)
        assert day.to(12.2).relays("on") == ALL_ON

    def test_a_second_one_that_is_called_off_frees_the_room(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(11)
        day.calendar(FIRST, version="2").run(HOUR_MS // 2)
        assert not day.relays("on") & set(MEETING_LOADS)

    def test_a_second_one_told_while_the_lamp_warns_keeps_it(self) -> None:
        day = Day(6.5).calendar(FIRST).until(lambda d: "closing_soon" in d.codes, 5 * HOUR_MS)
        day.calendar(FIRST, THEN, version="2").run(HOUR_MS)
        assert day.relays("on") == ALL_ON

    def test_told_when_it_is_dark_it_waits_for_its_own_lead(self) -> None:
        day = Day(6.5).calendar(FIRST).to(9).until(lambda d: d.phase == "off", 5 * HOUR_MS)
        day.calendar(FIRST, THEN, version="2").to(11.3)
        assert not day.relays("on") & set(MEETING_LOADS)

    def test_a_person_may_close_it_all_the_same(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(10.6).press("power", 3_200).to(10.9)
        assert not day.relays("on") & set(MEETING_LOADS)
        assert day.to(11.55).relays("on") == ALL_ON

    def test_a_restart_in_between_switches_nothing(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(10.7)
        at_ms = day.mono_ms
        day.restart()
        assert day.run(20 * MINUTE_MS).switched(at_ms) == []

    def test_where_the_room_only_watches_it_is_not_announced_as_closing(self) -> None:
        day = Day(6.5, a_room(modes={"R2": Mode.WATCH})).calendar(FIRST, THEN).to(11)
        assert not [row for row in day.told("would") if row["rule"] == "R2"]

    def test_the_mains_comes_back_in_between_to_a_room_that_waits_for_its_lead(self) -> None:
        day = Day(6.5).calendar(FIRST, THEN).to(10.6)
        day.far.ups |= {"source": "battery", "runtime_s": 200, "charge_pct": 15.0}
        day.until(lambda d: not d.relays("on") & set(MEETING_LOADS), HOUR_MS)
        day.far.ups |= {"source": "mains", "charge_pct": 90.0}
        assert not day.to(11.3).relays("on") & set(MEETING_LOADS)
        assert day.to(11.55).relays("on") == ALL_ON


def test_the_meetings_that_are_known_early_are_told_once() -> None:
    day = Day(6.5).calendar(FIRST, replace(THEN, tentative=True)).to(11)
    assert [row["subject"] for row in day.told("meeting.booked")] == ["giao-ban"]
    assert not day.relays("on") & set(MEETING_LOADS)
