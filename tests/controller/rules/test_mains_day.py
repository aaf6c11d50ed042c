"""R5 over a day: cuts with and without a call, back by itself, the ordered end, and rooms that may only watch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, a_room

SHORT, LONG = 20_000, 10 * MINUTE_MS


def cut(day: Day, runtime_s: int = 3_600, charge_pct: float = 90.0) -> Day:
    day.far.ups |= {"source": "battery", "runtime_s": runtime_s, "charge_pct": charge_pct}
    return day.look()


def back(day: Day, charge_pct: float = 90.0) -> Day:
    day.far.ups |= {"source": "mains", "low": False, "charge_pct": charge_pct}
    return day.look()


def in_call() -> Day:
    return Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call()


def test_a_short_cut_in_a_call_switches_nothing_but_is_told() -> None:
    day = in_call()
    n = len(day.orders)
    cut(day).run(30_000)
    assert "on_battery" in day.codes
    back(day).run(MINUTE_MS)
    assert "on_battery" not in day.codes
    assert day.orders[n:] == []


def test_a_sag_is_no_outage() -> None:
    day = in_call()
    back(cut(day).run(4_000)).run(MINUTE_MS)
    assert not [row for row in day.told("alert") if row["alert"] == "on_battery"]


def test_low_in_a_call_ends_the_room_in_order_and_the_ups_returns_with_the_mains() -> None:
    day = cut(in_call(), 200, 15.0).run(MINUTE_MS)
    assert {"codec", "camera", "network"} <= day.relays("on")
    assert "display" in day.relays("off")
    day.far.ups |= {"low": True}
    day.look().until(lambda d: ("ups.shutdown", "return") in d.switched(), 5 * MINUTE_MS)
    assert "codec" in day.relays("off")
    assert "network" in day.relays("on")
    assert day.phase == "stopped"


def test_an_ordered_end_does_not_wait_for_a_codec_that_has_hung() -> None:
    day = in_call().hang_up().run(MINUTE_MS)
    day.far.mute.add("codec")
    day.run(2 * MINUTE_MS)
    cut(day, 100, 10.0).until(lambda d: "codec" in d.relays("off"), 6 * MINUTE_MS)
    assert day.run(10_000).phase == "stopped"


def test_the_room_comes_back_by_itself_when_the_mains_is_stable() -> None:
    day = cut(in_call().hang_up(), 100, 10.0).until(lambda d: d.phase == "stopped", 10 * MINUTE_MS)
    back(day, charge_pct=12.0).run(MINUTE_MS)
    assert day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    assert "hurry" in {str(row["alert"]) for row in day.told("alert")}


def test_flapping_mains_return_nothing_until_it_is_stable() -> None:
    day = cut(Day(12).run(MINUTE_MS)).run(SHORT)
    day.command("power", "on", hold_ms=HOUR_MS)
    for _ in range(6):
        back(day).run(SHORT)
        cut(day).run(SHORT)
    assert day.relays("on") <= {"network"}


def test_a_ups_daemon_that_dies_changes_nothing() -> None:
    day = in_call()
    n = len(day.orders)
    day.far.ups = {"link": "driver", "source": None, "runtime_s": None, "charge_pct": None, "low": None}
    day.look().run(30 * MINUTE_MS)
    assert day.orders[n:] == []
    assert "ups_unknown" in day.codes
    assert "on_battery" not in day.codes


@pytest.mark.parametrize("how", ["mute", "none"])
def test_silent_after_on_battery_counts_down_from_the_last_good_runtime(how: str) -> None:
    """Half an hour was left. The daemon is gone, or says that it cannot say: five minutes before, the room ends."""
    day = cut(in_call().hang_up(), runtime_s=1_800).run(10_000)
    said_ms = day.state.facts["ups.runtime_s"].at_ms
    if how == "mute":
        day.far.mute.add("ups")
    else:
        day.far.ups = {"link": "stale", "source": None, "runtime_s": None, "charge_pct": None}
    day.until(lambda d: "amplifier" in d.relays("off"), 40 * MINUTE_MS)
    assert day.mono_ms - said_ms == pytest.approx(25 * MINUTE_MS, abs=11_000)


def test_impossible_figures_are_not_believed_either_way() -> None:
    day = cut(in_call().hang_up(), runtime_s=3_600)
    day.far.ups |= {"runtime_s": -1, "charge_pct": -4.0}
    assert day.look().run(5 * MINUTE_MS).phase == "ready"


def test_a_self_test_is_no_outage() -> None:
    day = in_call()
    day.far.ups |= {"source": "battery", "testing": True}
    day.look().run(2 * MINUTE_MS)
    assert "on_battery" not in day.codes


def test_a_room_that_is_not_accepted_is_not_shed_but_says_what_it_would_do() -> None:
    day = Day(6.5, a_room(accepted=False)).calendar(a_meeting(8, 10)).to(8.2)
    cut(day, 100, 10.0).run(10 * MINUTE_MS)
    assert day.phase == "ready"
    assert "on_battery" in day.codes
    assert "load.codec=off" in {str(row["subject"]) for row in day.told("would")}


def test_the_battery_that_will_not_last_is_said_before_it_happens() -> None:
    day = cut(in_call(), runtime_s=3_600).run(30_000)
    assert "battery_short" in day.codes
    assert "battery_short" not in back(day).run(MINUTE_MS).codes


def test_a_heater_of_a_day_with_three_cuts_keeps_minimum_off_times() -> None:
    """`laws` checks every order; here only that there were orders to check."""
    day = in_call().hang_up()
    for _ in range(3):
        cut(day, 100, 10.0).run(3 * MINUTE_MS)
        back(day).run(6 * MINUTE_MS)
    assert len(day.orders) > 30
    assert day.run(10 * MINUTE_MS).phase == "ready"


def test_a_ups_that_was_taken_out_of_the_configuration_feeds_nothing_any_more() -> None:
    """It fell silent on battery, somebody deleted [ups] and restarted: the room lives, and is not closed for it."""
    day = Day(8)
    day.far.ups = day.far.ups | {"source": "battery"}
    day.run(2 * MINUTE_MS)
    assert day.state.marks["mains"].value == "lost"
    day.room = replace(day.room, has_ups=False)
    day.restart()
    day.run(2 * MINUTE_MS)
    assert day.state.marks["mains"].value != "lost"


def test_relays_that_nobody_can_read_do_not_make_a_dark_room() -> None:
    """The keeper is gone, and a meeting without a booking runs into the evening on the battery: the UPS would cut
    it as an empty room."""
    day = Day(19).press("power", 200).run(10 * MINUTE_MS).call()
    cut(day).far.mute |= {"relay", "keeper"}
    day.to(20.5)
    assert "on_battery" in day.codes
    assert not [value for target, value in day.switched() if target == "ups.shutdown"]


def test_mains_that_is_back_before_the_room_is_dark_is_not_cut_by_the_ups() -> None:
    """The closing takes longer than the outage: the Pi and the line would lose their power for nothing."""
    day = cut(Day(15).press("power", 200).run(10 * MINUTE_MS), 100, 10.0)
    day.until(lambda d: d.relays("on") <= {"network", "codec"}, 5 * MINUTE_MS)
    back(day).run(10 * MINUTE_MS)
    assert "stopped" in {row["to"] for row in day.told("phase")}
    assert ("ups.shutdown", "return") not in day.switched()


def on_battery() -> Day:
    """Ready at T-60, and then the mains goes; the battery lasts 50 min, too little to begin a meeting with."""
    day = Day(6.5).calendar(a_meeting(8, 10)).to(6.97)
    return cut(day, 3_000).run(20_000)


def test_a_codec_that_is_repaired_on_battery_comes_on_again() -> None:
    """It was on when the mains went: waiting for the mains would take it from the whole meeting."""
    day = on_battery()
    day.far.dead.add("codec")
    day.until(lambda d: "codec" in d.relays("off"), 20 * MINUTE_MS)
    day.far.dead.discard("codec")
    assert "codec" in day.run(5 * MINUTE_MS).relays("on")
    assert "not_ready" not in day.codes


def test_a_load_that_the_desk_cycles_on_battery_comes_on_again() -> None:
    day = cut(Day(12).press("power", 200).run(10 * MINUTE_MS), 3_000).run(20_000)
    day.command("power", "on")
    day.command("load", "codec", "cycle", id="round")
    day.run(5 * MINUTE_MS)
    assert [reply.stage for reply in day.replies if reply.id == "round"] == ["accepted", "done"]
    assert "codec" in day.relays("on")
