"""The clauses held against whole days, word by word: what could harm a meeting, and what could be said of a room
that is not true. Each test names its clause. Here: people, calls and the floor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.meeting import Meeting, Policy, Role
from controller.core.records import Record
from controller.core.room import Mode
from controller.rules.closing import closing
from controller.rules.power_up import readiness
from hardware.contract import Value
from tests.controller.day import MINUTE_MS, Day
from tests.controller.room_kit import (
    MEETING_LOADS,
    Sit,
    a_meeting,
    a_room,
    marks,
    said,
    waits,
)

ALL_ON = {"network", *MEETING_LOADS}
NEEDED = (*(f"load.{name}" for name in MEETING_LOADS), "codec.power")


def since(day: Day, first: int) -> list[Record]:
    return [record for _, record in day.records[first:]]


def noted(records: list[Record]) -> list[tuple[str, Value]]:
    return [(r.subject, dict(r.body)["value"]) for r in records if r.kind == "noted"]


class TestFloor:
    """R9: per meeting a policy; the later word counts."""

    def meet(self, *meetings: Meeting, mode: Mode = Mode.ENFORCE) -> Day:
        day = Day(6.5, a_room(modes={"R9": mode})).calendar(*meetings).to(9.8).call()
        return day.to(10.1)

    @pytest.mark.parametrize(
        "after", [{"policy": Policy.OPEN}, {"role": Role.CHAIR}, {"secret": True}, {"policy": Policy.OUTSIDE}]
    )
    def test_a_led_meeting_that_is_over_rules_no_floor_of_the_next(self, after: dict[str, Any]) -> None:
        day = self.meet(a_meeting(8, 10), a_meeting(10, 12, uid="next", **after))
        day.far.codec["mute"] = "open"
        day.run(MINUTE_MS)
        assert day.far.codec["mute"] == "open"
        assert not day.codes & {"mic_out_of_turn", "mic_reminder"}

    def test_an_open_meeting_that_is_over_opens_no_floor_of_the_next(self) -> None:
        day = self.meet(a_meeting(8, 10, policy=Policy.OPEN), a_meeting(10, 12, uid="next"))
        day.far.codec["mute"] = "open"
        assert day.run(MINUTE_MS).far.codec["mute"] == "muted"

    def test_between_two_meetings_the_freer_one_counts(self) -> None:
        day = self.meet(a_meeting(8, 10), a_meeting(10.5, 12, uid="next", policy=Policy.OPEN))
        day.far.codec["mute"] = "open"
        assert day.run(MINUTE_MS).far.codec["mute"] == "open"

    def test_the_floor_is_given_over_a_mute_and_a_mute_ends_the_floor(self) -> None:
        day = self.meet(a_meeting(8, 12))
        day.command("mute", "muted")
        day.command("floor", "grant", "chair")
        assert day.run(20_000).far.codec["mute"] == "open"
        day.command("mute", "muted")
        assert day.run(20_000).far.codec["mute"] == "muted"
        assert "clash" not in day.codes


class TestOwnDialling:
    """R11: explained calls stay."""

    def used(self, hour: float = 6.5) -> Day:
        return Day(hour, a_room(modes={"R11": Mode.ENFORCE}))

    def test_who_is_thrown_out_of_a_meeting_that_runs_over_dials_in_again(self) -> None:
        day = self.used().calendar(a_meeting(8, 10)).to(9).call().to(10.2).hang_up().run(MINUTE_MS)
        day.call("999", "out", "2").run(5 * MINUTE_MS)
        assert day.far.codec["in_call"]
        assert "own_dial" not in day.codes

    def test_a_call_dialled_while_we_were_away_is_older_than_our_start(self) -> None:
        day = self.used(10.0).press("power", 300).until(lambda d: d.phase == "ready")
        day.far.calls((("1", "out", "connected", "999", "video"),))
        day.restart()
        assert day.run(5 * MINUTE_MS).far.codec["in_call"]


class TestClosing:
    """R13."""

    def closing(self) -> Day:
        day = Day(7.0).calendar(a_meeting(8, 9)).to(8.5)
        day.far.codec["updating"] = True
        return day.to(12)

    def test_a_codec_that_updates_itself_keeps_its_power_for_as_long_as_it_says_so(self) -> None:
        day = self.closing()
        assert day.relays("on") == {"network", "codec"}
        day.far.codec["updating"] = False
        assert day.run(MINUTE_MS).relays("on") == {"network"}

    def test_a_restart_of_ours_does_not_forget_it(self) -> None:
        """A driver that has just started has seen no banner, and says that all is quiet."""
        day = self.closing()
        day.far.codec["updating"] = False
        day.restart()
        assert day.run(9 * MINUTE_MS).relays("on") == {"network", "codec"}
        assert day.run(2 * MINUTE_MS).relays("on") == {"network"}

    def test_an_update_without_end_is_cut_at_last_and_told(self) -> None:
        day = self.closing().to(13.6)
        assert day.relays("on") == {"network"}

    def test_a_wish_that_comes_this_moment_does_not_slip_past_the_update(self) -> None:
        words = said(closing, Sit(facts={"codec.updating": True, "codec.power": "asleep"}))
        assert waits(words) == {("load.codec", "off"): "R13.updating"}


class TestPeople:
    """A locked-out human: who cuts, cuts; who forces, is bounded; nobody listens in."""

    def test_what_a_person_cut_in_a_meeting_does_not_come_back_by_itself(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(8.5).press("power", 10_500)
        assert not day.to(9.9).relays("on") & set(MEETING_LOADS)
        assert day.press("power", 300).run(5 * MINUTE_MS).relays("on") >= ALL_ON

    def test_what_was_forced_off_once_is_there_for_the_meetings_after(self) -> None:
        day = Day(3.0).calendar(a_meeting(8, 10)).run(MINUTE_MS)
        assert day.command("load", "display", "off", force="An").stage == "accepted"
        assert day.to(7.5).relays("on") >= ALL_ON

    def test_what_the_desk_dials_outside_a_meeting_begins_muted(self) -> None:
        day = Day(10.0).press("power", 300).until(lambda d: d.phase == "ready")
        day.far.codec["mute"] = "open"
        day.look().command("call", "dial", "10.0.0.9", "h323", 2048)
        assert day.run(MINUTE_MS).far.codec["mute"] == "muted"

    def test_ready_before_its_hour_is_in_time_however_late_it_began(self) -> None:
        day = Day(6.93).calendar(a_meeting(8, 10)).to(6.95)
        booked = replace(day.state.booked[0], late="late")
        words = said(readiness, Sit(hour=6.99, seen=dict.fromkeys(NEEDED, "on"), booked=(booked,)))
        assert marks(words) == {"!ready.giao-ban": "in_time"}


class TestIncoming:
    """R11: incoming calls are answered from listed addresses inside a booked meeting, and never cut."""

    def ringing(self, hour: float, number: str = "10.0.0.1", **kind: Any) -> Day:
        meeting = a_meeting(8, 10, numbers=("10.0.0.1",), **kind)
        day = Day(6.5).calendar(meeting).to(7.2).press("power", 300).to(hour)
        day.far.calls((("4", "in", "ringing", number, "video"),))
        return day.look().run(MINUTE_MS)

    def test_a_listed_address_is_answered_in_a_booked_meeting(self) -> None:
        assert self.ringing(7.5).far.codec["in_call"]

    @pytest.mark.parametrize(
        ("hour", "number", "kind"),
        [
            (7.5, "10.0.0.2", {}),
            (7.5, "10.0.0.12", {}),
            (10.51, "10.0.0.1", {}),
            (7.5, "10.0.0.1", {"secret": True}),
            (7.5, "10.0.0.1", {"external": True}),
        ],
    )
    def test_any_other_rings_and_is_left_alone(self, hour: float, number: str, kind: dict[str, Any]) -> None:
        day = self.ringing(hour, number, **kind)
        assert day.far.codec["calls"][0][2] == "ringing"
        assert not {"codec.answer", "codec.hangup"} & {target for target, _ in day.switched()}

    def test_it_is_answered_once(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10, numbers=("10.0.0.1",))).to(7.5)
        day.far.deaf.add("codec.answer")
        day.far.calls((("4", "in", "ringing", "10.0.0.1", "video"),))
        day.look().run(5 * MINUTE_MS)
        assert day.switched().count(("codec.answer", "video")) == 1
