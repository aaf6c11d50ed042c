"""R19, R21: one figure a meeting, more than forty said, and a question when two sources see nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.memory import Kept
from controller.core.room import Mode
from controller.rules.people import OVER_MS, count, unseen
from hardware.contract import Reading
from tests.controller.day import Day
from tests.controller.room_kit import (
    MINUTE_MS,
    Sit,
    a_booked,
    a_meeting,
    a_room,
    alerts,
    marks,
    said,
    stale,
)

TEN_MS = 10 * MINUTE_MS
FACTS: dict[str, Any] = {"codec.in_call": True, "codec.people": 0, "input.motion": False}
MARKS: dict[str, Any] = {"moved.motion": True}
EMPTY = Sit(
    8.5,
    facts=FACTS,
    since_ms=TEN_MS,
    marks=MARKS,
    booked=(a_booked(),),
    room=a_room(modes={"R21": Mode.REMIND}),
)


def counted(day: Day, people: int) -> Day:
    day.give(Reading("codec", (("people", people),), day.mono_ms))
    return day


def meeting(**kind: Any) -> Day:
    return Day(6.5).calendar(a_meeting(8, 10, **kind)).to(8.1).call().run(MINUTE_MS)


def asked(**changes: Any) -> set[str]:
    return alerts(said(unseen, replace(EMPTY, **changes)))


# ---- R19


def test_the_peak_of_a_meeting_is_one_figure_noted_at_its_end() -> None:
    day = meeting()
    for people in (12, 31, 8):
        counted(day, people).run(MINUTE_MS)
    assert day.told("noted", "people.giao-ban") == []
    day.to(10.01)
    assert [row["value"] for row in day.told("noted", "people.giao-ban")] == [31]
    counted(day, 50).run(5 * MINUTE_MS)
    assert len(day.told("noted", "people.giao-ban")) == 1


def test_more_than_the_limit_is_said_after_a_minute_and_to_the_end_of_the_meeting() -> None:
    day = counted(meeting(), 41)
    assert "people_over" not in day.run(OVER_MS - 2_000).codes
    assert "people_over" in day.run(4_000).codes
    assert "people_over" in counted(day, 39).run(MINUTE_MS).codes
    assert "people_over" not in day.to(10.01).codes
    assert len([row for row in day.told("alert") if row["alert"] == "people_over"]) == 1


def test_forty_is_not_too_many_and_a_moment_is_none() -> None:
    day = counted(meeting(), 40).run(5 * MINUTE_MS)
    counted(day, 44).run(30_000)
    assert "people_over" not in counted(day, 40).run(5 * MINUTE_MS).codes


@pytest.mark.parametrize("kind", [{"secret": True}, {"external": True}])
def test_where_nothing_is_told_nothing_is_counted(kind: dict[str, bool]) -> None:
    day = counted(meeting(**kind), 55).to(10.2)
    assert "people_over" not in day.codes
    assert day.told("noted", "people.giao-ban") == []


def test_a_codec_that_does_not_count_is_no_empty_room() -> None:
    assert said(count, Sit(8.5, booked=(a_booked(),))) == ()
    day = meeting().to(10.01)
    assert day.told("noted", "people.giao-ban") == []


def test_the_peak_outlives_the_pi() -> None:
    day = counted(meeting(), 31).run(MINUTE_MS)
    day.restart("b2")
    counted(day.run(MINUTE_MS), 9).to(10.01)
    assert [row["value"] for row in day.told("noted", "people.giao-ban")] == [31]


# ---- R21


def test_two_sources_that_agree_for_ten_minutes_are_a_question() -> None:
    assert asked() == {"unseen"}
    assert marks(said(unseen, EMPTY)) == {"!unseen.giao-ban": "asked", "unseen": "giao-ban"}


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("not yet ten minutes", {"since_ms": TEN_MS - 1}),
        ("no call", {"facts": FACTS | {"codec.in_call": False}}),
        ("the codec counts somebody", {"facts": FACTS | {"codec.people": 1}}),
        ("the codec does not count", {"facts": FACTS | {"codec.people": stale(0)}}),
        ("somebody moves", {"facts": FACTS | {"input.motion": True}}),
        ("the sensor has never seen anybody", {"marks": {}}),
        ("no meeting", {"booked": ()}),
        ("before its start", {"hour": 7.9}),
        ("a secret meeting", {"booked": (a_booked(secret=True),)}),
        ("an external meeting", {"booked": (a_booked(external=True),)}),
        ("a person has answered", {"marks": MARKS | {"!unseen.giao-ban": ("somebody", "desk")}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_not_ask(why: str, changes: dict[str, Any]) -> None:
    assert asked(**changes) == set()


def test_whoever_pressed_a_button_is_there() -> None:
    pressed = EMPTY.ago(5 * MINUTE_MS)
    assert asked(marks=MARKS | {"pressed": Kept(pressed, pressed)}) == set()


def test_in_watch_it_is_only_written_down_that_it_would_have_asked() -> None:
    sit = replace(EMPTY, room=a_room())
    assert marks(said(unseen, sit)) == {"!unseen.giao-ban": "would", "unseen": "giao-ban"}
    day = empty_day(a_room())
    assert "unseen" not in day.codes
    assert day.told("noted", "unseen.giao-ban")[-1]["value"] == "would"


def empty_day(room: Any) -> Day:
    """Somebody came before the meeting, dialled in, and left."""
    day = Day(6.5, room).calendar(a_meeting(8, 10)).to(7.5)
    for level in (True, False):
        day.give(Reading("input", (("motion", level),), day.mono_ms))
        day.run(MINUTE_MS)
    day.call().far.codec["people"] = 0
    return day.to(8.5)


def test_it_is_asked_once_a_meeting_though_somebody_looks_in() -> None:
    day = empty_day(EMPTY.room)
    assert "unseen" in day.codes
    for level in (True, False):
        day.touch("motion", level).run(MINUTE_MS)
    assert "unseen" not in day.codes
    day.run(30 * MINUTE_MS)
    assert [row["alert"] for row in day.told("alert", "room")].count("unseen") == 1
    assert day.command("acknowledge", "unseen").stage == "accepted"  # it may be answered still


@pytest.mark.parametrize(("word", "found"), [("unseen", "confirmed"), ("seen", "somebody")])
def test_only_a_named_person_makes_a_finding_of_it(word: str, found: str) -> None:
    day = empty_day(EMPTY.room)
    assert "unseen" in day.codes
    assert day.command("acknowledge", word).stage == "accepted"
    assert "unseen" not in day.run(MINUTE_MS).codes
    assert day.told("noted", "unseen.giao-ban")[-1]["value"] == (found, "desk")
    assert day.command("acknowledge", word).code == "nothing_to_acknowledge"
