"""R1: ready an hour before, by itself and on time, or late and saying so; breaks; the network always."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.instant import Trust
from controller.core.meeting import Role
from controller.core.room_figures import PowerUp
from controller.core.tables import tables
from controller.rules.power_up import network, power_up, readiness
from hardware.contract import Edge, Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    clock,
    codes,
    demands,
    marks,
    mono,
    poor_room,
    said,
)

READY = {**all_loads("on"), "codec.power": "awake"}


def test_everything_is_on_and_proven_before_t_60_and_recorded() -> None:
    day = Day(5).calendar(a_meeting(8, 10)).to(7)
    assert day.phase == "ready"
    noted = [row for row in day.told("noted") if not str(row["subject"]).startswith("check")]  # R6's own tests
    assert noted == [
        {"subject": "ready.giao-ban", "value": "in_time"},
        {"subject": "t60.giao-ban", "value": "ready"},
    ]
    assert day.codes == set()


def test_two_figures_the_slowest_load_decides_when_power_up_begins() -> None:
    day = Day(5).calendar(a_meeting(8, 10)).to(6.95)
    (booked,) = day.state.booked
    up = day.room.power_up
    assert booked.ready_ms == mono(7)
    assert booked.on_by_ms == mono(7) - tables(day.room).lead_ms - up.margin_ms - up.stagger_ms
    first_ms = min(at for at, o, _ in day.orders if o.target != "load.network")
    assert first_ms == booked.on_by_ms


def test_the_lead_is_the_longest_way_through_the_sequence() -> None:
    """Network contact and its proof (needs), then the codec's own warm-up, and a gap for every load."""
    assert tables(a_room()).lead_ms == 2_000 + 90_000 + 2_000 + 2_000 + 120_000 + 6 * 2_000


def test_a_longer_warm_up_begins_earlier() -> None:
    room = a_room()
    slow = replace(
        room, loads=tuple(replace(x, warmup_ms=600_000) if x.name == "camera" else x for x in room.loads)
    )
    assert tables(slow).lead_ms > tables(room).lead_ms
    day = Day(5, slow).calendar(a_meeting(8, 10))
    day.until(lambda d: "display" in d.relays("on"))
    assert day.hour < 6.82


def test_ready_before_is_the_provinces_figure() -> None:
    day = Day(5, a_room(power_up=PowerUp(ready_before_ms=90 * MINUTE_MS))).calendar(a_meeting(8, 10))
    assert day.until(lambda d: d.phase == "ready").hour < 6.5


def test_an_empty_room_of_loads_has_no_lead() -> None:
    assert tables(replace(a_room(), loads=())).lead_ms == 0


def test_after_an_outage_before_the_meeting_it_begins_late_and_says_so() -> None:
    day = Day(5).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    day.restart(after_ms=round(2.3 * HOUR_MS))
    day.to(7.6)
    assert day.told("noted", "ready.giao-ban")[-1]["value"] == "late"
    assert day.told("meeting.booked")[-1]["late"] == "late"


def test_told_too_late_is_a_reason_of_its_own() -> None:
    day = Day(7.2).run(20_000).calendar(a_meeting(8, 10)).run(10 * MINUTE_MS)
    assert day.told("noted", "ready.giao-ban")[-1]["value"] == "short_notice"
    assert day.phase == "ready"


def test_what_is_missing_at_t_60_is_named_until_it_comes() -> None:
    day = Day(5).calendar(a_meeting(8, 10))
    day.far.dead.add("camera")
    day.to(7.01)
    (noted,) = day.told("noted", "t60.giao-ban")
    assert noted["value"] == ("not_ready", "load.camera")
    assert "not_ready" in day.codes
    day.far.dead.clear()
    day.run(2 * MINUTE_MS)
    assert "not_ready" not in day.codes
    assert day.told("noted", "ready.giao-ban")[-1]["value"] == "late"


@pytest.mark.parametrize("late", ["late", "short_notice"])
def test_the_alert_of_a_late_start_gives_the_reason_of_the_lateness(late: str) -> None:
    words = said(readiness, Sit(7.2, booked=(a_booked(late=late),)))
    assert f"R1.{late}" in codes(words)


def test_before_t_60_nothing_is_missed_yet() -> None:
    words = said(readiness, Sit(6.95, booked=(a_booked(),)))
    assert (alerts(words), marks(words)) == (set(), {})


