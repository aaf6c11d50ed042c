"""R12: a call that is lost, ended or silent; and calling again: when, whom, how often, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.records import Reply
from controller.core.room import Mode, Rank, Room
from controller.core.state import Proof, Track
from controller.core.words import Demand
from controller.rules.lost import LATE_MS, SETTLED_MS, STOPPED_MS, UNSURE_MS, lost, media, witness
from controller.rules.redial import CALLING_MS, MCU_FIRST_MS, delay_ms, redial
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    MINUTE_MS,
    SECOND_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    codes,
    demands,
    marks,
    said,
)

UP = {"codec.answers": True, "codec.in_call": False, "codec.calls": (), "link.centre": True, "link.desk": "up"}
LIVE = (a_booked(7, 9),)
GONE = {"call.lost": "line"}


def a_caller(who: str = "room", **changes: Any) -> Room:
    room = a_room()
    numbers = {"main": "10.1.0.1", "backup": "10.1.0.2", **changes.pop("redial", {})}
    return replace(
        room, calls=replace(room.calls, who_dials=who), redial=replace(room.redial, **numbers), **changes
    )


ROOM = a_caller()


def sit(facts: dict[str, Any] | None = None, **more: Any) -> Sit:
    return Sit(**{"booked": LIVE, "room": ROOM, "seen": {"load.codec": "on"}, **more, "facts": UP | (facts or {})})


# What ended


@pytest.mark.parametrize(
    ("facts", "kept", "part"),
    [
        ({}, {}, "unknown"),
        ({}, {"call.witness": "lan"}, "lan"),
        ({"codec.ended": "lost"}, {}, "line"),
        ({"codec.ended": "near"}, {"call.witness": "line"}, ""),
        ({"codec.ended": "far"}, {"call.witness": "line"}, ""),
    ],
)
def test_a_hang_up_is_no_loss_and_a_loss_has_a_part(facts: dict[str, Any], kept: dict[str, Any], part: str) -> None:
    words = said(lost, sit(facts, marks={"call.up": True, **kept}))
    assert marks(words)["call.lost"] == part
    assert alerts(words) == ({"dropped"} if part else set())


@pytest.mark.parametrize(
    "more",
    [
        {"want": {"codec.hangup": "all"}},
        {"want": {"codec.power": "asleep"}},
        {"seen": {"load.codec": "off"}},
    ],
    ids=["we hung up", "we put it to sleep", "its power was taken"],
)
def test_what_we_have_ended_is_not_lost(more: dict[str, Any]) -> None:
    assert alerts(said(lost, sit(marks={"call.up": True}, **more))) == set()


def test_an_end_that_nobody_explains_is_asked_about_for_ten_minutes() -> None:
    kept = {"call.lost": "unknown"}
    assert codes(said(lost, sit(marks=kept, since_ms=UNSURE_MS - 1))) == {"R12.ended"}
    assert alerts(said(lost, sit(marks=kept, since_ms=UNSURE_MS))) == set()


def test_what_fails_soon_after_the_end_has_ended_it_and_what_fails_later_has_not() -> None:
    kept = {"call.lost": "unknown", "call.witness": "line"}
    assert marks(said(lost, sit(marks=kept, since_ms=LATE_MS - 1)))["call.lost"] == "line"
    later = said(lost, sit(marks=kept, since_ms=LATE_MS))
    assert (marks(later)["call.lost"], codes(later)) == ("unknown", {"R12.ended"})


@pytest.mark.parametrize("who", ["near", "far"])
def test_a_codec_that_says_later_who_hung_up_ends_the_question(who: str) -> None:
    words = said(lost, sit({"codec.ended": who}, marks={"call.lost": "unknown", "call.witness": "line"}))
    assert (marks(words)["call.lost"], alerts(words)) == ("", set())


def test_it_is_over_with_a_new_call_with_the_meeting_and_when_the_desk_hangs_up() -> None:
    for over in (
        sit({"codec.in_call": True}, marks=GONE),
        sit(marks=GONE, booked=()),
        sit(marks=GONE, holds=(a_hold("codec.hangup", "all"),)),
    ):
        assert (alerts(said(lost, over)), marks(said(lost, over))["call.lost"]) == (set(), "")


@pytest.mark.parametrize(
    ("facts", "kept", "part"),
    [
        ({}, {}, None),
        ({"codec.answers": False}, {"call.up": True}, "codec"),
        ({"codec.answers": False}, {}, None),
        ({"codec.reboots": 2}, {"codec.starts": 1}, "codec"),
        ({"codec.reboots": 2}, {}, None),
        ({"line.far.reachable": False, "line.provider.reachable": True}, {}, "far_end"),
        ({}, {"line.part": "lan"}, "lan"),
        ({}, {"line.bad": "line_bad far loss"}, "line"),
        ({}, {"line.bad": "line_slow far loss"}, None),
    ],
)
def test_who_may_have_ended_a_call(facts: dict[str, Any], kept: dict[str, Any], part: str | None) -> None:
    assert marks(said(witness, sit(facts, marks=kept))).get("call.witness") == part


def test_a_witness_is_believed_for_two_minutes() -> None:
    kept = {"call.witness": "line", "call.quiet": True}
    assert "call.witness" not in marks(said(witness, sit(marks=kept, since_ms=119_999)))
    assert marks(said(witness, sit(marks=kept, since_ms=120_000)))["call.witness"] == ""


# Silent while it is up


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"codec.rate_kbps": 0}, {"no_media"}),
        ({"codec.rate_kbps": 384}, set()),
        ({}, set()),
        ({"codec.audio_in_kbps": 0, "codec.video_in_kbps": 900}, {"no_sound"}),
        ({"codec.audio_in_kbps": 48, "codec.video_in_kbps": 0}, {"no_picture"}),
        ({"codec.audio_in_kbps": 0, "codec.video_in_kbps": 0, "codec.rate_kbps": 0}, {"no_sound", "no_picture"}),
    ],
)
def test_no_sound_and_no_picture_are_kinds_of_their_own(facts: dict[str, Any], told: set[str]) -> None:
    long_ms = max(SETTLED_MS, STOPPED_MS)
    assert alerts(said(media, sit({"codec.in_call": True} | facts, since_ms=long_ms))) == told
    assert alerts(said(media, sit({"codec.in_call": True} | facts, since_ms=STOPPED_MS - 1))) == set()
    assert alerts(said(media, sit(facts, since_ms=long_ms))) == set()


# Calling again, step by step


def step(mark: str, ms: int = 0, facts: dict[str, Any] | None = None, **more: Any) -> tuple[str, dict[str, Value]]:
    kept = GONE | {"redial": mark} | more.pop("marks", {})
    words = said(redial, sit(facts, marks=kept, since_ms=ms, **more))
    return str(marks(words)["redial"]), demands(words)


def wait_ms(n: int = 1, room: Room = ROOM, facts: dict[str, Any] | None = None) -> int:
    return delay_ms(sit(facts, room=room).view(), LIVE[0].meeting.uid, n)


def test_it_waits_its_own_turn_then_calls_the_main_site() -> None:
    assert step("wait 1", wait_ms() - 1) == ("wait 1", {})
    assert step("wait 1", wait_ms()) == ("call 1", {"codec.dial": ("10.1.0.1", "auto", 0)})
    assert step("call 1", CALLING_MS - 1)[0] == "call 1"


def test_main_main_backup_and_never_a_fourth() -> None:
    assert step("call 1", CALLING_MS) == ("wait 2", {})
    assert step("wait 2", wait_ms(2))[1] == {"codec.dial": ("10.1.0.1", "auto", 0)}
    assert step("wait 3", wait_ms(3))[1] == {"codec.dial": ("10.1.0.2", "auto", 0)}
    assert step("call 3", CALLING_MS) == ("spent 3", {})
    assert step("spent 3", 60 * MINUTE_MS) == ("spent 3", {})
    assert alerts(said(redial, sit(marks=GONE | {"redial": "spent 3"}))) == {"redial_spent"}


def test_a_call_that_failed_is_not_waited_for() -> None:
    address = ("10.1.0.1", "auto", 0)
    failed = Track(Proof.FAILED, 0, address)
    assert step("call 1", 1_000, seen={"codec.dial": failed, "load.codec": "on"})[0] == "wait 2"
    other = replace(failed, want=("10.9.9.9", "auto", 0))
    assert step("call 1", 1_000, seen={"codec.dial": other, "load.codec": "on"})[0] == "call 1"


@pytest.mark.parametrize(
    "more",
    [
        {"holds": (a_hold("common", True),)},
        {"holds": (a_hold("codec.dial", ("1", "auto", 0)),)},
        {"marks": {"line.part": "line"}},
        {"facts": {"line.far.reachable": False, "line.provider.reachable": True}},
        {"facts": {"codec.answers": False}},
        {"facts": {"codec.calls": (("1", "in", "ringing", "mcu", "video"),)}},
        {"down": ("bypass",)},
    ],
    ids=["many fell", "the desk dials", "line down", "far end gone", "codec silent", "somebody calls", "by hand"],
)
def test_nobody_calls_while(more: dict[str, Any]) -> None:
    assert step("wait 2", 60 * MINUTE_MS, **more) == ("hold 2", {})
    assert step("hold 2")[0] == "wait 2"


@pytest.mark.parametrize(
    "more",
    [
        {"room": a_caller("mcu")},
        {"marks": {"call.lost": "unknown"}},
        {"marks": {"call.lost": ""}},
        {"facts": {"codec.in_call": True}},
        {"booked": (a_booked(7, 9, secret=True),)},
        {"booked": (a_booked(7, 9, external=True),)},
        {"room": a_caller(redial={"main": ""})},
    ],
    ids=["the mcu dials", "unexplained", "nothing lost", "back", "secret", "external", "no number"],
)
def test_it_is_not_for_the_room_to_call(more: dict[str, Any]) -> None:
    assert step("wait 1", 60 * MINUTE_MS, **more) == ("", {})


def test_outside_a_meeting_nobody_calls() -> None:
    assert step("call 1", booked=()) == ("", {})


def test_the_meetings_own_number_serves_where_the_room_names_none() -> None:
    booked = (a_booked(7, 9, numbers=("77", "78")),)
    room = a_caller(redial={"main": "", "backup": "", "protocol": "sip", "kbps": 768})
    for n in (1, 3):
        assert step(f"call {n}", booked=booked, room=room)[1] == {"codec.dial": ("77", "sip", 768)}


def test_after_a_switch_nobody_calls_where_nobody_is_any_more() -> None:
    """R25: the calendar names the backup site first; the room's own main site is a default only."""
    switched = (a_booked(7, 9, numbers=("10.2.0.1", "10.1.0.1")),)
    for n in (1, 2):
        assert step(f"call {n}", booked=switched)[1] == {"codec.dial": ("10.2.0.1", "auto", 0)}
    assert step("call 3", booked=switched)[1] == {"codec.dial": ("10.1.0.2", "auto", 0)}


