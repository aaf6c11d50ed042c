"""R28: a light is operated, not a setting: it may be darkened in a meeting, is not missing then, and is put back at
the next power-up."""

from __future__ import annotations

from functools import cache

from controller.config_compile import compile_room
from controller.core.room import Room
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting
from tests.controller.rooms_on_paper import changed


@cache
def lit_room() -> Room:
    return compile_room(changed(room__accepted=True, loads__hall={"class": "light", "chip": "pcf8574", "pin": 6}))


def meeting() -> Day:
    return Day(6.0, lit_room()).calendar(a_meeting(8, 10)).to(7.6)


def test_the_hall_is_lit_for_a_meeting_and_may_be_darkened_in_it() -> None:
    day = meeting()
    assert "hall" in day.relays("on")
    assert day.command("load", "hall", "off").stage == "accepted"
    assert "hall" in day.run(MINUTE_MS).relays("off")
    assert "not_ready" not in day.codes
    assert day.told("hold", "load.hall")[-1]["value"] == "off", "what was changed is written down"
    assert day.command("load", "mixer", "off").code == "N9.meeting", "nothing else is"


def test_no_rule_darkens_it_in_the_lock() -> None:
    day = meeting()
    assert ("load.hall", "off") not in day.to(10.2).switched()


def test_it_is_lit_again_at_the_next_meeting() -> None:
    day = meeting().calendar(a_meeting(8, 10), a_meeting(16, 17, "chieu"))
    day.command("load", "hall", "off")
    day.to(14.0)
    assert "load.hall" in day.state.holds
    day.to(15.2)
    assert "load.hall" not in day.state.holds
    assert "hall" in day.relays("on")


def test_it_is_lit_again_when_a_dark_room_is_switched_on_but_not_by_a_press_in_use() -> None:
    day = Day(15.0, lit_room()).run(20_000)
    day.command("power", "on")
    day.run(5 * MINUTE_MS)
    day.command("load", "hall", "off")
    day.run(MINUTE_MS).press("power", 200).run(MINUTE_MS)
    assert "hall" in day.relays("off"), "who asks for an hour more does not want the light"
    day.command("power", "off")
    day.run(20 * MINUTE_MS)
    assert day.phase == "off"
    day.command("power", "on")
    day.run(5 * MINUTE_MS)
    assert "hall" in day.relays("on")
