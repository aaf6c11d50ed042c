"""A second life: what people and calendar decided comes back, what was observed does not; and holds that end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.instant import Trust
from controller.core.memory import Hold, Kept, Memory, end_of
from controller.core.records import Because
from controller.core.room import Mode, Rank
from controller.core.state import Proof
from hardware.contract import NEVER_MS
from tests.controller.core.test_book import booked
from tests.controller.day import Day
from tests.controller.room_kit import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    WHY,
    a_booked,
    a_meeting,
    mono,
)

# ---- people's holds


def test_holds_end_by_their_time() -> None:
    day = Day(15)
    day.command("load", "fan", "on", hold_ms=HOUR_MS)
    assert "load.fan" in day.run(HOUR_MS - 1).state.holds
    assert "load.fan" not in day.run(1).state.holds
    assert [row["subject"] for row in day.told("hold.end")] == ["load.fan"]


def in_call() -> Day:
    return Day(6.5).calendar(a_meeting(8, 10)).to(8.2).call()


@pytest.mark.parametrize("how", [("floor", "grant"), ("mute", "open")])
def test_a_floor_ends_with_the_call(how: tuple[str, str]) -> None:
    day = in_call()
    day.command(*how)
    assert day.run(1_000).far.codec["mute"] == "open"
    day.hang_up()
    assert not {"floor", "mic"} & day.state.holds.keys()


@pytest.mark.parametrize("how", [("floor", "grant"), ("mute", "open")])
def test_a_floor_given_before_the_call_is_for_the_call_to_come(how: tuple[str, str]) -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(7.9)
    day.command(*how)
    day.run(10 * MINUTE_MS).call().run(MINUTE_MS)
    assert day.far.codec["mute"] == "open"


@pytest.mark.parametrize("how", [("floor", "grant"), ("mute", "open")])
def test_a_floor_without_a_call_ends_with_the_meeting_and_opens_nothing_tomorrow(
    how: tuple[str, str],
) -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(9)
    day.command(*how)
    day.to(10.51)
    assert not {"floor", "mic"} & day.state.holds.keys()


def test_a_floor_outlasts_a_meeting_that_overruns() -> None:
    day = in_call()
    day.command("floor", "grant")
    assert "floor" in day.to(11.5).state.holds


# ---- restarts


def memory(**more: Any) -> Memory:
    return Memory(more.pop("boot", "b1"), 7, (a_meeting(8, 10),), version="1", **more)


def test_the_same_boot_takes_everything_up_where_it_was() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.5).press("duty", 200)
    marks, held, before = day.state.marks, day.state.holds, booked(day)
    day.restart()
    assert (booked(day), day.state.holds) == (before, held)
    assert marks.items() <= day.state.marks.items()
    assert day.told("started")[-1] == {
        "subject": "controller",
        "boot": "b1",
        "same_boot": True,
        "known": True,
        "end": "restart",
    }


def test_evidence_is_not_written_a_second_time_after_a_restart() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.5)
    noted = day.told("noted")
    day.restart()
    assert day.run(MINUTE_MS).told("noted") == noted


def test_orders_of_a_second_life_have_ids_of_their_own() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(6.95)
    day.restart()
    day.run(10 * MINUTE_MS).call().press("talk_chair", 3_200)
    ids = [o.id for _, o, _ in day.orders]
    assert len(ids) == len(set(ids))


def test_another_boot_places_meetings_by_todays_clock_and_keeps_an_extension() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(9)
    day.command("meeting", "extend", "giao-ban", 45)
    before = booked(day)
    day.restart(boot="b2", after_ms=2 * MINUTE_MS, mono_ms=30_000)
    assert booked(day).end_ms - booked(day).start_ms == before.end_ms - before.start_ms
    assert booked(day).end_ms == 30_000 + round(1.75 * HOUR_MS) - 2 * MINUTE_MS
    assert [row["value"] for row in day.told("noted", "t60.giao-ban")] == ["ready"], "said once, and it stays true"


def test_another_boot_without_a_clock_waits_for_one() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(9)
    day.trust = Trust.UNKNOWN
    day.wall_ms -= 56 * 365 * DAY_MS
    day.restart(boot="b2", mono_ms=30_000)
    assert day.state.booked == ()
    day.step_clock(56 * 365 * DAY_MS, Trust.NTP)
    assert booked(day).late == "late"


def test_another_boot_long_after_the_meeting_forgets_it() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(9)
    day.restart(boot="b2", after_ms=7 * HOUR_MS, mono_ms=30_000)
    assert day.state.booked == ()


def test_a_meeting_that_an_earlier_boot_has_held_is_not_called_skipped() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(9)
    day.restart(boot="b2", after_ms=7 * HOUR_MS, mono_ms=30_000)
    assert (day.state.booked, day.state.over) == ((), ("giao-ban",))
    assert day.told("meeting.skipped") == []


def hold(until_wall_ms: int) -> Hold:
    return Hold("room", ("load.display",), "on", Rank.MANUAL, WHY, 0, mono(20), until_wall_ms)


@pytest.mark.parametrize(("trust", "kept"), [(Trust.NTP, True), (Trust.RTC, True), (Trust.HELD, False)])
def test_holds_of_another_boot_end_rightly_by_a_trusted_clock_or_now(trust: Trust, kept: bool) -> None:
    end_ms = a_meeting(16).start_ms
    day = Day(15, trust=trust, memory=memory(boot="b0", holds={"room": hold(end_ms)}))
    assert ("room" in day.state.holds) is kept
    assert "room" not in day.to(16).state.holds


def test_holds_that_ended_while_the_pi_was_off_are_over() -> None:
    day = Day(15, memory=memory(boot="b0", holds={"room": hold(a_meeting(14).start_ms)}))
    assert day.state.holds == {}


def test_off_times_and_modes_come_back() -> None:
    off_ms = {"load.display": mono(15) - 5_000}
    day = Day(15, memory=memory(off_ms=off_ms, modes={"R9": "enforce"}, over=("old",)))
    assert day.state.tracks["load.display"].off_ms == mono(15) - 5_000
    assert day.state.modes["R9"].value == "enforce"
    day.look()
    assert day.state.tracks["load.display"].off_ms == mono(15) - 5_000
    assert day.state.tracks["load.display"].proof is Proof.PROVEN


def test_what_was_booked_before_the_restart_stays_booked() -> None:
    day = Day(9, memory=memory(booked=(a_booked(late="late"),)))
    assert booked(day).late == "late"


# ---- alerts over restarts


def on_battery() -> Day:
    day = Day(6)
    day.far.ups["source"] = "battery"
    day.run(MINUTE_MS)
    assert [row["alert"] for row in day.told("alert")] == ["on_battery"]
    return day


def alerts_of(day: Day, kind: str) -> list[object]:
    return [row["alert"] for row in day.told(kind)]


BOOTS: list[dict[str, Any]] = [{}, {"boot": "b2", "after_ms": 2 * MINUTE_MS, "mono_ms": 30_000}]


@pytest.mark.parametrize("life", BOOTS, ids=["same boot", "another boot"])
def test_an_alert_that_is_still_true_is_not_said_again(life: dict[str, Any]) -> None:
    day = on_battery()
    day.restart(**life)
    day.run(10 * MINUTE_MS)
    assert "on_battery" in day.codes
    assert alerts_of(day, "alert").count("on_battery") == 1
    assert "on_battery" not in alerts_of(day, "alert.end")
    day.far.ups["source"] = "mains"
    day.run(10 * MINUTE_MS)
    assert alerts_of(day, "alert.end").count("on_battery") == 1


@pytest.mark.parametrize("life", BOOTS, ids=["same boot", "another boot"])
def test_an_alert_that_is_over_by_then_is_closed_once(life: dict[str, Any]) -> None:
    day = on_battery()
    day.far.ups["source"] = "mains"
    day.restart(**life)
    day.run(10 * MINUTE_MS)
    assert day.codes == set()
    assert alerts_of(day, "alert").count("on_battery") == alerts_of(day, "alert.end").count("on_battery") == 1


def test_an_alert_of_two_lives_ago_is_not_forgotten_by_a_life_that_was_too_short_to_look() -> None:
    day = on_battery()
    day.far.ups["source"] = "mains"
    for boot in ("b2", "b3", "b4"):
        day.restart(boot, after_ms=2 * MINUTE_MS, mono_ms=30_000)
    assert ("on_battery", "ups") in day.state.unsettled
    assert alerts_of(day, "alert.end") == []
    day.run(10 * MINUTE_MS)
    assert not day.state.unsettled
    assert alerts_of(day, "alert.end") == ["on_battery"]


def test_a_device_that_failed_before_a_restart_has_the_time_to_be_found_failed_again() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10))
    day.far.dead.add("camera")
    failed = ("failed", "load.camera")
    day.to(7.5).until(lambda d: failed in d.state.alerts)
    said = day.told("alert", "load.camera"), day.told("alert.end", "load.camera")
    day.restart()
    assert failed not in day.state.alerts
    day.until(lambda d: failed in d.state.alerts, 10 * MINUTE_MS)
    assert (day.told("alert", "load.camera"), day.told("alert.end", "load.camera")) == said


@pytest.mark.parametrize(
    ("memory", "end"),
    [
        (None, "unknown"),
        (Memory("b1", 0), "restart"),
        (Memory("b0", 0, alerts=(("on_battery", "ups"),)), "gasp"),
        (Memory("b0", 0, marks={"mains": Kept("lost", 0)}), "gasp"),
        (Memory("b0", 0, alerts=(("line_down", "line"),)), "no_gasp"),
    ],
)
def test_how_the_last_life_ended(memory: Memory | None, end: str) -> None:
    assert end_of(memory, "b1") == end
    assert Day(6, memory=memory).told("started")[0]["end"] == end


def test_what_a_newer_version_remembered_does_not_keep_an_older_one_from_running() -> None:
    """An update that went back: a mode and a rank that this version has no word for say nothing; the rest lives."""
    old = Hold("storm", (), True, int(Rank.IDLE), Because("hold", "hold.command", ("desk",)), 0, NEVER_MS)
    new = replace(old, name="load.fan", targets=("load.fan",), value="on", rank=77)
    memory = Memory("b1", 5, modes={"R2": "watch", "R4": "advise"}, holds={"storm": old, "load.fan": new})
    day = Day(9, memory=memory).run(MINUTE_MS)
    assert (day.state.modes, set(day.state.holds)) == ({"R2": Mode.WATCH}, {"storm"})
