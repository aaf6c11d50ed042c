"""R5, N11, N12 in single situations: what is an outage, what is not known, what is shed, waits, is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.memory import Kept
from controller.core.room import Class, Rank
from controller.core.room_figures import Mains
from controller.core.state import Desired, Fact
from controller.rules.mains import health, notice, rest, settle, shed, stop, watch
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    WHY,
    Sit,
    a_booked,
    a_room,
    alerts,
    all_loads,
    codes,
    demands,
    marks,
    mono,
    poor_room,
    ranks,
    said,
    stale,
    waits,
)

ON = all_loads("on")
LOST = {"mains": "lost"}


def saw(source: Any, since_ms: int = HOUR_MS, mark: str = "good", **more: Any) -> dict[str, Any]:
    facts = {"ups.source": source, **{f"ups.{n}": v for n, v in more.items()}}
    before = {"mains": mark} if mark else {}
    return marks(said(watch, Sit(facts=facts, since_ms=since_ms, marks=before)))


def test_lost_after_five_seconds_on_battery_and_not_by_a_flicker() -> None:
    assert saw("battery", 4_999) == {}
    assert saw("battery", 5_000) == {"mains": "lost"}


def test_back_after_thirty_seconds_of_mains() -> None:
    assert saw("mains", 29_999, mark="lost") == {}
    assert saw("mains", 30_000, mark="lost") == {"mains": "good"}


def test_the_first_word_mains_counts_at_once() -> None:
    assert saw("mains", 0, mark="") == {"mains": "good"}


def test_a_self_test_on_battery_is_no_outage() -> None:
    assert saw("battery", testing=True) == {}


@pytest.mark.parametrize("source", [stale("mains"), None])
def test_stale_dead_or_waiting_is_unknown_and_never_mains_lost(source: Any) -> None:
    facts = {} if source is None else {"ups.source": source}
    words = said(watch, Sit(facts=facts, marks={"mains": "good"}))
    assert marks(words) == {}
    assert alerts(words) == {"ups_unknown"}


def test_silent_after_its_first_word_battery_is_the_worst_case() -> None:
    def silent(at_ms: int, **more: Any) -> dict[str, Any]:
        facts = {"ups.source": stale("battery", at_ms), **more}
        return marks(said(watch, Sit(facts=facts, marks={"mains": "good"})))

    assert silent(mono(7.5) - 4_999) == {}
    assert silent(mono(7.5) - 5_000) == {"mains": "lost"}
    assert silent(mono(7.5) - 5_000, **{"ups.testing": stale(True)}) == {}


def test_silent_after_battery_is_still_battery() -> None:
    words = said(watch, Sit(facts={"ups.source": stale("battery")}, marks=LOST))
    assert alerts(words) == {"ups_unknown", "on_battery"}


def test_a_room_without_ups_watches_nothing() -> None:
    assert said(watch, Sit(room=poor_room())) == ()


def shedding(*names: str) -> Any:
    room = a_room()
    return replace(room, loads=tuple(replace(x, shed=x.name in names) for x in room.loads))


def test_after_a_minute_hall_lights_and_second_displays_go_first() -> None:
    room = shedding("display", "fan")
    assert said(shed, Sit(marks=LOST, since_ms=59_000, room=room)) == ()
    words = said(shed, Sit(marks=LOST, since_ms=60_000, room=room))
    assert demands(words) == {"load.display": "off", "load.fan": "off"}
    assert ranks(words) == {Rank.POWER}


def stopping(in_call: Any = False, marks_: dict[str, Any] | None = None, **ups: Any) -> Sit:
    facts = {"codec.in_call": in_call, **{f"ups.{n}": v for n, v in ups.items()}}
    return Sit(facts=facts, since_ms=0, marks=LOST if marks_ is None else marks_, seen=ON)


@pytest.mark.parametrize("ups", [{"charge_pct": 19.0}, {"runtime_s": 300}, {"low": True}])
def test_an_ordered_stop_below_twenty_percent_five_minutes_or_low(ups: dict[str, Any]) -> None:
    words = said(stop, stopping(**ups))
    assert demands(words)["load.codec"] == "off"
    assert demands(words)["codec.power"] == "asleep"
    assert ranks(words) == {Rank.POWER}
    assert marks(words) == {"stopping": True}


@pytest.mark.parametrize("ups", [{}, {"charge_pct": 20.0}, {"runtime_s": 301}, {"low": False}])
def test_enough_is_enough(ups: dict[str, Any]) -> None:
    assert said(stop, stopping(**ups)) == ()


def test_on_mains_nothing_stops_whatever_the_battery_says() -> None:
    sit = stopping(marks_={"mains": "good", "stopping": True}, charge_pct=3.0)
    words = said(stop, sit)
    assert (marks(words), demands(words)) == ({"stopping": ""}, {})


def test_a_stop_once_begun_is_not_taken_back_by_a_figure_that_recovers() -> None:
    words = said(stop, stopping(marks_={**LOST, "stopping": True}, charge_pct=25.0))
    assert "load.codec" in demands(words)


def test_in_a_call_codec_camera_and_line_run_on_to_the_upss_own_low_battery() -> None:
    words = said(stop, stopping(in_call=True, charge_pct=15.0))
    assert demands(words) == {f"load.{n}": "off" for n in ("display", "mixer", "amplifier")}
    words = said(stop, stopping(in_call=True, charge_pct=5.0, low=True))
    assert {"load.codec", "load.camera", "codec.hangup"} <= demands(words).keys()


def test_a_call_of_unknown_state_is_taken_for_one() -> None:
    words = said(stop, stopping(in_call=stale(True, mono(7.4)), charge_pct=15.0))
    assert "load.codec" not in demands(words)


def test_a_ups_that_fell_silent_is_counted_down_from_its_last_word() -> None:
    """900 s said at 07:20: five minutes are left at 07:30, whether it answers or not."""
    told = Fact(900, stale(0).quality, mono(7 + 1 / 3), 0)
    assert said(stop, replace(stopping(runtime_s=told), hour=7.499)) == ()
    assert demands(said(stop, replace(stopping(runtime_s=told), hour=7.5)))


def test_when_all_is_dark_the_ups_is_told_to_return_with_the_mains() -> None:
    sit = replace(stopping(low=True), seen=all_loads("off"))
    assert demands(said(stop, sit))["ups.shutdown"] == "return"
    assert "ups.shutdown" not in demands(said(stop, stopping(low=True)))
    assert "ups.shutdown" not in demands(said(stop, replace(sit, seen=all_loads("off") | {"load.codec": None})))


def own_power() -> Any:
    """A room whose codec hangs on none of its relays."""
    room = a_room()
    return replace(room, loads=tuple(replace(x, cls=Class.OTHER) if x.name == "codec" else x for x in room.loads))


def test_a_dark_room_at_night_rests_its_battery_after_fifteen_minutes() -> None:
    dark = Sit(2, marks=LOST, since_ms=15 * MINUTE_MS, seen=all_loads("off"))
    assert demands(said(rest, dark)) == {"ups.shutdown": "return"}
    assert said(rest, replace(dark, since_ms=15 * MINUTE_MS - 1)) == ()
    assert said(rest, replace(dark, seen=ON)) == ()
    assert said(rest, replace(dark, seen={})) == ()
    assert said(rest, replace(dark, facts={"codec.in_call": True}, room=own_power())) == ()
    assert said(rest, replace(dark, booked=(a_booked(3, 4),))) == ()


@pytest.mark.parametrize(("runtime_s", "short"), [(3_600, True), (2 * 3_600 + 299, True), (2 * 3_600 + 300, False)])
def test_what_will_not_last_the_meeting_is_said_before(runtime_s: int, short: bool) -> None:
    """At 08:00 of a meeting until 10:00, with five minutes to spare."""
    sit = Sit(8, {"ups.runtime_s": runtime_s}, since_ms=0, marks=LOST, booked=(a_booked(),))
    assert alerts(said(notice, sit)) == ({"battery_short"} if short else set())


def test_no_figure_no_outage_no_meeting_no_notice() -> None:
    booked = (a_booked(),)
    assert said(notice, Sit(8, marks=LOST, booked=booked)) == ()
    assert said(notice, Sit(8, {"ups.runtime_s": 60}, marks={"mains": "good"}, booked=booked)) == ()
    assert said(notice, Sit(8, {"ups.runtime_s": 60}, marks=LOST)) == ()


def settling(hour: float = 5.0, since_ms: int = 60_000, **more: Any) -> Sit:
    """Mains back a minute ago."""
    facts = {"ups.charge_pct": more.pop("charge_pct", 80.0)}
    return Sit(hour, facts, marks={"mains": Kept("good", mono(hour) - since_ms)}, **more)


def test_loads_return_after_two_minutes_and_the_rooms_own_stagger() -> None:
    wait_ms = 120_000 + a_room().power_up.stagger_ms
    words = said(settle, settling(since_ms=wait_ms - 1))
    assert set(waits(words).values()) == {"N11.settle"}
    assert {target for target, _ in waits(words)} == ON.keys()
    assert said(settle, settling(since_ms=wait_ms)) == ()


def test_the_battery_must_hold_thirty_percent_first_and_unknown_is_fifteen_minutes() -> None:
    assert waits(said(settle, settling(since_ms=10 * MINUTE_MS, charge_pct=29.0)))
    assert not waits(said(settle, settling(since_ms=10 * MINUTE_MS, charge_pct=30.0)))
    unknown = stale(80.0)
    assert waits(said(settle, settling(since_ms=14 * MINUTE_MS, charge_pct=unknown)))
    assert not waits(said(settle, settling(since_ms=15 * MINUTE_MS, charge_pct=unknown)))


def test_while_the_mains_is_lost_nothing_returns() -> None:
    assert waits(said(settle, Sit(marks=LOST)))


def test_t_60_at_risk_goes_ahead_and_says_so() -> None:
    words = said(settle, settling(6.99, booked=(a_booked(),)))
    assert (waits(words), alerts(words)) == ({}, {"hurry"})
    lost = said(settle, Sit(6.99, marks=LOST, booked=(a_booked(),)))
    assert waits(lost)
    assert alerts(lost) == set()


def test_a_person_who_asks_does_not_wait_unless_the_mains_is_lost() -> None:
    pressed = {name: Desired("on", Rank.MANUAL, WHY, 0, 0) for name in ON}
    assert waits(said(settle, settling(want=pressed))) == {}
    assert waits(said(settle, Sit(marks=LOST, want=pressed)))


def test_without_a_ups_the_pis_own_uptime_is_the_mains() -> None:
    room = poor_room(mains=Mains(settle_ms=120_000))
    early = Sit(room=room, hour=-240 + 1 / 60, started_ms=0)
    assert early.now.mono_ms == MINUTE_MS
    assert waits(said(settle, early))
    assert said(settle, Sit(room=room)) == ()


def test_a_ups_that_never_spoke_is_waited_for_a_quarter_of_an_hour() -> None:
    early = Sit(hour=-240 + 14 / 60, started_ms=0)
    assert waits(said(settle, early))
    assert said(settle, replace(early, hour=-240 + 15 / 60)) == ()


def test_what_the_ups_says_about_itself_is_passed_on() -> None:
    facts = {"ups.replace": True, "ups.overload": True, "ups.bypassed": False}
    words = said(health, Sit(facts=facts))
    assert alerts(words) == {"replace_battery", "overload"}
    assert codes(words) == {"R5.replace_battery", "R5.overload"}
