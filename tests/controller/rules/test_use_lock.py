"""N9: the use lock: what it refuses, from when to when, to whom, and what it lets through."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.room import Rank
from controller.core.state import Fact, Quality
from controller.rules.use_lock import lock_ends, use_lock
from hardware.contract import Reading
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    alerts,
    all_loads,
    codes,
    mono,
    refusals,
    said,
    stale,
)

EVERYTHING = {(name, "off") for name in (*all_loads("off"), "load.network")} | {("codec.reboot", "now")}
IN_CALL = {"codec.in_call": True}


def locked(**more: Any) -> bool:
    return bool(refusals(said(use_lock, Sit(**more))))


def test_in_a_call_nothing_goes_off_and_the_codec_neither_sleeps_nor_hangs_up_by_itself() -> None:
    words = said(use_lock, Sit(13, IN_CALL))
    assert refusals(words).keys() == EVERYTHING | {("codec.power", "asleep"), ("codec.hangup", "all")}
    assert refusals(words)["codec.hangup", "all"] is Rank.SCHEDULE
    assert codes(words) == {"N9.in_call"}


@pytest.mark.parametrize(("hour", "held"), [(6.49, False), (6.5, True), (8, True), (10.49, True), (10.5, False)])
def test_from_t_90_to_the_end_and_its_grace(hour: float, held: bool) -> None:
    words = said(use_lock, Sit(hour, {"codec.in_call": False}, booked=(a_booked(),)))
    assert bool(words) is held
    if held:
        assert refusals(words).keys() == EVERYTHING
        assert codes(words) == {"N9.meeting"}


def test_a_whole_room_knows_of_the_lock_at_t_90() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(6.51)
    assert day.command("load", "display", "off").code == "N9.meeting"
    assert Day(6.0).calendar(a_meeting(8, 10)).to(6.49).command("load", "display", "off").stage == "accepted"


def test_no_call_no_meeting_no_lock() -> None:
    assert not locked(hour=13, facts={"codec.in_call": False})
    assert not locked(hour=13)


def test_the_lock_never_ends_while_media_flows() -> None:
    assert locked(hour=13, facts=IN_CALL, since_ms=20 * HOUR_MS, booked=(a_booked(),))


@pytest.mark.parametrize(("hours", "held"), [(3.9, True), (4.0, False)])
def test_a_codec_not_heard_since_the_call_holds_for_four_hours(hours: float, held: bool) -> None:
    silent = {"codec.in_call": stale(True, mono(16) - round(hours * HOUR_MS))}
    assert locked(hour=16, facts=silent) is held


def test_and_not_before_four_hours_after_the_end_of_a_meeting() -> None:
    silent = {"codec.in_call": stale(True, mono(5))}
    assert locked(hour=13.9, facts=silent, booked=(a_booked(),))
    assert not locked(hour=14.0, facts=silent, booked=(a_booked(),))


@pytest.mark.parametrize(("minutes", "told"), [(9, True), (11, False)])
def test_ten_minutes_before_the_lamp_says_so(minutes: int, told: bool) -> None:
    heard_ms = mono(16) - 4 * HOUR_MS + minutes * MINUTE_MS
    words = said(lock_ends, Sit(16, {"codec.in_call": stale(True, heard_ms)}))
    assert alerts(words) == ({"closing_soon"} if told else set())
    assert alerts(said(lock_ends, Sit(16, IN_CALL, since_ms=20 * HOUR_MS))) == set()


def test_a_codec_without_power_has_no_call() -> None:
    assert not locked(hour=13, facts={"codec.in_call": stale(True, mono(12.9))}, seen={"load.codec": "off"})


def test_a_call_from_before_the_codec_lost_its_power_is_over() -> None:
    day = Day(13).run(20_000)
    day.command("power", "on")
    day.until(lambda d: d.phase == "ready").call()
    day.command("power", "off", force="Lan")
    day.far.deaf |= {"codec.hangup"}
    day.until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    day.command("power", "on")
    day.run(40_000)
    assert "codec" in day.relays("on")
    assert day.phase == "powering"
    assert day.command("load", "display", "off").stage == "accepted"


def test_the_exception_a_device_that_is_being_healed_outside_a_call() -> None:
    sit = Sit(7.0, {"codec.in_call": False}, marks={"heal.codec": "cycle"}, booked=(a_booked(),))
    found = refusals(said(use_lock, sit))
    assert found["load.codec", "off"] is Rank.SCHEDULE
    assert found["load.camera", "off"] is Rank.USE_LOCK
    in_call = Sit(7.0, IN_CALL, marks={"heal.codec": "cycle"}, booked=(a_booked(),))
    assert refusals(said(use_lock, in_call))["load.codec", "off"] is Rank.USE_LOCK


def test_the_desk_is_refused_with_the_reason_and_a_name_forces_it_on_record() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call()
    reply = day.command("power", "off")
    assert (reply.stage, reply.code) == ("refused", "N9.in_call")
    reply = day.command("power", "off", force="Lan")
    assert reply.stage == "accepted"
    assert day.told("command")[-1]["force"] == "Lan"
    assert day.until(lambda d: d.phase == "off", 5 * MINUTE_MS)


def test_a_codec_that_says_nothing_more_keeps_its_lock_for_four_hours_and_no_longer() -> None:
    day = Day(13).run(20_000)
    day.command("power", "on", hold_ms=HOUR_MS)
    day.until(lambda d: d.phase == "ready").call()
    said_hour = day.hour
    day.far.mute.add("codec")
    for _ in range(4):
        day.run(HOUR_MS - 10_000).give(Reading("codec", (("in_call", None),), day.mono_ms))
    assert day.command("load", "display", "off").code == "N9.in_call"
    day.to(said_hour + 4.01)
    assert day.command("load", "display", "off").stage == "accepted"


def a_call(hours: float, rate: Any = 0, began: float = 10.0) -> dict[str, Any]:
    """The codec says that it is in a call since `began`; the rate received has been so for `hours` at 16:00."""
    since = mono(16) - round(hours * HOUR_MS)
    return {
        "codec.in_call": Fact(True, Quality.GOOD, mono(16), mono(began)),
        "codec.rate_kbps": Fact(rate, Quality.GOOD, mono(16), since),
    }


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        (a_call(4), False),
        (a_call(3.9), True),
        (a_call(5, 512), True),
        (a_call(5.9), True),  # nought since its first minutes: this codec does not tell
        (a_call(7, began=8), False),
    ],
)
def test_a_call_in_which_nothing_comes_any_more_ends_its_lock_after_four_hours(
    facts: dict[str, Any], held: bool
) -> None:
    assert locked(hour=16, facts=facts) is held


def test_and_not_before_four_hours_after_the_meetings_end() -> None:
    assert locked(hour=13.9, facts=a_call(7, began=8), booked=(a_booked(),))


def test_the_lamp_tells_that_such_a_call_will_hold_the_room_no_more() -> None:
    assert alerts(said(lock_ends, Sit(16, a_call(3.9)))) == {"closing_soon"}
    assert alerts(said(lock_ends, Sit(16, a_call(3.8)))) == set()
    assert alerts(said(lock_ends, Sit(16, a_call(3.9, 512)))) == set()


def test_a_hung_call_does_not_keep_the_room_on_for_the_weekend() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call()
    day.far.codec["rate_kbps"] = 768
    day.to(9.9).far.codec["rate_kbps"] = 0
    assert day.to(14).relays("on") >= set(MEETING_LOADS)
    assert not day.to(15).relays("on") & set(MEETING_LOADS)
