"""R10: the button at the seat and its lamp, requests that the desk enters, the queue, and a turn that lasts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.core.lamps import REFUSED_MS, lamps
from controller.core.meeting import Policy, Role
from controller.core.report import details, summary
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting
from tests.controller.rules.test_seats import meeting, two_seats


def lamp(day: Day, seat: str = "seat2") -> str:
    return lamps(day.state, day.now, day.room)[f"talk_{seat}"]


def asks(day: Day) -> Any:
    return summary(day.state, day.now, day.room)["asks"]


def channels(day: Day) -> list[tuple[str, str]]:
    panel: Any = details(day.state, day.now, day.room)["panel"]
    return [(seat, channel) for seat, channel, _ in panel["queue"]]


def test_the_lamp_tells_asked_next_live_and_closed_again() -> None:
    day = meeting()
    assert lamp(day) == "off"
    assert lamp(day.press("talk_seat2", 300)) == "slow"
    day.command("floor", "next", "seat2")
    assert lamp(day) == "double"
    day.command("floor", "grant", "seat2")
    assert lamp(day.run(5_000)) == "steady"
    day.command("floor", "end", "seat2")
    assert lamp(day.run(5_000)) == "off"


def test_next_without_a_request_lights_nothing_and_is_over_with_its_turn() -> None:
    day = meeting()
    day.command("floor", "next", "seat2")
    assert lamp(day) == "off"
    day.command("floor", "grant", "seat2")
    day.run(5_000).command("floor", "end", "seat2")
    assert lamp(day.run(1_000).press("talk_seat2", 300)) == "slow"


def test_a_second_press_withdraws() -> None:
    day = meeting().press("talk_seat2", 300).press("talk_seat2", 300)
    assert (lamp(day), asks(day)) == ("off", ())


def test_a_denied_request_blinks_three_times_at_its_own_seat_and_is_off() -> None:
    day = meeting().press("talk_seat2", 300).press("talk_chair", 300)
    day.command("floor", "deny", "seat2")
    assert (lamp(day), lamp(day, "chair")) == ("refused", "slow")
    assert lamp(day.run(REFUSED_MS + 100)) == "off"


def test_a_press_that_was_not_understood_blinks_at_its_own_seat() -> None:
    day = meeting().press("talk_seat2", 1_500)
    assert (lamp(day), lamp(day, "chair")) == ("refused", "off")


def test_the_floor_of_one_seat_leaves_the_others_in_the_queue() -> None:
    """A press at another seat asks; it does not end the turn of whoever speaks."""
    day = meeting()
    day.command("floor", "grant", "chair")
    day.run(5_000).press("talk_seat2", 300)
    assert (lamp(day), lamp(day, "chair"), asks(day)) == ("slow", "steady", ("seat2",))
    day.press("talk_chair", 300).run(5_000)
    assert (lamp(day), lamp(day, "chair"), asks(day)) == ("slow", "off", ("seat2",))


def test_what_the_desk_enters_lights_the_same_lamp_and_says_its_channel() -> None:
    day = meeting().press("talk_chair", 300)
    assert day.command("floor", "request", "seat2", "chat").stage == "accepted"
    assert (lamp(day), channels(day)) == ("slow", [("chair", "button"), ("seat2", "chat")])
    assert day.told("hold", "ask.seat2")[-1]["value"] == "chat"
    assert asks(day.press("talk_seat2", 300)) == ("chair",)


def test_the_queue_keeps_its_order_over_a_restart() -> None:
    day = meeting().press("talk_seat2", 300).run(1_000).press("talk_chair", 300)
    assert asks(day) == ("seat2", "chair")
    day.restart()
    assert asks(day) == ("seat2", "chair")


def test_a_request_lives_to_the_end_of_the_meeting_and_asks_for_one() -> None:
    day = Day(6.5, two_seats()).calendar(a_meeting(8, 10)).to(8.1).call().run(20_000).press("talk_seat2", 300)
    assert asks(day.hang_up().run(MINUTE_MS).call().to(9.9)) == ("seat2",)
    assert asks(day.hang_up().to(10.6)) == ()
    assert Day(15, two_seats()).command("floor", "request", "seat2", "phone").code == "not_in_meeting"


def test_a_refused_floor_takes_no_request_away() -> None:
    day = Day(15, two_seats()).run(20_000)
    day.command("power", "on")
    day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS).call().press("talk_seat2", 300)
    assert day.command("floor", "grant", "seat2").code == "not_in_meeting"
    assert asks(day) == ("seat2",)


def test_where_nobody_leads_a_floor_a_request_is_refused_and_seen() -> None:
    day = Day(15, two_seats()).run(20_000).press("talk_seat2", 300)
    assert (asks(day), lamp(day)) == ((), "refused")


def test_a_long_turn_is_told_and_nobody_is_cut() -> None:
    day = meeting()
    day.command("floor", "grant", "seat2")
    assert "floor_long" not in day.run(5 * MINUTE_MS - 1_000).codes
    assert "floor_long" in day.run(2_000).codes
    assert day.run(HOUR_MS / 2).far.codec["mute"] == "open"
    day.command("floor", "end")
    assert "floor_long" not in day.run(5_000).codes


@pytest.mark.parametrize(
    "kind", [{"role": Role.CHAIR}, {"policy": Policy.OPEN}, {"secret": True}, {"external": True}]
)
def test_nobody_is_told_where_the_floor_is_not_led_from_here(kind: dict[str, Any]) -> None:
    day = meeting(**kind).press("talk_seat2", 3_500).run(10 * MINUTE_MS)
    assert "floor_long" not in day.codes


def test_a_secret_meeting_leaves_no_queue() -> None:
    day = meeting(secret=True)
    first = len(day.records)
    day.press("talk_seat2", 300)
    day.command("floor", "request", "chair", "phone")
    day.command("floor", "next", "seat2")
    day.command("seat", "confirm")
    day.run(5_000)
    text = json.dumps([(r.kind, r.subject, r.body) for _, r in day.records[first:]])
    assert [word for word in ("ask.", "floor", "talk", "seat") if word in text] == []
    assert asks(day) == ()
    assert "queue" not in details(day.state, day.now, day.room)["panel"]
    assert lamp(day) == "double"
