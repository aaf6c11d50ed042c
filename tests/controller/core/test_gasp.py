"""N8: what the last gasp says, and when it is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.gasp import Gasp, gasp
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Desired
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, SECOND_MS, Sit, a_booked, a_meeting, poor_room, stale

LOST: dict[str, Any] = {"mains": "lost"}
CUT = {"ups.shutdown": Desired("return", Rank.POWER, Because("R5", "R5.rest"), 0, 0)}


def told(**sit: Any) -> Gasp | None:
    there = Sit(**sit)
    return gasp(there.state(), there.now, there.room)


@pytest.mark.parametrize(
    ("sit", "reason"),
    [
        ({"marks": LOST}, "on_battery"),
        ({"marks": LOST, "facts": {"ups.low": True}}, "low_battery"),
        ({"marks": LOST, "facts": {"ups.low": stale(True)}}, "low_battery"),
        ({"marks": {**LOST, "stopping": "part"}}, "low_battery"),
        ({"marks": {**LOST, "stopping": "would"}}, "low_battery"),
        ({"marks": {**LOST, "stopping": True}}, "stop"),
        ({"marks": LOST, "want": CUT}, "stop"),
        ({"marks": {"mains": "good", "stopping": ""}}, ""),
        ({"marks": {}, "room": poor_room()}, ""),
    ],
)
def test_its_reason(sit: dict[str, Any], reason: str) -> None:
    found = told(**sit)
    assert found is not None
    assert found.reason == reason


def test_before_the_mains_is_known_nothing_is_said_and_nothing_taken_back() -> None:
    assert told() is None


@pytest.mark.parametrize(("charge", "shown"), [(62.5, 60), (64.9, 60), (65, 65), (stale(41.0), 40), (None, None)])
def test_its_charge_is_told_in_steps(charge: Any, shown: int | None) -> None:
    found = told(marks=LOST, facts={} if charge is None else {"ups.charge_pct": charge})
    assert found is not None
    assert found.battery_pct == shown


@pytest.mark.parametrize(("hour", "uid"), [(6.5, ""), (7.5, "giao-ban"), (9.9, "giao-ban"), (10.0, "")])
def test_its_meeting_is_the_one_between_its_lead_and_its_end(hour: float, uid: str) -> None:
    found = told(marks=LOST, hour=hour, booked=(a_booked(),))
    assert found is not None
    assert found.meeting == uid


def test_an_outage_in_a_meeting_from_its_first_word_to_the_mains() -> None:
    day = Day(6.5).calendar(a_meeting(8, 10)).to(8.5)
    said: list[Gasp | None] = []

    def listen(for_ms: int) -> None:
        end_ms = day.mono_ms + for_ms
        while day.mono_ms < end_ms:
            now = gasp(day.run(SECOND_MS).state, day.now, day.room)
            said.extend(() if said[-1:] == [now] else (now,))

    day.far.ups |= {"source": "battery", "charge_pct": 83.0}
    listen(2 * MINUTE_MS)
    day.far.ups |= {"charge_pct": 19.0, "runtime_s": 200}
    listen(20 * MINUTE_MS)
    day.far.ups |= {"source": "mains", "charge_pct": 40.0, "runtime_s": 900}
    listen(HOUR_MS)
    assert said == [
        Gasp(),
        Gasp("on_battery", 80, "giao-ban"),
        Gasp("stop", 15, "giao-ban"),
        Gasp("stop", 40, "giao-ban"),
        Gasp(),
    ]
