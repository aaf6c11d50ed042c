"""Orders and their gates: waits, retries, sequence, minimum off-time, inrush, the start's grace, and giving up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from controller.core.decide import decide
from controller.core.observe import HOURLY
from controller.core.room import Edge, Rank, Room
from controller.core.state import Desired, Outcome, Proof, State, Track
from controller.core.view import View
from controller.core.words import Demand, Wait, Yield
from hardware.contract import Reading
from tests.controller.day import Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, WHY, a_room, clock

NOW = clock(12)
AT_MS = NOW.mono_ms


def want(*demands: Demand | Wait, state: State, room: Room, **relays: str) -> Outcome:
    """One call with these words of one rule, and these contacts."""

    def rule(_v: View) -> Iterator[Yield]:
        yield from demands

    reading = Reading("relay", tuple(relays.items()), AT_MS)
    return decide(state, (reading,), NOW, room, (("", rule),))


def demand(target: str, value: str = "on", rank: Rank = Rank.SCHEDULE) -> Demand:
    return Demand(f"load.{target}", value, rank, WHY)


def lived(**tracks: Track) -> State:
    return State("b", AT_MS - 10 * MINUTE_MS, tracks={f"load.{n}": t for n, t in tracks.items()})


def edge(target: str, value: str, after: str, is_: str, **more: Any) -> Edge:
    how = {"settle_ms": 2_000, "give_up_ms": MINUTE_MS, **more}
    return Edge(f"load.{target}", value, f"load.{after}", is_, **how)


def room(*edges: Edge, gap_ms: int = 2_000) -> Room:
    return a_room(edges=edges, power_up=replace(a_room().power_up, inrush_gap_ms=gap_ms))


def orders(outcome: Outcome) -> list[tuple[str, Any]]:
    return [(o.target.removeprefix("load."), o.value) for o in outcome.orders]


def waits(outcome: Outcome, name: str) -> str | None:
    reason = outcome.state.tracks[f"load.{name}"].waiting
    return None if reason is None else reason.code


OFF = Track(Proof.PROVEN, 0, "off", "off")
ON = Track(Proof.PROVEN, 0, "on", "on", done_ms=1)


def test_what_is_wanted_and_known_to_be_otherwise_is_ordered_with_its_reason() -> None:
    outcome = want(demand("fan"), state=lived(fan=OFF), room=room(), fan="off")
    assert orders(outcome) == [("fan", "on")]
    (said,) = [r for r in outcome.records if r.kind == "order"]
    body = dict(said.body)
    assert (body["value"], body["rank"], body["code"], body["attempt"]) == ("on", "schedule", "test", 1)
    track = outcome.state.tracks["load.fan"]
    assert (track.proof, track.tries, track.sent) == (Proof.ORDERED, 1, outcome.orders[0])


def test_what_is_so_already_or_unknown_is_not() -> None:
    assert orders(want(demand("fan"), state=lived(fan=OFF), room=room(), fan="on")) == []
    assert orders(want(demand("fan"), state=lived(fan=replace(OFF, proof=Proof.LOST)), room=room())) == []


def test_a_wait_holds_the_order_back_with_its_own_reason() -> None:
    wait = Wait("load.fan", "on", replace(WHY, code="later"))
    outcome = want(demand("fan"), wait, state=lived(fan=OFF), room=room(), fan="off")
    assert (orders(outcome), waits(outcome, "fan")) == ([], "later")


def test_between_two_tries_there_are_two_seconds() -> None:
    tried = Track(Proof.WAITING, 0, "on", "off", tries=1, sent_ms=AT_MS - 1_999)
    outcome = want(demand("fan"), state=lived(fan=tried), room=room(), fan="off")
    assert (orders(outcome), waits(outcome, "fan"), outcome.wake_ms) == ([], "R3.retry", AT_MS + 1)
    tried = replace(tried, sent_ms=AT_MS - 2_000)
    assert orders(want(demand("fan"), state=lived(fan=tried), room=room(), fan="off")) == [("fan", "on")]


def test_minimum_off_time() -> None:
    rested = replace(OFF, off_ms=AT_MS - 5_000 + 1)
    outcome = want(demand("fan"), state=lived(fan=rested), room=room(), fan="off")
    assert (orders(outcome), waits(outcome, "fan")) == ([], "N11.min_off")
    rested = replace(OFF, off_ms=AT_MS - 5_000)
    assert orders(want(demand("fan"), state=lived(fan=rested), room=room(), fan="off")) == [("fan", "on")]


def test_one_load_on_in_each_inrush_gap_and_any_number_off() -> None:
    both = (demand("fan"), demand("display"))
    outcome = want(*both, state=lived(fan=OFF, display=OFF), room=room(), fan="off", display="off")
    assert orders(outcome) == [("display", "on")]
    assert waits(outcome, "fan") == "N11.inrush"
    both = (demand("fan", "off"), demand("display", "off"))
    outcome = want(*both, state=lived(fan=ON, display=ON), room=room(), fan="on", display="on")
    assert orders(outcome) == [("display", "off"), ("fan", "off")]


def gate(after: Track, level: str, row: Edge, wish: str | None = "on", since_ms: int = 0) -> tuple[list[Any], bool]:
    """Whether `mixer` may go on after `display`, and whether that was out of order."""
    words = [demand("mixer")] + ([demand("display", wish)] if wish else [])
    state = lived(display=after, mixer=OFF)
    wished = {"load.mixer": _desired(since_ms)}
    outcome = want(
        *words, state=state._replace(desired=wished), room=room(row, gap_ms=0), mixer="off", display=level
    )
    out = any(r.kind == "out_of_order" for r in outcome.records)
    return [o for o in orders(outcome) if o[0] == "mixer"], out


def _desired(ago_ms: int) -> Desired:
    return Desired("on", Rank.SCHEDULE, WHY, AT_MS - ago_ms, AT_MS - ago_ms)


SOFT = edge("mixer", "on", "display", "on")
HARD = replace(SOFT, hard=True)
GO = [("mixer", "on")]


def settled(ms: int) -> Track:
    return replace(ON, done_ms=AT_MS - ms, since_ms=AT_MS - ms)


@pytest.mark.parametrize(("ms", "go"), [(1_999, []), (2_000, GO)])
def test_a_row_opens_when_the_one_before_has_settled(ms: int, go: list[Any]) -> None:
    assert gate(settled(ms), "on", SOFT) == (go, False)


def test_a_soft_row_waits_only_for_what_is_wanted() -> None:
    assert gate(OFF, "off", SOFT, wish=None) == (GO, False)
    assert gate(OFF, "off", SOFT, wish="off") == (GO, False)
    assert gate(OFF, "off", SOFT)[0] == []


def test_a_hard_row_waits_for_its_parent_in_any_case() -> None:
    assert gate(OFF, "off", HARD, wish=None)[0] == []
    assert gate(settled(2_000), "on", HARD, wish=None) == (GO, False)


def test_a_parent_that_failed_or_cannot_be_does_not_block() -> None:
    assert gate(replace(OFF, proof=Proof.FAILED, want="on", tries=3, since_ms=AT_MS), "off", HARD)[0] == GO
    assert gate(OFF, "off", replace(HARD, after="load.none")) == (GO, False)


def test_whoever_waits_too_long_goes_and_says_so_once() -> None:
    assert gate(OFF, "off", SOFT, since_ms=MINUTE_MS - 1) == ([], False)
    assert gate(OFF, "off", SOFT, since_ms=MINUTE_MS) == (GO, True)


@pytest.mark.parametrize(
    ("rank", "patience_ms"),
    [(Rank.SCHEDULE, 600_000), (Rank.POWER, 120_000), (Rank.SAFETY, 120_000), (Rank.PERSON, 30_000)],
)
def test_power_safety_and_people_have_less_patience(rank: Rank, patience_ms: int) -> None:
    row = edge("mixer", "off", "amplifier", "off", give_up_ms=600_000)
    words = (demand("mixer", "off", rank), demand("amplifier", "off", rank))
    stuck = Track(Proof.ORDERED, AT_MS, "off", "on", sent_ms=AT_MS, tries=1)

    def at(ago_ms: int) -> list[Any]:
        wish = {"load.mixer": replace(_desired(ago_ms), value="off", rank=rank)}
        state = lived(mixer=ON, amplifier=stuck)._replace(desired=wish)
        return orders(want(*words, state=state, room=room(row), mixer="on", amplifier="on"))

    assert at(patience_ms - 1) == []
    assert at(patience_ms) == [("mixer", "off")]


def test_an_effect_row_waits_for_the_effect_and_not_for_the_contact() -> None:
    row = replace(SOFT, effect=True, after="load.codec", hard=True)
    done = Track(Proof.DONE, AT_MS - 60_000, "on", "on", done_ms=AT_MS - 60_000)
    state = lived(codec=done, mixer=OFF)
    outcome = want(demand("mixer"), demand("codec"), state=state, room=room(row), mixer="off", codec="on")
    assert (orders(outcome), waits(outcome, "mixer")) == ([], "R3.sequence")


@pytest.mark.parametrize(("up_s", "blind"), [(9, False), (10, True), (69, True), (71, False)])
def test_without_any_evidence_one_order_goes_out_after_the_grace_and_never_later(up_s: int, blind: bool) -> None:
    state = State("b", AT_MS - up_s * 1_000, tracks={"load.fan": Track(Proof.UNSEEN, 0)})
    assert bool(orders(want(demand("fan"), state=state, room=room()))) is blind


def test_a_blind_order_is_not_repeated() -> None:
    day = Day(15, mono_ms=20_000)
    day.far.mute |= {"relay"}
    day.run(20_000).command("load", "fan", "on")
    day.run(5 * MINUTE_MS)
    assert day.switched().count(("load.fan", "on")) == 1
    assert "lost" not in day.codes


def test_an_order_goes_out_once_for_all_the_readings_that_follow() -> None:
    day = Day(15).run(20_000)
    day.far.deaf.add("load.fan")
    day.command("load", "fan", "on")
    for _ in range(20):
        day.run(400).look()
    assert day.switched().count(("load.fan", "on")) == 1


def test_a_deaf_relay_is_tried_three_times_then_failed_then_now_and_then() -> None:
    day = Day(15).run(20_000)
    day.far.deaf.add("load.fan")
    day.command("load", "fan", "on")
    day.run(5 * MINUTE_MS)
    assert day.switched().count(("load.fan", "on")) == 3
    assert "failed" in day.codes
    day.run(11 * MINUTE_MS)
    assert day.switched().count(("load.fan", "on")) == 4
    day.far.deaf.clear()
    day.run(11 * MINUTE_MS)
    assert "fan" in day.relays("on")
    assert "failed" not in day.codes


def told_ms(day: Day, target: str = "codec.power") -> list[int]:
    return [at_ms for at_ms, order, _ in day.orders if order.target == target]


def sleepy(every_ms: int, hours: float = 3) -> Day:
    """A room that is used, whose codec obeys each time and falls asleep again."""
    day = Day(15).run(20_000)
    day.command("power", "on")
    day.until(lambda d: d.phase == "ready")
    end_ms = day.mono_ms + hours * HOUR_MS
    while day.mono_ms < end_ms:
        day.far.codec["power"] = "asleep"
        day.look().run(every_ms)
    return day


def test_a_codec_that_obeys_and_falls_asleep_again_gets_twelve_orders_an_hour_and_is_told_of() -> None:
    day = sleepy(2 * MINUTE_MS)
    times = told_ms(day)
    assert len(times) > 2 * HOURLY
    assert all(later - first >= HOUR_MS for first, later in zip(times, times[HOURLY:], strict=False))
    assert dict(day.told("alert", "codec.power")[0])["alert"] == "failed"


def test_twelve_orders_an_hour_hold_no_other_wish_back() -> None:
    day = sleepy(2 * MINUTE_MS, hours=0.9)
    assert len(told_ms(day)) == HOURLY
    day.far.codec["power"] = "awake"
    day.look().command("power", "off")
    day.run(30 * MINUTE_MS)
    assert [o.value for _, o, _ in day.orders if o.target == "codec.power"][HOURLY:] == ["asleep"]


def test_a_codec_that_falls_asleep_now_and_then_is_woken_each_time() -> None:
    day = sleepy(6 * MINUTE_MS)
    assert len(told_ms(day)) > 30
    assert "failed" not in day.codes


def test_never_a_second_order_while_one_is_open() -> None:
    state = want(demand("fan"), state=lived(fan=OFF), room=room(), fan="off").state
    again = partial(want, demand("fan"), state=state, room=room(), fan="off")
    assert orders(again()) == []
