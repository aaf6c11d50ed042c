"""N11, N12: no mains before a meeting: begun from the battery if that carries it, else waited for, and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.lamps import lamps
from controller.core.room import Rank
from controller.rules.battery_start import battery_start
from controller.rules.mains import settle
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    codes,
    marks,
    refusals,
    said,
    stale,
    waits,
)

NEEDED = {"codec", "camera"}
LATER = {"display", "mixer", "amplifier"}
LOST = {"mains": "lost"}


def sit(hour: float = 6.96, runtime_s: Any = 20_000, charge: Any = 90.0, **more: Any) -> Sit:
    facts = {"ups.source": "battery", "ups.runtime_s": runtime_s, "ups.charge_pct": charge}
    usual: dict[str, Any] = {"marks": LOST, "seen": all_loads("off"), "booked": (a_booked(8, 10),)}
    return Sit(hour, facts, **{**usual, **more})


def why(situation: Sit) -> set[str]:
    return codes(said(battery_start, situation)) - {"N12.from_battery"}


def test_what_carries_is_begun_with_what_a_call_needs() -> None:
    words = said(battery_start, sit())
    assert marks(words) == {"battery_start": "giao-ban"}
    assert alerts(words) == {"from_battery"}
    assert refusals(words) == {(f"load.{name}", "on"): Rank.SCHEDULE for name in LATER}


def test_and_those_loads_alone_need_not_wait_for_the_mains() -> None:
    held = waits(said(settle, sit(marks={**LOST, "battery_start": "giao-ban"})))
    assert {target for target, _ in held} == {f"load.{name}" for name in LATER}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"runtime_s": 900}, "N12.will_not_carry"),
        ({"charge": 29.0}, "N12.will_not_carry"),
        ({"runtime_s": 5_400}, "N12.waits"),
        ({"runtime_s": None}, "N12.unknown"),
        ({"runtime_s": stale(20_000)}, "N12.unknown"),
        ({"room": a_room(loads=tuple(replace(load, on_ups=False) for load in a_room().loads))}, "N12.not_on_ups"),
    ],
)
def test_else_it_waits_and_says_why_and_asks_for_the_generator(more: dict[str, Any], code: str) -> None:
    words = said(battery_start, sit(**more))
    assert alerts(words) == {"not_ready", "battery_short"}
    assert codes(words) == {code}
    assert refusals(words) == {}


@pytest.mark.parametrize(("hour", "code"), [(7.83, {"N12.waits"}), (7.84, set())])
def test_a_battery_for_half_an_hour_is_used_as_late_as_it_lasts(hour: float, code: set[str]) -> None:
    """5,400 s without the codec are 1,800 s with it; 15 min of the meeting and 5 min of reserve leave 10 min."""
    assert why(sit(hour, 5_400)) == code


def test_a_charge_that_is_not_told_is_no_obstacle() -> None:
    assert why(sit(charge=None)) == set()


def test_once_begun_it_is_not_weighed_again() -> None:
    begun = {**LOST, "battery_start": "giao-ban"}
    assert why(sit(runtime_s=1_500, marks=begun, seen={**all_loads("off"), "load.codec": "on"})) == set()


@pytest.mark.parametrize(
    "more",
    [
        {"marks": {"mains": "good"}},
        {"marks": {**LOST, "stopping": "would"}},
        {"seen": all_loads("on")},
        {"booked": ()},
        {"hour": 6.8},
        {"hour": 10.1},
    ],
)
def test_otherwise_it_has_nothing_to_say(more: dict[str, Any]) -> None:
    words = said(battery_start, sit(**more))
    assert (marks(words), alerts(words)) == ({"battery_start": ""}, set())


class TestDay:
    def dark(self, hour: float = 6.0, **ups: Value) -> Day:
        day = Day(hour).calendar(a_meeting(8, 10)).run(10 * MINUTE_MS)
        day.far.ups |= {"source": "battery", "charge_pct": 90.0, **ups}
        return day.look()

    def reason(self, day: Day) -> str:
        return day.state.alerts["not_ready", "giao-ban"].because.code

    def test_the_meeting_is_begun_from_the_battery_and_the_rest_comes_with_the_mains(self) -> None:
        day = self.dark(runtime_s=20_000).to(7)
        assert day.relays("on") == {"network", *NEEDED}
        assert "from_battery" in day.codes
        assert not day.told("out_of_order")
        day.to(7.5).far.ups |= {"source": "mains", "runtime_s": 3_000}
        assert day.run(10 * MINUTE_MS).relays("on") == {"network", *MEETING_LOADS}
        assert not day.codes & {"from_battery", "not_ready", "battery_short"}

    def test_it_waits_dark_says_why_and_is_there_when_the_mains_is_back(self) -> None:
        day = self.dark(runtime_s=1_200).to(7.2)
        assert not day.relays("on") & set(MEETING_LOADS)
        assert self.reason(day) == "N12.will_not_carry"
        names = {lamp.role: lamp.name for lamp in day.room.lamps}
        shown = lamps(day.state, day.now, day.room)
        assert (shown[names["ready"]], shown[names["power"]]) == ("double", "double")
        day.far.ups |= {"source": "mains"}
        assert day.run(10 * MINUTE_MS).relays("on") >= set(MEETING_LOADS)

    def test_said_before_it_is_too_late(self) -> None:
        """N2: not when T-60 was missed, but when it cannot be met."""
        day = self.dark(runtime_s=1_200).until(lambda d: "not_ready" in d.codes, HOUR_MS)
        assert 6.9 < day.hour < 7

    def test_as_late_as_the_battery_lasts(self) -> None:
        day = self.dark(runtime_s=5_400).to(7.8)
        assert not day.relays("on") & set(MEETING_LOADS)
        assert self.reason(day) == "N12.waits"
        assert day.to(7.95).relays("on") == {"network", *NEEDED}

    def test_what_it_began_it_ends_in_order_before_the_battery_is_empty(self) -> None:
        day = self.dark(runtime_s=20_000).to(8.1)
        day.far.ups |= {"runtime_s": 200, "charge_pct": 15.0}
        day.run(10 * MINUTE_MS)
        assert not day.relays("on") & set(MEETING_LOADS)
        assert day.order_ms("codec.power", "asleep") < day.order_ms("load.codec", "off")
        first = len(day.orders)
        day.run(HOUR_MS)
        assert not [o for _, o, _ in day.orders[first:] if o.value == "on"]

    def test_a_call_begun_from_the_battery_runs_to_the_ups_own_last_word(self) -> None:
        day = self.dark(runtime_s=20_000).to(8.1).call()
        day.far.ups |= {"runtime_s": 200, "charge_pct": 15.0}
        assert day.run(10 * MINUTE_MS).relays("on") == {"network", *NEEDED}

    def test_a_restart_in_between_changes_nothing(self) -> None:
        day = self.dark(runtime_s=20_000).to(7.5)
        at_ms = day.mono_ms
        day.restart()
        assert day.run(10 * MINUTE_MS).switched(at_ms) == []
        assert day.relays("on") == {"network", *NEEDED}
