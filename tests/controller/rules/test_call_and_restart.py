"""N9 when the controller starts anew in a call: its codec needs some time to tell of it, and nothing goes off for
that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.rules.common import LOCK_AFTER_MS
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS


def by_hand(day: Day) -> None:
    """Closed by hand, and a call came before the codec slept: the room stays as it is for the call."""
    day.command("power", "off")
    day.call().run(MINUTE_MS)


def battery(day: Day) -> None:
    """On what is left of the battery codec and camera run on for the call."""
    day.far.ups |= {"source": "battery", "charge_pct": 15.0, "runtime_s": 900}
    day.call().run(5 * MINUTE_MS)


def heat(day: Day) -> None:
    """Both sensors say too hot: the room is to go off after the call."""
    day.far.climate = {"room": (50.0, 40.0), "cabinet": (65.0, 40.0)}
    day.call().run(10 * MINUTE_MS)


def restarted(before: Callable[[Day], None], deaf_ms: int) -> Day:
    """The codec is first heard so long after the start."""
    day = Day(12).press("power", 300).until(lambda d: d.phase == "ready").run(MINUTE_MS)
    before(day)
    assert day.phase == "in_call"
    day.far.mute.add("codec")
    day.restart()
    return day.run(deaf_ms)


@pytest.mark.parametrize("before", [by_hand, battery, heat])
@pytest.mark.parametrize("deaf_ms", [4_000, 15_000, 5 * MINUTE_MS])
def test_a_call_outlives_a_start_until_its_codec_is_heard(before: Callable[[Day], None], deaf_ms: int) -> None:
    day = restarted(before, deaf_ms)
    first = day.mono_ms - deaf_ms
    day.far.mute.discard("codec")
    day.look().run(10 * MINUTE_MS)
    ends = {"off", "asleep", "all", "home"}
    assert [row for row in day.switched(first) if row[1] in ends and row[0] != "codec.autoanswer"] == []
    assert day.far.codec["in_call"]


def test_a_call_that_has_ended_meanwhile_holds_nothing() -> None:
    day = restarted(by_hand, 15_000)
    day.far.mute.discard("codec")
    day.hang_up().run(10 * MINUTE_MS)
    assert day.phase == "off"


def test_a_codec_that_never_speaks_again_holds_the_room_for_four_hours() -> None:
    day = restarted(by_hand, LOCK_AFTER_MS - MINUTE_MS)
    assert day.command("power", "off").code == "N9.in_call"
    assert day.run(2 * MINUTE_MS).command("power", "off").stage == "accepted"
