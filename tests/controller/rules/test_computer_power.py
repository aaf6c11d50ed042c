"""Whatever happens to the room's power, its controller and its people: no computer that runs is cut by us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from controller.core.records import Because
from controller.core.room import Rank, Room
from controller.core.state import Desired
from controller.rules.common import PC_ANSWERED
from controller.rules.computer import computer
from hardware.contract import Order
from tests.controller.day import SELDOM_MS
from tests.controller.pc_kit import PcDay, PcFarEnds, pc_room
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, SECOND_MS, WHY, Sit, a_meeting, alerts, said, waits

LOAD_OFF, UPS_OFF = ("load.codec", "off"), ("ups.shutdown", "return")
HEAT = Because("R4", "R4.hard", ("cabinet",))
RUNS, DOWN = {"codec.answers": True}, {"codec.answers": False, "line.gateway.reachable": True}
KNOWN = {PC_ANSWERED: True}
OUT = {"source": "battery", "runtime_s": 240, "charge_pct": 15.0}
BACK = {"source": "mains", "runtime_s": 3600, "charge_pct": 100.0, "low": False}


def on_ups(room: Room, fed: bool = True) -> Room:
    return replace(room, loads=tuple(replace(load, on_ups=fed) for load in room.loads))


def beside(room: Room) -> Room:
    """Its computer hangs on the UPS past our relays."""
    loads = tuple(load for load in room.loads if load.name != "codec")
    targets = {name: t for name, t in room.targets.items() if name != "load.codec" and t.carrier != "load.codec"}
    edges = tuple(e for e in room.edges if "load.codec" not in (e.target, e.after))
    return replace(room, loads=loads, targets=targets, edges=edges)


@dataclass
class Powered(PcFarEnds):
    """A UPS that does as it is told: everything behind it goes dark."""

    ended: int = 0

    def obey(self, order: Order, now_ms: int) -> None:
        if order.target == "ups.shutdown":
            self.ended += 1
            self.pc.mains(False, now_ms)
        super().obey(order, now_ms)


def a_day(hour: float = 6.0, metered: bool = False, room: Room | None = None, **more: Any) -> PcDay:
    day = PcDay(hour, metered, room=room or on_ups(pc_room(metered)), **more)
    day.far = Powered((*(load.name for load in day.room.loads if load.name != "codec"), "codec"), metered=metered)
    day.far.line = {"gateway": True}
    day.run(MINUTE_MS)
    return day


def started(day: PcDay) -> PcDay:
    day.command("power", "on")
    day.until(lambda _: day.far.pc.answers(day.mono_ms), 20 * MINUTE_MS)
    day.run(MINUTE_MS)  # and it has been heard
    return day


# ---- heat is no smoke


def test_heat_cuts_no_computer_that_runs() -> None:
    wish = {"load.codec": Desired("off", Rank.SAFETY, HEAT, 0, 0)}
    words = said(computer, Sit(room=pc_room(), seen={"load.codec": "on"}, facts=RUNS, want=wish))
    assert LOAD_OFF in waits(words)


@pytest.mark.parametrize("metered", [False, True])
def test_a_room_that_is_too_hot_by_two_sensors_keeps_its_meeting(metered: bool) -> None:
    day = a_day(6.5, metered)
    day.calendar(a_meeting(8, 10)).to(8.2)
    before = day.relays("on") | {"fan"}
    day.far.climate = {"room": (62.0, 40.0), "cabinet": (75.0, 30.0)}
    day.run(40 * MINUTE_MS)
    assert "heat" in day.codes
    assert (day.relays("on") | {"fan"}, day.far.pc.hard_cuts) == (before, 0)


def test_after_the_meeting_heat_closes_the_rest_and_waits_for_the_computer() -> None:
    day = started(a_day(15.0))
    day.far.climate = {"room": (62.0, 40.0), "cabinet": (75.0, 30.0)}
    day.run(40 * MINUTE_MS)
    assert (day.relays("on") - {"fan"}, day.far.pc.hard_cuts) == ({"network", "codec"}, 0)
    assert "computer_on" in day.codes


# ---- the UPS at its end


@pytest.mark.parametrize("more", [RUNS, {}], ids=["runs", "unknown"])
def test_the_ups_is_not_told_to_cut_a_computer_that_may_run(more: dict[str, bool]) -> None:
    """A computer that hangs on the UPS past our relays, and one whose relay cannot be read."""
    assert UPS_OFF in waits(said(computer, Sit(room=beside(pc_room()), facts=more)))
    assert UPS_OFF in waits(said(computer, Sit(room=on_ups(pc_room()), facts=more)))


def test_the_ups_may_cut_one_that_is_down_or_that_it_does_not_feed() -> None:
    wish = {"ups.shutdown": Desired("return", Rank.POWER, WHY, 0, 0)}
    down = Sit(room=on_ups(pc_room()), facts=DOWN, marks=KNOWN, seen={"load.codec": "on"}, want=wish)
    assert UPS_OFF not in waits(said(computer, down))
    assert UPS_OFF not in waits(said(computer, Sit(room=on_ups(pc_room()), seen={"load.codec": "off"})))
    unfed = Sit(room=on_ups(pc_room(), fed=False), facts={"ups.source": "battery"}, seen={"load.codec": "on"})
    assert UPS_OFF not in waits(said(computer, unfed))


def test_in_a_meeting_it_runs_on_to_the_ups_own_end_with_what_the_meeting_needs() -> None:
    day = a_day(6.5)
    day.calendar(a_meeting(8, 10)).to(8.2)
    day.far.ups |= OUT
    day.run(20 * MINUTE_MS)
    assert {"network", "codec", "camera"} <= day.relays("on")
    day.far.ups |= {"low": True}
    day.run(20 * MINUTE_MS)
    assert "codec" in day.relays("on")
    assert (day.far.pc.hard_cuts, day.far.ended) == (0, 0)  # type: ignore[attr-defined]
    day.shut_down().run(40 * MINUTE_MS)
    assert "codec" not in day.relays("on")
    assert (day.far.pc.hard_cuts, day.far.ended) == (0, 1)  # type: ignore[attr-defined]


def test_a_dark_room_at_night_lets_its_ups_cut_no_computer_that_runs() -> None:
    day = a_day(22.0, room=beside(pc_room()))
    day.far.pc.mains(True, day.mono_ms)
    day.run(5 * MINUTE_MS)
    day.far.ups |= OUT | {"runtime_s": 3000, "charge_pct": 90.0}
    day.run(90 * MINUTE_MS)
    assert (day.far.pc.hard_cuts, day.far.ended) == (0, 0)  # type: ignore[attr-defined]
    day.shut_down().run(40 * MINUTE_MS)
    assert day.far.ended >= 1  # type: ignore[attr-defined]
    assert day.far.pc.hard_cuts == 0


# ---- it starts again just then


@pytest.mark.parametrize("metered", [False, True])
def test_one_that_somebody_may_have_started_since_the_last_look_is_looked_at_first(metered: bool) -> None:
    down = Sit(room=pc_room(metered), facts=DOWN, marks=KNOWN, seen={"load.codec": "on"})
    asked = ("codec.answers", "codec.watts") if metered else ("codec.answers",)
    look_ms = max(down.room.facts[name].max_age_ms for name in asked)
    assert look_ms > 0
    for ago_ms, held in ((look_ms, False), (look_ms - 1, True), (0, True)):
        wish = {"load.codec": Desired("off", Rank.PERSON, WHY, 0, down.ago(ago_ms))}
        words = said(computer, replace(down, want=wish))
        assert (LOAD_OFF in waits(words), alerts(words)) == (held, set())


@pytest.mark.parametrize("metered", [False, True])
def test_a_person_who_starts_it_and_one_who_closes_the_room_in_the_same_minute(metered: bool) -> None:
    day = started(a_day(15.0, metered, sample_ms=SELDOM_MS)).shut_down()
    day.command("power", "on", hold_ms=2 * HOUR_MS)
    day.run(45 * MINUTE_MS)
    day.far.pc.button(day.mono_ms)
    day.run(42 * SECOND_MS)  # up, and since the last look
    day.command("power", "off", force="Lê Thị Kỹ")
    day.run(30 * MINUTE_MS)
    assert (day.far.pc.hard_cuts, "codec" in day.relays("on")) == (0, True)


def test_a_relay_that_did_not_obey_is_not_tried_again_on_one_that_was_started_meanwhile() -> None:
    day = started(a_day(15.0)).shut_down()
    day.command("power", "on", hold_ms=2 * HOUR_MS)
    day.run(40 * MINUTE_MS)
    day.far.deaf.add("load.codec")
    day.command("power", "off")
    day.until(lambda _: ("load.codec", "off") in day.switched(), 10 * MINUTE_MS)
    day.far.pc.button(day.mono_ms)
    day.run(2 * MINUTE_MS)
    day.far.deaf.clear()
    day.run(3 * HOUR_MS)
    assert (day.far.pc.hard_cuts, "codec" in day.relays("on")) == (0, True)


# ---- restarts


@pytest.mark.parametrize("boot", ["", "b2"], ids=["of the controller", "of the Pi"])
@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize("away_min", [0.1, 90])
def test_a_restart_in_the_middle_begins_to_look_anew(boot: str, metered: bool, away_min: float) -> None:
    """What was down before may have been started while nobody looked."""
    day = started(a_day(12.0, metered)).shut_down()
    day.run(25 * MINUTE_MS)
    day.command("power", "off")
    if "codec" in day.relays("on"):
        day.far.pc.button(day.mono_ms)
        day.run(45 * SECOND_MS)
    day.restart(boot, after_ms=round(away_min * MINUTE_MS))
    day.run(28 * MINUTE_MS)
    assert day.far.pc.hard_cuts == 0


# ---- everything at once


def _key(on: bool) -> Callable[[PcDay], object]:
    """The HAND key; who turns it back cuts what only it fed, so people leave it where the relay feeds as well."""

    def turn(day: PcDay) -> object:
        return day.touch("bypass", on) if day.far.relays["codec"] == "on" else None

    return turn


def _finger(day: PcDay) -> object:
    """On its power button. One that boots is seen by the meter alone: without one nobody starts it in a room that
    is going off."""
    names = ("load.codec", "ups.shutdown")
    wanted = any(name in day.state.desired and day.state.desired[name].value != "on" for name in names)
    if day.far.metered or day.far.pc.runs(day.mono_ms) or not wanted:
        day.far.pc.button(day.mono_ms)
    return day.run(MINUTE_MS)


def _mains(**words: object) -> Callable[[PcDay], object]:
    return lambda day: day.far.ups.update(words)


def _heat(celsius: float) -> Callable[[PcDay], object]:
    return lambda day: day.far.climate.update(room=(celsius, 40.0), cabinet=(celsius, 40.0))


ACTS: Sequence[Callable[[PcDay], object]] = (
    lambda day: day.command("power", "on"),
    lambda day: day.command("power", "off"),
    lambda day: day.command("power", "off", force="Lê Thị Kỹ"),
    _finger,
    _finger,
    lambda day: day.press("power", 3_500),
    lambda day: day.restart(),
    lambda day: day.restart(f"b{day.mono_ms}"),
    lambda day: day.restart(after_ms=40 * MINUTE_MS),
    _key(on=True),
    _key(on=False),
    _mains(**OUT),
    _mains(**OUT, low=True),
    _mains(**BACK),
    _mains(**BACK),
    _heat(75.0),
    _heat(25.0),
)


@pytest.mark.lives
@pytest.mark.parametrize("seed", range(4))
def test_law_through_cuts_heat_keys_and_restarts_nobody_cuts_a_computer_that_runs(seed: int) -> None:
    chance = Random(f"power {seed}")
    day = a_day(6.0, metered=bool(seed % 2), sample_ms=SELDOM_MS)
    day.calendar(a_meeting(8, 10), a_meeting(32, 33, "mai"))
    while day.hour < 40:
        chance.choice(ACTS)(day)
        day.run(chance.choice((20 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS)))
        assert day.far.pc.hard_cuts == 0, f"at {day.hour:.2f} h"
