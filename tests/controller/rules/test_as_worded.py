"""The clauses held against whole days, word by word: what could harm a meeting, and what could be said of a room
that is not true. Each test names its clause."""

from __future__ import annotations

import pytest

from controller.core.instant import Trust
from controller.core.lamps import lamps
from controller.core.memory import Kept
from controller.core.records import Record
from controller.rules.mains import settle
from hardware.contract import Edge, Reading, Value
from tests.controller.day import MINUTE_MS, Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MIDNIGHT_MS,
    Sit,
    a_meeting,
    a_room,
    mono,
    said,
    waits,
)

ALL_ON = {"network", *MEETING_LOADS}
NEEDED = (*(f"load.{name}" for name in MEETING_LOADS), "codec.power")


def since(day: Day, first: int) -> list[Record]:
    return [record for _, record in day.records[first:]]


def noted(records: list[Record]) -> list[tuple[str, Value]]:
    return [(r.subject, dict(r.body)["value"]) for r in records if r.kind == "noted"]


class TestClock:
    """N3, N2: a Pi that wakes with the time at which it died."""

    def woken(self, held_hour: float, true_hour: float, after_ms: int = 30_000) -> Day:
        day = Day(held_hour, trust=Trust.HELD).calendar(a_meeting(8, 10)).run(after_ms)
        day.step_clock(round((true_hour - held_hour) * HOUR_MS), Trust.NTP)
        return day

    def test_a_meeting_placed_by_a_guess_is_placed_again_by_a_clock_that_knows(self) -> None:
        day = self.woken(6.5, 7.6)
        assert day.state.booked[0].start_ms - day.mono_ms == MIDNIGHT_MS + 8 * HOUR_MS - day.wall_ms
        assert day.state.booked[0].late == "late"
        day.until(lambda d: d.relays("on") >= ALL_ON, 10 * MINUTE_MS)

    def test_what_was_noted_by_the_wrong_time_is_noted_anew(self) -> None:
        day = self.woken(6.9, 7.5, 20 * MINUTE_MS)
        assert ("t60.giao-ban", "ready") in noted(since(day, 0))
        first = len(day.records)
        day.look().run(MINUTE_MS)
        assert ("t60.giao-ban", "ready") in noted([r for _, r in day.records[first - 3 :]])

    def test_a_small_correction_changes_nothing(self) -> None:
        day = self.woken(6.95, 6.95 + 20 / 3600)
        assert len(day.told("meeting.booked")) == 1

    def test_a_guess_that_was_ahead_lets_go_until_its_time(self) -> None:
        day = Day(7.0, trust=Trust.UNKNOWN).calendar(a_meeting(8, 10)).run(30_000)
        day.step_clock(-3 * HOUR_MS, Trust.NTP)
        assert not day.state.booked
        day.run(3 * HOUR_MS)
        assert [b.late for b in day.state.booked] == [""]

    def test_an_extension_given_in_the_room_survives_the_correction(self) -> None:
        day = Day(7.9, trust=Trust.HELD).calendar(a_meeting(8, 10)).run(30_000)
        day.command("meeting", "extend", "giao-ban", 30)
        day.step_clock(20 * MINUTE_MS, Trust.NTP)
        booked = day.state.booked[0]
        assert booked.end_ms - booked.start_ms == 2.5 * HOUR_MS

    def test_a_step_of_a_trusted_clock_still_moves_nothing(self) -> None:
        day = Day(7.0).calendar(a_meeting(8, 10)).run(30_000)
        day.step_clock(24 * HOUR_MS)
        assert day.state.booked[0].start_ms == mono(8)


