"""R9: who leads the floor, what is out of turn, what each mode does about it, and when it stops fighting."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.meeting import Policy, Role
from controller.core.memory import Kept
from controller.core.room import Mode, Rank
from controller.rules.floor import closed, out_of_turn
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
    mono,
    ranks,
    said,
)

OPEN = {"codec.in_call": True, "codec.answers": True, "codec.mute": "open"}


def sit(facts: dict[str, Any] | None = None, mode: Mode = Mode.ENFORCE, **more: Any) -> Sit:
    meeting = more.pop("meeting", {})
    room = a_room(modes={"R9": mode})
    more = {"hour": 8.5, "booked": (a_booked(**meeting),), "room": room, **more}
    return Sit(facts={**OPEN, **(facts or {})}, **more)


def turn(situation: Sit) -> set[str]:
    return alerts(said(out_of_turn, situation))


def test_open_without_an_invitation_is_out_of_turn_and_closed() -> None:
    assert turn(sit()) == {"mic_out_of_turn"}
    words = said(closed, sit())
    assert demands(words) == {"codec.mute": "muted"}
    assert ranks(words) == {Rank.SCHEDULE}


@pytest.mark.parametrize(
    ("meeting", "led"),
    [
        ({}, True),
        ({"policy": Policy.PRESENTER}, True),
        ({"policy": Policy.PRESENTER, "presents": True}, False),
        ({"policy": Policy.OPEN}, False),
        ({"policy": Policy.OUTSIDE}, False),
        ({"role": Role.CHAIR}, False),
        ({"role": Role.DESK}, True),
        ({"external": True}, False),
        ({"secret": True}, False),
    ],
)
def test_policies_and_exemptions(meeting: dict[str, Any], led: bool) -> None:
    assert bool(turn(sit(meeting=meeting))) is led
    assert bool(demands(said(closed, sit(meeting=meeting)))) is led


@pytest.mark.parametrize(
    "facts",
    [{"codec.mute": "muted"}, {"codec.in_call": False}],
)
def test_closed_or_out_of_a_call_is_in_order(facts: dict[str, Any]) -> None:
    words = said(out_of_turn, sit(facts))
    assert (alerts(words), marks(words)) == (set(), {"out_of_turn": False})


@pytest.mark.parametrize(("hour", "led"), [(6.99, False), (7.0, True), (10.49, True), (10.5, False)])
def test_from_t_60_to_the_end_and_its_grace(hour: float, led: bool) -> None:
    assert bool(turn(sit(hour=hour))) is led


@pytest.mark.parametrize(
    ("called", "hour", "exempt"), [(8, 10.2, True), (10.05, 10.2, False), (8, 10.5, False), (8, 9.9, True)]
)
def test_a_chair_whose_meeting_runs_over_into_the_next_is_not_closed(
    called: float, hour: float, exempt: bool
) -> None:
    """Meetings back to back: this room chairs the first and is a member of the second."""
    two = (a_booked(8, 10, role=Role.CHAIR), a_booked(10, 12, uid="next"))
    since_ms = mono(hour) - mono(called)
    assert bool(demands(said(closed, sit(hour=hour, booked=two, since_ms=since_ms)))) is not exempt


def test_outside_a_meeting_and_by_hand_nothing_is_out_of_turn() -> None:
    assert turn(sit(booked=())) == set()
    assert turn(sit(down=("bypass",))) == set()


@pytest.mark.parametrize("name", ["mic", "floor"])
def test_an_invitation_by_word_or_through_the_desk(name: str) -> None:
    assert turn(sit(holds=(a_hold(name, "open", ("codec.mute",)),))) == set()


def test_three_seconds_of_patience_and_ten_around_a_call_or_a_restart_of_the_codec() -> None:
    assert turn(sit(since_ms=9_999)) == set()
    assert turn(sit(since_ms=10_000)) == {"mic_out_of_turn"}


def fought(times: int, mark: str = "") -> Kept:
    return Kept(mark, mono(8.49), tuple(mono(8.49) - n * 1_000 for n in range(times)))


def test_after_three_times_in_ten_minutes_it_reports_and_stops_fighting() -> None:
    assert demands(said(closed, sit(marks={"remuting": fought(2)})))
    words = said(closed, sit(marks={"remuting": fought(3)}))
    assert (demands(words), alerts(words)) == ({}, {"mic_fighting"})
    assert demands(said(closed, sit(marks={"remuting": fought(3, "yes")}))), "the third is carried through"


def test_reminding_never_ends() -> None:
    words = said(closed, sit(mode=Mode.REMIND, marks={"remuting": fought(8)}))
    assert alerts(words) == {"mic_reminder"}


def meeting_day(mode: Mode) -> Day:
    day = Day(6.5, a_room(modes={"R9": mode})).calendar(a_meeting(8, 10)).to(8.2).call()
    return day.run(MINUTE_MS)


def by_remote_control(day: Day) -> Day:
    """Somebody opens the microphone on the codec itself."""
    day.far.codec["mute"] = "open"
    return day.look()


def test_enforced_it_is_closed_three_seconds_later_and_told_with_its_duration() -> None:
    day = by_remote_control(meeting_day(Mode.ENFORCE)).run(4_000)
    assert day.far.codec["mute"] == "muted"
    kinds = [(kind, row["alert"]) for kind in ("alert", "alert.end") for row in day.told(kind, "mic")]
    assert {("alert", "mic_out_of_turn"), ("alert.end", "mic_out_of_turn")} <= set(kinds)


def test_enforced_at_most_three_times_in_ten_minutes() -> None:
    day = meeting_day(Mode.ENFORCE)
    for _ in range(3):
        by_remote_control(day).run(30_000)
        assert day.far.codec["mute"] == "muted"
    by_remote_control(day).run(30_000)
    assert day.far.codec["mute"] == "open"
    assert "mic_fighting" in day.codes
    day.far.codec["mute"] = "muted"
    by_remote_control(day.look().run(11 * MINUTE_MS)).run(30_000)
    assert day.far.codec["mute"] == "muted"


@pytest.mark.parametrize("mode", [Mode.REMIND, Mode.WATCH, Mode.OFF])
def test_short_of_enforce_nothing_is_touched(mode: Mode) -> None:
    day = by_remote_control(meeting_day(mode)).run(MINUTE_MS)
    assert day.far.codec["mute"] == "open"
    assert ("mic_out_of_turn" in day.codes) is (mode is not Mode.OFF)
    assert ("mic_reminder" in day.codes) is (mode is Mode.REMIND)
    assert bool(day.told("would")) is (mode is not Mode.OFF)


def test_spoken_invitation_beats_enforcement_until_the_turn_is_over() -> None:
    day = meeting_day(Mode.ENFORCE).press("talk_chair", 3_200).run(5 * MINUTE_MS)
    assert day.far.codec["mute"] == "open"
    assert "mic_out_of_turn" not in day.codes
    why = {"rule": "R9", "code": "R9.spoken", "args": ("chair",)}
    assert {"value": "open", **why, "subject": "mic"} in day.told("hold"), "and which seat was invited"
    day.press("talk_chair", 200).run(MINUTE_MS)
    assert day.far.codec["mute"] == "muted"


def test_the_word_that_must_never_be_used_is_not() -> None:
    day = by_remote_control(meeting_day(Mode.ENFORCE)).run(MINUTE_MS)
    assert not [r for _, r in day.records if "violation" in repr(r).lower()]
