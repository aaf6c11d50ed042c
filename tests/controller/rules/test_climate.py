"""R4: hysteresis, dead sensors, the hard limit that never cuts a call, condensation that never delays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.room import Mode, Rank, Room
from controller.core.room_figures import Zone
from controller.core.state import Fact, Quality
from controller.rules.climate import climate, condensation, protect, report
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    codes,
    demands,
    marks,
    ranks,
    said,
    stale,
)

ON = all_loads("on")


def air(temp: Any = None, wet: Any = None) -> dict[str, Any]:
    facts = {"climate.cabinet.temp_c": temp, "climate.cabinet.humidity_pct": wet}
    return {name: value for name, value in facts.items() if value is not None}


def fan(temp: Any, before: str = "", **more: Any) -> Any:
    marks_ = {"climate.fan": before} if before else {}
    sit = Sit(facts=air(temp, more.pop("wet", 50.0)), marks=marks_, **{"seen": ON, **more})
    return demands(said(climate, sit)).get("load.fan")


@pytest.mark.parametrize(
    ("temp", "before", "after"),
    [
        (28.0, "", "on"),
        (27.9, "", "off"),
        (27.9, "on", "on"),
        (26.1, "on", "on"),
        (26.0, "on", "off"),
        (27.0, "off", "off"),
    ],
)
def test_between_the_limits_the_last_decision_stands(temp: float, before: str, after: str) -> None:
    assert fan(temp, before) == after


def test_a_dead_sensor_holds_the_last_decision_and_decides_nothing_of_its_own() -> None:
    assert fan(stale(20.0), "on") == "on"
    assert fan(stale(40.0), "off") == "off"
    assert fan(stale(40.0)) is None


def with_max(max_ms: int) -> Room:
    room = a_room()
    return replace(room, loads=tuple(replace(x, max_on_ms=max_ms * (x.name == "fan")) for x in room.loads))


def test_a_dead_sensor_does_not_keep_an_output_on_for_ever() -> None:
    room = with_max(HOUR_MS)
    assert fan(stale(40.0), "on", room=room, since_ms=HOUR_MS - 1) == "on"
    words = said(climate, Sit(facts=air(stale(40.0)), marks={"climate.fan": "on"}, room=room, since_ms=HOUR_MS))
    assert demands(words) == {"load.fan": "off"}
    assert codes(words) == {"R4.max_on"}
    assert fan(33.0, "on", room=room, since_ms=9 * HOUR_MS) == "on"


def test_in_an_empty_room_only_real_heat_is_cooled() -> None:
    dark = all_loads("off")
    assert fan(30.0, seen=dark) == "off"
    assert fan(35.0, seen=dark) == "on"


def test_very_wet_equipment_is_aired_before_it_is_switched_on() -> None:
    coming = (a_booked(),)
    assert fan(22.0, wet=93.0, booked=coming, hour=6.95) == "on"
    assert fan(22.0, wet=93.0) == "off"


def test_another_rules_off_is_not_remembered_as_the_fans_own() -> None:
    assert fan(stale(30.0), "on", want={"load.fan": "off"}) == "on"


def test_a_dryer_follows_humidity_and_a_zone_without_loads_nothing() -> None:
    zone = Zone("cabinet", dryer="fan")
    room = a_room(zones=(zone,))
    assert demands(said(climate, Sit(facts=air(20.0, 75.0), room=room))) == {"load.fan": "on"}
    assert demands(said(climate, Sit(facts=air(20.0, 74.0), room=room))) == {"load.fan": "off"}
    assert said(climate, Sit(facts=air(40.0, 99.0), room=a_room(zones=(Zone("cabinet"),)))) == ()
    assert said(climate, Sit(facts=air(20.0), room=room)) == ()


def test_outside_the_band_is_reported_while_the_room_is_used() -> None:
    facts = {"climate.room.temp_c": 34.1, "climate.room.humidity_pct": 39.0, **air(30.0, 90.0)}
    assert alerts(said(report, Sit(facts=facts, seen=ON))) == {"temperature", "humidity"}
    assert alerts(said(report, Sit(facts=facts, seen=all_loads("off")))) == set()


def test_a_sensor_that_is_gone_is_said_once_the_start_is_over() -> None:
    assert alerts(said(report, Sit())) == {"sensor_lost"}
    assert alerts(said(report, replace(Sit(), started_ms=Sit().ago(119_000)))) == set()


def test_condensation_is_said_only_before_something_is_switched_on() -> None:
    facts = air(22.0, 93.0)
    assert alerts(said(condensation, Sit(6.95, facts, booked=(a_booked(),)))) == {"condensation"}
    assert alerts(said(condensation, Sit(6.0, facts, booked=(a_booked(),)))) == set()


def test_condensation_never_misses_t_60() -> None:
    day = Day(5)
    day.far.climate["cabinet"] = (22.0, 95.0)
    day.calendar(a_meeting(8, 10)).to(7)
    assert "condensation" in day.codes
    assert day.told("noted", "t60.giao-ban")[0]["value"] == "ready"


def heat(mark: Any = "over", since_ms: int = 300_000, call: Any = False) -> Sit:
    marks_ = {"heat.cabinet": mark} if mark else {}
    return Sit(facts={"codec.in_call": call}, marks=marks_, since_ms=since_ms, seen=ON)


def test_five_minutes_at_the_hard_limit_switch_off_for_safety_in_order() -> None:
    words = said(protect, heat())
    assert demands(words)["load.codec"] == "off"
    assert ranks(words) == {Rank.SAFETY}
    assert said(protect, heat(since_ms=299_999)) == ()
    assert said(protect, heat(mark="")) == ()


def test_the_hard_limit_never_cuts_a_call_nor_what_may_be_one() -> None:
    assert said(protect, heat(call=True)) == ()
    assert said(protect, heat(call=stale(True, 10**9))) == ()


@pytest.mark.parametrize(
    ("temp", "before", "after"),
    [(40.0, "", "over"), (39.9, "", ""), (36.0, "over", "over"), (34.9, "over", ""), (stale(20.0), "over", None)],
)
def test_too_hot_is_remembered_until_it_is_cool(temp: Any, before: str, after: str | None) -> None:
    sit = Sit(facts=air(temp), marks={"heat.cabinet": before}, seen=ON)
    assert marks(said(report, sit)).get("heat.cabinet") == after


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.IMPLAUSIBLE])
@pytest.mark.parametrize(("blind_ms", "after"), [(30 * MINUTE_MS - 1, None), (30 * MINUTE_MS, "")])
def test_a_sensor_that_died_of_the_heat_is_believed_for_half_an_hour(
    quality: Quality, blind_ms: int, after: str | None
) -> None:
    """Also one that goes on to say what nobody can believe: its last good word counts, not its last word."""
    told = Fact(80.0, quality, Sit().now.mono_ms, 0)
    facts, since_ms = {"climate.cabinet.temp_c": told}, blind_ms
    sit = Sit(facts=facts, marks={"heat.cabinet": "over", "blind.heat.cabinet": True}, seen=ON, since_ms=since_ms)
    assert marks(said(report, sit)).get("heat.cabinet") == after


def hot_day(room: Room | None = None) -> Day:
    """The cabinet climbs past the limit in a call."""
    day = Day(6.5, room).calendar(a_meeting(8, 10)).to(8.2).call()
    for temp in (29.0, 33.0, 37.0, 41.0, 41.5):
        day.far.climate["cabinet"] = (temp, 50.0)
        day.run(MINUTE_MS)
    return day


def test_a_hot_day_first_the_fan_then_the_alarm_and_the_end_only_after_the_call() -> None:
    day = hot_day()
    assert "fan" in day.relays("on")
    day.run(10 * MINUTE_MS)
    assert day.phase == "in_call"
    assert "heat" in day.codes
    day.far.climate["room"] = (36.0, 50.0)
    day.hang_up().until(lambda d: d.phase == "off", 10 * MINUTE_MS)
    assert "fan" in day.relays("on")


def test_heat_is_told_in_a_room_that_may_only_watch() -> None:
    day = hot_day(a_room(accepted=False)).hang_up().to(10.1)
    assert "heat" in day.codes
    assert "codec" in day.relays("on")
    assert "load.codec=off" in {str(row["subject"]) for row in day.told("would")}


def test_a_sensor_that_dies_while_hot_leaves_the_decision() -> None:
    day = hot_day(a_room(modes={"R4": Mode.ENFORCE}))
    day.far.climate |= {"cabinet": (None, None), "room": (36.0, 50.0)}
    day.run(10 * MINUTE_MS).hang_up()
    assert day.until(lambda d: d.phase == "off", 10 * MINUTE_MS)


# ---- a broken sensor ends no meeting


def wild_day(hour: float) -> Day:
    """The cabinet's sensor says 80 °C three times over, as a broken one does, and goes on so."""
    day = Day(6.5).calendar(a_meeting(8, 10)).to(hour)
    day.far.climate["cabinet"] = (80.0, 50.0)
    return day