def test_one_press_powers_up_without_network_clock_and_calendar() -> None:
    day = Day(15, trust=Trust.UNKNOWN, memory=None).run(20_000)
    day.far.mute |= {"ups"}
    day.press("power", 200)
    assert day.until(lambda d: d.phase == "ready", 20 * MINUTE_MS)


def test_a_press_without_a_word_of_the_ups_does_not_wait_for_it() -> None:
    day = Day(15, mono_ms=30_000)
    day.far.mute |= {"ups"}
    day.run(20_000).press("power", 200)
    assert day.until(lambda d: d.phase == "ready", 5 * MINUTE_MS)


def test_the_centre_may_power_up_too() -> None:
    day = Day(15).run(20_000)
    assert day.command("power", "on").stage == "accepted"
    assert day.until(lambda d: d.phase == "ready", 5 * MINUTE_MS)


def test_until_the_end_and_not_longer() -> None:
    assert demands(said(power_up, Sit(9.99, booked=(a_booked(),))))
    assert demands(said(power_up, Sit(10.0, booked=(a_booked(),)))) == {}


def in_break(in_call: Value, hour: float = 9.2, **more: Any) -> dict[str, Value]:
    break_ = (clock(9.1).wall_ms, clock(9.4).wall_ms)
    booked = a_booked(breaks=(break_,))
    facts = {} if in_call is None else {"codec.in_call": in_call}
    return demands(said(power_up, Sit(hour, facts, booked=(booked,), seen=READY, **more)))


def test_in_a_declared_break_the_codec_sleeps_and_the_room_stays_on() -> None:
    wishes = in_break(False)
    assert wishes["codec.power"] == "asleep"
    assert wishes["load.codec"] == "on"


def test_a_break_in_which_somebody_talks_on_is_no_break() -> None:
    assert in_break(True)["codec.power"] == "awake"
    assert in_break(False, hour=9.45)["codec.power"] == "awake"


def test_a_codec_that_sleeps_in_a_break_and_is_not_heard_goes_on_sleeping() -> None:
    assert in_break(None)["codec.power"] == "awake"
    assert in_break(None, want={"codec.power": "asleep"})["codec.power"] == "asleep"
    assert in_break(True, want={"codec.power": "asleep"})["codec.power"] == "awake"


def test_a_break_of_a_day_sleeps_and_wakes_by_itself() -> None:
    break_ = (clock(9).wall_ms, clock(9.5).wall_ms)
    day = Day(6.5).calendar(a_meeting(8, 11, breaks=(break_,))).to(9.1)
    assert day.far.codec["power"] == "asleep"
    assert day.to(9.51).far.codec["power"] == "awake"
    assert "off" not in [value for target, value in day.switched() if target != "load.fan"]


def test_the_network_is_always_wanted_and_by_nobody_stronger() -> None:
    assert demands(said(network, Sit())) == {"load.network": "on"}


def test_a_room_without_codec_and_camera_is_powered_as_well() -> None:
    day = Day(5, poor_room())
    day.far.mute |= {"codec", "camera.main"}
    day.far.relays |= {"codec": "off", "camera": "off"}
    day.calendar(a_meeting(8, 10, role=Role.CHAIR)).to(7)
    assert day.phase == "ready"
    assert day.told("noted", "t60.giao-ban")[0]["value"] == "ready"


def test_by_hand_nothing_is_missed() -> None:
    """The key closes all loads without us: what we cannot know is not called late."""
    day = Day(5).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    day.give(Edge("bypass", True, day.mono_ms))
    day.to(7.2)
    assert day.told("noted", "t60.giao-ban")[0]["value"] == "by_hand"
    assert not [row for row in day.told("alert") if row["alert"] == "not_ready"]
    assert day.switched() == [("load.network", "on")]


@pytest.mark.parametrize("how", ["press", "desk"])
def test_a_closing_by_hand_shortly_before_the_lock_does_not_reach_into_the_meeting(how: str) -> None:
    """At T-96 it is allowed; its hold would last beyond T-60 and keep the codec asleep."""
    day = Day(6.5).calendar(a_meeting(8.2, 10)).press("power", 300).to(6.6)
    if how == "press":
        day.press("power", 3_200)
    else:
        assert day.command("power", "off").stage == "accepted"
    day.to(7.19)
    assert day.far.codec["power"] == "awake"
    assert "not_ready" not in day.to(7.3).codes
