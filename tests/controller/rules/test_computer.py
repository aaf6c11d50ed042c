"""A room whose meetings run on a computer: its power waits for it, its microphone has a relay, and what only a
codec can do is asked of nobody."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from controller.core.checks import Verdict, checks
from controller.core.lamps import lamps
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.state import Desired
from controller.core.view import UNKNOWN
from controller.rules.common import PC_ANSWERED, PC_DRAWS, in_call, pc_runs
from controller.rules.computer import computer
from controller.rules.floor import closed, out_of_turn
from tests.controller.day import SELDOM_MS
from tests.controller.pc_kit import PcDay, living, pc_room
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    WHY,
    Sit,
    a_booked,
    a_meeting,
    alerts,
    codes,
    demands,
    said,
    waits,
)

SILENT = {"codec.answers": False, "line.gateway.reachable": True}
KNOWN = {PC_ANSWERED: True}
ON = {"load.codec": "on"}
LOAD_OFF = ("load.codec", "off")


def sit(metered: bool = False, **more: Any) -> Sit:
    return Sit(room=pc_room(metered), **{"seen": ON, **more})


# ---- does it run?


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ({"facts": {"codec.answers": True}}, True),
        ({"facts": SILENT, "marks": KNOWN}, False),
        ({"facts": SILENT, "marks": KNOWN, "since_ms": 29 * MINUTE_MS}, UNKNOWN),
        ({"facts": SILENT}, UNKNOWN),
        ({"facts": {**SILENT, "line.gateway.reachable": False}, "marks": KNOWN}, UNKNOWN),
        ({"facts": {"codec.answers": False}, "marks": KNOWN}, UNKNOWN),
        ({}, UNKNOWN),
        ({"seen": {"load.codec": "off"}}, False),
    ],
    ids=["answers", "silent", "short", "never_answered", "network_dead", "network_unknown", "no_word", "cut"],
)
def test_by_its_answers(more: dict[str, Any], runs: object) -> None:
    assert pc_runs(sit(**more).view(), 30 * MINUTE_MS) is runs


@pytest.mark.parametrize(
    ("watts", "draws", "since_ms", "runs"),
    [(38.0, True, HOUR_MS, True), (1.4, False, HOUR_MS, False), (1.4, False, 59 * SECOND_MS, True)],
)
def test_by_what_its_socket_draws(watts: float, draws: bool, since_ms: int, runs: bool) -> None:
    facts = {"codec.watts": watts, "codec.answers": False}
    there = sit(metered=True, facts=facts, marks={PC_DRAWS: draws}, since_ms=since_ms)
    assert pc_runs(there.view(), 30 * MINUTE_MS) is runs


def test_one_that_answers_runs_whatever_its_meter_says() -> None:
    facts = {"codec.watts": 0.0, "codec.answers": True}
    assert pc_runs(sit(metered=True, facts=facts, marks={PC_DRAWS: False}).view(), MINUTE_MS) is True


def test_nobody_knows_of_a_call_of_it_but_one_that_is_down_has_none() -> None:
    assert in_call(sit(facts={"codec.answers": True}).view()) is UNKNOWN
    assert in_call(sit(facts=SILENT, marks=KNOWN).view()) is False


# ---- its power


def off(rank: Rank) -> dict[str, Any]:
    return {"load.codec": Desired("off", rank, WHY, 0, 0)}


@pytest.mark.parametrize("rank", [Rank.IDLE, Rank.HEAL, Rank.MANUAL, Rank.POWER, Rank.PERSON])
def test_one_that_runs_is_cut_by_nobody(rank: Rank) -> None:
    words = said(computer, sit(facts={"codec.answers": True}, want=off(rank)))
    assert waits(words)[LOAD_OFF] == "R13.computer"
    assert alerts(words) == {"computer_on"}


def test_smoke_cuts_it() -> None:
    smoke = Desired("off", Rank.SAFETY, Because("R16", "R16.cut", ("smoke",)), 0, 0)
    assert LOAD_OFF not in waits(said(computer, sit(facts={"codec.answers": True}, want={"load.codec": smoke})))


@pytest.mark.parametrize("rank", [Rank.IDLE, Rank.MANUAL, Rank.PERSON])
def test_in_doubt_it_stays_on_and_people_are_asked_to_look(rank: Rank) -> None:
    doubt = said(computer, sit(facts=SILENT, want=off(rank)))
    assert (waits(doubt)[LOAD_OFF], codes(doubt)) == ("R13.computer_unknown", {"R13.computer_unknown"})
    assert alerts(doubt) == {"computer_on"}


def test_one_that_is_down_is_cut() -> None:
    assert LOAD_OFF not in waits(said(computer, sit(facts=SILENT, marks=KNOWN, want=off(Rank.IDLE))))


def test_in_a_room_with_a_codec_it_says_nothing() -> None:
    assert said(computer, Sit(facts={"codec.answers": True})) == ()


# ---- its start


def test_the_room_is_not_ready_before_the_computer_is() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.until(lambda d: "amplifier" in d.relays("on"), 5 * MINUTE_MS).run(5_000)
    assert (day.phase, day.far.pc.answers(day.mono_ms)) == ("powering", False)
    day.until(lambda d: d.phase == "ready", 5 * MINUTE_MS)
    assert day.far.pc.answers(day.mono_ms)
    assert day.codes & {"computer_off", "failed"} == set()


def test_one_that_does_not_come_up_with_its_power_needs_a_hand_until_somebody_starts_it() -> None:
    day = living(15.0)
    day.far.pc.stays_off = True
    day.command("power", "on")
    day.run(10 * MINUTE_MS)
    assert "computer_off" in day.codes
    lit = lamps(day.state, day.now, day.room)
    assert (lit["ready"], lit["device"]) == ("double", "double")
    day.far.pc.button(day.mono_ms)
    day.run(2 * MINUTE_MS)
    assert "computer_off" not in day.codes


def test_one_that_somebody_shuts_down_while_the_room_is_on_is_no_fault() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.run(10 * MINUTE_MS)
    day.shut_down()
    day.run(20 * MINUTE_MS)
    assert day.codes & {"computer_off", "computer_on", "failed", "lost"} == set()


def test_a_meeting_that_begins_without_it_is_not_ready() -> None:
    day = living(6.0)
    day.far.pc.stays_off = True
    day.calendar(a_meeting(8, 9)).to(7.05)
    (row,) = day.told("alert", "giao-ban")
    assert (row["alert"], "computer" in row["args"]) == ("not_ready", True)  # type: ignore[operator]


# ---- its microphone


MEETING: dict[str, Any] = {"hour": 8.5, "booked": (a_booked(),)}
OPEN = {"codec.answers": True, "codec.mute": "open"}


def test_open_without_an_invitation_is_closed_by_the_relay() -> None:
    assert demands(said(closed, sit(facts=OPEN, **MEETING))) == {"codec.mute": "muted"}
    assert alerts(said(out_of_turn, sit(facts=OPEN, **MEETING))) == {"mic_out_of_turn"}


def test_of_a_computer_that_is_down_nobody_hears_anything() -> None:
    assert said(closed, sit(facts={**SILENT, "codec.mute": "open"}, marks=KNOWN, **MEETING))[0].value == ""  # type: ignore[union-attr]


def test_the_relay_is_let_go_once_nobody_hears() -> None:
    there = sit(facts={**SILENT, "codec.mute": "muted"}, marks=KNOWN, seen={**ON, "codec.mute": "muted"})
    words = said(computer, there)
    assert demands(words) == {"codec.mute": "open"}


def test_the_red_lamp_is_lit_while_it_may_be_heard() -> None:
    there = sit(facts=OPEN)
    lit = lamps(there.state(), there.now, there.room)
    assert lit["mic"] == "steady"
    down = sit(facts={**OPEN, "codec.answers": False})
    assert lamps(down.state(), down.now, down.room)["mic"] == "off"


# ---- checks


def rows(there: Sit) -> dict[str, Verdict]:
    return {row.item: row.result for row in checks(there.view())}


def test_what_only_a_codec_has_is_not_applicable_and_never_passed() -> None:
    found = rows(sit(facts=OPEN))
    assert found["codec"] is found["codec.registered"] is Verdict.NOT_APPLICABLE
    assert found["computer"] is Verdict.PASSED


def test_a_computer_that_is_silent_has_failed_and_without_any_means_it_could_not_be_checked() -> None:
    assert rows(sit(facts={"codec.answers": False}))["computer"] is Verdict.FAILED
    assert rows(sit())["computer"] is Verdict.NOT_MADE
    assert rows(sit(seen={"load.codec": "off"}))["computer"] is Verdict.NOT_DUE


# ---- a living room


@pytest.mark.parametrize("metered", [False, True])
def test_after_the_meeting_the_room_goes_off_and_the_computer_when_somebody_has_shut_it_down(metered: bool) -> None:
    day = living(6.0, metered)
    day.calendar(a_meeting(8, 9)).to(7.0)
    assert day.told("mark", "!ready.giao-ban") or day.phase == "ready"
    day.to(8.5)
    assert day.far.muted, "closed until the chair gives the floor"
    day.far.pc.faults.hung = True
    day.to(12)
    assert day.far.relays["codec"] == "on"
    assert day.far.pc.hard_cuts == 0
    day.far.pc.faults.hung = False
    day.shut_down().to(17)
    assert day.relays("on") == {"network"}
    assert (day.far.pc.hard_cuts, day.far.muted) == (0, False)


def test_a_person_who_closes_the_room_is_told_what_it_waits_for() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.until(lambda _: day.far.pc.answers(day.mono_ms), 10 * MINUTE_MS).run(5 * MINUTE_MS)
    day.command("power", "off")
    day.run(10 * MINUTE_MS)
    assert day.relays("on") == {"network", "codec"}
    assert "computer_on" in day.codes
    assert day.far.pc.hard_cuts == 0
    day.shut_down().run(32 * MINUTE_MS)
    assert day.relays("on") == {"network"}


def test_smoke_cuts_a_computer_that_runs() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.run(10 * MINUTE_MS).touch("smoke", True).run(5 * MINUTE_MS)
    assert day.relays("on") == {"network"}


def test_a_rehearsal_leaves_the_computer_alone() -> None:
    day = living(12.0, settled_ms=10 * MINUTE_MS)
    day.command("rehearse", "now")
    day.run(30 * MINUTE_MS)
    assert ("load.mixer", "on") in day.switched()
    assert ("load.codec", "on") not in day.switched()


@pytest.mark.parametrize(
    ("verb", "args", "code"),
    [("call", ("dial", "10.1.0.1", "auto", 0), "not_applicable"), ("volume", (20,), "not_applicable")],
)
def test_what_the_desk_may_not_ask_of_it(verb: str, args: tuple[Any, ...], code: str) -> None:
    day = living(15.0)
    reply = day.command(verb, *args)
    assert (reply.stage, reply.code) == ("refused", code)


def test_it_is_never_power_cycled() -> None:
    day = living(15.0)
    day.command("power", "on")
    day.run(10 * MINUTE_MS)
    assert day.command("heal", "codec").code == "computer_kept"


def _dead_switch(day: PcDay) -> None:
    """Nobody in the room's network is heard, the computer included."""
    day.far.line["gateway"] = False
    day.far.pc.faults.mute_net = True


