"""The buzzer: one beep, an alarm until somebody presses, and the three silences (microphone, night, press)."""

from __future__ import annotations

import pytest

from controller.core.buzzer import ALARMS, BEEP_MS, BEEPS, buzzer, due_ms
from controller.core.instant import Instant
from controller.core.lamps import lamps
from controller.core.memory import Kept
from controller.core.records import Because
from controller.core.state import Alarm, Fact, Quality, State
from controller.rules import RULES
from hardware.lamp_patterns import BUZZER_PATTERNS
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, Sit, a_meeting, a_room, clock

ROOM = a_room()
NOON = clock(12.0)


def state(code: str = "", ago_ms: int = 1_000, **more: object) -> State:
    alerts = {(code, "x"): Alarm(code, "x", Because("R4", "R4.hard"), NOON.mono_ms - ago_ms)} if code else {}
    return Sit(**more).state()._replace(alerts=alerts)  # type: ignore[arg-type]


def sound(code: str, ago_ms: int = 1_000, now: Instant = NOON, **more: object) -> str:
    return buzzer(state(code, ago_ms, **more), now, ROOM)


@pytest.mark.parametrize("code", BEEPS)
def test_one_beep_when_it_begins(code: str) -> None:
    assert sound(code) == "beep"
    assert sound(code, BEEP_MS) == "off"
    assert due_ms(state(code), NOON) == NOON.mono_ms - 1_000 + BEEP_MS
    assert due_ms(state(code, BEEP_MS), NOON) is None


@pytest.mark.parametrize("code", ALARMS)
def test_smoke_and_water_sound_on(code: str) -> None:
    assert sound(code, 10 * MINUTE_MS) == "alarm"


def test_what_asks_for_nobody_is_silent() -> None:
    assert sound("") == sound("temperature") == "off"


@pytest.mark.parametrize("hour", [20.0, 23.9, 0.1, 6.49])
def test_the_night_is_silent_but_for_smoke_and_water(hour: float) -> None:
    now = clock(hour)
    early = NOON._replace(wall_ms=now.wall_ms)
    assert sound("heat", now=early) == "off"
    assert sound("smoke", now=early) == "alarm"


def test_the_morning_is_not() -> None:
    assert sound("heat", now=NOON._replace(wall_ms=clock(6.5).wall_ms)) == "beep"


STALE = Fact("muted", Quality.STALE, 0, 0)


@pytest.mark.parametrize(
    ("mute", "told"),
    [("open", "off"), (STALE, "off"), ("muted", "alarm")],
)
def test_never_while_the_microphone_may_be_open(mute: object, told: str) -> None:
    assert sound("smoke", facts={"codec.in_call": True, "codec.mute": mute}) == told
    assert sound("smoke", facts={"codec.in_call": True}) == "off"
    assert sound("smoke", facts={"codec.in_call": False, "codec.mute": mute}) == "alarm"


def test_any_press_silences_what_sounds() -> None:
    pressed = {"pressed": Kept(1, NOON.mono_ms - 500)}
    assert sound("smoke", 60_000, marks=pressed) == "off"
    assert sound("heat", 1_000, marks=pressed) == "off"
    assert sound("smoke", 100, marks=pressed) == "alarm"


@pytest.mark.parametrize(
    "mark", ["refused.power", "refused.talk", "refused.talk.seat2", "refused.check", "refused.help", "refused.duty"]
)
def test_a_refused_press_is_answered(mark: str) -> None:
    kept = Kept(1, NOON.mono_ms - 100)
    assert sound("", marks={mark: kept, "pressed": kept}) == "beep"


def test_its_words_are_those_of_the_keeper() -> None:
    assert {"off", "beep", "alarm"} == set(BUZZER_PATTERNS)
    assert "buzzer" not in lamps(State(), NOON, a_room(buzzer=""))
    assert RULES


def test_in_a_meeting() -> None:
    day = Day(hour=6.0).calendar(a_meeting(8.0, 10.0)).to(8.5)
    day.touch("leak", True).run(4_000)
    assert lamps(day.state, day.now, day.room)["buzzer"] == "alarm"
    day.press("help", 200)
    assert lamps(day.state, day.now, day.room)["buzzer"] == "off"
