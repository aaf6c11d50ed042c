"""R8: who has the floor is in the picture, confirmed by inquiry; the overview after; seats of one meeting."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.report import details
from controller.core.room import Button, Lamp, Seat
from controller.core.seating import frames
from controller.rules.seats import FRAME, MISSED_MS, frame
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    demands,
    marks,
    said,
)

ASKED = ("seat2", "due")
BUTTONS = (*a_room().buttons, Button("talk_seat2", "talk", "seat2"))
LAMPS = (*a_room().lamps, Lamp("talk_seat2", "talk", "seat2"))
SEATS = (*a_room().seats, Seat("seat2", "main", 2))


def two_seats(**more: Any) -> Any:
    return a_room(buttons=BUTTONS, lamps=LAMPS, seats=SEATS, **more)


def meeting(hour: float = 8.2, **kind: Any) -> Day:
    """In a call of the morning's meeting; the camera shows nothing that was stored."""
    return Day(6.5, two_seats()).calendar(a_meeting(8, 10, **kind)).to(hour).call().run(20_000)


def preset(day: Day) -> Any:
    return day.far.camera["preset"]


def test_the_seat_that_is_given_the_floor_is_shown_and_the_overview_after() -> None:
    day = meeting().press("talk_seat2", 300)
    day.command("floor", "grant", "seat2")
    assert preset(day.run(5_000)) == 2
    day.command("floor", "end")
    assert preset(day.run(5_000)) == 0


def test_the_spoken_invitation_shows_the_seat_of_its_button() -> None:
    day = meeting().press("talk_chair", 3_500)
    assert preset(day.run(5_000)) == 1
    assert preset(day.press("talk_chair", 300).run(5_000)) == 0


def test_a_floor_without_a_seat_is_for_whoever_asked_first() -> None:
    day = meeting().press("talk_seat2", 300).press("talk_chair", 300)
    day.command("floor", "grant")
    assert preset(day.run(5_000)) == 2
    assert "ask.chair" in day.state.holds


def test_a_floor_that_nobody_asked_for_leaves_the_picture() -> None:
    day = meeting()
    day.command("floor", "grant")
    assert preset(day.run(5_000)) == -1


def test_once_shown_the_camera_is_the_peoples() -> None:
    """R28: zooming in on the speaker is operating."""
    day = meeting().press("talk_chair", 3_500).run(5_000)
    day.far.camera["preset"] = -1
    assert preset(day.look().run(MINUTE_MS)) == -1
    assert "frame_missing" not in day.codes


def test_one_turn_after_the_other() -> None:
    day = meeting()
    day.command("floor", "grant", "seat2")
    day.run(5_000).command("floor", "grant", "chair")
    assert preset(day.run(5_000)) == 1


def test_what_is_not_shown_in_a_minute_is_said_until_it_is() -> None:
    day = meeting()
    day.far.deaf.add("camera.main.preset")
    day.command("floor", "grant", "seat2")
    assert "frame_missing" not in day.run(MISSED_MS - 5_000).codes
    assert "frame_missing" in day.run(10_000).codes
    day.command("floor", "end")
    assert "frame_missing" not in day.run(5_000).codes


@pytest.mark.parametrize("kind", [{"secret": True}, {"external": True}])
def test_no_camera_moves_by_itself_where_automation_is_off(kind: dict[str, bool]) -> None:
    assert preset(meeting(**kind).press("talk_chair", 3_500).run(5_000)) == -1


def test_a_closing_room_is_left_to_its_closing() -> None:
    sit = Sit(
        8.2,
        booked=(a_booked(),),
        holds=(a_hold("floor", "open"),),
        marks={"speaker": "seat2", FRAME: ASKED},
        want={"camera.main.park": "home"},
        room=two_seats(),
    )
    assert demands(said(frame, sit)) == {}


def test_by_hand_nothing_is_asked() -> None:
    sit = Sit(8.2, holds=(a_hold("floor", "open"),), marks={"speaker": "seat2"}, down=("bypass",), room=two_seats())
    assert said(frame, sit) == ()


def test_after_the_meeting_and_its_call_nobody_owns_the_picture() -> None:
    words = said(frame, Sit(12, marks={FRAME: ASKED}, room=two_seats()))
    assert marks(words) == {FRAME: ""}
    assert alerts(words) == set()


# ---- this meeting's plan


def test_the_calendar_gives_a_meeting_other_frames() -> None:
    day = meeting(seats=(("seat2", 5), ("nobody", 9)))
    day.command("floor", "grant", "seat2")
    assert preset(day.run(5_000)) == 5
    assert set(frames(day.room, day.state.booked[0])) == {"overview", "chair", "seat2"}


def test_the_desk_gives_a_seat_another_frame_for_this_meeting_and_who_confirmed_is_evidence() -> None:
    day = meeting()
    assert day.command("seat", "assign", "seat2", 4).stage == "accepted"
    day.command("seat", "confirm")
    shown = details(day.state, day.now, day.room)["camera"]
    assert (shown["seats"], shown["seats_by"]) == (
        {"overview": ("main", 0), "chair": ("main", 1), "seat2": ("main", 4)},
        "desk",
    )
    assert day.told("noted", "seats.giao-ban")[-1]["value"] == ("desk", ("seat2", 4))
    day.command("floor", "grant", "seat2")
    assert preset(day.run(5_000)) == 4


def test_confirmed_seats_outlive_the_pi() -> None:
    day = meeting()
    day.command("seat", "assign", "seat2", 4)
    day.restart("b2")
    assert details(day.state, day.now, day.room)["camera"]["seats_by"] == "desk"


def test_a_frame_is_stored_for_a_seat_once() -> None:
    day = meeting()
    assert day.command("seat", "store", "seat2").stage == "accepted"
    day.run(5_000)
    assert day.switched().count(("camera.main.store", 2)) == 1
    assert "store" not in day.state.holds
    day.command("seat", "store", "seat2")
    assert day.run(5_000).switched().count(("camera.main.store", 2)) == 2


@pytest.mark.parametrize("args", [("show", "seat2"), ("store", "seat2"), ("recall", 3), ("assign", "chair", 3)])
def test_from_afar_in_a_booked_meeting_only(args: tuple[Value, ...]) -> None:
    assert Day(15, two_seats()).command("seat", *args).code == "not_in_meeting"


def test_a_wish_from_afar_ends_with_the_meeting() -> None:
    day = meeting()
    day.far.deaf.add("camera.main.preset")
    day.command("seat", "show", "seat2")
    assert "seat" in day.state.holds
    assert "seat" not in day.calendar(version="2").run(1_000).state.holds


@pytest.mark.parametrize("args", [("show", "x"), ("store", "x"), ("assign", "x", 3)])
def test_a_seat_that_the_room_does_not_have(args: tuple[Value, ...]) -> None:
    assert meeting().command("seat", *args).code == "unknown_seat"
    assert meeting().command("floor", "request", "x", "phone").code == "unknown_seat"
