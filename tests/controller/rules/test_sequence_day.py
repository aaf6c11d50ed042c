"""R3 and R13 over a day: the order on, the order off, a cut in the middle, an opposite wish, a codec that will not
sleep, and what a restart makes of it all."""

from __future__ import annotations

from itertools import pairwise

import pytest

from controller.core.room import Rank
from controller.core.state import Desired, Proof, Track
from controller.rules.closing import closing, record
from hardware.contract import Edge, Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    MINUTE_MS,
    WHY,
    Sit,
    a_meeting,
    alerts,
    all_loads,
    marks,
    said,
    stale,
    waits,
)

ORDER_ON = ["network", "display", "camera", "codec", "mixer", "amplifier"]
AWAKE = {"codec.answers": True, "codec.power": "awake", "codec.updating": False}
ASLEEP = {**AWAKE, "codec.power": "asleep"}


def orders_ms(day: Day, value: str) -> dict[str, int]:
    """Load → when it was first ordered there."""
    times: dict[str, int] = {}
    for at_ms, order, _ in day.orders:
        name = order.target.removeprefix("load.")
        if order.value == value and name in ORDER_ON:
            times.setdefault(name, at_ms)
    return times


def ready_room(hour: float = 15.0) -> Day:
    day = Day(hour).run(20_000)
    day.command("power", "on")
    return day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)


def closing_room() -> Day:
    """A room whose closing has just begun."""
    day = ready_room()
    day.command("power", "off")
    return day


def test_on_in_order_with_two_seconds_between_loads() -> None:
    times = orders_ms(ready_room(), "on")
    assert list(times) == ORDER_ON
    assert all(b - a >= 2_000 for a, b in pairwise(times.values()))


def test_off_in_order_amplifier_first_codec_last_and_asleep_before() -> None:
    day = closing_room().until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    off = [target for target, value in day.switched() if value in ("off", "all", "home", "asleep")]
    assert [t for t in off if t != "load.fan"] == [
        "load.amplifier",
        "load.mixer",
        "camera.main.park",
        "codec.power",
        "load.camera",
        "load.display",
        "load.codec",
    ]
    times = orders_ms(day, "off")
    assert times["mixer"] - times["amplifier"] >= 5_000


def test_each_step_is_a_record_with_its_reason() -> None:
    day = closing_room().until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    ordered = [row for row in day.told("order") if row["value"] == "off"]
    assert {row["code"] for row in ordered} == {"hold.command"}
    assert {row["args"] for row in ordered} == {("desk",)}


def test_off_is_proven_by_silence_and_the_closing_is_recorded() -> None:
    day = closing_room().until(lambda d: d.told("noted", "closed"), 10 * MINUTE_MS)
    assert day.told("noted", "closed")[-1]["value"] == "all_off"
    assert day.state.tracks["load.codec"].proof is Proof.PROVEN


def test_a_device_that_answers_without_its_contact_is_welded_or_bypassed() -> None:
    day = closing_room()
    day.far.deaf.add("load.codec")
    day.until(lambda d: ("load.codec", "off") in d.switched(), 10 * MINUTE_MS)
    day.run(MINUTE_MS)
    assert "failed" in day.codes
    assert day.told("noted", "closed")[-1]["value"] == ("not_all", "load.codec")


def test_a_contact_that_opens_while_the_device_lives_on_is_told_too() -> None:
    words = said(closing, Sit(want={"load.codec": "off"}, seen={"load.codec": "off"}, facts=AWAKE))
    assert waits(words) == {}


def test_a_call_is_ended_before_the_codec_sleeps() -> None:
    day = ready_room().call()
    day.command("power", "off", force="Lan")
    day.until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    ordered = [target for target, _ in day.switched(day.order_ms("codec.hangup", "all"))]
    assert ordered.index("codec.hangup") < ordered.index("codec.power") < ordered.index("load.camera")


@pytest.mark.parametrize("cut_ms", range(500, 26_000, 1_700))
def test_a_power_up_cut_anywhere_comes_to_the_same_end_after_a_restart(cut_ms: int) -> None:
    day = Day(15).run(20_000)
    day.command("power", "on")
    day.run(cut_ms).restart()
    day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    assert list(orders_ms(day, "on")) == ORDER_ON


@pytest.mark.parametrize("cut_ms", range(500, 30_000, 2_100))
def test_a_closing_cut_anywhere_is_closed_in_order_after_a_restart(cut_ms: int) -> None:
    day = closing_room().run(cut_ms)
    before = day.relays("on")
    day.restart()
    day.until(lambda d: d.phase == "off", 45 * MINUTE_MS)
    assert list(orders_ms(day, "off"))[-1] == "codec"
    assert before >= day.relays("on")


def test_after_a_power_cut_of_the_pi_nothing_is_resumed_blindly() -> None:
    """Another boot: the hold of the press has its wall clock's end, the room is wanted, and all begins in order."""
    day = ready_room()
    for name in day.far.relays:
        day.far.switch(name, "off", day.mono_ms)
    day.restart(boot="b2", after_ms=10 * MINUTE_MS, mono_ms=20_000)
    n = len(day.orders)
    day.until(lambda d: d.phase == "ready", 30 * MINUTE_MS)
    again = [o.target.removeprefix("load.") for _, o, _ in day.orders[n:] if o.value == "on"]
    assert [name for name in again if name in ORDER_ON and name != "network"] == ORDER_ON[1:]


