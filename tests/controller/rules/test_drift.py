"""R14: a device that says it is another one, in an accepted room, until somebody approves it."""

from __future__ import annotations

from controller.core.state import Fact, Proof, Quality, Track
from controller.core.view import Alert
from controller.rules.drift import STOOD_MS, identities
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, Sit, a_room, alerts, marks, mono, said, stale

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
