"""R14: a device that says it is another one, settings and pictures that drifted; in an accepted room, until
somebody approves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config_compile import compile_room
from controller.core.memory import Kept
from controller.core.room import Room
from controller.core.room_drift import Drift, Setting
from controller.core.state import Fact, Proof, Quality, Track
from controller.core.words import Alert, Mark
from controller.rules.drift import STOOD_MS, commissioned, identities, pictures, settings
from hardware.contract import Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    Sit,
    a_booked,
    a_hold,
    a_room,
    alerts,
    demands,
    marks,
    mono,
    said,
    stale,
)
from tests.controller.rooms_on_paper import changed

OLD, NEW = "Group 500:8218", "Group 500:9999"


def sit(told: object, off_ago_ms: int = HOUR_MS, **more: object) -> Sit:
    """Told for two hours, and just now; its power was off for a moment in between."""
    at_ms = mono(7.5)
    fact = Fact(told, Quality.GOOD, at_ms, at_ms - 2 * HOUR_MS) if isinstance(told, str) else told
    on = Track(Proof.PROVEN, 0, "on", "on", off_ms=at_ms - off_ago_ms)
    return Sit(facts={"codec.identity": fact}, seen={"load.codec": on}, **more)  # type: ignore[arg-type]


def test_the_first_sure_word_in_an_accepted_room_is_the_approved_one() -> None:
    assert marks(said(identities, sit(OLD))) == {"approved.codec": OLD, "another.codec": ""}
    assert said(identities, sit(OLD, room=a_room(accepted=False))) == ()
    assert said(identities, sit(stale(OLD))) == ()


def test_a_word_of_one_life_of_the_device_is_not_sure() -> None:
    assert said(identities, sit(OLD, off_ago_ms=3 * HOUR_MS)) == ()
    assert said(identities, sit(NEW, off_ago_ms=3 * HOUR_MS, marks={"approved.codec": OLD})) == ()


def test_a_ups_has_said_it_for_a_while() -> None:
    def ups(for_ms: int) -> Sit:
        at_ms = mono(7.5)
        return Sit(facts={"ups.model": Fact("SMT750", Quality.GOOD, at_ms, at_ms - for_ms)})

    assert marks(said(identities, ups(STOOD_MS))) == {"approved.ups": "SMT750", "another.ups": ""}
    assert said(identities, ups(STOOD_MS - 1)) == ()


def test_another_one_is_told_with_before_and_after() -> None:
    words = said(identities, sit(NEW, marks={"approved.codec": OLD}))
    assert [w.because.args for w in words if isinstance(w, Alert)] == [("codec", OLD, NEW)]
    assert alerts(said(identities, sit(OLD, marks={"approved.codec": OLD}))) == set()
    assert alerts(said(identities, sit("", marks={"approved.codec": OLD}))) == set()


def lives(day: Day, identity: str) -> Day:
    """Two days of use of the codec that says this of itself."""
    for _ in range(2):
        day.press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
        day.far.codec["identity"] = identity
        day.run(2 * MINUTE_MS)
        assert day.command("power", "off").stage == "accepted"
        day.until(lambda d: d.relays("on") <= {"network"}, HOUR_MS).run(MINUTE_MS)
    day.press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
    day.far.codec["identity"] = identity
    return day.run(MINUTE_MS)


def test_a_swap_outlives_a_power_cut_and_ends_when_it_is_approved() -> None:
    day = lives(Day(12).run(MINUTE_MS), OLD)
    assert day.state.marks["approved.codec"].value == OLD
    day.restart(boot="b2", mono_ms=30_000)
    day.command("power", "off")
    lives(day.run(10 * MINUTE_MS), NEW)
    assert [row["alert"] for row in day.told("alert", "codec")] == ["another_device"]
    assert day.command("maintenance", "done", "codec").stage == "accepted"
    day.run(MINUTE_MS)
    assert [row["alert"] for row in day.told("alert.end", "codec")] == ["another_device"]
    assert day.state.marks["approved.codec"].value == NEW


# The codec's settings

SLEEP = Setting("sleep", "sleeptime", restore=True)
FACT = "setting.sleep"


def roomy(*settings: Setting, approved: tuple[tuple[str, Value], ...] = (), **more: Any) -> Room:
    base = compile_room(changed(room__accepted=True, codec__settings={"sleep": {"path": "sleeptime"}}))
    return replace(base, drift=Drift(settings or (SLEEP,), approved), **more)


def told(value: object, **more: Any) -> Sit:
    facts = {FACT: value, "codec.in_call": False, "codec.calls": (), "codec.answers": True}
    return Sit(facts={**facts, **more.pop("facts", {})}, room=more.pop("room", roomy()), **more)


def test_the_first_word_of_a_setting_is_the_approved_one_where_nobody_commissioned_it() -> None:
    assert marks(said(settings, told("3"))) == {"approved.setting.sleep": "3"}
    assert said(settings, told(stale("3"))) == ()
    assert said(settings, told("3", room=replace(roomy(), accepted=False))) == ()


def test_a_drift_is_told_with_before_and_after_and_put_back() -> None:
    words = said(settings, told("30", marks={"approved.setting.sleep": "3"}))
    assert [w.because.args for w in words if isinstance(w, Alert)] == [("sleep", "3", "30")]
    assert demands(words) == {"codec.setting.sleep": "3"}
    assert said(settings, told("3", marks={"approved.setting.sleep": "3"}))[1:] == ()


@pytest.mark.parametrize(
    ("why", "sit"),
    [
        ("nobody configured it so", {"room": roomy(Setting("sleep", "sleeptime"))}),
        ("a call is on", {"facts": {"codec.in_call": True}}),
        ("somebody calls", {"facts": {"codec.calls": (("1", "in", "ringing", "x", "video"),)}}),
        ("nobody knows of a call", {"facts": {"codec.in_call": stale(False)}}),
        ("the room is worked by hand", {"down": ("bypass",)}),
    ],
)
def test_it_is_told_and_not_put_back(why: str, sit: dict[str, Any]) -> None:
    words = said(settings, told("30", marks={"approved.setting.sleep": "3"}, **sit))
    assert (alerts(words), demands(words)) == ({"setting_drift"}, {}), why


def test_whoever_changes_it_again_and_again_means_it() -> None:
    """Three times a day it is put back, the fourth change stands and stays told."""
    now = mono(7.5)
    for times, back in ((3, True), (4, False)):
        rises = tuple(now - n * HOUR_MS for n in reversed(range(times)))
        kept = {"approved.setting.sleep": "3", "another.setting.sleep": Kept("30", now, rises)}
        words = said(settings, told("30", marks=kept))
        assert (alerts(words), bool(demands(words))) == ({"setting_drift"}, back)


def test_a_setting_that_cannot_be_read_is_not_approved_by_silence() -> None:
    never = Fact(None, Quality.NEVER, 0, 0)
    assert alerts(said(settings, told(never))) == {"setting_unread"}
    assert said(settings, told(never, facts={"codec.answers": False})) == ()


def test_what_commissioning_approved_comes_before_what_is_learnt() -> None:
    room = roomy(approved=(("codec.identity", OLD), ("codec.volume", 25), (FACT, "3"), ("frame.main.3", "1 2 3")))
    sit = told("30", room=room)
    assert said(settings, sit) == ()
    assert said(identities, sit) == ()
    assert marks(said(commissioned, sit)) == {
        "commissioned": room.drift.approved,
        "approved.codec": OLD,
        "approved.setting.sleep": "3",
        "approved.frame.main.3": "1 2 3",
    }
    done = told("30", room=room, marks=marks(said(commissioned, sit)))
    assert said(commissioned, done) == ()
    assert alerts(said(settings, done)) == {"setting_drift"}


def test_a_new_commissioning_approves_anew() -> None:
    room = roomy(approved=((FACT, "60"),))
    sit = told("60", room=room, marks={"commissioned": ((FACT, "3"),), "approved.setting.sleep": "3"})
    assert marks(said(commissioned, sit))["approved.setting.sleep"] == "60"


def test_a_drift_lives_through_restart_and_ends_when_it_was_put_back_or_approved() -> None:
    day = Day(6, room=roomy(Setting("sleep", "sleeptime")))
    day.far.settings = {"sleep": "3"}
    day.press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
    assert day.state.marks["approved.setting.sleep"].value == "3"
    day.far.settings["sleep"] = "30"
    day.run(MINUTE_MS).restart()
    day.run(MINUTE_MS)
    assert day.state.marks["approved.setting.sleep"].value == "3"
    assert "setting_drift" in day.codes
    assert not [order for _, order, _ in day.orders if order.target.startswith("codec.setting.")]
    assert day.command("maintenance", "done", FACT).stage == "accepted"
    day.run(MINUTE_MS)
    assert day.state.marks["approved.setting.sleep"].value == "30"
    assert [row["alert"] for row in day.told("alert.end", FACT)] == ["setting_drift"]


def test_a_setting_is_put_back_once_after_power_up() -> None:
    day = Day(6, room=roomy())
    day.far.settings = {"sleep": "3"}
    day.press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
    day.far.settings["sleep"] = "30"
    day.run(2 * MINUTE_MS)
    assert day.far.settings == {"sleep": "3"}
    orders = [order.value for _, order, _ in day.orders if order.target == "codec.setting.sleep"]
    assert orders == ["3"]
    assert [r["alert"] for r in day.told("alert", FACT)] == [r["alert"] for r in day.told("alert.end", FACT)]


# Pictures

HERE, THERE = {"pan": 100, "tilt": -20, "zoom": 500}, {"pan": 180, "tilt": -20, "zoom": 500}
NAME = "frame.main.1"


def looks(at: Mapping[str, object], preset: object = 1, moving: object = False, **more: Any) -> Sit:
    facts = {"preset": preset, "moving": moving, **at}
    return Sit(facts={f"camera.main.{name}": value for name, value in facts.items()}, **more)


def test_where_a_seat_is_seen_first_is_approved() -> None:
    assert marks(said(pictures, looks(HERE))) == {f"approved.{NAME}": "100 -20 500"}
    assert said(pictures, looks(HERE, room=a_room(accepted=False))) == ()


@pytest.mark.parametrize(
    "sit",
    [
        looks(HERE, preset=-1),
        looks(HERE, moving=True),
        looks(HERE, preset=77),
        looks({**HERE, "zoom": stale(500)}),
        looks({"pan": 100}),
    ],
)
def test_what_is_no_seat_at_rest_is_not_compared(sit: Sit) -> None:
    assert said(pictures, sit) == ()


def test_a_picture_that_shows_elsewhere_is_told_until_somebody_says_that_it_is_right() -> None:
    kept = {f"approved.{NAME}": "100 -20 500"}
    words = said(pictures, looks(THERE, marks=kept))
    assert marks(words) == {f"another.{NAME}": "180 -20 500"}
    assert [w.because.args for w in words if isinstance(w, Alert)] == [("main", 1, "100 -20 500", "180 -20 500")]
    gone = said(pictures, looks(HERE, preset=-1, marks={**kept, **marks(words)}))
    assert alerts(gone) == {"frame_drift"}
    back = said(pictures, looks(HERE, marks={**kept, **marks(words)}))
    assert (alerts(back), marks(back)) == (set(), {f"another.{NAME}": ""})


def test_a_head_may_stand_a_little_beside_and_jitter_is_no_news() -> None:
    kept = {f"approved.{NAME}": "100 -20 500"}
    assert alerts(said(pictures, looks({**HERE, "pan": 140, "tilt": -60}, marks=kept))) == set()
    assert alerts(said(pictures, looks({**HERE, "pan": 141}, marks=kept))) == {"frame_drift"}
    drifted = {**kept, f"another.{NAME}": "180 -20 500"}
    assert marks(said(pictures, looks({**THERE, "pan": 182}, marks=drifted))) == {f"another.{NAME}": "180 -20 500"}


def test_a_seat_that_somebody_stores_anew_is_approved_anew() -> None:
    kept = {f"approved.{NAME}": "100 -20 500", f"another.{NAME}": "180 -20 500"}
    stores = a_hold("store", 1, ("camera.main.store",))
    words = said(pictures, looks(THERE, marks=kept, holds=(stores,)))
    assert (marks(words), alerts(words)) == ({f"approved.{NAME}": "", f"another.{NAME}": ""}, set())


def test_whom_the_camera_showed_in_a_secret_meeting_is_not_written_down() -> None:
    assert said(pictures, looks(THERE, booked=(a_booked(7, 9, secret=True),))) == ()
    assert said(pictures, looks(THERE, booked=(a_booked(7, 9),))) != ()


@given(st.text(), st.text())
def test_a_place_in_a_file_that_somebody_wrote_in_is_never_an_error(one: str, other: str) -> None:
    kept = {f"approved.{NAME}": one, f"another.{NAME}": other}
    for word in said(pictures, looks(HERE, marks=kept)):
        assert isinstance(word, Alert | Mark)
