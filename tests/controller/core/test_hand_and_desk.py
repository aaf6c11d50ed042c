"""A press in the room and an order of the desk that want different things: the person in the room wins, and no two
holds pull at one load."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from controller.core.events import Command, Event, Force
from controller.core.hold import FRESH_MS
from controller.core.records import Reply
from hardware.contract import Edge
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS

ALL = {"display", "camera", "codec", "mixer", "amplifier"}


def desk(day: Day, *words: str, force: bool = False, id: str = "x") -> Command:
    named = Force("Lan", "it smokes") if force else None
    return Command(id, "desk", words[0], words[1:], day.mono_ms + 30_000, 0, named)


def at_once(day: Day, *events: Event) -> Reply:
    """One batch; the desk's answer."""
    day.give(*events)
    assert "clash" not in day.codes
    return day.replies[-1]


def finger(day: Day, ms: int) -> Edge:
    """BẬT / TẮT is held down so long, and let go now."""
    day.give(Edge("power", True, day.mono_ms))
    day.run(ms)
    return Edge("power", False, day.mono_ms)


def settled(day: Day) -> Day:
    day.run(10 * MINUTE_MS)
    assert "clash" not in day.codes
    return day


@pytest.mark.parametrize("order", list(permutations((0, 1))))
@pytest.mark.parametrize("words", [("load", "display", "off"), ("power", "off")])
def test_a_press_and_the_desks_off_in_one_moment(words: Sequence[str], order: tuple[int, ...]) -> None:
    """In whatever order they come out of the queue."""
    day = Day(15).run(20_000)
    both = (finger(day, 200), desk(day, *words))
    at_once(day, *(both[n] for n in order))
    assert settled(day).relays("on") >= ALL


@pytest.mark.parametrize("first", [True, False])
def test_a_closing_by_hand_and_the_desks_on(first: bool) -> None:
    day = Day(15).run(20_000)
    day.command("power", "on")
    settled(day)
    if first:
        day.command("load", "display", "on")
        day.press("power", 3_500)
    else:
        day.press("power", 3_500)
        assert day.command("load", "display", "on").code == "held_in_room"
    assert settled(day).relays("on") & ALL == set()


def test_the_desk_is_told_why_and_a_named_person_may_force_it() -> None:
    day = Day(15).run(20_000).press("power", 200).run(FRESH_MS - 1_000)
    reply = at_once(day, desk(day, "load", "display", "off"))
    assert (reply.stage, reply.code, reply.args) == ("refused", "held_in_room", ("display",))
    assert at_once(day, desk(day, "load", "display", "off", force=True, id="y")).stage == "accepted"
    assert "display" in settled(day).relays("off")


def test_who_has_seen_the_room_since_may_have_his_way_and_a_press_turns_it_round() -> None:
    day = Day(15).run(20_000).press("power", 200).run(FRESH_MS)
    assert at_once(day, desk(day, "load", "display", "off")).stage == "accepted"
    assert settled(day).relays("on") & ALL == ALL - {"display"}
    assert settled(day.press("power", 200)).relays("on") >= ALL


def test_everything_off_by_hand_stands_against_the_desk() -> None:
    day = Day(15).run(20_000).press("power", 200)
    settled(day).press("power", 10_500)
    assert day.run(2 * FRESH_MS).command("power", "on").code == "held_in_room"
    assert settled(day).relays("on") & ALL == set()


def test_a_press_wakes_what_the_desk_has_switched_off_alone() -> None:
    day = Day(15).run(20_000)
    assert day.command("load", "display", "off", hold_ms=HOUR_MS).stage == "accepted"
    assert settled(day.press("power", 200)).relays("on") >= ALL
    assert "load.display" not in day.state.holds


def test_of_two_orders_of_the_desk_the_later_counts() -> None:
    day = Day(15).run(20_000)
    day.command("power", "on")
    settled(day)
    assert day.command("load", "display", "off").stage == "accepted"
    assert settled(day).relays("on") & ALL == ALL - {"display"}
    assert day.command("power", "on").stage == "accepted"
    assert settled(day).relays("on") >= ALL


@pytest.mark.parametrize("value", ["on", "off"])
def test_of_two_forced_orders_the_later_one_counts(value: str) -> None:
    """An order that was accepted is carried out: two of a rank would pull at one load, and *on* always won."""
    other = {"on": "off", "off": "on"}[value]
    day = Day(15).run(20_000)
    day.command("power", other, force="Lan")
    settled(day)
    assert day.command("load", "display", value, force="Lan").stage == "accepted"
    assert ("display" in settled(day).relays("on")) is (value == "on")
    assert ("mixer" in day.relays("on")) is (other == "on")


def test_what_was_held_off_for_ten_seconds_is_not_forced_on_from_afar() -> None:
    day = Day(15).run(20_000)
    day.command("power", "on")
    settled(day).press("power", 10_500)
    day.run(2 * MINUTE_MS)
    assert day.command("power", "on", force="Lan").code == "held_in_room"
    assert not day.run(2 * MINUTE_MS).relays("on") & ALL
    day.press("power", 300)
    assert settled(day).relays("on") >= ALL


def test_a_load_that_is_being_cycled_is_told_to_its_end_whatever_is_forced() -> None:
    """Whoever asked for it hears that it came to nothing: a person wants the load on."""
    day = Day(15).run(20_000)
    day.command("power", "on")
    settled(day).command("load", "display", "cycle", id="round")
    day.run(2_000).command("load", "display", "on", force="Lan")
    settled(day)
    assert [reply.stage for reply in day.replies if reply.id == "round"] == ["accepted", "failed"]


def test_ten_seconds_on_the_button_cut_what_was_forced_on_from_afar() -> None:
    """Everything off now, says the hand in the room: the one exception to every lock."""
    day = Day(15).run(20_000)
    day.command("load", "amplifier", "on", force="Lan")
    settled(day).press("power", 10_500)
    day.run(2 * MINUTE_MS)
    assert "clash" not in day.codes
    assert not day.relays("on") & ALL


def test_a_load_that_is_forced_on_is_not_cycled() -> None:
    """It would have to go off against a wish of the same rank: refused at once, and not failed minutes later."""
    day = Day(15).run(20_000)
    day.command("power", "on", force="Lan")
    settled(day)
    assert day.command("load", "display", "cycle").code == "held_on"
    assert day.command("load", "display", "cycle", force="Lan").code == "held_on"
    assert "clash" not in settled(day).codes
