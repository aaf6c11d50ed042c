"""Events become facts: quality, dead-band, jumps, age, late answers, and answers that match nothing."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from controller.core.absorb import JUMPS, strange, taken
from controller.core.room import FactSpec
from controller.core.state import Fact, Proof, Quality
from hardware.contract import OrderId, Reading, Stage, Value
from tests.controller.day import Day, answer
from tests.controller.room_kit import a_room

GOOD, STALE, ODD, NEVER = Quality.GOOD, Quality.STALE, Quality.IMPLAUSIBLE, Quality.NEVER
TEMP = FactSpec(dead_band=0.2, low=-40, high=85, jump=5)


def series(*values: Value, spec: FactSpec = TEMP) -> list[Fact]:
    """One answer each second from second 1 on."""
    fact, facts = None, []
    for n, value in enumerate(values, 1):
        fact = taken(fact, value, n * 1_000, spec)
        facts.append(fact)
    return facts


def test_within_the_dead_band_nothing_has_changed_but_the_age() -> None:
    assert series(20.0, 20.15, 20.1)[-1] == Fact(20.0, GOOD, 3_000, 1_000)
    assert series(20.0, 20.25)[-1] == Fact(20.25, GOOD, 2_000, 2_000)


def test_a_dead_band_does_not_blur_booleans_and_words() -> None:
    assert series(True, False, spec=FactSpec(dead_band=5))[-1].value is False
    assert series("on", "off", spec=FactSpec(dead_band=5))[-1].value == "off"


def test_a_jump_is_believed_at_the_third_reading_that_agrees() -> None:
    facts = series(20.0, 30.0, 30.1, 30.2)
    assert [f.quality for f in facts] == [GOOD, ODD, ODD, GOOD]
    assert JUMPS == 3


def test_a_jump_that_wanders_is_never_believed() -> None:
    assert {f.quality for f in series(20.0, 30.0, 40.0, 30.0, 40.0, 30.0)[1:]} == {ODD}


def test_a_reading_back_at_the_old_value_after_one_spike_takes_its_time_too() -> None:
    assert [f.quality for f in series(20.0, 60.0, 20.0, 20.0, 20.0)] == [GOOD, ODD, ODD, ODD, GOOD]


@pytest.mark.parametrize("value", [-40.1, 85.1, nan, inf, -inf])
def test_outside_its_limits_a_value_never_is_believed(value: float) -> None:
    assert {f.quality for f in series(20.0, *[value] * 6)[1:]} == {ODD}


def test_a_number_that_is_none_is_not_believed_without_limits_either() -> None:
    assert taken(None, nan, 1, FactSpec()).quality is ODD


def test_after_silence_any_plausible_value_is_news_and_not_a_jump() -> None:
    assert [f.quality for f in series(20.0, None, 33.0)] == [GOOD, STALE, GOOD]


def test_a_device_that_cannot_say_keeps_its_last_word_with_its_age() -> None:
    facts = series(20.0, None, None)
    assert facts[-1] == Fact(20.0, STALE, 1_000, 1_000)


def test_a_device_that_never_could_say_has_no_value() -> None:
    assert series(None, None)[-1].quality is NEVER
    assert series(None, 21.0)[-1] == Fact(21.0, GOOD, 2_000, 2_000)


def test_limits_are_for_numbers_only() -> None:
    assert strange(None, "on", TEMP) == 0
    assert strange(None, True, TEMP) == 0
    assert strange(Fact("x", GOOD, 0, 0), 20.0, TEMP) == 0


def fact(day: Day, name: str) -> Fact:
    return day.state.facts[name]


def test_a_source_that_falls_silent_turns_stale_by_itself() -> None:
    day = Day(15).run(60_000)
    day.far.mute.add("climate.room")
    last_ms = fact(day, "climate.room.temp_c").at_ms
    day.until(lambda d: fact(d, "climate.room.temp_c").quality is STALE, 101_000)
    assert day.mono_ms == last_ms + 100_001


def test_facts_that_speak_of_changes_only_do_not_age() -> None:
    day = Day(15)
    day.give(Reading("link", (("desk", "up"),), day.mono_ms))
    assert fact(day.run(3_600_000), "link.desk").quality is GOOD


def test_a_late_answer_never_overwrites_a_newer_one() -> None:
    day = Day(15)
    day.give(Reading("link", (("desk", "up"),), day.mono_ms))
    day.give(Reading("link", (("desk", "down"),), day.mono_ms - 1))
    assert fact(day, "link.desk").value == "up"


def test_unknown_sources_are_kept_and_mean_nothing() -> None:
    day = Day(15).run(60_000)
    day.give(Reading("toaster", (("browning", 7),), day.mono_ms))
    assert fact(day, "toaster.browning").value == 7
    assert day.codes == set()


def test_a_contact_that_cannot_be_read_stays_where_it_was() -> None:
    day = Day(15)
    day.give(Reading("input", (("bypass", True),), day.mono_ms))
    day.run(100).give(Reading("input", (("bypass", None),), day.mono_ms))
    assert day.state.presses["bypass"].down


def test_the_first_word_of_a_contact_is_its_level_and_later_ones_are_edges() -> None:
    day = Day(15).run(20_000)
    day.give(Reading("input", (("power", True),), day.mono_ms))
    day.run(300).give(Reading("input", (("power", False),), day.mono_ms))
    assert day.run(100).told("press") == [{"subject": "power", "role": "power", "gesture": "press"}]


@pytest.mark.parametrize(("stage", "code"), [(Stage.REFUSED, "test"), (Stage.FAILED, "test")])
def test_a_refused_order_is_tried_again_two_seconds_later(stage: Stage, code: str) -> None:
    day = Day(15).run(60_000)
    day.far.deaf.add("load.display")
    day.press("power", 200)
    order = next(o for _, o, _ in day.orders if o.target == "load.display")
    sent_ms = day.order_ms("load.display", "on")
    day.give(answer(order.id, stage, day.mono_ms))
    assert day.state.tracks["load.display"].failed == code
    day.run(1_800)
    assert day.state.tracks["load.display"].tries == (2 if day.mono_ms - sent_ms >= 2_000 else 1)
    assert day.run(1_000).order_ms("load.display", "on") - sent_ms == 2_000


@pytest.mark.parametrize("order_id", [OrderId("b0", 1), OrderId("b1", 999)])
def test_answers_that_match_no_open_order_are_dropped(order_id: Any) -> None:
    day = Day(15).run(60_000)
    day.far.deaf.add("load.display")
    day.press("power", 200)
    before = day.state.tracks["load.display"]
    day.give(answer(order_id, Stage.FAILED, day.mono_ms))
    assert day.state.tracks["load.display"] == before
    assert before.proof is Proof.ORDERED


def test_accepted_and_superseded_change_nothing() -> None:
    day = Day(15).run(60_000)
    day.far.deaf.add("load.display")
    day.press("power", 200)
    order = next(o for _, o, _ in day.orders if o.target == "load.display")
    for stage in (Stage.ACCEPTED, Stage.SUPERSEDED):
        day.give(answer(order.id, stage, day.mono_ms))
        assert day.state.tracks["load.display"].proof is Proof.ORDERED


def test_a_room_may_have_facts_without_any_spec() -> None:
    day = Day(15, replace(a_room(), facts={})).run(3_600_000)
    day.far.mute |= {"ups"}
    assert fact(day.run(3_600_000), "ups.source").quality is GOOD
