"""From wish to effect, the table row by row, for *on* and for *off*: what each evidence makes of each proof."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.memory import Told
from controller.core.observe import GIVEN_UP_MS, HOURLY, STEADY_MS, holds, observe, seen
from controller.core.room import Evidence, Target
from controller.core.state import Fact, Proof, Quality, State, Track
from controller.core.view import View
from hardware.contract import NEVER_MS, Order, OrderId, Result, Stage, Value
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_room, clock

NOW = clock(12)
AT_MS = NOW.mono_ms
P = Proof
LOAD = Target(
    "load.x",
    "",
    done=(Evidence("relay.x"),),
    proven=(Evidence("relay.x"), Evidence("x.answers", when=(("on", True), ("off", False)))),
    min_off_ms=15_000,
)
ORDER = Order(OrderId("b", 1), "load.x", "on", 10_000)
OTHER = {"on": "off", "off": "on"}


def view(**facts: Any) -> View:
    """Facts of x; `stale_` ones begin with that word."""
    found = {}
    for name, value in facts.items():
        quality = Quality.STALE if name.startswith("stale_") else Quality.GOOD
        key = name.removeprefix("stale_")
        found[{"relay": "relay.x", "answers": "x.answers"}[key]] = Fact(value, quality, AT_MS, AT_MS)
    return View(State(started_ms=AT_MS - HOUR_MS, facts=found), NOW, a_room())


def effect(value: str, good: bool = True) -> dict[str, Any]:
    return {"relay": value, "answers": (value == "on") is good}


def track(proof: Proof, want: Value = "on", **more: Any) -> Track:
    return Track(proof, AT_MS - 1_000, want, **{"seen": want, **more})


def step(
    before: Track | None, want: Value, result: Result | None = None, carried: bool = True, **facts: Any
) -> Track:
    return observe(LOAD, before, want, result, carried, view(**facts))


@pytest.mark.parametrize("value", ["on", "off"])
@pytest.mark.parametrize("proof", [p for p in Proof if p is not P.FAILED])
def test_good_evidence_that_equals_the_wish_proves_it_from_everywhere(proof: Proof, value: str) -> None:
    after = step(track(proof, value), value, **effect(value))
    assert (after.proof, after.seen) == (P.PROVEN, value)


@pytest.mark.parametrize("value", ["on", "off"])
def test_failed_leaves_by_its_effect(value: str) -> None:
    assert step(track(P.FAILED, value), value, **effect(value)).proof is P.PROVEN


@pytest.mark.parametrize("value", ["on", "off"])
@pytest.mark.parametrize("proof", [P.NA, P.UNSEEN, P.WAITING, P.ORDERED, P.LOST])
def test_the_actuator_alone_is_done_and_not_proven(proof: Proof, value: str) -> None:
    after = step(track(proof, value), value, **effect(value, good=False))
    assert (after.proof, after.done_ms) == (P.DONE, AT_MS)


@pytest.mark.parametrize("value", ["on", "off"])
def test_an_effect_that_goes_away_is_given_its_time_again_then_failed(value: str) -> None:
    gone = step(track(P.PROVEN, value, done_ms=1), value, **effect(value, good=False))
    assert (gone.proof, gone.done_ms) == (P.DONE, AT_MS)
    late = replace(gone, done_ms=AT_MS - LOAD.effect_ms)
    after = step(late, value, **effect(value, good=False))
    assert (after.proof, after.failed) == (P.FAILED, "no_effect")
    assert step(after, value, **effect(value, good=False)).proof is P.FAILED, "healing is a rule"


@pytest.mark.parametrize("value", ["on", "off"])
def test_an_unknown_effect_stays_lost_and_is_awaited_when_it_was_never_proven(value: str) -> None:
    assert step(track(P.LOST, value), value, relay=value).proof is P.LOST
    assert step(track(P.DONE, value, done_ms=AT_MS), value, relay=value).proof is P.DONE


def test_what_was_proven_on_is_lost_with_its_effect_and_what_was_proven_off_is_not() -> None:
    """A device without power is silent and asked every five minutes; its words are stale after half a minute."""
    assert step(track(P.PROVEN, "on"), "on", relay="on", stale_answers=True).proof is P.LOST
    assert step(track(P.PROVEN, "off"), "off", relay="off", stale_answers=False).proof is P.PROVEN
    assert step(track(P.PROVEN, "off"), "off", relay="off").proof is P.PROVEN
    assert step(track(P.PROVEN, "off"), "off", relay="off", answers=True).proof is P.DONE


@pytest.mark.parametrize("value", ["on", "off"])
@pytest.mark.parametrize("proof", [P.PROVEN, P.DONE, P.LOST, P.UNSEEN, P.WAITING, P.NA])
def test_contrary_evidence_waits_for_a_new_order(proof: Proof, value: str) -> None:
    after = step(track(proof, value), value, **effect(OTHER[value]))
    assert (after.proof, after.seen) == (P.WAITING, OTHER[value])


@pytest.mark.parametrize("value", ["on", "off"])
@pytest.mark.parametrize("proof", [P.PROVEN, P.DONE, P.LOST])
def test_evidence_that_goes_stale_is_lost_and_stays_lost(proof: Proof, value: str) -> None:
    after = step(track(proof, value), value, stale_relay=value)
    assert (after.proof, after.seen) == (P.LOST, None)


@pytest.mark.parametrize("proof", [P.NA, P.UNSEEN, P.WAITING])
def test_without_any_evidence_it_is_unseen(proof: Proof) -> None:
    assert step(track(proof), "on").proof is P.UNSEEN
    assert step(None, "on").proof is P.UNSEEN


def test_failed_without_evidence_stays_failed() -> None:
    assert step(track(P.FAILED), "on").proof is P.FAILED


def ordered(ago_ms: int = 1_000, tries: int = 1, **more: Any) -> Track:
    return track(P.ORDERED, seen="off", sent=ORDER, sent_ms=AT_MS - ago_ms, tries=tries, **more)


def answer(stage: Stage, code: str = "") -> Result:
    return Result(ORDER.id, stage, code, AT_MS)


def test_an_order_has_its_time_then_another_try_then_it_has_failed() -> None:
    assert step(ordered(9_999), "on", relay="off") == ordered(9_999)
    after = step(ordered(10_000), "on", relay="off")
    assert (after.proof, after.failed) == (P.WAITING, "timeout")
    assert step(ordered(10_000, tries=3), "on", relay="off").proof is P.FAILED


@pytest.mark.parametrize(("code", "told"), [("not_executable", "not_executable"), ("", "refused")])
def test_a_refusal_ends_the_try_at_once(code: str, told: str) -> None:
    after = step(ordered(), "on", answer(Stage.REFUSED, code), relay="off")
    assert (after.proof, after.failed) == (P.WAITING, told)


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.DONE, Stage.SUPERSEDED])
def test_only_facts_prove(stage: Stage) -> None:
    assert step(ordered(), "on", answer(stage), relay="off").proof is P.ORDERED


def test_an_order_into_the_dark_is_unseen_or_lost_after_its_time() -> None:
    assert step(ordered(9_999), "on").proof is P.ORDERED
    assert step(ordered(10_000), "on").proof is P.UNSEEN
    assert step(ordered(10_000, done_ms=1), "on").proof is P.LOST


def test_failed_is_tried_once_now_and_then_when_the_contact_never_answered() -> None:
    def failed(ago_ms: int) -> Track:
        return Track(P.FAILED, AT_MS - ago_ms, "on", "off", tries=3)

    assert step(failed(599_999), "on", relay="off").proof is P.FAILED
    after = step(failed(600_000), "on", relay="off")
    assert (after.proof, after.tries) == (P.WAITING, 2)


def test_tries_are_forgotten_when_it_has_been_right_for_a_minute() -> None:
    young = track(P.PROVEN, tries=2, failed="timeout")
    assert step(young, "on", **effect("on")).tries == 2
    after = step(replace(young, since_ms=AT_MS - STEADY_MS), "on", **effect("on"))
    assert (after.tries, after.failed) == (0, "")


def test_a_device_that_says_yes_and_does_no_has_failed_after_its_tries() -> None:
    assert step(track(P.PROVEN, tries=3), "on", **effect("off")).proof is P.FAILED


@pytest.mark.parametrize("proof", [P.FAILED, P.ORDERED, P.WAITING, P.PROVEN, P.DONE])
def test_another_wish_begins_afresh(proof: Proof) -> None:
    before = track(proof, "on", tries=3, failed="timeout", out_of_order=True)
    after = step(before, "off", **effect("on"))
    assert (after.proof, after.tries, after.failed, after.out_of_order) == (P.WAITING, 0, "", False)


MIC = Target("mic", "load.x", done=(Evidence("relay.x"),), proven=(Evidence("relay.x"),))


def wished(before: Track, want: Value = "on", shown: str = "off", target: Target = MIC) -> Track:
    return observe(target, before, want, None, True, view(relay=shown))


def given_up(ago_ms: int = 0, target: Target = MIC) -> Track:
    """*on* came to nothing so long ago, and since then nobody has wanted anything."""
    failed = wished(Track(P.ORDERED, AT_MS - 10_000, "on", "off", sent_ms=AT_MS - 10_000, tries=3), target=target)
    assert failed.given_up == replace(failed, given_up=None)
    before = replace(failed.given_up, since_ms=AT_MS - ago_ms)
    return wished(replace(failed, given_up=before), None, target=target)


def test_a_wish_that_lapses_and_comes_back_to_a_deaf_device_waits_for_its_next_try() -> None:
    lapsed = given_up(MIC.again_ms - 1)
    assert (lapsed.proof, lapsed.tries, lapsed.failed) == (P.PROVEN, 0, "")
    after = wished(lapsed)
    assert (after.proof, after.since_ms, after.failed) == (P.FAILED, AT_MS - MIC.again_ms + 1, "timeout")
    assert wished(replace(after, since_ms=AT_MS - MIC.again_ms)).proof is P.WAITING
    assert wished(lapsed, shown="on").proof is P.PROVEN


def test_a_deaf_device_is_told_once_what_is_wanted_later_or_instead() -> None:
    for before, want, shown in ((given_up(MIC.again_ms), "on", "off"), (given_up(), "off", "on")):
        after = wished(before, want, shown)
        assert (after.proof, after.tries) == (P.WAITING, 2)


def test_all_tries_are_given_back_after_an_hour_and_are_never_taken_from_the_unseen_nor_from_a_relay() -> None:
    assert wished(given_up(GIVEN_UP_MS - 1)).tries == 2
    assert wished(given_up(GIVEN_UP_MS)).tries == 0
    assert observe(MIC, given_up(), "on", None, True, view()).tries == 0
    assert wished(given_up(target=LOAD), target=LOAD).tries == 0


def test_all_tries_are_given_back_to_who_obeys_or_loses_its_power_and_not_to_who_happens_to_be_so() -> None:
    lucky = wished(wished(given_up(), "off"), None)
    assert wished(lucky).proof is P.FAILED
    obeyed = wished(replace(wished(given_up()), proof=P.ORDERED), shown="on")
    dark = observe(MIC, given_up(), None, None, False, view(relay="off"))
    assert [wished(wished(t, None)).tries for t in (obeyed, dark)] == [0, 0]


def told(first_ago_ms: int, times: int = HOURLY, **more: Any) -> Track:
    """*on* was ordered so often, has been right for long, and is no more."""
    at_ms = (AT_MS - first_ago_ms, *[AT_MS - MINUTE_MS] * (times - 1))
    return Track(P.PROVEN, 0, "on", "on", **{"told": Told("on", at_ms), **more})


def test_the_same_order_goes_out_twelve_times_an_hour_and_a_relays_or_another_as_often_as_it_must() -> None:
    assert wished(told(GIVEN_UP_MS - 1)).proof is P.FAILED
    assert wished(told(GIVEN_UP_MS)).proof is P.WAITING
    assert wished(told(1, HOURLY - 1)).proof is P.WAITING
    assert wished(told(GIVEN_UP_MS - 1), target=LOAD).proof is P.WAITING
    assert wished(told(GIVEN_UP_MS - 1), "off", "on").proof is P.WAITING


def test_the_next_try_of_what_failed_waits_for_its_hour_too() -> None:
    failed = replace(told(GIVEN_UP_MS - 1), proof=P.FAILED, since_ms=AT_MS - MIC.again_ms)
    assert wished(failed).proof is P.FAILED
    assert failed.told is not None
    assert wished(replace(failed, told=Told("on", failed.told.at_ms[1:]))).proof is P.WAITING


def test_a_wish_that_comes_back_to_a_deaf_device_keeps_count_of_its_orders() -> None:
    assert wished(replace(given_up(), told=Told("on", (1, 2)))).told == Told("on", (1, 2))


def test_another_wish_that_is_so_already_is_proven_at_once() -> None:
    assert step(track(P.ORDERED, "on", seen="off"), "off", **effect("off")).proof is P.PROVEN


def test_without_its_carrier_nothing_is_said_of_it() -> None:
    after = step(track(P.PROVEN), "on", carried=False, **effect("on"))
    assert after.proof is P.NA
    assert step(after, "on", carried=False, **effect("on")) is after


def test_what_nobody_wants_is_only_looked_at() -> None:
    assert step(track(P.WAITING), None, **effect("on")).proof is P.PROVEN
    assert step(track(P.WAITING), None, **effect("on", good=False)).proof is P.DONE
    assert step(track(P.PROVEN), None).proof is P.LOST
    assert step(track(P.UNSEEN), None).proof is P.UNSEEN


def test_going_off_is_remembered_for_the_minimum_off_time() -> None:
    assert step(track(P.PROVEN, "on"), "on", relay="off").off_ms == AT_MS
    assert step(track(P.PROVEN, "off", off_ms=5), "off", relay="off").off_ms == 5


def test_off_again_after_a_time_unseen_may_have_gone_off_just_now() -> None:
    assert step(track(P.LOST, "on", seen=None, off_ms=5), "on", relay="off").off_ms == AT_MS


def test_at_a_start_the_remembered_off_time_stands() -> None:
    young = replace(LOAD)
    state = State(started_ms=AT_MS - 5_000, facts={"relay.x": Fact("off", Quality.GOOD, AT_MS, AT_MS)})
    before = Track(P.UNSEEN, AT_MS - 5_000, off_ms=7)
    assert observe(young, before, "on", None, True, View(state, NOW, a_room())).off_ms == 7


# ---- targets of other shapes


def test_a_target_without_evidence_is_done_when_the_device_says_so() -> None:
    dial = Target("codec.dial", "", (), ())
    sent = Track(P.ORDERED, AT_MS, "x", sent=ORDER, sent_ms=AT_MS, tries=1)
    assert observe(dial, sent, "x", None, True, view()).proof is P.ORDERED
    done = observe(dial, sent, "x", answer(Stage.DONE), True, view())
    assert done.proof is P.PROVEN
    assert observe(dial, done, "x", None, True, view()).proof is P.PROVEN
    assert observe(dial, done, None, None, True, view()).proof is P.LOST


CALLS = Evidence("codec.calls", absent=True)


@pytest.mark.parametrize(
    ("rows", "value", "ok"),
    [
        ((), "all", True),
        ((("1", "in"),), "all", False),
        ((("1", "in"),), "1", False),
        ((("1", "in"),), "2", True),
        (("odd", ()), "2", True),
        ("none", "2", False),
    ],
)
def test_a_call_is_ended_when_its_id_is_gone(rows: Any, value: str, ok: bool) -> None:
    state = State(facts={"codec.calls": Fact(rows, Quality.GOOD, AT_MS, AT_MS)})
    looked = View(state, NOW, a_room())
    assert holds((CALLS,), value, looked) is ok
    assert seen(Target("codec.hangup", "", (CALLS,), (CALLS,)), looked) is None


def test_evidence_is_unknown_when_any_of_its_facts_is() -> None:
    assert holds(LOAD.proven, "on", view(relay="on")) is None
    assert holds(LOAD.proven, "on", view(relay="off")) is False
    assert holds((), "on", view()) is True


def test_the_shown_value_is_named_in_the_wishs_own_words() -> None:
    park = Target("park", "", (Evidence("x.answers", when=(("home", True),)),), ())
    assert seen(park, view(answers=True)) == "home"
    assert seen(park, view(answers=False)) is None
    assert seen(park, view()) is None
    assert seen(LOAD, view(relay="on")) == "on"


def test_every_test_that_is_not_yet_true_notes_its_time() -> None:
    looked = view(relay="off")
    observe(LOAD, ordered(9_000), "on", None, True, looked)
    assert looked.wake_ms == AT_MS + 1_000
    assert view().wake_ms == NEVER_MS
