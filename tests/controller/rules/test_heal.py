"""N15: a device that is proven dead: its port anew, its power once if N9 lets it, then a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.meeting import Booked
from controller.core.memory import Kept
from controller.core.room import Rank
from controller.core.state import Proof, Track
from controller.rules.heal import heal
from hardware.contract import Order, OrderId
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    codes,
    demands,
    marks,
    mono,
    ranks,
    said,
    stale,
)

DEAD = Track(Proof.FAILED, 0, "on", "on")


ASKED = {"heal.codec": "reopened"}
"""Its port was opened anew and it is as silent as before."""
CYCLING = Kept("cycle", mono(7) - MINUTE_MS)


def sit(track: Track = DEAD, hour: float = 7.0, answers: Any = False, call: Any = False, **more: Any) -> Sit:
    facts = {"codec.answers": answers, "codec.in_call": call}
    return Sit(hour, facts, seen={"load.codec": track}, **{"want": {"load.codec": "on"}, "marks": ASKED, **more})


def cycles(situation: Sit) -> bool:
    words = said(heal, situation)
    assert ranks(words) <= {Rank.HEAL}
    return demands(words) == {"load.codec": "off"} or marks(words).get("heal.codec") == "cycle"


def test_proven_dead_is_cycled_once() -> None:
    assert marks(said(heal, sit())) == {"heal.codec": "cycle", "spent.codec": True}
    assert cycles(sit(marks={"heal.codec": CYCLING}))
    assert not cycles(sit(marks={"heal.codec": "done"}))


def test_its_port_is_opened_anew_first() -> None:
    assert marks(said(heal, sit(marks={}))) == {"heal.codec": "reopen"}
    trying = Kept("reopen", mono(7) - 1_000)
    assert demands(said(heal, sit(marks={"heal.codec": trying}))) == {"codec.port": "reopen"}
    assert marks(said(heal, sit(marks={"heal.codec": trying}, answers=True))) == {"heal.codec": ""}
    assert marks(said(heal, sit(marks={"heal.codec": Kept("reopen", 0)}))) == {"heal.codec": "reopened"}


def test_what_is_spent_or_not_allowed_needs_a_hand() -> None:
    def hand(**more: Any) -> set[str]:
        return codes(said(heal, sit(**more)))

    assert hand(marks={"heal.codec": "done"}) == {"N15.needs_hand"}
    assert hand(marks={"heal.codec": "reopened", "spent.codec": True}) == {"N15.needs_hand"}
    assert hand(hour=9, booked=(a_booked(),)) == {"N15.not_now"}
    assert hand(holds=(a_hold("maintenance", "dust"),)) == {"N15.not_now"}, "somebody's hand is in it"
    assert hand(marks={"heal.codec": "done"}, answers=True) == set()


def test_the_budget_comes_back_after_a_day() -> None:
    spent = {"spent.codec": Kept(True, mono(7) - 24 * HOUR_MS)}
    assert marks(said(heal, sit(answers=True, marks=spent))) == {"spent.codec": False}


def test_a_load_that_somebody_holds_on_is_not_tried_for_ever() -> None:
    assert marks(said(heal, sit(marks={"heal.codec": Kept("cycle", 0)}))) == {"heal.codec": "done"}


@pytest.mark.parametrize(
    "more",
    [
        {"answers": stale(False)},
        {"answers": True},
        {"track": Track(Proof.DONE, 0, "on", "on")},
        {"track": Track(Proof.FAILED, 0, "on", "off")},
        {"want": {"load.codec": "off"}},
        {"call": True},
        {"call": stale(True, 10**9)},
    ],
)
def test_unknown_not_failed_not_on_not_wanted_or_in_a_call_is_left_alone(more: dict[str, Any]) -> None:
    assert not cycles(sit(**more))


def test_a_load_that_nobody_can_ask_is_never_dead() -> None:
    room_sit = Sit(7, seen={"load.display": DEAD}, want={"load.display": "on"})
    assert said(heal, room_sit) == ()


# ---- a codec that answers and does nothing

IDLE = Track(Proof.FAILED, 0, "awake", "asleep", failed="no_effect")
ON = Track(Proof.PROVEN, 0, "on", "on")


def sick(told: Track = IDLE, stage: Any = "reopened", updating: Any = False, **more: Any) -> Sit:
    facts = {"codec.answers": True, "codec.in_call": more.pop("call", False), "codec.updating": updating}
    marks_ = {"heal.codec": stage, **more.pop("marks", {})}
    seen = {"load.codec": ON, "codec.power": told, **more.pop("seen", {})}
    return Sit(more.pop("hour", 7.0), facts, seen=seen, **{"want": {"load.codec": "on"}, "marks": marks_, **more})


def stage_of(situation: Sit) -> object:
    return marks(said(heal, situation)).get("heal.codec")


def test_it_answers_and_does_nothing_so_its_port_and_then_its_software_start_anew() -> None:
    assert stage_of(sick(stage="")) == "again"
    assert stage_of(sick(stage=Kept("again", mono(7) - 30_000))) == "reopened"
    assert marks(said(heal, sick())) == {"spent.codec.reboot": True, "heal.codec": "reboot"}
    words = said(heal, sick(stage=Kept("reboot", mono(7) - 1_000)))
    assert (demands(words), ranks(words)) == ({"codec.reboot": "now"}, {Rank.HEAL})


def test_a_restart_of_ours_tells_it_to_start_anew_no_second_time() -> None:
    just = sick(stage=Kept("reboot", mono(7) - 1_000), started_ms=mono(7) - 1_000)
    assert (stage_of(just), demands(said(heal, just))) == ("rebooted", {})


def again(ago_ms: int, told: Track = IDLE, **port: Any) -> Sit:
    tracks = {"codec.port": Track(Proof.LOST, 0, **port)} if port else {}
    return sick(told, stage=Kept("again", mono(7) - ago_ms), seen=tracks)


def test_its_port_is_opened_once_and_that_it_answers_then_proves_nothing() -> None:
    """It answered before, and what had failed is forgotten with the port: without a wait the same would begin anew
    every half a minute."""
    assert demands(said(heal, again(1_000))) == {"codec.port": "reopen"}
    assert demands(said(heal, again(1_000, sent_ms=mono(7) - 2_000))) == {"codec.port": "reopen"}, "another day's"
    assert said(heal, again(1_000, sent_ms=mono(7) - 500)) == ()
    quiet = Track(Proof.UNSEEN, 0, None, "awake")
    assert said(heal, again(60_000, quiet, sent_ms=mono(7) - 59_000)) == ()
    assert stage_of(again(60_000, sent_ms=mono(7) - 59_000)) == "reopened", "it has failed once more"
    assert stage_of(again(12 * MINUTE_MS, quiet, sent_ms=mono(7) - 11 * MINUTE_MS)) == ""


@pytest.mark.parametrize("proof", [Proof.PROVEN, Proof.FAILED])
def test_the_order_is_given_once(proof: Proof) -> None:
    taken = {"codec.reboot": Track(proof, 0, "now", None)}
    assert stage_of(sick(stage=Kept("reboot", mono(7) - 1_000), seen=taken)) == "rebooted"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"booked": (a_booked(),)}, "N15.not_now"),
        ({"call": True}, "N15.not_now"),
        ({"holds": (a_hold("maintenance", "dust"),)}, "N15.not_now"),
        ({"marks": {"spent.codec.reboot": True, "spent.codec": True}}, "N15.needs_hand"),
    ],
    ids=["use_lock", "call", "maintenance", "both_spent"],
)
def test_where_it_may_not_be_told_it_is_not_cut_either_and_a_person_hears(more: dict[str, Any], code: str) -> None:
    words = said(heal, sick(**more))
    assert (demands(words), marks(words), codes(words)) == ({}, {}, {code})


@pytest.mark.parametrize("updating", [True, stale(False)])
def test_one_that_updates_itself_or_may_is_left_alone(updating: Any) -> None:
    assert said(heal, sick(updating=updating)) == ()


def test_its_power_is_cycled_only_when_the_new_start_has_not_helped() -> None:
    waited = Kept("rebooted", mono(7) - 2 * MINUTE_MS - 11 * MINUTE_MS)
    assert stage_of(sick(stage=Kept("rebooted", mono(7) - 12 * MINUTE_MS))) is None
    assert stage_of(sick(stage=waited)) == "reopened"
    assert stage_of(sick(IDLE_NO_MORE, stage=waited)) == ""
    spent = {"spent.codec.reboot": True}
    assert marks(said(heal, sick(marks=spent))) == {"heal.codec": "cycle", "spent.codec": True}


IDLE_NO_MORE = Track(Proof.PROVEN, 0, "awake", "awake", failed="no_effect")


@pytest.mark.parametrize(
    "told",
    [
        IDLE_NO_MORE,
        Track(Proof.FAILED, 0, "awake", "asleep", failed="absent"),
        Track(Proof.WAITING, 0, "awake", "asleep", failed="no_effect"),
    ],
    ids=["does_it", "refuses_it", "tries_left"],
)
def test_a_codec_that_obeys_refuses_or_is_still_being_tried_is_not_sick(told: Track) -> None:
    assert said(heal, sick(told, stage="")) == ()


def test_a_budget_of_one_a_day() -> None:
    spent = {"spent.codec.reboot": Kept(True, mono(7) - 24 * HOUR_MS), "heal.codec": ""}
    assert marks(said(heal, sick(IDLE_NO_MORE, marks=spent))) == {"spent.codec.reboot": False}


def test_over_a_day_it_is_rebooted_once_then_cycled_once_then_a_person_is_called() -> None:
    day = Day(12).run(MINUTE_MS)
    day.far.deaf.add("codec.autoanswer")
    day.far.codec["autoanswer"] = True
    day.press("power", 300)
    day.run(2 * HOUR_MS)
    words = [(t, v) for t, v in day.switched() if t in ("codec.reboot", "load.codec")]
    assert words == [("load.codec", "on"), ("codec.reboot", "now")], "held on by a person: never cut"
    assert "needs_hand" in day.codes
    day.command("power", "auto")
    assert day.run(HOUR_MS).switched().count(("codec.reboot", "now")) == 1


NEED_H = (15_000 + 120_000 + 5 * MINUTE_MS) / HOUR_MS


@pytest.mark.parametrize(("hour", "fits"), [(8 - NEED_H - 0.01, True), (8 - NEED_H, False), (9, False), (10, True)])
def test_only_when_off_time_warm_up_and_five_minutes_fit_before_the_start(hour: float, fits: bool) -> None:
    assert cycles(sit(hour=hour, booked=(a_booked(),))) is fits


def test_it_demands_off_until_the_load_has_rested_and_then_no_more() -> None:
    def off(ms: int) -> Sit:
        track = Track(Proof.PROVEN, 0, "off", "off", off_ms=mono(7) - ms)
        return sit(track, marks={"heal.codec": CYCLING})

    assert cycles(sit(marks={"heal.codec": CYCLING}))
    assert cycles(off(14_999))
    assert marks(said(heal, off(15_000))) == {"heal.codec": "done"}


def test_a_call_that_begins_meanwhile_ends_the_attempt() -> None:
    words = said(heal, sit(call=True, marks={"heal.codec": "cycle"}))
    assert (marks(words), demands(words)) == ({"heal.codec": "done"}, {})


def test_the_next_day_it_may_be_tried_again() -> None:
    done = {"heal.codec": Kept("done", mono(7) - 24 * HOUR_MS)}
    assert marks(said(heal, sit(marks=done))) == {"heal.codec": ""}


def hung(load: str = "codec") -> Day:
    """The device hangs from the first moment of the power-up for a meeting."""
    day = Day(5).calendar(a_meeting(8, 10))
    day.far.dead.add(load)
    return day


@pytest.mark.parametrize("load", ["codec", "camera"])
def test_a_device_that_hung_is_back_before_the_meeting(load: str) -> None:
    day = hung(load).until(lambda d: (f"load.{load}", "off") in d.switched(), 3 * HOUR_MS)
    assert day.hour < 7.1
    day.far.dead.clear()
    day.to(7.25)
    assert day.phase == "ready"
    assert day.told("noted", "ready.giao-ban")[-1]["value"] in ("in_time", "late")


def test_a_device_that_stays_dead_is_cycled_once_and_a_person_is_called() -> None:
    day = hung().to(9.9)
    assert day.switched().count(("load.codec", "off")) == 1
    assert {"failed", "not_ready"} <= day.codes
    assert [row["code"] for row in day.told("alert", "load.codec") if row["alert"] == "needs_hand"]
    assert ("codec.port", "reopen") in day.switched()
    assert day.to(10).run(1).state.marks["heal.codec"].value == "done"


def test_the_budget_is_not_given_back_by_a_power_cut() -> None:
    day = hung().until(lambda d: ("load.codec", "off") in d.switched(), 3 * HOUR_MS).run(5 * MINUTE_MS)
    day.restart(boot="b2", after_ms=60_000, mono_ms=40_000)
    day.run(60 * MINUTE_MS)
    assert day.switched().count(("load.codec", "off")) == 1
    assert "needs_hand" in day.codes


def ready() -> Day:
    day = Day(12).run(MINUTE_MS)
    day.press("power", 300)
    return day.until(lambda d: d.phase == "ready", HOUR_MS)


def test_the_desk_orders_a_repair() -> None:
    day = ready()
    assert day.command("heal", "codec").code == "held_on", "somebody wants it on"
    day.command("power", "auto")
    assert day.command("heal", "codec").stage == "accepted"
    day.run(10 * MINUTE_MS)
    assert day.switched().count(("load.codec", "off")) == 1


@pytest.mark.parametrize(
    ("name", "code"), [("nowhere", "unknown_load"), ("network", "network_kept"), ("codec", "not_on")]
)
def test_what_cannot_be_repaired_is_refused(name: str, code: str) -> None:
    assert Day(12).run(MINUTE_MS).command("heal", name).code == code


def test_the_lock_refuses_and_says_why() -> None:
    day = Day(6).calendar(a_meeting(8, 10)).to(7.5)
    assert (day.phase, day.command("heal", "codec").code) == ("ready", "N9.meeting")


# ---- a codec that is silent may be in a call of which nobody was told (N9)

STILL = ({"input.motion": False}, {"moved.motion": True})
"""For as long as a `Sit` knows its facts the sensor has been still, and it can be believed."""
CYCLED: tuple[object, set[str]] = ("cycle", set())
NOT_NOW: tuple[object, set[str]] = (None, {"N15.not_now"})


def unseen(
    call: Any = None, facts: Any = (), kept: Any = (), track: Track = DEAD, **more: Any
) -> tuple[object, set[str]]:
    told = {} if call is None else {"codec.in_call": call}
    facts_ = {"codec.answers": False, **told, **dict(facts)}
    want = {"load.codec": "on"}
    words = said(heal, Sit(facts=facts_, seen={"load.codec": track}, want=want, marks=ASKED | dict(kept), **more))
    return marks(words).get("heal.codec"), codes(words)


@pytest.mark.parametrize("call", [None, stale(False)], ids=["never heard", "heard before"])
def test_a_silent_codec_is_cycled_where_nobody_is_and_else_a_person_is_called(call: Any) -> None:
    idle_ms = a_room().idle.idle_ms
    assert unseen(call) == NOT_NOW
    assert unseen(call, *STILL, since_ms=idle_ms - 1) == NOT_NOW
    assert unseen(call, *STILL, since_ms=idle_ms) == CYCLED


@pytest.mark.parametrize(
    ("hour", "booked", "found"),
    [
        (6.8, (a_booked(),), NOT_NOW),
        (6.95, (a_booked(),), CYCLED),
        (7.8, (a_booked(),), CYCLED),
        (10.0, (a_booked(),), NOT_NOW),
        (10.2, (a_booked(), a_booked(11, 12, uid="mai")), NOT_NOW),
        (10.6, (a_booked(), a_booked(11, 12, uid="mai")), CYCLED),
    ],
)
def test_it_is_cycled_in_a_lead_unless_the_meeting_before_may_run_over(
    hour: float, booked: tuple[Booked, ...], found: object
) -> None:
    assert unseen(stale(False), hour=hour, booked=booked) == found


@pytest.mark.parametrize(
    ("value", "spoke_min", "ago_min", "found"),
    [("on", 9, 4, CYCLED), ("on", 3, 4, NOT_NOW), ("on", 60, 30, NOT_NOW), ("off", 9, 4, NOT_NOW)],
    ids=["never came", "came and fell silent", "long ago", "not by us"],
)
def test_one_that_never_came_up_was_dead_before_any_call(
    value: str, spoke_min: int, ago_min: int, found: object
) -> None:
    sent_ms = mono(7) - ago_min * MINUTE_MS
    order = Order(OrderId("b1", 1), "load.codec", value, 10_000)
    track = replace(DEAD, sent=order, sent_ms=sent_ms, off_ms=sent_ms)
    said_at = stale(False, mono(7) - spoke_min * MINUTE_MS)
    assert unseen(said_at, hour=7.0, track=track) == found


def cuts(day: Day) -> int:
    return day.switched().count(("load.codec", "off"))


def test_a_call_goes_on_at_the_meetings_end_when_its_codec_hung_and_the_pi_was_reset() -> None:
    """Its last word of the call is forgotten with the Pi, and people still speak."""
    day = Day(6).calendar(a_meeting(8, 10)).to(7.9).touch("motion", True).call().to(8.1)
    day.far.dead.add("codec")
    day.to(8.4).restart(boot="b2", after_ms=25_000, mono_ms=25_000)
    day.look().run(1.5 * HOUR_MS)
    assert (cuts(day), "needs_hand" in day.codes) == (0, True)
    assert cuts(day.run(20 * MINUTE_MS)) == 0
