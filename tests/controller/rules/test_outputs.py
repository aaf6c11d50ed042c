"""N14: the longest time on of any output, whoever wants it on; N28: the supply's figures beside each switching."""

from __future__ import annotations

from dataclasses import replace

from controller.core.room import Rank, Room
from controller.rules.outputs import EARLY_MS, REST_MS, max_on
from hardware.contract import Reading
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, a_booked, a_room, alerts, demands, marks, ranks, said

LIMIT_MS = 2 * HOUR_MS


def limited(load: str = "display") -> Room:
    loads = tuple(replace(row, max_on_ms=LIMIT_MS) if row.name == load else row for row in a_room().loads)
    return replace(a_room(), loads=loads)


def test_said_before_and_then_off() -> None:
    def sit(on_ms: int) -> Sit:
        return Sit(7.5, facts={"relay.display": "on"}, since_ms=on_ms, room=limited())

    assert said(max_on, sit(LIMIT_MS - 11 * MINUTE_MS)) == ()
    assert alerts(said(max_on, sit(LIMIT_MS - 9 * MINUTE_MS))) == {"max_on_soon"}
    words = said(max_on, sit(LIMIT_MS - EARLY_MS))
    assert (demands(words), marks(words)) == ({"load.display": "off"}, {"rest.display": True})
    assert ranks(words) == {Rank.USE_LOCK}


def test_an_output_without_a_limit_runs_on() -> None:
    assert said(max_on, Sit(7.5, facts={"relay.display": "on"}, since_ms=99 * HOUR_MS)) == ()


def test_it_rests_before_it_may_run_again() -> None:
    resting = Sit(7.5, facts={"relay.display": "off"}, marks={"rest.display": True}, room=limited())
    assert demands(said(max_on, replace(resting, since_ms=REST_MS - 1))) == {"load.display": "off"}
    assert marks(said(max_on, replace(resting, since_ms=REST_MS))) == {"rest.display": False}


def pressed_on(load: str) -> Day:
    day = Day(12, limited(load)).run(MINUTE_MS)
    assert day.command("load", load, "on", hold_ms=6 * HOUR_MS).stage == "accepted"
    return day.run(MINUTE_MS)


def test_what_a_person_holds_on_goes_off_too_and_comes_back_rested() -> None:
    day = pressed_on("display")
    on_ms = day.order_ms("load.display", "on")
    day.run(LIMIT_MS + MINUTE_MS)
    assert 0 <= on_ms + LIMIT_MS - day.order_ms("load.display", "off") <= 2 * EARLY_MS
    assert [row["alert"] for row in day.told("alert", "load.display")] == ["max_on_soon"]
    off_ms = day.order_ms("load.display", "off")
    day.run(REST_MS + MINUTE_MS)
    assert day.order_ms("load.display", "on") - off_ms >= REST_MS


def test_a_meeting_is_not_cut() -> None:
    day = Day(5, limited("codec")).calendar(a_booked(8, 10).meeting).to(10.4)
    assert ("load.codec", "off") not in day.switched()


def test_what_was_switched_stands_beside_the_figures_of_the_supply() -> None:
    day = Day(12).run(MINUTE_MS)
    day.far.ups |= {"input_v": 197.0, "load_pct": 31.0}
    day.run(MINUTE_MS).command("load", "display", "on")
    proof = day.run(MINUTE_MS).told("proof", "load.display")[-1]
    assert (proof["input_v"], proof["load_pct"]) == (197.0, 31.0)


def test_a_weak_supply_stands_beside_them_too() -> None:
    day = Day(12).run(MINUTE_MS)
    day.far.ups["input_v"] = 188.0
    day.run(MINUTE_MS).give(Reading("host", (("undervoltage", True),), day.mono_ms))
    assert day.told("alert", "host")[-1]["input_v"] == 188.0
    day.give(Reading("host", (("undervoltage", False),), day.mono_ms))
    assert day.told("alert.end", "host")[-1]["input_v"] == 188.0
