"""Commands at the door: once, in time, refused with a reason or accepted; and what nobody far away may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.draft import REPLIES_KEPT
from controller.core.events import Command, Rejected
from controller.core.memory import Memory
from controller.core.records import Reply
from controller.core.room import Rank
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, a_room


def on_duty(hour: float = 8.2) -> Day:
    """In the booked meeting of the morning, before its call."""
    return Day(6.5).calendar(a_meeting(8, 10)).to(hour)


def empty_office() -> Day:
    """The room is on in the afternoon, by hand, with nothing booked."""
    day = Day(15).run(20_000)
    day.command("power", "on")
    return day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)


def test_a_repeated_id_gets_the_same_answer_and_acts_once() -> None:
    day = Day(15)
    first = day.command("load", "fan", "on", id="x")
    day.command("load", "fan", "auto", id="y")
    assert day.command("load", "fan", "on", id="x") == first
    assert "load.fan" not in day.state.holds
    assert len(day.told("command")) == 2


def test_it_is_remembered_over_a_restart_and_up_to_a_bound() -> None:
    kept = (Reply("x", "accepted"),)
    day = Day(15, memory=Memory("b0", 0, replies=kept))
    assert day.command("duty", "on", id="x") == kept[0]
    assert "duty" not in day.state.holds
    for n in range(REPLIES_KEPT + 5):
        day.command("report", id=f"r{n}")
    assert len(day.state.replies) == REPLIES_KEPT
    assert day.state.replies[-1].id == f"r{REPLIES_KEPT + 4}"


def test_what_comes_too_late_is_not_obeyed() -> None:
    day = Day(15)
    day.give(Command("x", "desk", "load", ("fan", "on"), day.mono_ms - 1))
    assert day.replies == [Reply("x", "expired", "expired")]
    assert day.state.holds == {}
    assert day.told("command")[-1]["stage"] == "expired"


def test_what_could_not_be_read_is_written_down_and_answered_if_it_had_an_id() -> None:
    day = Day(15)
    day.give(Rejected("x", "bad_args", ("value",)), Rejected("", "not_json"))
    assert day.replies == [Reply("x", "refused", "bad_args", ("value",))]
    assert [row["code"] for row in day.told("command.rejected")] == ["bad_args", "not_json"]


def test_verbs_that_the_room_cannot_do() -> None:
    assert Day(15).command("dance").code == "unsupported"


def test_power_on_off_auto() -> None:
    day = Day(15).run(20_000)
    assert day.command("power", "on").stage == "accepted"
    assert day.state.holds["room"].until_ms == day.mono_ms + 4 * HOUR_MS
    assert day.command("power", "off", hold_ms=HOUR_MS).stage == "accepted"
    assert (day.state.holds["room"].value, day.state.holds["room"].until_ms) == ("off", day.mono_ms + HOUR_MS)
    assert day.command("power", "auto").stage == "accepted"
    assert day.state.holds == {}


def test_one_load_on_off_auto() -> None:
    day = Day(15).run(20_000)
    assert day.command("load", "nothing", "on").code == "unknown_load"
    assert day.command("load", "display", "on").stage == "accepted"
    assert day.state.holds["load.display"].until_ms == day.mono_ms + 4 * HOUR_MS
    assert "display" in day.run(1_000).relays("on")
    assert day.command("load", "display", "auto").stage == "accepted"
    assert day.state.holds == {}


def test_refused_with_the_reason_of_the_refusal_and_forced_on_record() -> None:
    day = on_duty()
    reply = day.command("load", "display", "off")
    assert (reply.stage, reply.code, reply.args) == ("refused", "N9.meeting", ("giao-ban",))
    assert day.command("load", "display", "off", force="Lan").stage == "accepted"
    assert day.state.holds["load.display"].rank == Rank.PERSON
    assert "display" in day.run(1_000).relays("off")
    said = day.told("command")
    assert (said[-2]["code"], said[-1]["force"], said[-1]["reason"]) == ("N9.meeting", "Lan", "because")
    assert "force" not in said[-2]


# ---- nobody far away


@pytest.mark.parametrize("value", [("open",), ("muted",), ("auto",)])
def test_in_a_meeting_the_desk_may_open_close_and_let_go_of_the_microphone(value: tuple[str]) -> None:
    assert on_duty().command("mute", *value).stage == "accepted"


COMMANDS_FROM_AFAR: tuple[tuple[Value, ...], ...] = (
    ("mute", "open"),
    ("floor", "grant", "chair"),
    ("call", "accept"),
    ("seat", "recall", 1),
)


@pytest.mark.parametrize("command", COMMANDS_FROM_AFAR)
@pytest.mark.parametrize("force", ["", "Lan"])
def test_nobody_can_listen_or_look_into_an_empty_office(command: tuple[str, ...], force: str) -> None:
    """Remote listening is impossible by design: outside a booked meeting not even a name opens anything."""
    day = empty_office().call("10.1.1.1", "in")
    reply = day.command(*command, force=force)
    assert (reply.stage, reply.code) == ("refused", "not_in_meeting")
    day.run(MINUTE_MS)
    assert day.far.codec["mute"] == "muted"
    assert day.far.camera["preset"] == -1


def dialled_from_afar(*then: tuple[Value, ...], deaf: bool = False) -> Day:
    """The office is empty, its microphone was left open, and the desk has it dial out; what it says next comes in
    the same moment."""
    day = empty_office()
    day.far.codec["mute"] = "open"
    day.far.deaf |= {"codec.mute"} if deaf else set()
    orders = (("call", "dial", "10.1.1.1", "auto", 0), *then)
    until_ms = day.look().mono_ms + 30_000
    day.give(
        *(Command(f"d{n}", "desk", str(verb), tuple(args), until_ms) for n, (verb, *args) in enumerate(orders))
    )
    return day


@pytest.mark.parametrize("then", [(), (("mute", "auto"),), (("floor", "end"),)], ids=["dial", "auto", "end"])
def test_who_has_an_empty_office_dial_out_hears_nothing(then: tuple[tuple[Value, ...], ...]) -> None:
    day = dialled_from_afar(*then)
    assert day.until(lambda d: d.far.codec["calls"], MINUTE_MS).far.codec["mute"] == "muted"


def test_an_open_microphone_is_not_taken_to_a_call_by_two_words_at_once() -> None:
    day = dialled_from_afar(("mute", "muted"), ("mute", "auto"))
    assert (day.run(3 * MINUTE_MS).far.codec["mute"], day.far.codec["calls"]) == ("open", ())


def test_a_microphone_that_does_not_close_is_not_taken_to_a_call() -> None:
    assert dialled_from_afar(deaf=True).run(3 * MINUTE_MS).far.codec["calls"] == ()


@pytest.mark.parametrize("command", COMMANDS_FROM_AFAR)
@pytest.mark.parametrize(
    ("hour", "allowed"), [(6.95, False), (7.0, True), (9.9, True), (10.49, True), (10.5, False)]
)
def test_only_from_t_60_to_the_end_and_its_grace(command: tuple[str, ...], hour: float, allowed: bool) -> None:
    day = on_duty(6.96 if hour >= 7 else hour)
    day.call("mcu").to(hour)
    assert (day.command(*command).code != "not_in_meeting") is allowed


def test_closing_a_microphone_and_ending_a_turn_is_always_allowed() -> None:
    day = empty_office()
    day.far.codec["mute"] = "open"
    assert day.look().command("mute", "muted").stage == "accepted"
    assert day.run(1_000).far.codec["mute"] == "muted"
    assert day.command("floor", "end").stage == "accepted"


# ---- the floor


def test_the_chair_gives_the_floor_and_takes_it_back() -> None:
    day = on_duty().call().press("talk_chair", 200)
    assert day.command("floor", "grant", "chair").stage == "accepted"
    assert "ask.chair" not in day.state.holds
    assert day.run(1_000).far.codec["mute"] == "open"
    day.command("floor", "end")
    assert not {"floor", "mic"} & day.state.holds.keys()


def test_a_denied_request_blinks() -> None:
    day = on_duty().press("talk_chair", 200)
    day.command("floor", "deny")
    assert "ask.chair" not in day.state.holds
    assert "refused.talk" in day.state.marks


def test_another_seats_request_stays() -> None:
    day = on_duty().press("talk_chair", 200)
    day.command("floor", "deny", "seat2")
    assert "ask.chair" in day.state.holds


# ---- calls and cameras


def test_a_silent_codec_is_told_not_tried() -> None:
    assert Day(15).run(20_000).command("call", "dial", "x", "auto", 0).code == "device_silent"


def test_the_desk_dials_answers_and_ends() -> None:
    day = on_duty()
    assert day.command("call", "dial", "10.0.0.9", "auto", 0).stage == "accepted"
    assert day.run(1_000).far.codec["calls"][0][3] == "10.0.0.9"
    assert day.command("call", "hangup").stage == "accepted"
    assert day.run(1_000).far.codec["calls"] == ()
    day.far.codec["calls"] = (("3", "in", "ringing", "mcu", "video"),)
    assert day.look().command("call", "accept").stage == "accepted"
    assert day.run(1_000).far.codec["in_call"] is True
    day.command("call", "hangup", "3")
    assert day.run(1_000).far.codec["calls"] == ()
    assert not [name for name in day.state.holds if name.startswith("codec.")]


def test_a_call_that_cannot_be_dialled_is_not_tried_for_ever() -> None:
    day = on_duty()
    day.far.deaf.add("codec.dial")
    day.command("call", "dial", "10.0.0.9", "auto", 0)
    assert "codec.dial" not in day.run(2 * MINUTE_MS).state.holds
    assert [t for t, _ in day.switched()].count("codec.dial") == 1


@pytest.mark.parametrize("life", [{}, {"boot": "b2", "mono_ms": 30_000}], ids=["controller", "Pi"])
@pytest.mark.parametrize("what", [("call", "dial", "10.0.0.9", "auto", 0), ("seat", "store", "chair")], ids=str)
def test_an_action_is_not_done_again_by_the_life_after(what: tuple[Value, ...], life: dict[str, Any]) -> None:
    day = on_duty()
    assert day.command(str(what[0]), *what[1:]).stage == "accepted"
    given = [order.target for _, order, _ in day.orders][-1]
    day.restart(**life)
    day.run(2 * MINUTE_MS)
    assert [target for target, _ in day.switched()].count(given) == 1, given


def test_a_seat_is_framed_and_the_wish_ends_with_it() -> None:
    day = on_duty()
    assert day.command("seat", "recall", 3).stage == "accepted"
    day.run(1_000)
    assert day.far.camera["preset"] == 3
    assert "seat" not in day.state.holds


def test_a_room_without_a_camera_has_no_seats() -> None:
    day = Day(15, a_room(cameras=()))
    assert day.command("seat", "recall", 1).code == "not_applicable"


# ---- the rest


def test_duty_check_and_the_acknowledged_call_for_help() -> None:
    day = Day(15)
    assert day.command("acknowledge").code == "nothing_to_acknowledge"
    day.run(1_000).press("help", 200)
    assert day.command("acknowledge").stage == "accepted"
    assert day.state.holds["help"].value == "acknowledged"
    day.command("duty", "on")
    day.command("check")
    assert {"duty", "check"} <= day.state.holds.keys()
    day.command("duty", "off")
    assert "duty" not in day.state.holds


def test_a_meeting_is_extended_and_ended() -> None:
    day = on_duty()
    assert day.command("meeting", "extend", "other", 30).code == "unknown_meeting"
    for minutes in (0, -5, 481, "30"):
        assert day.command("meeting", "extend", "giao-ban", minutes).code == "bad_args"
    before = day.state.booked[0]
    assert day.command("meeting", "extend", "giao-ban", 30).stage == "accepted"
    assert day.state.booked == (replace(before, end_ms=before.end_ms + 30 * MINUTE_MS),)
    assert day.command("meeting", "end", "giao-ban").stage == "accepted"
    assert day.state.booked[0].end_ms == day.mono_ms
    day.run(MINUTE_MS).command("meeting", "end", "giao-ban")
    assert day.state.booked[0].end_ms == day.mono_ms - MINUTE_MS


def test_a_rules_mode_is_changed_and_a_room_that_is_not_accepted_says_so() -> None:
    day = Day(15)
    assert day.command("rule", "R9", "enforce") == Reply("c1", "accepted")
    assert day.state.modes["R9"].value == "enforce"
    assert day.command("rule", "R99", "enforce").code == "unknown_rule"
    assert Day(15, a_room(accepted=False)).command("rule", "R9", "enforce").code == "not_accepted"


@pytest.mark.parametrize("verb", ["rebirth", "report", "message"])
def test_what_is_carried_out_elsewhere_is_accepted_and_written_down(verb: str) -> None:
    day = Day(15)
    assert day.command(verb, "xin chào").stage == "accepted"
    assert day.told("command")[-1]["verb"] == verb


def test_the_desk_does_not_cut_its_own_line_by_mistake() -> None:
    day = Day(15).run(MINUTE_MS)
    assert day.command("load", "network", "off").code == "network_kept"
    assert day.run(MINUTE_MS).relays("on") == {"network"}
    assert day.command("load", "network", "off", force="Lan").stage == "accepted"
    assert day.run(MINUTE_MS).relays("on") == set()
    assert day.run(4 * HOUR_MS).relays("on") == {"network"}


def test_a_load_that_the_desk_forgot_does_not_keep_the_room_on() -> None:
    day = Day(15).run(MINUTE_MS)
    day.command("load", "display", "on")
    assert day.run(3 * HOUR_MS).relays("on") == {"network", "display"}
    assert day.to(21).relays("on") == {"network"}
