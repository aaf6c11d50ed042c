"""R11, calls that come in: answered from the list inside a booked window, else only by a press; and nobody can
listen in on an empty office, whatever the desk orders and however the codec was left."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lamps import lamps
from controller.core.room import Rank
from controller.core.room_figures import Calls
from controller.rules.incoming import allows, answer, autoanswer
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MIDNIGHT_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    demands,
    ranks,
    said,
    stale,
)

RING = (("4", "in", "ringing", "10.0.0.7", "video"),)
TELLS = {"codec.autoanswer": False}


def sit(hour: float, **more: Any) -> Sit:
    return Sit(hour, TELLS, **{"booked": (a_booked(8, 10),), **more})


@pytest.mark.parametrize(
    ("hour", "value"), [(6.99, "off"), (7.0, "on"), (9.0, "on"), (10.49, "on"), (10.5, "off"), (13.0, "off")]
)
def test_it_answers_by_itself_from_an_hour_before_to_the_end_and_its_grace(hour: float, value: str) -> None:
    words = said(autoanswer, sit(hour))
    assert demands(words) == {"codec.autoanswer": value}
    assert ranks(words) == {Rank.SCHEDULE}


@pytest.mark.parametrize("who", ["mcu", "either"])
def test_where_the_main_site_may_call_it_is_on(who: str) -> None:
    assert demands(said(autoanswer, sit(9, room=a_room(calls=Calls(who_dials=who))))) == {"codec.autoanswer": "on"}


@pytest.mark.parametrize(
    "more",
    [
        {"room": a_room(calls=Calls(who_dials="room"))},
        {"booked": (a_booked(8, 10, secret=True),)},
        {"booked": (a_booked(8, 10, external=True),)},
        {"booked": (a_booked(8, 10), a_booked(8, 11, uid="x", secret=True))},
        {"booked": ()},
    ],
)
def test_in_any_other_window_people_answer(more: dict[str, Any]) -> None:
    assert demands(said(autoanswer, sit(9, **more))) == {"codec.autoanswer": "off"}


@pytest.mark.parametrize("word", [None, stale(None)])
def test_a_codec_that_does_not_tell_is_left_alone(word: Any) -> None:
    facts = {} if word is None else {"codec.autoanswer": word}
    assert said(autoanswer, Sit(9, facts)) == ()
    assert said(autoanswer, Sit(9, TELLS, room=a_room(targets={}))) == ()


@pytest.mark.parametrize(
    ("listed", "number", "so"),
    [
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "h323:10.0.0.1", True),
        ("mcu@tinh.example", "sip:mcu@tinh.example", True),
        ("10.0.0.", "10.0.0.9", True),
        ("10.0.0.1", "10.0.0.12", False),
        ("", "", False),
    ],
)
def test_a_list_knows_numbers_and_networks(listed: str, number: str, so: bool) -> None:
    assert allows(listed, number) is so


def test_what_could_not_be_answered_once_is_left_to_people() -> None:
    words = said(answer, Sit(9, {"codec.calls": RING}, marks={"unanswered": "4"}, booked=(a_booked(8, 10),)))
    assert demands(words) == {}


def by_itself(day: Day) -> Value:
    value: Value = day.far.codec["autoanswer"]
    return value


class TestNobodyListensIn:
    """People 5.7: remote listening is impossible by design."""

    def left_open(self, hour: float = 13.0) -> Day:
        """Somebody has left the codec to answer by itself; the room is on by a press, and nobody is there."""
        day = Day(hour)
        day.far.codec["autoanswer"] = True
        day.press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
        return day.run(MINUTE_MS)

    def test_outside_a_meeting_the_codec_answers_nothing_by_itself(self) -> None:
        day = self.left_open()
        assert by_itself(day) is False
        day.far.codec["autoanswer"] = True  # at the remote control
        assert day.look().run(MINUTE_MS).far.codec["autoanswer"] is False

    @pytest.mark.parametrize("accepted", [True, False])
    def test_nor_does_the_desk_open_it(self, accepted: bool) -> None:
        day = Day(13.0, a_room(accepted)).press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
        day.far.calls(RING)
        day.look()
        orders = (("call", "accept"), ("mute", "open"), ("floor", "grant"), ("seat", "recall", 1))
        assert [day.command(*order, force="desk").stage for order in orders] == ["refused"] * 4
        day.run(10 * MINUTE_MS)
        assert day.far.codec["calls"] == RING
        assert not day.far.codec["in_call"]
        assert ("codec.mute", "open") not in day.switched()

    def test_it_is_closed_again_before_the_codec_sleeps_and_stays_so(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(9)
        assert by_itself(day) is True
        day.until(lambda d: d.phase == "off", 4 * HOUR_MS)
        assert by_itself(day) is False
        assert day.order_ms("codec.autoanswer", "off") <= day.order_ms("codec.power", "asleep")

    def test_switched_off_in_a_meeting_it_does_not_wake_open(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(9)
        day.command("power", "off", force="Nguyễn Văn A")
        assert day.until(lambda d: d.phase == "off", 10 * MINUTE_MS).far.codec["autoanswer"] is False

    def test_in_a_break_the_main_site_can_wake_it(self) -> None:
        meeting = a_meeting(8, 12, breaks=((MIDNIGHT_MS + 9 * HOUR_MS, MIDNIGHT_MS + 10 * HOUR_MS),))
        day = Day(6.5).calendar(meeting).to(9.5)
        assert (day.far.codec["power"], day.far.codec["autoanswer"]) == ("asleep", True)

    def test_a_codec_that_takes_no_setting_is_said_and_keeps_nothing_waiting(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(7.5)
        day.far.deaf.add("codec.autoanswer")
        day.to(10.2).press("power", 300).to(10.6)
        assert ("failed", "codec.autoanswer") in day.state.alerts
        day.until(lambda d: d.phase == "off", 12 * HOUR_MS)


class TestThePress:
    """R11: else it rings and only a press in the room answers."""

    def ringing(self) -> Day:
        day = Day(13.0).press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS).run(MINUTE_MS)
        day.far.calls(RING)
        return day.look()

    def shown(self, day: Day) -> tuple[str, str]:
        names = {lamp.role: lamp.name for lamp in day.room.lamps}
        shown = lamps(day.state, day.now, day.room)
        return shown[names["help"]], shown[names["ready"]]

    def test_it_rings_on_the_lamps_until_it_is_answered(self) -> None:
        day = self.ringing()
        assert self.shown(day) == ("double", "double")
        day.press("help", 300).run(1_000)
        assert day.far.codec["in_call"] is True
        assert self.shown(day) == ("off", "steady")
        assert day.told("hold", "codec.answer")[0]["code"] == "R11.press"

    def test_the_press_calls_no_help_and_cancels_none(self) -> None:
        assert "help" not in self.ringing().press("help", 300).state.holds
        day = Day(13.0).press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
        day.press("help", 300).far.calls(RING)
        day.look().press("help", 300).run(1_000)
        assert day.far.codec["in_call"] is True
        assert "help" in day.state.holds

    def test_when_nothing_rings_it_calls_the_desk(self) -> None:
        day = self.ringing().hang_up().press("help", 300)
        assert "help" in day.state.holds
        assert ("codec.answer", "video") not in day.switched()

    def test_one_press_answers_one_call(self) -> None:
        day = self.ringing().press("help", 300).run(1_000).hang_up().run(10_000)
        day.far.calls((("5", "in", "ringing", "10.0.0.8", "video"),))
        assert not day.look().run(5 * MINUTE_MS).far.codec["in_call"]

    def test_a_listed_call_that_could_not_be_answered_is_answered_by_a_press(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10, numbers=("10.0.0.7",))).to(7.5)
        day.far.deaf.add("codec.answer")
        day.far.calls(RING)
        day.look().run(2 * MINUTE_MS)
        assert self.shown(day)[0] == "double"
        day.far.deaf.clear()
        assert day.press("help", 300).run(1_000).far.codec["in_call"] is True

    def test_a_call_that_is_about_to_be_answered_needs_nobody(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10, numbers=("10.0.0.7",))).to(7.5)
        day.far.calls(RING)
        assert self.shown(day.look()) == ("off", "steady")

    def test_the_same_press_works_by_hand(self) -> None:
        day = self.ringing().press("bypass", 300)
        day.levels["bypass"] = True
        assert day.press("help", 300).run(1_000).far.codec["in_call"] is True


def test_a_call_on_ones_own_asks_to_phone_the_desk() -> None:
    """People: GỌI HỖ TRỢ, double = please phone."""
    situation = Sit(13, alerts=("own_dial",))
    names = {lamp.role: lamp.name for lamp in situation.room.lamps}
    assert lamps(situation.state(), situation.now, situation.room)[names["help"]] == "double"
