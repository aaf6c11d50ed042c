"""R11: outgoing calls only; what explains them, for how long, and what happens to the others."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.memory import Kept
from controller.core.room import Mode, Rank
from controller.core.room_figures import Calls
from controller.rules.calls import calls, dialled
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
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

SEEN = {"calls_seen": ("first",)}


def row(id: str = "7", way: str = "out", number: str = "10.9.9.9", kind: str = "connected") -> tuple[Value, ...]:
    return (id, way, kind, number, "video")


def sit(*rows: Any, **more: Any) -> Sit:
    return Sit(13, {"codec.calls": rows}, **{"marks": SEEN, **more})


def own(situation: Sit) -> bool:
    return bool(alerts(said(calls, situation)))


def test_an_outgoing_call_that_nothing_explains_is_told() -> None:
    words = said(calls, sit(row()))
    assert alerts(words) == {"own_dial"}
    assert marks(words)["dial.7"] == "own"
    assert demands(words) == {}


def test_after_a_minute_it_is_ended_by_its_id() -> None:
    words = said(calls, sit(row(), row("8", number="1")[:3], marks={**SEEN, "dial.7": "own"}, since_ms=60_000))
    assert demands(words) == {"codec.hangup": "7"}
    assert ranks(words) == {Rank.SCHEDULE}
    assert not demands(said(calls, sit(row(), marks={**SEEN, "dial.7": "own"}, since_ms=59_999)))


def test_incoming_calls_are_nobodys_business() -> None:
    assert not own(sit(row(way="in")))


@pytest.mark.parametrize(
    "more",
    [
        {"booked": (a_booked(13.5, 15, on_by=12.5),)},
        {"holds": (a_hold("codec.dial", ("10.9.9.9", "auto", 0)),)},
        {"holds": (a_hold("by_phone", True),)},
        {"marks": {"calls_seen": ("first", "7")}},
        {"marks": {**SEEN, "dialled": "10.9.9.9"}},
        {"marks": {**SEEN, "dial.7": "explained"}},
        {"room": a_room(calls=Calls(allowed=("10.9.",)))},
        {"down": ("bypass",)},
    ],
)
def test_what_explains_a_call(more: dict[str, Any]) -> None:
    assert not own(sit(row(), **more))


@pytest.mark.parametrize(
    "more", [{"room": a_room(calls=Calls(allowed=("", "10.8.")))}, {"marks": {**SEEN, "dialled": ""}}]
)
def test_what_does_not(more: dict[str, Any]) -> None:
    assert own(sit(row(), **more))


def test_calls_that_were_up_when_we_first_looked_are_older_than_we() -> None:
    assert marks(said(calls, sit(row(), row("8"), "?", marks={})))["calls_seen"] == ("first", "7", "8")


def test_unknown_calls_and_odd_rows_say_nothing() -> None:
    assert said(calls, Sit(13)) == ()
    assert said(calls, Sit(13, {"codec.calls": "none"})) == ()
    assert not own(sit((), ("7",), "?", 7))


def test_a_call_that_has_ended_is_forgotten_with_its_id() -> None:
    words = said(calls, sit(marks={"calls_seen": ("first", "7"), "dial.8": "own"}))
    assert marks(words) == {"calls_seen": ("first",), "dial.8": ""}


def test_whom_the_desk_had_us_call_is_remembered_for_the_call_to_come() -> None:
    hold = a_hold("codec.dial", ("10.9.9.9", "auto", 0))
    assert marks(said(dialled, Sit(holds=(hold,)))) == {"dialled": "10.9.9.9"}
    assert marks(said(dialled, Sit(marks={"dialled": Kept("x", mono(7.4))}))) == {}
    assert marks(said(dialled, Sit(marks={"dialled": Kept("x", mono(7.3))}))) == {"dialled": ""}


def ready_day(mode: Mode, hour: float = 13.0) -> Day:
    day = Day(hour, a_room(modes={"R11": mode})).run(20_000)
    day.command("power", "on")
    return day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS).run(MINUTE_MS)


def test_enforced_it_warns_a_minute_and_hangs_up_that_call_only() -> None:
    day = ready_day(Mode.ENFORCE).call("mcu", "in", "1").call("10.9.9.9", "out", "2")
    assert "own_dial" in day.codes
    assert len(day.run(59_000).far.codec["calls"]) == 2
    day.run(2_000)
    assert day.far.codec["calls"] == (("1", "in", "connected", "mcu", "video"),)
    assert "own_dial" not in day.codes


@pytest.mark.parametrize("mode", [Mode.WATCH, Mode.REMIND, Mode.OFF])
def test_otherwise_the_call_goes_on(mode: Mode) -> None:
    day = ready_day(mode).call("10.9.9.9", "out", "2").run(5 * MINUTE_MS)
    assert day.far.codec["in_call"] is True
    assert ("own_dial" in day.codes) is (mode is Mode.REMIND)
    assert bool(day.told("would")) is (mode is not Mode.OFF)


def test_a_codec_that_uses_its_ids_again_is_warned_again() -> None:
    day = ready_day(Mode.ENFORCE).call("10.9.9.9", "out", "2").run(30_000).hang_up().run(10 * MINUTE_MS)
    day.call("10.9.9.9", "out", "2").run(50_000)
    assert day.far.codec["in_call"] is True


def test_a_meeting_that_overruns_its_end_keeps_its_call() -> None:
    day = Day(6.5, a_room(modes={"R11": Mode.ENFORCE})).calendar(a_meeting(8, 10)).to(8.2)
    day.call("10.9.9.9", "out", "2").to(12)
    assert day.far.codec["in_call"] is True


def test_ordered_by_phone_explains_for_ten_minutes_and_that_call_to_its_end() -> None:
    day = ready_day(Mode.ENFORCE).press("help", 3_200)
    day.call("10.9.9.9", "out", "2").run(HOUR_MS)
    assert day.far.codec["in_call"] is True
    day.hang_up().call("10.9.9.9", "out", "3").run(2 * MINUTE_MS)
    assert day.far.codec["in_call"] is False


def test_the_desk_dials_and_its_call_is_explained() -> None:
    day = ready_day(Mode.ENFORCE)
    assert day.command("call", "dial", "10.9.9.9", "auto", 0).stage == "accepted"
    day.run(HOUR_MS)
    assert day.far.codec["in_call"] is True
    assert not [row for row in day.told("alert") if row["alert"] == "own_dial"]
    assert "codec.dial" not in day.state.holds