class TestEvidence:
    """R1, N1: the record of a meeting says what was, and says it once."""

    def test_a_reset_of_the_pi_in_a_meeting_is_no_second_readiness(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(8.2)
        first = len(day.records)
        day.restart("b2", MINUTE_MS, mono_ms=20_000)
        day.run(5 * MINUTE_MS)
        assert noted(since(day, first)) == []

    def test_a_meeting_that_is_made_longer_keeps_its_beginning(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(9.5)
        first = len(day.records)
        day.calendar(a_meeting(8, 11), version="2").run(MINUTE_MS)
        assert noted(since(day, first)) == []
        assert [(b.end_ms, b.late) for b in day.state.booked] == [(mono(11), "")]

    def test_a_meeting_that_was_over_and_is_made_longer_begins_again(self) -> None:
        day = Day(6.5).calendar(a_meeting(7.6, 7.7)).to(13)
        assert not day.state.booked
        day.calendar(a_meeting(7.6, 15), version="2").run(MINUTE_MS)
        assert [b.end_ms for b in day.state.booked] == [mono(15)]


class TestByHand:
    """The HAND key: no relay is ordered, nothing is called a fault, and the battery is the room's."""

    def by_hand(self) -> Day:
        day = Day(10.0).run(MINUTE_MS)
        day.give(Edge("bypass", True, day.mono_ms))
        day.far.mute.add("codec")
        return day

    def live(self, day: Day, ms: int, mute: str = "open", call: str = "connected") -> Day:
        """The codec is fed past its relay and is in a call, or is being called."""
        calls = (("1", "in", call, "mcu", "video"),)
        rest = (("updating", False), ("mute", mute), ("in_call", call == "connected"), ("calls", calls))
        for _ in range(ms // 10_000):
            day.give(Reading("codec", (("answers", True), ("power", "awake"), *rest), day.mono_ms))
            day.run(10_000)
        return day

    def test_a_battery_that_feeds_a_meeting_by_hand_is_not_shut_off(self) -> None:
        day = self.by_hand()
        day.far.ups |= {"source": "battery", "runtime_s": 3000}
        self.live(day, 20 * MINUTE_MS)
        day.far.ups |= {"runtime_s": 200, "charge_pct": 15.0}
        self.live(day, 5 * MINUTE_MS)
        assert {target for target, _ in day.switched()} == {"load.network"}

    @pytest.mark.parametrize("accepted", [True, False])
    def test_a_microphone_opens_by_its_button_though_its_relay_is_open(self, accepted: bool) -> None:
        """R9: holding PHÁT BIỂU opens the microphone always; a person's wish passes, relays hear nothing."""
        day = Day(10.0, a_room(accepted)).run(MINUTE_MS)
        day.give(Edge("bypass", True, day.mono_ms))
        day.far.mute.add("codec")
        self.live(day, MINUTE_MS, mute="muted")
        day.press("talk_chair", 3_200)
        assert ("codec.mute", "open") in day.switched()
        assert lamps(day.state, day.now, day.room)["talk_chair"] == "slow"  # asked for; the codec has yet to say so
        self.live(day, MINUTE_MS)
        assert lamps(day.state, day.now, day.room)["talk_chair"] == "steady"
        assert {target for target, _ in day.switched()} == {"load.network", "codec.mute"}

    def test_the_turn_ends_by_the_same_button(self) -> None:
        day = self.by_hand()
        self.live(day, MINUTE_MS, mute="muted")
        day.press("talk_chair", 3_200)
        self.live(day, MINUTE_MS)
        day.press("talk_chair", 300)
        assert day.switched()[-1] == ("codec.mute", "muted")

    def test_with_the_key_back_a_codec_without_power_is_asked_nothing(self) -> None:
        day = self.by_hand()
        self.live(day, MINUTE_MS, mute="muted")
        day.give(Edge("bypass", False, day.mono_ms))
        day.run(MINUTE_MS).press("talk_chair", 3_200)
        assert ("codec.mute", "open") not in day.switched()

    def test_what_answers_past_its_relay_is_not_welded(self) -> None:
        assert not self.live(self.by_hand(), 20 * MINUTE_MS).codes & {"failed", "lost"}

    @pytest.mark.parametrize("desk", [True, False])
    def test_the_key_is_a_later_word_than_a_closing(self, desk: bool) -> None:
        """Switched off, then wanted after all: the codec was sent to sleep and the call that came in was ended."""
        day = Day(10.0).press("power", 300).until(lambda d: d.phase == "ready").run(MINUTE_MS)
        if desk:
            day.command("power", "off")
        else:
            day.press("power", 3_300)
        day.until(lambda d: d.phase == "off")
        day.give(Edge("bypass", True, day.mono_ms))
        day.far.mute.add("codec")
        first = day.mono_ms
        self.live(day, 3 * MINUTE_MS, call="ringing")
        assert day.switched(first) == []

    def test_a_closing_by_hand_after_the_key_still_ends_the_devices(self) -> None:
        day = self.by_hand().press("power", 3_300)
        self.live(day, MINUTE_MS, call="ringing")
        assert ("codec.power", "asleep") in day.switched()

    def test_a_room_used_by_hand_is_not_put_to_sleep(self) -> None:
        day = Day(7.0).press("power", 300).until(lambda d: d.phase == "ready").run(MINUTE_MS)
        day.give(Edge("bypass", True, day.mono_ms))
        first = day.mono_ms
        day.run(8 * HOUR_MS)
        assert day.switched(first) == []


class TestBattery:
    """R5, N11."""

    def test_by_day_a_dark_room_keeps_its_pi_alive(self) -> None:
        day = Day(10.0).run(30 * MINUTE_MS)
        day.far.ups |= {"source": "battery", "runtime_s": 9000}
        day.run(HOUR_MS)
        assert ("ups.shutdown", "return") not in day.switched()

    def test_mains_that_comes_and_goes_is_waited_for_longer(self) -> None:
        assert not self.waits(returns=1, for_ms=140_000)
        assert self.waits(returns=3, for_ms=140_000)
        assert self.waits(returns=4, for_ms=480_000)
        assert not self.waits(returns=4, for_ms=500_000)
        assert not self.waits(returns=4, for_ms=140_000, ago_ms=2 * HOUR_MS)

    def waits(self, returns: int, for_ms: int, ago_ms: int = 0) -> bool:
        """Does the room still wait, good for `for_ms` after so many returns, the others long ago?"""
        now_ms = mono(7.5)
        since_ms = now_ms - for_ms
        changes = tuple(since_ms - ago_ms - n * MINUTE_MS for n in range(1, 2 * returns))
        mark = Kept("good", since_ms, (*sorted(changes), since_ms)[-8:])
        facts = {"ups.source": "mains", "ups.charge_pct": 90.0}
        return bool(waits(said(settle, Sit(facts=facts, marks={"mains": mark}))))

    def test_a_press_powers_up_on_battery_too_until_it_is_nearly_empty(self) -> None:
        day = Day(10.0).run(30 * MINUTE_MS)
        day.far.ups |= {"source": "battery", "runtime_s": 3000}
        day.run(5 * MINUTE_MS).press("power", 300)
        assert day.run(5 * MINUTE_MS).relays("on") >= ALL_ON
        day.far.ups |= {"runtime_s": 200, "charge_pct": 15.0}
        assert not day.run(10 * MINUTE_MS).relays("on") & set(MEETING_LOADS)


class TestSilentCodec:
    """N9: without media the lock ends; R2 then closes in the evening."""

    def test_a_codec_silent_since_its_call_does_not_keep_the_room_for_ever(self) -> None:
        day = Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call().to(9)
        day.far.mute.add("codec")
        assert day.to(19.9).relays("on") >= ALL_ON
        assert not day.to(23.9).relays("on") & set(MEETING_LOADS)


class TestHeat:
    """R4, N14: a failed sensor is reported, not believed."""

    def test_a_sensor_that_died_of_the_heat_does_not_close_the_room_to_its_meeting(self) -> None:
        day = Day(5.0).calendar(a_meeting(8, 10)).run(MINUTE_MS)
        for temp_c in (30.0, 34.0, 38.0, 41.0, 41.5):
            day.far.climate["room"] = (temp_c, 50.0)
            day.run(MINUTE_MS)
        day.run(6 * MINUTE_MS)
        assert "heat" in day.codes
        day.far.mute.add("climate.room")
        assert day.to(7.5).relays("on") >= ALL_ON


class TestBreak:
    """R18: in a declared break the codec sleeps, unless somebody calls."""

    def test_a_call_that_rings_before_the_break_is_over_finds_the_codec_awake(self) -> None:
        meeting = a_meeting(8, 12, breaks=((MIDNIGHT_MS + 9 * HOUR_MS, MIDNIGHT_MS + 10 * HOUR_MS),))
        day = Day(6.5).calendar(meeting).to(9.5)
        assert day.far.codec["power"] == "asleep"
        day.far.calls((("7", "in", "ringing", "mcu", "video"),))
        assert day.look().run(MINUTE_MS).far.codec["power"] == "awake"

    def test_it_is_awake_when_people_come_back(self) -> None:
        meeting = a_meeting(8, 12, breaks=((MIDNIGHT_MS + 9 * HOUR_MS, MIDNIGHT_MS + 10 * HOUR_MS),))
        assert Day(6.5).calendar(meeting).to(9.99).far.codec["power"] == "awake"

    def test_a_break_is_no_alarm_and_asks_for_nobody(self) -> None:
        meeting = a_meeting(8, 12, breaks=((MIDNIGHT_MS + 9 * HOUR_MS, MIDNIGHT_MS + 10 * HOUR_MS),))
        day = Day(6.5).calendar(meeting).to(8.9)
        names = {lamp.role: lamp.name for lamp in day.room.lamps}
        while day.hour < 10.1:
            day.run(MINUTE_MS)
            assert "not_ready" not in day.codes
            assert lamps(day.state, day.now, day.room)[names["ready"]] in ("steady", "slow")
        assert day.far.codec["power"] == "awake"

    def test_a_codec_that_does_not_wake_from_it_is_told(self) -> None:
        meeting = a_meeting(8, 12, breaks=((MIDNIGHT_MS + 9 * HOUR_MS, MIDNIGHT_MS + 10 * HOUR_MS),))
        day = Day(6.5).calendar(meeting).to(9.5)
        day.far.deaf.add("codec.power")
        assert "not_ready" in day.to(10.01).codes