@pytest.mark.parametrize("hour", [7.5, 8.2])
def test_one_broken_sensor_closes_no_room_from_t_60_to_the_meetings_end(hour: float) -> None:
    """A meeting before its call, between two calls, or of a room whose meetings are no calls at all."""
    day = wild_day(hour).run(20 * MINUTE_MS)
    assert "heat" in day.codes  # told, and at once
    assert day.to(9.98).phase == "ready"
    assert "codec" in day.relays("on")


def test_with_the_end_of_the_meeting_it_is_obeyed() -> None:
    assert wild_day(9.9).to(10).until(lambda d: d.phase == "off", 10 * MINUTE_MS)


def in_use(**changes: Any) -> Sit:
    return replace(heat(), booked=(a_booked(),), hour=8.2, **changes)


def test_two_sensors_are_no_broken_one() -> None:
    assert said(protect, in_use()) == ()
    hot = {"codec.in_call": False, "climate.room.temp_c": 35.0}
    assert demands(said(protect, in_use(facts=hot)))["load.codec"] == "off"
    for word in (34.9, stale(41.0), Fact(80.0, Quality.IMPLAUSIBLE, 0, 0)):
        assert said(protect, in_use(facts={"codec.in_call": False, "climate.room.temp_c": word})) == ()


def test_nor_does_it_close_a_room_that_people_hold_on_or_are_seen_in() -> None:
    assert demands(said(protect, heat()))["load.codec"] == "off"
    assert said(protect, replace(heat(), holds=(a_hold("room", "on"),))) == ()
    assert demands(said(protect, replace(heat(), holds=(a_hold("room", "off"),))))["load.codec"] == "off"
    seen = {"codec.in_call": False, "input.motion": True}
    assert said(protect, replace(heat(), facts=seen)) == ()
