"""Set-points of people, the HAND key, and what a person must know of loads and of the controller's own parts."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.room import Button, Rank
from controller.core.state import Proof, Track
from controller.core.words import Alert
from controller.rules.common import end_devices, live, maybe_call, on_mains, power_on, room_on
from controller.rules.devices import accounts, devices, own_parts
from controller.rules.manual import bypass, manual
from hardware.contract import Edge, Reading, Value
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MINUTE_MS,
    WHY,
    Sit,
    a_booked,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    all_loads,
    codes,
    demands,
    marks,
    poor_room,
    ranks,
    said,
    stale,
    waits,
)


def test_a_hold_demands_its_targets_with_the_rank_and_reason_of_its_maker() -> None:
    hold = a_hold("load.fan", "on", ("load.fan", "load.gone"), Rank.PERSON)
    words = said(manual, Sit(holds=(hold,)))
    assert (demands(words), ranks(words), codes(words)) == ({"load.fan": "on"}, {Rank.PERSON}, {"test"})


def test_a_room_by_hand_also_wakes_its_devices_or_ends_them_well() -> None:
    on = demands(said(manual, Sit(holds=(a_hold("room", "on", ("load.codec",)),))))
    assert on == {"load.codec": "on", "codec.power": "awake", "camera.main.power": "on"}
    off = demands(said(manual, Sit(holds=(a_hold("room", "off", ("load.codec",)),))))
    assert off == {
        "load.codec": "off",
        "codec.hangup": "all",
        "codec.power": "asleep",
        "camera.main.park": "home",
    }


def test_a_room_without_devices_has_none_to_wake_or_to_end() -> None:
    view = Sit(room=poor_room()).view()
    assert {w.target.split(".")[0] for w in power_on(view, Rank.IDLE, WHY) if hasattr(w, "target")} == {"load"}
    assert list(end_devices(view, Rank.IDLE, WHY)) == []
    assert not maybe_call(view)
    assert on_mains(view) is True


def test_a_camera_without_a_power_order_is_not_ordered() -> None:
    room = a_room()
    room = a_room(targets={n: t for n, t in room.targets.items() if n != "camera.main.power"})
    assert "camera.main.power" not in demands(power_on(Sit(room=room).view(), Rank.IDLE, WHY))


def test_the_key_stops_every_order_to_every_relay() -> None:
    words = said(bypass, Sit(down=("bypass",)))
    assert alerts(words) == {"bypass"}
    assert {(f"load.{load.name}", value) for load in a_room().loads for value in ("on", "off")} <= waits(
        words
    ).keys()
    assert said(bypass, Sit()) == ()


def test_a_room_without_a_key() -> None:
    room = a_room(buttons=(Button("power", "power"),))
    assert said(bypass, Sit(room=room)) == ()


def test_by_hand_nothing_is_switched_and_afterwards_everything_is_put_right() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).run(MINUTE_MS)
    n = len(day.orders)
    day.give(Edge("bypass", True, day.mono_ms))
    day.to(7.5)
    assert day.phase == "bypass"
    assert [o for _, o, _ in day.orders[n:] if o.target.startswith("load.")] == []
    day.give(Edge("bypass", False, day.mono_ms))
    assert day.until(lambda d: d.phase == "ready", 10 * MINUTE_MS)


def track(proof: Proof, want: Value = "on", failed: str = "") -> Track:
    return Track(proof, 0, want, "on", failed=failed)


def test_failed_welded_and_lost_are_told_and_what_nobody_wants_is_not() -> None:
    seen = {
        "load.display": track(Proof.FAILED, failed="timeout"),
        "load.codec": track(Proof.FAILED, "off", "no_effect"),
        "load.camera": track(Proof.LOST),
        "load.mixer": track(Proof.LOST, None),
        "load.amplifier": track(Proof.NA),
    }
    words = said(devices, Sit(seen=seen))
    assert alerts(words) == {"failed", "lost"}
    assert codes(words) == {"load.failed", "load.welded", "load.lost"}


def test_the_controllers_own_parts() -> None:
    assert said(own_parts, Sit()) == ()
    bad = {
        "keeper.up": False,
        "journal.state": "full",
        "host.undervoltage": True,
        "host.disk_free_pct": 4.9,
    }
    words = said(own_parts, Sit(facts=bad))
    assert alerts(words) == {"keeper_down", "journal", "undervoltage", "disk"}
    good = {"keeper.up": True, "journal.state": "ok", "host.undervoltage": False, "host.disk_free_pct": 5.0}
    assert said(own_parts, Sit(facts=good)) == ()


def test_on_mains_is_unknown_without_a_good_word() -> None:
    assert on_mains(Sit(facts={"ups.source": "battery"}).view()) is False
    assert on_mains(Sit(facts={"ups.source": "mains"}).view()) is True
    assert on_mains(Sit(facts={"ups.source": stale("mains")}).view()) not in (True, False)


def test_which_meetings_are_live_and_whether_the_room_is_on() -> None:
    assert list(live(Sit(6.99, booked=(a_booked(),)).view())) == []
    assert len(list(live(Sit(10.2, booked=(a_booked(),)).view(), HOUR_MS))) == 1
    assert room_on(Sit(seen=all_loads("on")).view())
    assert not room_on(Sit(seen={"load.network": "on"}).view())


def test_a_keeper_that_is_gone_is_said_once_and_once_when_it_is_back() -> None:
    day = Day(15).run(MINUTE_MS)
    day.far.mute.add("keeper")
    day.give(Reading("keeper", (("up", False),), day.mono_ms))
    day.run(20_000)
    day.far.mute.clear()
    day.run(20_000)
    assert [row["alert"] for row in day.told("alert", "keeper")] == ["keeper_down"]
    assert [row["alert"] for row in day.told("alert.end", "keeper")] == ["keeper_down"]


def test_by_hand_devices_do_only_what_a_person_asks() -> None:
    day = Day(6.0).calendar(a_meeting(8, 10)).to(7.2)
    day.give(Edge("bypass", True, day.mono_ms))
    day.run(100).far.codec["power"] = "asleep"
    day.look().run(5 * MINUTE_MS)
    assert day.far.codec["power"] == "asleep"
    day.command("mute", "open")
    assert day.run(1_000).far.codec["mute"] == "open"


def test_a_refused_login_is_told_for_each_device() -> None:
    facts = {"codec.login": "refused", "ups.link": "refused", "link.login": "refused"}
    words = said(accounts, Sit(facts=facts))
    assert [w.subject for w in words if isinstance(w, Alert)] == ["codec", "broker", "ups"]
    assert codes(words) == {"R15.refused"}
    assert alerts(said(accounts, Sit(facts={"codec.login": "ok", "ups.link": "ok", "link.login": "ok"}))) == set()


@pytest.mark.parametrize("told", ["asked", stale("refused"), stale("ok")])
def test_between_two_tries_it_is_still_refused(told: Any) -> None:
    kept = {"denied.codec": True}
    assert alerts(said(accounts, Sit(facts={"codec.login": told}, marks=kept))) == {"login_refused"}
    assert alerts(said(accounts, Sit(facts={"codec.login": "ok"}, marks=kept))) == set()
    assert alerts(said(accounts, Sit(facts={"codec.login": told}))) == set()


def test_upsd_refuses_the_order_that_comes_with_a_wrong_password() -> None:
    failed = Track(Proof.FAILED, 0, "quick", None, failed="access_denied")
    words = said(accounts, Sit(facts={"ups.link": "ok"}, seen={"ups.test": failed}))
    assert (alerts(words), marks(words)["denied.ups"]) == ({"login_refused"}, True)
    kept = {"denied.ups": True}
    assert alerts(said(accounts, Sit(marks=kept))) == {"login_refused"}
    taken = Track(Proof.PROVEN, 0, "quick", "quick")
    assert alerts(said(accounts, Sit(seen={"ups.test": taken}, marks=kept))) == set()
    other = Track(Proof.FAILED, 0, "quick", None, failed="timeout")
    assert alerts(said(accounts, Sit(seen={"ups.test": other}))) == set()


def test_one_more_try_of_what_has_failed_is_no_end_of_it() -> None:
    """The contact never answers: said once, however often it is tried; and ended once when it does."""
    day = Day(14.0).run(60_000)
    day.far.deaf.add("load.display")
    day.press("power", 200).run(90 * 60_000)
    assert sum(o.target == "load.display" for _, o, _ in day.orders) > 3
    alarms = [row for row in day.told("alert", "load.display") if row["alert"] == "failed"]
    assert len(alarms) == 1
    assert day.told("alert.end", "load.display") == []
    day.far.deaf.clear()
    day.run(30 * 60_000)
    assert len(day.told("alert.end", "load.display")) == 1
