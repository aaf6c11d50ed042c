"""What a gesture on the panel sets in motion: people's table of buttons, row by row."""

from __future__ import annotations

import pytest

from controller.core.gestures import OFF_HOLD_MS, OFF_NOW_MS
from controller.core.room import Rank
from controller.core.speech import DONE_MS, SPOKEN_MS
from hardware.contract import NEVER_MS, Edge
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, all_loads

SHORT, HOLD, LONG = 200, 3_200, 10_200


def in_meeting(hour: float = 8.1) -> Day:
    """A call in a booked meeting."""
    day = Day(6.5).calendar(a_meeting(8, 10)).to(hour)
    return day.call()


def until_ms(day: Day, name: str) -> int:
    return day.state.holds[name].until_ms - day.mono_ms


def test_a_press_in_a_dark_room_powers_it_up_for_four_hours() -> None:
    day = Day(15).run(20_000).press("power", SHORT)
    assert day.state.holds["room"].targets == tuple(all_loads("on"))
    assert until_ms(day, "room") == pytest.approx(4 * HOUR_MS, abs=1_000)
    assert day.until(lambda d: d.phase == "ready", 5 * MINUTE_MS).codes == set()


def test_a_press_in_a_room_that_is_on_keeps_it_an_hour_longer_and_never_shortens() -> None:
    day = Day(15).run(20_000).press("power", SHORT).run(10 * MINUTE_MS).press("power", SHORT)
    assert until_ms(day, "room") == pytest.approx(4 * HOUR_MS - 10 * MINUTE_MS, abs=2_000)
    day.run(3.5 * HOUR_MS).press("power", SHORT)
    assert until_ms(day, "room") == pytest.approx(HOUR_MS, abs=2_000)


def test_a_hold_closes_the_room_and_lets_the_calendar_speak_again_later() -> None:
    day = Day(15).run(20_000).press("power", SHORT).until(lambda d: d.phase == "ready").press("power", HOLD)
    assert day.state.holds["room"].value == "off"
    assert until_ms(day, "room") == pytest.approx(OFF_HOLD_MS, abs=1_000)
    day.until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    assert "room" not in day.run(OFF_HOLD_MS).state.holds


def test_a_hold_is_refused_in_a_call_with_the_reason() -> None:
    day = in_meeting().press("power", HOLD)
    assert "room" not in day.state.holds
    assert day.told("refused") == [{"subject": "room", "rule": "N9", "code": "N9.in_call", "args": ()}]
    assert "refused.power" in day.state.marks


def test_ten_seconds_switch_everything_off_even_in_a_call_and_are_recorded() -> None:
    day = in_meeting().press("power", LONG)
    assert day.state.holds["off_now"].rank == Rank.PERSON
    assert day.state.holds["off_now"].until_ms == day.state.booked[0].end_ms
    elsewhere = Day(15).run(20_000).press("power", LONG)
    assert until_ms(elsewhere, "off_now") == pytest.approx(OFF_NOW_MS, abs=1_000)
    day.until(lambda d: d.relays("on") <= {"network"}, MINUTE_MS)
    assert {"value": "off", "rule": "N9", "code": "hold.off_now", "args": (), "subject": "off_now"} in day.told(
        "hold"
    )
    assert day.told("press")[-1]["gesture"] == "long"


def test_ten_seconds_mean_now_for_a_closing_on_its_way_too() -> None:
    """The codec's farewell may take half an hour; who holds for ten seconds does not wait for it."""
    day = Day(15).run(20_000).press("power", SHORT).until(lambda d: d.phase == "ready")
    day.far.deaf.add("codec.power")
    day.press("power", HOLD).run(2 * MINUTE_MS)
    assert "codec" in day.relays("on")
    assert day.press("power", LONG).run(MINUTE_MS).relays("on") == {"network"}


def test_between_one_and_three_seconds_nothing_was_meant_and_that_is_answered() -> None:
    day = Day(15).run(20_000).press("power", 1_500)
    assert not day.state.holds
    assert "refused.power" in day.state.marks


def test_talk_asks_and_withdraws() -> None:
    day = in_meeting().press("talk_chair", SHORT)
    assert day.state.holds["ask.chair"].until_ms == NEVER_MS
    assert "ask.chair" not in day.press("talk_chair", SHORT).state.holds


def test_holding_talk_opens_the_microphone_always_and_a_press_ends_the_turn() -> None:
    day = in_meeting().press("talk_chair", SHORT).press("talk_chair", HOLD)
    assert day.far.codec["mute"] == "open"
    assert "ask.chair" not in day.state.holds
    assert until_ms(day, "mic") == pytest.approx(SPOKEN_MS, abs=1_000)
    day.run(30_000).press("talk_chair", SHORT)
    assert day.far.codec["mute"] == "muted"
    assert until_ms(day, "mic") == pytest.approx(DONE_MS, abs=1_000)
    assert "mic" not in day.run(DONE_MS).state.holds


def test_holding_talk_works_outside_every_meeting_and_call() -> None:
    day = Day(15).run(20_000).press("power", SHORT).until(lambda d: d.phase == "ready").press("talk_chair", HOLD)
    assert day.far.codec["mute"] == "open"


def test_a_press_ends_a_floor_that_the_chair_gave() -> None:
    day = in_meeting()
    day.command("floor", "grant", "chair")
    assert day.run(1_000).far.codec["mute"] == "open"
    day.press("talk_chair", SHORT)
    assert "floor" not in day.state.holds
    assert day.far.codec["mute"] == "muted"


def test_help_is_called_and_taken_back_and_its_hold_explains_a_call() -> None:
    day = Day(15).run(20_000).press("help", SHORT)
    assert day.state.holds["help"].value == "called"
    assert "help" not in day.press("help", SHORT).state.holds
    assert until_ms(day.press("help", HOLD), "by_phone") == pytest.approx(10 * MINUTE_MS, abs=1_000)


def test_duty_is_noted_until_it_is_handed_over() -> None:
    day = Day(15).run(20_000).press("duty", SHORT)
    assert day.state.holds["duty"].value == "present"
    assert "duty" not in day.press("duty", HOLD).state.holds


def test_a_check_runs_two_minutes() -> None:
    day = Day(15).run(20_000).press("check", SHORT)
    assert "check" in day.state.holds
    assert "check" not in day.run(2 * MINUTE_MS).state.holds


def test_the_key_and_unwired_inputs_are_no_buttons() -> None:
    day = Day(15).run(20_000).press("bypass", SHORT).press("nowhere", SHORT)
    assert day.told("press") == []


def test_a_finger_on_the_button_at_start_means_nothing() -> None:
    day = Day(15)
    day.give(Edge("stuck", True, day.mono_ms))
    day.run(20_000).give(Edge("stuck", False, day.mono_ms))
    assert day.run(1_000).told("press") == []


def test_gestures_without_a_meaning_are_written_down_only() -> None:
    day = Day(15).run(20_000).press("check", HOLD)
    assert [row["gesture"] for row in day.told("press")] == ["hold"]
    assert "check" not in day.state.holds