def test_an_opposite_wish_pre_empts_a_power_up_cleanly() -> None:
    day = Day(15).run(20_000)
    day.command("power", "on")
    day.run(5_000)
    assert "amplifier" not in day.relays("on")
    day.command("power", "off")
    day.until(lambda d: d.phase == "off", 45 * MINUTE_MS)
    assert ("load.amplifier", "on") not in day.switched()
    assert day.relays("on") == {"network"}


def test_an_opposite_wish_pre_empts_a_closing_cleanly_and_keeps_the_minimum_off_time() -> None:
    day = closing_room().until(lambda d: "display" in d.relays("off"), MINUTE_MS)
    off_ms = day.order_ms("load.camera", "off")
    day.command("power", "on")
    day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    assert day.order_ms("load.camera", "on") - off_ms >= 15_000
    assert ("load.codec", "off") not in day.switched()


def test_a_meeting_that_begins_its_lead_during_a_closing_wins() -> None:
    day = ready_room(6.4).calendar(a_meeting(8, 10))
    day.command("power", "auto")
    day.until(lambda d: d.phase == "ready" and d.hour > 6.95, 60 * MINUTE_MS)
    assert day.to(7).phase == "ready"


def test_a_codec_that_updates_itself_keeps_its_power_and_is_cut_when_it_is_done() -> None:
    day = ready_room()
    day.far.codec["updating"] = True
    day.look().command("power", "off")
    day.run(20 * MINUTE_MS)
    assert "codec" in day.relays("on")
    assert day.state.tracks["load.codec"].waiting is not None
    day.far.codec["updating"] = False
    day.run(MINUTE_MS)
    assert "codec" in day.relays("off")


def test_a_codec_silent_after_sleep_stays_on_for_half_an_hour_and_is_reported() -> None:
    day = closing_room()
    day.run(9_000).far.mute.add("codec")
    day.run(25 * MINUTE_MS)
    assert "codec" in day.relays("on")
    day.until(lambda d: "codec" in d.relays("off"), 20 * MINUTE_MS)
    assert [row for row in day.told("alert") if row["alert"] == "silent_codec"]


def wish(value: Value, rank: Rank = Rank.IDLE, ago_ms: int = 60_000) -> Desired:
    at_ms = Sit().ago(ago_ms)
    return Desired(value, rank, WHY, at_ms, at_ms)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (ASLEEP, None),
        (AWAKE, "R13.asleep"),
        ({**ASLEEP, "codec.updating": True}, "R13.updating"),
        ({**ASLEEP, "codec.updating": stale(False)}, "R13.asleep"),
        ({**ASLEEP, "codec.power": stale("asleep")}, "R13.asleep"),
        ({"codec.answers": False, "codec.power": "awake", "codec.updating": False}, "R13.silent"),
        ({}, "R13.asleep"),
    ],
)
def test_power_is_cut_only_from_a_codec_known_to_sleep_and_not_update(facts: dict[str, Value], code: str) -> None:
    words = said(closing, Sit(facts=facts, want={"load.codec": wish("off")}, seen={"load.codec": "on"}))
    assert waits(words).get(("load.codec", "off")) == code


@pytest.mark.parametrize(
    ("rank", "ago_ms", "waiting"),
    [
        (Rank.IDLE, 29 * MINUTE_MS, True),
        (Rank.IDLE, 30 * MINUTE_MS, False),
        (Rank.POWER, 119_000, True),
        (Rank.POWER, 120_000, False),
        (Rank.PERSON, 0, False),
        (Rank.SAFETY, 0, False),
        (Rank.HEAL, 0, False),
    ],
)
def test_how_long_it_waits_depends_on_who_wants_it(rank: Rank, ago_ms: int, waiting: bool) -> None:
    words = said(closing, Sit(want={"load.codec": wish("off", rank, ago_ms)}, seen={"load.codec": "on"}))
    assert bool(waits(words)) is waiting
    assert alerts(words) == (
        {"silent_codec"} if not waiting and rank < Rank.PERSON and rank != Rank.HEAL else set()
    )


def test_nobody_wants_it_off_nothing_to_check() -> None:
    assert said(closing, Sit()) == ()
    assert said(closing, Sit(want={"load.codec": "on"})) == ()


def test_the_closing_record_is_for_a_whole_room_only() -> None:
    off, some = all_loads("off"), {**all_loads("off"), "load.display": "on"}
    assert marks(said(record, Sit(want=some, seen=some))) == {"!closed": ""}
    assert marks(said(record, Sit(want=off, seen=off))) == {"!closed": "all_off"}
    late = {**off, "load.codec": Track(Proof.ORDERED, 0, "off", "on")}
    assert marks(said(record, Sit(want=off, seen=late))) == {}


def test_what_the_key_held_back_comes_on_in_order_when_it_is_turned_back() -> None:
    """R3: whoever was not allowed to come on has not waited for its place in the sequence."""
    day = Day(6.0).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    day.give(Edge("bypass", True, day.mono_ms))
    day.to(7.3)
    assert day.told("order", "load.codec") == []
    day.give(Edge("bypass", False, day.mono_ms))
    day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    assert day.told("out_of_order") == []
    assert [target for target, value in day.switched() if value == "on"][1:6] == [
        f"load.{name}" for name in ("display", "camera", "codec", "mixer", "amplifier")
    ]
