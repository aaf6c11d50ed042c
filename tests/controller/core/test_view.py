"""The only door of a rule to the state: unknown is no truth, and a test that is not yet true notes its time."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.draft import Draft
from controller.core.instant import Trust
from controller.core.memory import Kept
from controller.core.state import Fact, Press, Quality, State
from controller.core.view import UNKNOWN, View
from controller.rules.common import first
from hardware.contract import NEVER_MS
from tests.controller.room_kit import Sit, a_hold, a_room, clock, mono, stale

NOW = clock(7.5)


def view(**sit: Any) -> View:
    return Sit(**sit).view()


def test_unknown_has_no_truth_value() -> None:
    assert view().get("codec.power") is UNKNOWN
    with pytest.raises(TypeError, match="compare it"):
        bool(UNKNOWN)


@pytest.mark.parametrize(
    ("fact", "number"),
    [(7, 7.0), (7.5, 7.5), (True, None), ("7", None), (None, None), (stale(7), None)],
)
def test_numbers_are_numbers(fact: Any, number: float | None) -> None:
    assert view(facts={"x.y": fact}).number("x.y") == number


def test_the_last_word_is_for_the_worst_case_only() -> None:
    v = view(facts={"x.y": stale(7, 5)})
    assert (v.last("x.y"), v.last_ms("x.y"), v.get("x.y")) == (7, 5, UNKNOWN)
    assert (v.last("x.z"), v.last_ms("x.z")) == (None, 0)


def test_stayed_needs_the_value_its_goodness_and_its_time() -> None:
    facts = {"x.y": True, "x.z": stale(True)}
    v = view(facts=facts, since_ms=1_000)
    assert v.stayed("x.y", True, 1_000)
    assert not v.stayed("x.y", True, 1_001)
    assert v.wake_ms == NOW.mono_ms + 1
    assert not v.stayed("x.y", False, 0)
    assert not v.stayed("x.z", True, 0)
    assert not v.stayed("x.none", True, 0)


def test_the_least_deadline_is_noted() -> None:
    v = view()
    assert v.wake_ms == NEVER_MS
    assert v.past(NOW.mono_ms)
    assert not v.past(NOW.mono_ms + 9)
    assert not v.past(NOW.mono_ms + 5)
    assert not v.past_wall(NOW.wall_ms + 7)
    assert v.wake_ms == NOW.mono_ms + 5


@pytest.mark.parametrize(
    ("trust", "stepped_ms", "ok"),
    [
        (Trust.NTP, 0, True),
        (Trust.RTC, 0, True),
        (Trust.HELD, 0, False),
        (Trust.UNKNOWN, 0, False),
        (Trust.NTP, mono(7.5) - 900_000, True),
        (Trust.NTP, mono(7.5) - 899_999, False),
    ],
)
def test_which_clock_may_decide_an_off(trust: Trust, stepped_ms: int, ok: bool) -> None:
    assert view(trust=trust, stepped_ms=stepped_ms).clock_ok() is ok


def test_marks_their_age_and_their_rises() -> None:
    kept = Kept("a", NOW.mono_ms - 1_000, tuple(NOW.mono_ms - ms for ms in (9_000, 5_000, 1_000)))
    v = view(marks={"m": kept})
    assert (v.mark("m"), v.mark("n")) == ("a", None)
    assert v.held("m", "a", 1_000)
    assert not v.held("m", "a", 1_001)
    assert not v.held("m", "b", 0)
    assert not v.held("n", None, 0)
    assert (v.rises("m", 5_001), v.rises("m", 5_000), v.rises("n", 9)) == (2, 1, 0)
    assert first(v, "n", "m") == "a"
    assert first(v, "n") is None


def test_buttons_holds_and_our_own_decisions() -> None:
    v = view(down=("bypass",), holds=(a_hold("room", "on"),), want={"load.fan": "on"}, seen={"load.fan": "off"})
    assert v.down("bypass")
    assert not v.down("power")
    assert v.still_ms("bypass") > v.still_ms("power") == 0
    assert [h.name for h in v.holds()] == ["room"]
    assert v.hold("room") is not None
    assert v.hold("mic") is None
    assert (v.was("load.fan"), v.was("load.x"), v.seen("load.fan"), v.seen("load.x")) == ("on", None, "off", None)
    assert v.desired("load.x") is None
    assert v.track("load.x") is None


def test_a_press_that_was_never_seen_is_up() -> None:
    state = State(presses={"power": Press()})
    assert not View(state, NOW, a_room()).down("power")


def draft() -> Draft:
    return Draft(State(), NOW, a_room())


def test_a_mark_begins_when_it_says_something_and_counts_its_rises() -> None:
    d = draft()
    assert not d.keep("m", "")
    assert d.keep("m", "a")
    assert not d.keep("m", "a")
    assert d.keep("m", "")
    for n in range(12):
        d.keep("m", n + 1)
    assert len(d.marks["m"].rises_ms) == 8
    assert d.marks["m"].value == 12


def test_a_draft_looks_at_facts_of_now_and_decisions_of_before() -> None:
    d = draft()
    d.facts["x.y"] = Fact(1, Quality.GOOD, 0, 0)
    assert d.view().get("x.y") == 1
    assert State().facts == {}
