"""When the Pi is left alone: no update and no restart in use, no update where a restart would come in between."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.pi_orders import in_the_way
from controller.core.records import Reply
from controller.core.words import Refuse
from controller.rules.updating import updating
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, a_booked, a_meeting, said

CALM: dict[str, Any] = {"facts": {"ups.source": "mains"}, "marks": {"mains": "good"}}


def why(sit: Sit) -> dict[str, set[str]]:
    words = [word for word in said(updating, sit) if isinstance(word, Refuse)]
    assert all(word.value == "now" for word in words)
    return {name: {w.because.code for w in words if w.target == f"pi.{name}"} for name in ("update", "restart")}


def test_a_quiet_room_may_be_updated_and_restarted() -> None:
    assert why(Sit(15, **CALM)) == {"update": set(), "restart": set()}


@pytest.mark.parametrize(
    ("sit", "update", "restart"),
    [
        (Sit(7.5, booked=(a_booked(),), **CALM), "N9.meeting", "N9.meeting"),
        (Sit(15, {**CALM["facts"], "codec.in_call": True}, marks=CALM["marks"]), "N9.in_call", "N9.in_call"),
        (Sit(6.3, booked=(a_booked(),), **CALM), "update.soon", ""),
        (Sit(15, {"ups.source": "battery"}, marks=CALM["marks"]), "update.mains", ""),
        (Sit(15, {"ups.source": "mains"}, marks={"mains": ""}), "update.mains", ""),
        (Sit(15, {"ups.source": "mains"}, since_ms=9 * MINUTE_MS, marks={"mains": "good"}), "update.mains", ""),
        (Sit(15, CALM["facts"], marks={**CALM["marks"], "rehearsal": ("seats", 0)}), "update.rehearsal", ""),
        (
            Sit(15, CALM["facts"], marks={**CALM["marks"], "hazard.smoke": "alarm"}),
            "update.hazard",
            "update.hazard",
        ),
    ],
)
def test_what_is_in_the_way(sit: Sit, update: str, restart: str) -> None:
    assert why(sit) == {"update": {update}, "restart": {restart} if restart else set()}


def test_the_door_refuses_with_the_rooms_own_reason_and_a_named_person_may_force_it() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(7.2)
    assert day.command("update") == Reply("c1", "refused", "N9.meeting", ("giao-ban",))
    assert in_the_way(day.state) == {"code": "N9.meeting", "args": ("giao-ban",)}
    assert day.command("restart", force="Lan").stage == "accepted"
    assert day.told("command")[-1]["force"] == "Lan"


def test_in_a_quiet_afternoon_both_are_accepted() -> None:
    day = Day(15).run(HOUR_MS)
    assert in_the_way(day.state) == {}
    assert day.command("update").stage == "accepted"
    assert day.command("restart").stage == "accepted"