def test_the_desks_order_counts_until_the_calendar_names_another() -> None:
    """Another's calendar does not learn of the switch; ours says so after it, and when it is over."""
    old, new = (a_booked(7, 9, numbers=("77",)),), (a_booked(7, 9, numbers=("78", "77")),)
    hold = a_hold("codec.dial", ("10.2.0.1", "sip", 0))
    told = marks(said(redial, sit(marks={}, booked=old, holds=(hold,))))["redial.told"]
    dialled = {"redial.told": told}
    assert step("call 1", booked=old, marks=dict(dialled))[1] == {"codec.dial": ("10.2.0.1", "auto", 0)}
    assert step("call 1", booked=new, marks=dict(dialled))[1] == {"codec.dial": ("78", "auto", 0)}
    other = (a_booked(7, 9, uid="another", numbers=("77",)),)
    assert step("call 1", booked=other, marks=dict(dialled))[1] == {"codec.dial": ("77", "auto", 0)}
    assert "redial.told" not in marks(said(redial, sit(marks={}, booked=(), holds=(hold,))))


def test_the_wait_is_between_20_and_60_seconds_another_in_each_room_and_longer_alone() -> None:
    rooms = [replace(ROOM, name=f"xa-{n}") for n in range(200)]
    waits = [wait_ms(room=room) for room in rooms]
    assert min(waits) >= 20 * SECOND_MS
    assert max(waits) <= 60 * SECOND_MS
    assert len({w // SECOND_MS for w in waits}) > 30
    assert waits == [wait_ms(room=room) for room in rooms]
    alone = [wait_ms(room=room, facts={"link.centre": None}) for room in rooms]
    assert 150 * SECOND_MS < max(alone) <= 180 * SECOND_MS
    assert wait_ms(room=a_caller("either")) == wait_ms() + MCU_FIRST_MS
    assert wait_ms(2, room=a_caller("either")) == wait_ms(2)


def test_a_person_outranks_it() -> None:
    (word,) = [w for w in said(redial, sit(marks=GONE | {"redial": "call 1"}, since_ms=0)) if isinstance(w, Demand)]
    assert word.rank is Rank.SCHEDULE


# A living room


def in_call(room: Room) -> Day:
    day = Day(6.5, room).calendar(a_meeting(8, 10))
    day.far.line = {"gateway": True, "provider": True, "far": True}
    day.far.link = {"desk": "up", "centre": True}
    return day.to(8.2).call("10.1.0.1").run(2 * MINUTE_MS)


def cut(day: Day, carries: bool) -> Day:
    day.far.line |= {"provider": carries, "far": carries}
    day.far.link = {"desk": "up" if carries else "down", "centre": carries or None}
    return day.look()


def dials(day: Day) -> list[tuple[str, Value]]:
    return [row for row in day.switched() if row[0] == "codec.dial"]


def test_a_cut_in_a_meeting_from_the_first_second_to_the_call_that_is_back() -> None:
    day = cut(in_call(ROOM), carries=False)
    assert ("line_down" in day.codes, day.state.marks["line.part"].value) == (True, "line")
    day.run(20_000).hang_up()  # the codec's own time-out
    assert day.state.marks["call.lost"].value == "line"
    day.run(6 * MINUTE_MS)
    assert {"dropped", "phone_provider", "expect_asked"} <= day.codes
    assert dials(day) == []
    cut(day, carries=True).run(15_000)
    assert "line_down" not in day.codes
    day.run(2 * MINUTE_MS)
    assert dials(day) == [("codec.dial", ("10.1.0.1", "auto", 0))]
    assert day.far.codec["in_call"] is True
    assert not {"dropped", "phone_provider", "own_dial"} & day.codes
    assert day.state.marks["redial"].value == ""


def test_who_hung_up_at_the_remote_control_is_not_called_again_when_the_line_fails_later() -> None:
    """A Polycom does not say who it was: people are asked, and a fault of minutes later explains nothing."""
    day = in_call(ROOM).hang_up().run(3 * MINUTE_MS)
    assert "dropped" in day.codes
    cut(day, carries=False).run(30_000)
    cut(day, carries=True).run(20 * MINUTE_MS)
    assert (dials(day), "dropped" in day.codes) == ([], False)


def test_three_calls_that_come_to_nothing_and_no_fourth() -> None:
    day = cut(in_call(ROOM), carries=False).run(20_000).hang_up()
    day.far.deaf.add("codec.dial")
    cut(day, carries=True).run(30 * MINUTE_MS)
    assert [value for _, value in dials(day)] == [(n, "auto", 0) for n in ("10.1.0.1", "10.1.0.1", "10.1.0.2")]
    assert "redial_spent" in day.codes


def test_a_restart_while_it_rings_dials_nobody_a_second_time() -> None:
    day = cut(in_call(ROOM), carries=False).run(20_000).hang_up()
    day.far.picks_up = "ringing"
    cut(day, carries=True).until(dials, 10 * MINUTE_MS)
    day.restart()
    day.far.calls((("9", "out", "ringing", "10.1.0.1", "video"),))  # the codec did as it was told
    day.run(MINUTE_MS)
    assert len(dials(day)) == 1
    day.far.calls((("9", "out", "connected", "10.1.0.1", "video"),))
    assert day.look().run(SECOND_MS).state.marks["redial"].value == ""


def test_a_restart_that_lost_its_call_goes_on_with_the_next_try() -> None:
    day = cut(in_call(ROOM), carries=False).run(20_000).hang_up()
    day.far.deaf.add("codec.dial")
    cut(day, carries=True).until(lambda d: len(dials(d)) == 2, 10 * MINUTE_MS)
    day.restart()
    day.run(30 * MINUTE_MS)
    assert [value for _, value in dials(day)] == [(n, "auto", 0) for n in ("10.1.0.1", "10.1.0.1", "10.1.0.2")]


@pytest.mark.parametrize(("room", "would"), [(a_caller("mcu"), False), (a_caller(accepted=False), True)])
def test_by_default_and_before_acceptance_it_only_says_so(room: Room, would: bool) -> None:
    day = cut(in_call(room), carries=False).run(20_000).hang_up()
    cut(day, carries=True).run(30 * MINUTE_MS)
    assert dials(day) == []
    assert "dropped" in day.codes
    assert bool([row for row in day.told("would") if row["code"] == "R12.redial"]) is would


def test_switched_off_it_does_not_even_say_so() -> None:
    day = cut(in_call(replace(ROOM, modes={**ROOM.modes, "R12": Mode.OFF})), carries=False).run(20_000).hang_up()
    cut(day, carries=True).run(30 * MINUTE_MS)
    assert (dials(day), "dropped" in day.codes) == ([], True)


def test_a_line_that_flaps_is_not_called_for_ever() -> None:
    day = in_call(ROOM)
    for _ in range(20):
        cut(day, carries=False).run(5_000).hang_up()
        cut(day, carries=True).run(2 * MINUTE_MS)
    assert 3 < len(dials(day)) <= 7


# What people add to an incident


def test_a_promise_a_note_and_a_close() -> None:
    day = cut(in_call(ROOM), carries=False).run(6 * MINUTE_MS)
    assert day.command("incident", "note", "line_down", "line", "đứt cáp ở cột 12").stage == "accepted"
    assert day.command("incident", "expect", "line_down", "line", 40).stage == "accepted"
    assert day.run(1_000).codes & {"phone_provider", "expect_asked"} == {"phone_provider"}
    refused = day.command("incident", "close", "line_down", "line", "")
    assert (refused.stage, refused.code) == ("refused", "still_open")
    day.run(41 * MINUTE_MS)
    assert "expect_asked" in day.codes
    cut(day, carries=True).run(MINUTE_MS)
    assert day.command("incident", "expect", "line_down", "line", 5).code == "incident_ended"
    assert day.command("incident", "close", "line_down", "line", "Viettel đã hàn").stage == "accepted"
    assert day.command("incident", "close", "line_down", "line", "").code == "unknown_incident"
    assert [row["text"] for row in day.told("incident.note")] == ["đứt cáp ở cột 12"]
    assert [row["minutes"] for row in day.told("incident.expect")] == [40]
    assert [row["text"] for row in day.told("incident.close")] == ["Viettel đã hàn"]


def test_a_promise_ends_with_its_incident() -> None:
    day = cut(in_call(ROOM), carries=False).run(6 * MINUTE_MS)
    day.command("incident", "expect", "line_down", "line", 600)
    cut(day, carries=True).run(MINUTE_MS)
    assert not [name for name in day.state.holds if name.startswith("expect.")]


def test_a_promise_outlives_a_restart_of_the_controller() -> None:
    day = cut(in_call(ROOM), carries=False).run(6 * MINUTE_MS)
    day.command("incident", "expect", "line_down", "line", 600)
    day.restart()
    day.run(MINUTE_MS)
    assert day.state.holds["expect.line_down.line"].value == 600
    assert day.codes & {"phone_provider", "expect_asked"} == {"phone_provider"}
    assert day.command("incident", "note", "line_down", "line", "x").stage == "accepted"


def test_the_centre_says_that_many_rooms_fell_together() -> None:
    day = cut(in_call(ROOM), carries=False).run(20_000).hang_up()
    assert day.command("incident", "common", 15) == Reply("c1", "accepted")
    cut(day, carries=True).run(10 * MINUTE_MS)
    assert dials(day) == []
    day.command("incident", "common", 0)
    assert len(dials(day.run(3 * MINUTE_MS))) == 1
    assert day.command("incident", "note", "line_down", "nowhere", "x").code == "unknown_incident"
