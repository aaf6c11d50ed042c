"""Whatever happens, in any order: the laws of `day.laws` hold, nothing is raised, and nothing depends on how often
the core is woken."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.decide import decide
from controller.core.events import Event, Rejected
from controller.core.instant import Trust
from controller.core.lamps import lamps, lamps_due_ms
from controller.core.memory import Memory
from controller.core.records import Because
from controller.core.report import details, summary
from controller.core.room import Mode, Rank
from controller.core.state import State
from controller.core.view import View
from controller.core.views import pace
from controller.core.words import Demand, Mark
from controller.rules import RULES
from hardware.contract import Edge, OrderId, Reading, Result, Stage
from tests.controller.core.test_fast_path import VALUES
from tests.controller.day import SELDOM_MS, Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, a_room

pytestmark = pytest.mark.lives

LOADS = ("display", "camera", "codec", "mixer", "amplifier", "fan", "network", "nothing")
COMMANDS: tuple[tuple[Any, ...], ...] = (
    *(("power", value) for value in ("on", "off", "auto")),
    *(("load", name, value) for name in LOADS for value in ("on", "off", "auto")),
    *(("mute", value) for value in ("open", "muted", "auto")),
    *(("floor", what, "chair") for what in ("grant", "deny", "end")),
    ("call", "dial", "10.1.1.2", "auto", 0),
    ("call", "hangup", "all"),
    ("call", "accept"),
    ("seat", "recall", 1),
    ("duty", "on"),
    ("duty", "off"),
    ("check",),
    ("acknowledge", ""),
    ("meeting", "extend", "giao-ban", 30),
    ("meeting", "end", "giao-ban"),
    *(("rule", rule, mode.value) for rule in ("R2", "R5", "R9", "R11", "R4") for mode in Mode),
    ("rebirth",),
    ("message", "xin chào"),
    ("dance",),
)
CALLS: tuple[tuple[Any, ...], ...] = (
    (),
    (("1", "in", "connected", "mcu", "video"),),
    (("2", "out", "connected", "10.9.9.9", "video"), ("1", "in", "ringing", "mcu", "video")),
    ("nonsense", ("3",)),
)
MEETINGS = (
    (),
    (a_meeting(8, 10),),
    (a_meeting(9, 11),),
    (a_meeting(8, 10, tentative=True),),
    (a_meeting(6, 6.6), a_meeting(8.5, 9, uid="two")),
)
GAPS_MS = (0, 200, 3_500, 20_000, 5 * MINUTE_MS, 40 * MINUTE_MS)


@st.composite
def a_step(draw: st.DrawFn) -> tuple[str, Any, int]:
    what: dict[str, st.SearchStrategy[Any]] = {
        "edge": st.tuples(st.sampled_from([b.input for b in a_room().buttons]), st.booleans()),
        "command": st.tuples(st.sampled_from(COMMANDS), st.booleans()),
        "calls": st.sampled_from(CALLS),
        "field": st.sampled_from([(s, f, v) for s, fs in VALUES.items() for f, vs in fs.items() for v in vs]),
        "calendar": st.sampled_from(MEETINGS),
        "clock": st.tuples(st.sampled_from((0, -HOUR_MS, HOUR_MS, 30 * HOUR_MS)), st.sampled_from(list(Trust))),
        "deaf": st.sampled_from(sorted(a_room().targets)),
        "mute": st.sampled_from(("relay", "codec", "ups", "camera.main", "climate.cabinet")),
        "odd": st.sampled_from(("rejected", "result")),
        "boot": st.booleans(),
    }
    kind = draw(st.sampled_from(sorted(what)))
    return kind, draw(what[kind]), draw(st.sampled_from(GAPS_MS))


def act(day: Day, kind: str, what: Any) -> None:
    """One thing that may happen to a room."""
    if kind == "edge":
        day.give(Edge(what[0], what[1], day.mono_ms))
    elif kind == "command":
        day.command(*what[0], force="Lan" if what[1] else "")
    elif kind == "calls":
        day.far.codec |= {"calls": what, "in_call": bool(what) and what[0][2:3] == ("connected",)}
    elif kind == "field":
        day.give(Reading(what[0], ((what[1], what[2]),), day.mono_ms))
    elif kind == "calendar":
        day.calendar(*what, version=str(hash(what)))
    elif kind == "clock":
        day.step_clock(*what)
    else:
        _fault(day, kind, what)


def _fault(day: Day, kind: str, what: Any) -> None:
    if kind == "boot":
        day.restart(boot="b2" if what else "")
    elif kind == "odd":
        events: dict[str, Event] = {
            "rejected": Rejected("x", "bad_args"),
            "result": Result(OrderId("b1", day.state.seq), Stage.REFUSED, "no", day.mono_ms),
        }
        day.give(events[what])
    else:
        place = day.far.deaf if kind == "deaf" else day.far.mute
        place ^= {what}


STEPS = st.lists(a_step(), max_size=14)


@settings(max_examples=60)
@given(STEPS, st.booleans())
def test_whatever_happens_the_laws_hold_and_every_view_can_be_shown(steps: list[Any], accepted: bool) -> None:
    day = Day(7.2, a_room(accepted), sample_ms=SELDOM_MS).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    for kind, what, gap_ms in steps:
        act(day, kind, what)
        day.run(gap_ms)
        named = {lamp.name for lamp in day.room.lamps} | {day.room.buzzer}
        assert set(lamps(day.state, day.now, day.room)) == named
        assert details(day.state, day.now, day.room)
        assert summary(day.state, day.now, day.room)
        assert min(pace(day.state, day.room).values()) >= 0
        due_ms = lamps_due_ms(day.state, day.now)
        assert due_ms is None or due_ms > day.mono_ms


def live(steps: list[Any], wakes: list[int], fast: bool = True) -> Day:
    day = Day(7.2, fast=fast, sample_ms=SELDOM_MS).calendar(a_meeting(8, 10))
    for n in wakes:
        day.later(10 * n + 7, tuple)  # beside what happens on round times, as a stray wake would
    for kind, what, gap_ms in steps:
        act(day, kind, what)
        day.run(gap_ms)
    return day


@settings(max_examples=30)
@given(STEPS, st.lists(st.integers(1, HOUR_MS // 4), max_size=60))
def test_extra_wakes_change_nothing(steps: list[Any], wakes: list[int]) -> None:
    calm, woken = live(steps, []), live(steps, wakes)
    assert woken.records == calm.records
    assert woken.orders == calm.orders


@settings(max_examples=20)
@given(STEPS)
def test_the_same_inputs_give_the_same_outputs_and_the_long_way_the_same_journal(steps: list[Any]) -> None:
    once, again, slow = live(steps, []), live(steps, []), live(steps, [], fast=False)
    assert once.state == again.state
    assert once.records == again.records == slow.records
    assert once.orders == slow.orders


@settings(max_examples=30)
@given(STEPS)
def test_a_restart_of_the_controller_moves_nothing_in_the_next_minute(steps: list[Any]) -> None:
    left, again = live(steps, []), live(steps, [])
    left.far.deaf.clear()
    again.far.deaf.clear()
    left.far.mute.clear()
    again.far.mute.clear()
    left.run(10 * MINUTE_MS)
    again.run(10 * MINUTE_MS).restart(after_ms=2_000)
    stayed = left.far.relays.copy()
    moved = {n for n in stayed if left.run(0) and left.far.relays[n] != again.run(0).far.relays[n]}
    left.run(62 * 1_000)
    again.run(60 * 1_000)
    changed = {n for n, level in again.far.relays.items() if level != stayed[n] and left.far.relays[n] == stayed[n]}
    assert (moved, changed) == (set(), set())


def test_a_rule_that_never_settles_is_asked_again_a_second_later() -> None:
    def restless(v: View) -> Any:
        yield Mark("n", (int(str(v.mark("n") or 0))) + 1)

    day = Day(15).run(MINUTE_MS)
    outcome = decide(day.state, (), day.now, day.room, (("", restless),))
    assert outcome.state.marks["n"].value == 4
    assert outcome.wake_ms <= day.mono_ms + 1_000


def test_equal_ranks_that_want_different_things_are_an_alert() -> None:
    def want(value: str, _v: View) -> Any:
        yield Demand("load.display", value, Rank.IDLE, Because("x", value))

    day = Day(15).run(MINUTE_MS)
    rules = (("", partial(want, "off")), ("", partial(want, "on")))
    outcome = decide(day.state, (), day.now, day.room, rules)
    assert outcome.state.desired["load.display"].value == "on"
    assert ("clash", "load.display") in outcome.state.alerts


def test_a_start_without_memory_and_an_empty_memory_are_alike() -> None:
    first, second = Day(15), Day(15, memory=Memory("b1", 0))
    assert first.state.marks == second.state.marks
    assert {name.partition(".")[0] for name in first.state.marks} == {"done"}  # the days of R17 begin to count
    assert decide(State(), (), first.now, first.room, RULES).orders == ()