def _live_switch(day: PcDay) -> None:
    day.far.line["gateway"] = True
    day.far.pc.faults.mute_net = False


ACTS: tuple[Callable[[PcDay], object], ...] = (
    lambda day: day.command("power", "on"),
    lambda day: day.command("power", "off"),
    lambda day: day.command("power", "auto"),
    lambda day: day.command("power", "off", force="Lê Thị Kỹ"),
    lambda day: day.command("load", "codec", "off"),
    lambda day: day.command("load", "codec", "cycle"),
    lambda day: day.command("heal", "codec"),
    lambda day: day.far.pc.button(day.mono_ms),
    lambda day: day.press("power", 3_500),
    lambda day: day.restart(),
    _dead_switch,
    _live_switch,
)


@pytest.mark.lives
@pytest.mark.parametrize("seed", range(4))
def test_law_whatever_happens_in_two_days_nobody_cuts_a_computer_that_runs(seed: int) -> None:
    chance = Random(f"computer {seed}")
    day = PcDay(6.0, metered=bool(seed % 2), sample_ms=SELDOM_MS)
    day.calendar(a_meeting(8, 10), a_meeting(32, 33, "mai")).run(MINUTE_MS)
    while day.hour < 48:
        chance.choice(ACTS)(day)
        day.run(chance.choice((MINUTE_MS, 10 * MINUTE_MS, HOUR_MS)))
        assert day.far.pc.hard_cuts == 0, f"at {day.hour:.2f} h"
    assert [value for target, value in day.switched() if target == "load.codec"].count("on") >= 1
