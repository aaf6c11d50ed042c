"""R28: put back at power-up, free within the band, said outside it; the desk within the band only."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.room_figures import Volume
from controller.rules.volume import BACK, NOTED, changed, put_back
from tests.controller.day import Day
from tests.controller.room_kit import (
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    alerts,
    demands,
    marks,
    said,
)

CALL: dict[str, Any] = {"codec.in_call": True, "codec.power": "awake"}


def meeting() -> Day:
    return Day(6.5).calendar(a_meeting(8, 10)).to(8.1)


def test_the_codec_gets_the_rooms_volume_at_power_up_once() -> None:
    day = meeting()
    assert day.far.codec["volume"] == 25
    assert day.switched().count(("codec.volume", 25)) == 1
    day.far.codec["volume"] = 31
    assert day.run(30 * MINUTE_MS).far.codec["volume"] == 31


def test_after_the_next_power_up_it_is_put_back() -> None:
    day = meeting()
    day.far.codec["volume"] = 31
    day.look().to(12)
    assert day.phase == "off"
    day.calendar(a_meeting(8, 10), a_meeting(15, 16, uid="next"), version="2").to(14.5)
    assert day.far.codec["volume"] == 25


@pytest.mark.parametrize(
    ("why", "sit"),
    [
        ("nothing was off", Sit(8.2, facts=CALL | {"codec.in_call": False})),
        ("a call is on", Sit(8.2, facts=CALL, marks={BACK: "due"})),
        ("it sleeps", Sit(8.2, facts={"codec.in_call": False, "codec.power": "asleep"}, marks={BACK: "due"})),
        ("no level was approved", Sit(8.2, marks={BACK: "due"}, room=a_room(volume=Volume()))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_left_alone(why: str, sit: Sit) -> None:
    assert demands(said(put_back, sit)) == {}


def test_a_codec_that_takes_no_volume_is_not_asked_for_ever() -> None:
    day = Day(6.5)
    day.far.deaf.add("codec.volume")
    day.calendar(a_meeting(8, 10)).to(8.1)
    assert 1 <= day.switched().count(("codec.volume", 25)) <= 3
    assert day.state.marks[BACK].value == "set"


def test_what_people_turn_it_to_is_noted_and_no_drift() -> None:
    sit = Sit(8.2, facts=CALL | {"codec.volume": 33}, booked=(a_booked(),))
    assert marks(said(changed, sit)) == {NOTED: 33}
    assert alerts(said(changed, sit)) == set()
    assert marks(said(changed, Sit(8.2, facts=CALL | {"codec.volume": 33}, since_ms=9_999))) == {}


@pytest.mark.parametrize("level", [4, 41])
def test_outside_the_band_it_is_said_in_a_meeting_and_left_to_people(level: int) -> None:
    words = said(changed, Sit(8.2, facts=CALL | {"codec.volume": level}, booked=(a_booked(),)))
    assert alerts(words) == {"volume_outside"}
    assert demands(words) == {}
    assert alerts(said(changed, Sit(12, facts=CALL | {"codec.volume": level}))) == set()


def test_the_desk_may_turn_it_within_the_band() -> None:
    day = meeting().call()
    assert day.command("volume", 30).stage == "accepted"
    assert day.run(5_000).far.codec["volume"] == 30
    assert "volume" not in day.run(MINUTE_MS).state.holds
    reply = day.command("volume", 41)
    assert (reply.code, reply.args) == ("volume_band", (5, 40))


def test_a_silent_codec_and_a_room_without_one_are_told() -> None:
    assert Day(15).run(20_000).command("volume", 30).code == "device_silent"
    targets = {name: t for name, t in a_room().targets.items() if not name.startswith("codec.")}
    assert Day(15, a_room(targets=targets, codec="")).command("volume", 30).code == "not_applicable"
