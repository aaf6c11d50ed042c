"""N7 — the mains is gone, and with it what does not hang on the UPS: silent, and no fault of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.config_compile import compile_room
from controller.core.observe import observe, unfed
from controller.core.room import Room
from controller.core.state import Fact, Proof, Quality, State, Track
from controller.core.view import View
from tests.controller.room_kit import HOUR_MS, SECOND_MS, clock
from tests.controller.rooms_on_paper import changed

NOW = clock(12)
NAME = "load.display"
P = Proof


def room(on_ups: bool = False, has_ups: bool = True) -> Room:
    """Its display tells whether it lives."""
    found = compile_room(
        changed(loads__display__wake="pjlink", loads__display__host="10.0.0.8", loads__display__on_ups=on_ups)
    )
    return replace(found, has_ups=has_ups)


def view(source: Any = "battery", testing: bool = False, since_s: int = 60, of: Room | None = None) -> View:
    """The display is silent behind a closed contact; the UPS has said `source` for `since_s`."""
    since_ms = NOW.mono_ms - since_s * SECOND_MS
    told = {"relay.display": "on", "display.display.answers": False, "ups.testing": testing, "ups.source": source}
    facts = {name: Fact(value, Quality.GOOD, NOW.mono_ms, since_ms) for name, value in told.items()}
    if source == "silent":
        facts["ups.source"] = Fact("battery", Quality.STALE, since_ms, since_ms)
    return View(State(started_ms=NOW.mono_ms - HOUR_MS, facts=facts), NOW, of or room())


def after(proof: Proof, seen_by: View, want: str = "on") -> Proof:
    """A display that was proven on an hour ago and has been silent since."""
    long_ago = NOW.mono_ms - HOUR_MS
    before = Track(proof, long_ago, want, seen="on", done_ms=long_ago)
    return observe(seen_by.room.targets[NAME], before, want, None, True, seen_by).proof


@pytest.mark.parametrize("proof", [P.DONE, P.PROVEN, P.LOST])
def test_silent_without_mains_is_neither_failed_nor_lost(proof: Proof) -> None:
    assert after(proof, view()) is P.DONE
    assert after(proof, view("silent")) is P.DONE, "who fell silent on battery is on battery"


@pytest.mark.parametrize(
    "seen_by",
    [view("mains", since_s=3600), view(testing=True), view(of=room(on_ups=True)), view(of=room(has_ups=False))],
)
def test_with_power_it_has_failed(seen_by: View) -> None:
    """The mains is there, a battery is only tested, it hangs on the UPS, or nobody could tell."""
    assert after(P.DONE, seen_by) is P.FAILED


def test_what_had_failed_before_has_failed() -> None:
    assert after(P.FAILED, view()) is P.FAILED


def test_when_the_mains_is_back_it_has_its_time_to_come_up() -> None:
    effect_s = room().targets[NAME].effect_ms // SECOND_MS
    waits = view("mains", since_s=effect_s - 1)
    assert after(P.DONE, waits) is P.DONE
    assert waits.wake_ms == NOW.mono_ms + SECOND_MS, "it is looked at then"
    assert after(P.DONE, view("mains", since_s=effect_s)) is P.FAILED


def test_a_load_that_is_to_be_off_is_judged_as_ever() -> None:
    assert after(P.DONE, view(), "off") is not P.DONE


def test_a_load_of_no_room_is_never_without_mains() -> None:
    assert not unfed(None, view())


@pytest.mark.parametrize("quality", [Quality.GOOD, Quality.STALE])
def test_what_still_answers_has_power_whatever_the_ups_says(quality: Quality) -> None:
    told = Fact("battery", Quality.GOOD, NOW.mono_ms, 0)
    facts = {"ups.source": told, "display.display.answers": told._replace(value=True, quality=quality)}
    seen_by = View(State(started_ms=NOW.mono_ms - HOUR_MS, facts=facts), NOW, room())
    assert unfed(seen_by.tables.loads[NAME], seen_by) is (quality is Quality.STALE)
