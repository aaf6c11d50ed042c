"""What each mode of each rule means, and that no lamp announces what a mode will not let happen."""

from __future__ import annotations

from typing import Any

import pytest

from controller import config
from controller.core.lamps import lamps
from controller.core.room import FIXED, Mode
from controller.rules import RULES
from controller.rules.climate import climate, report
from controller.rules.idle_off import idle_off
from controller.rules.mains import stop
from controller.rules.use_lock import lock_ends
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
    demands,
    marks,
    mono,
    said,
    stale,
)

QUIET = (Mode.OFF, Mode.WATCH, Mode.REMIND)
EMPTY = {"ups.source": "battery", "ups.charge_pct": 15.0, "ups.runtime_s": 900, "codec.in_call": False}


def a_day(rule: str, mode: Mode, hour: float = 6.5) -> Day:
    return Day(hour, a_room(modes={rule: mode}))


def shown(day: Day, role: str) -> str:
    names = {lamp.role: lamp.name for lamp in day.room.lamps}
    return lamps(day.state, day.now, day.room)[names[role]]


def asked(day: Day, rule: str) -> bool:
    return ("remind", rule) in day.state.alerts


def would(day: Day, rule: str) -> bool:
    return any(row["rule"] == rule for row in day.told("would"))


@pytest.mark.parametrize("mode", QUIET)
def test_r1_powers_nothing_up_and_still_tells_what_is_not_ready(mode: Mode) -> None:
    day = a_day("R1", mode).calendar(a_meeting(8, 10)).to(7.2)
    assert not day.relays("on") & set(MEETING_LOADS)
    assert "not_ready" in day.codes
    assert shown(day, "ready") == "double"
    assert (would(day, "R1"), asked(day, "R1")) == (mode is not Mode.OFF, mode is Mode.REMIND)


def test_a_reminder_ends_when_people_have_done_it() -> None:
    day = a_day("R1", Mode.REMIND).calendar(a_meeting(8, 10)).to(6.95)
    assert asked(day, "R1")
    day.press("power", 300).run(10 * MINUTE_MS)
    assert not asked(day, "R1")
    assert shown(day, "ready") == "steady"


@pytest.mark.parametrize("mode", QUIET)
def test_r2_never_closes_and_announces_no_closing(mode: Mode) -> None:
    day = a_day("R2", mode).calendar(a_meeting(8, 10)).to(9.9)
    while day.hour < 12:
        day.run(MINUTE_MS)
        assert "closing_soon" not in day.codes
    assert day.relays("on") >= set(MEETING_LOADS)
    assert (would(day, "R2"), asked(day, "R2")) == (mode is not Mode.OFF, mode is Mode.REMIND)


@pytest.mark.parametrize("mode", [*QUIET, Mode.ENFORCE])
def test_r4_governs_the_hard_limit_and_with_off_the_fans(mode: Mode) -> None:
    hot = {"climate.cabinet.temp_c": 41.0}
    on: dict[str, Any] = {"seen": all_loads("on"), "room": a_room(modes={"R4": mode})}
    assert bool(demands(said(climate, Sit(facts=hot, **on)))) is (mode is not Mode.OFF)
    assert "heat" in alerts(said(report, Sit(facts=hot, marks={"heat.cabinet": "over"}, **on)))


@pytest.mark.parametrize("mode", QUIET)
def test_r4_at_the_hard_limit(mode: Mode) -> None:
    day = a_day("R4", mode, 13.0).press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    for temp_c in (30.0, 34.0, 38.0, 41.0):
        day.far.climate |= {"cabinet": (temp_c, 50.0), "room": (temp_c, 50.0)}
        day.run(MINUTE_MS)
    day.run(10 * MINUTE_MS)
    assert day.relays("on") >= set(MEETING_LOADS)
    assert (would(day, "R4"), asked(day, "R4")) == (mode is not Mode.OFF, mode is Mode.REMIND)


