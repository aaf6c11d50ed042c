"""R14: a device that says it is another one, in an accepted room, until somebody approves it."""

from __future__ import annotations

from controller.core.view import Alert
from controller.rules.drift import identities
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, a_room, alerts, marks, said, stale

OLD, NEW = "Group 500:8218", "Group 500:9999"


def sit(told: object, **more: object) -> Sit:
    return Sit(facts={"codec.identity": told}, **more)  # type: ignore[arg-type]


def test_the_first_word_in_an_accepted_room_is_the_approved_one() -> None:
    assert marks(said(identities, sit(OLD))) == {"approved.codec": OLD}
    assert said(identities, sit(OLD, room=a_room(accepted=False))) == ()
    assert said(identities, sit(stale(OLD))) == ()


def test_another_one_is_told_with_before_and_after() -> None:
    words = said(identities, sit(NEW, marks={"approved.codec": OLD}))
    assert [w.because.args for w in words if isinstance(w, Alert)] == [("codec", OLD, NEW)]
    assert alerts(said(identities, sit(OLD, marks={"approved.codec": OLD}))) == set()
    assert alerts(said(identities, sit("", marks={"approved.codec": OLD}))) == set()


def living(identity: str) -> Day:
    day = Day(12).run(MINUTE_MS)
    day.press("power", 300).until(lambda d: d.phase == "ready", HOUR_MS)
    day.far.codec["identity"] = identity
    return day.run(MINUTE_MS)


def test_a_swap_outlives_a_power_cut_and_ends_when_it_is_approved() -> None:
    day = living(OLD)
    day.restart(boot="b2", mono_ms=30_000)
    day.far.codec["identity"] = NEW
    day.run(2 * MINUTE_MS)
    assert [row["alert"] for row in day.told("alert", "codec")] == ["another_device"]
    assert day.command("maintenance", "done", "codec").stage == "accepted"
    day.run(MINUTE_MS)
    assert [row["alert"] for row in day.told("alert.end", "codec")] == ["another_device"]
    assert day.state.marks["approved.codec"].value == NEW