@pytest.mark.parametrize("mode", QUIET)
def test_r5_closes_nothing_and_the_lamp_does_not_say_that_it_does(mode: Mode) -> None:
    day = a_day("R5", mode, 13.0).press("power", 300).until(lambda d: d.phase == "ready", 10 * MINUTE_MS)
    day.far.ups |= {"source": "battery", "charge_pct": 15.0, "runtime_s": 900}
    day.run(2 * MINUTE_MS)
    assert day.relays("on") >= set(MEETING_LOADS)
    assert "on_battery" in day.codes
    assert shown(day, "power") == "slow"
    assert (would(day, "R5"), asked(day, "R5")) == (mode is not Mode.OFF, mode is Mode.REMIND)


def test_the_lamp_says_shutting_down_only_where_that_is_what_happens() -> None:
    lost = {"mains": "lost"}
    for more, mark in (
        ({}, True),
        ({"room": a_room(modes={"R5": Mode.WATCH})}, "would"),
        ({"room": a_room(accepted=False)}, "would"),
        ({"down": ("bypass",)}, "would"),
        ({"facts": {**EMPTY, "codec.in_call": True}, "seen": {"load.codec": "on"}}, "part"),
    ):
        situation: dict[str, Any] = {"facts": EMPTY, "marks": lost, **more}
        assert marks(said(stop, Sit(**situation))) == {"stopping": mark}
        sit = Sit(**{**situation, "marks": {"stopping": mark}})
        names = {lamp.role: lamp.name for lamp in sit.room.lamps}
        fast = lamps(sit.state(), sit.now, sit.room)[names["power"]] == "fast"
        assert fast is (mark is True)


@pytest.mark.parametrize("rule", sorted(FIXED))
@pytest.mark.parametrize("word", ["off", "watch", "remind"])
def test_r3_and_r13_have_no_other_mode(rule: str, word: str) -> None:
    text = config.example() + f'\n{rule} = "{word}"\n'
    with pytest.raises(config.ConfigError) as error:
        config.loads(text)
    (problem,) = error.value.problems
    assert (problem.file, problem.key) == ("room.toml", f"rules.modes.{rule}")
    assert f"found {word}; allowed: one of 'enforce'" in str(error.value)
    day = Day(6.5)
    reply = day.command("rule", rule, word)
    assert (reply.stage, reply.code, reply.args) == ("refused", "always_in_force", (rule,))
    assert day.command("rule", rule, "enforce").stage == "accepted"


def test_no_rule_has_a_mode_that_governs_nothing() -> None:
    asked_always = {"R6"}  # its mode says whether a rehearsal begins; one that runs is always brought to its end
    assert {rule for rule, _ in RULES if rule} | FIXED | asked_always == set(a_room().modes)


class TestLockEnds:
    """N9: a ten-minute warning before the lock of a silent codec ends, and no other."""

    def silent(self, hours: float, **more: Any) -> Sit:
        return Sit(16, {"codec.in_call": stale(True, mono(16) - round(hours * HOUR_MS))}, **more)

    @pytest.mark.parametrize(("hours", "told"), [(3.8, False), (3.9, True), (4.0, False), (6, False)])
    def test_it_is_told_for_ten_minutes(self, hours: float, told: bool) -> None:
        assert bool(alerts(said(lock_ends, self.silent(hours)))) is told

    def test_a_meeting_that_lasts_is_not_announced_as_over(self) -> None:
        assert not alerts(said(lock_ends, self.silent(3.9, booked=(a_booked(11, 17),))))

    def test_where_nothing_would_be_closed_nothing_is_told(self) -> None:
        assert not alerts(said(lock_ends, self.silent(3.9, room=a_room(modes={"R2": Mode.WATCH}))))


def test_idle_off_warns_only_where_it_will_close() -> None:
    seen = {"seen": all_loads("on"), "want": all_loads("on"), "marks": {"unused": ("R2.ended", None)}}
    situation: dict[str, Any] = {
        "hour": 12,
        "facts": {"codec.in_call": False},
        "booked": (a_booked(8, 10),),
        **seen,
    }
    assert "closing_soon" in alerts(said(idle_off, Sit(**situation)))
    assert "closing_soon" not in alerts(said(idle_off, Sit(**situation, room=a_room(modes={"R2": Mode.REMIND}))))
