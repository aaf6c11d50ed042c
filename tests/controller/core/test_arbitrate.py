"""Who wins at a target: refusals first, then the highest rank, then the target's preference; and what the modes
of a rule let through before that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.arbitrate import arbitrate
from controller.core.ask import Asked, ask
from controller.core.draft import Draft
from controller.core.recall import Recall
from controller.core.records import Because
from controller.core.room import Mode, Rank
from controller.core.state import Desired, State
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Refuse, Wait, Yield
from hardware.contract import Value
from tests.controller.room_kit import WHY, Sit, a_room

ROOM = a_room()
NAME = "load.display"


def because(code: str) -> Because:
    return Because("x", code)


def demand(value: Value, rank: Rank, code: str = "d", target: str = NAME) -> Demand:
    return Demand(target, value, rank, because(code))


def refuse(value: Value, rank: Rank) -> Refuse:
    return Refuse(NAME, value, rank, because("no"))


def winner(*words: Demand | Refuse, before: Desired | None = None) -> tuple[Desired | None, bool]:
    asked = Asked()
    for word in words:
        if isinstance(word, Demand):
            asked.demands.setdefault(word.target, []).append(word)
        else:
            asked.refusals.append(word)
    old = {} if before is None else {NAME: before}
    desired, clashes = arbitrate(asked, old, ROOM, 1_000)
    return desired.get(NAME), bool(clashes)


def value(*words: Demand | Refuse) -> Value:
    wish, _ = winner(*words)
    return None if wish is None else wish.value


def test_nobody_wants_it_nobody_touches_it() -> None:
    assert winner() == (None, False)
    assert winner(demand("on", Rank.IDLE, target="load.unknown")) == (None, False)


@pytest.mark.parametrize("order", list(permutations((Rank.IDLE, Rank.MANUAL, Rank.POWER))))
def test_the_highest_rank_wins_in_any_order(order: tuple[Rank, ...]) -> None:
    words = [demand("off" if rank is Rank.POWER else "on", rank) for rank in order]
    assert value(*words) == "off"


def test_equal_ranks_that_differ_clash_and_the_preference_decides() -> None:
    wish, clash = winner(demand("off", Rank.SCHEDULE), demand("on", Rank.SCHEDULE))
    assert wish is not None
    assert (wish.value, clash) == ("on", True)
    wish, clash = winner(demand("a", Rank.SCHEDULE), demand("b", Rank.SCHEDULE))
    assert wish is not None
    assert (wish.value, clash) == ("a", True), "else the order of the rules"
    assert winner(demand("on", Rank.SCHEDULE), demand("on", Rank.SCHEDULE))[1] is False


def test_a_clash_below_the_winner_is_none() -> None:
    assert winner(demand("on", Rank.POWER), demand("on", Rank.IDLE), demand("off", Rank.IDLE))[1] is False


def test_a_refusal_removes_wishes_of_its_rank_and_below_before_the_choice() -> None:
    lock = refuse("off", Rank.USE_LOCK)
    assert value(demand("off", Rank.MANUAL), demand("on", Rank.SCHEDULE), lock) == "on"
    assert value(demand("off", Rank.MANUAL), lock) is None
    assert value(demand("off", Rank.POWER), lock) == "off"
    assert value(demand("on", Rank.IDLE), lock) == "on"
    assert value(demand("off", Rank.MANUAL), refuse("off", Rank.SCHEDULE), lock) is None
    assert value(demand("off", Rank.MANUAL), lock, refuse("off", Rank.SCHEDULE)) is None


RANKS = st.sampled_from([rank for rank in Rank if rank is not Rank.USE_LOCK])
WORDS = st.lists(st.builds(demand, st.sampled_from(("on", "off")), RANKS), max_size=6)
REFUSALS = st.lists(st.builds(refuse, st.sampled_from(("on", "off")), RANKS), max_size=3)


@given(WORDS, REFUSALS)
def test_the_winner_is_an_unrefused_wish_that_none_outranks(words: list[Demand], limits: list[Refuse]) -> None:
    left = [d for d in words if all(r.value != d.value or r.rank < d.rank for r in limits)]
    wish, clash = winner(*words, *limits)
    assert (wish is None) == (not left)
    if wish is not None:
        top = [d for d in left if d.rank == max(d.rank for d in left)]
        assert wish.rank == top[0].rank
        assert wish.value in {d.value for d in top}
        assert clash == (len({d.value for d in top}) > 1)


def test_since_and_why_are_kept_by_identity_while_nothing_changes() -> None:
    first, _ = winner(demand("on", Rank.SCHEDULE))
    assert first is not None
    assert winner(demand("on", Rank.SCHEDULE), before=first)[0] is first
    other, _ = winner(demand("on", Rank.SCHEDULE, "other"), before=replace(first, since_ms=5, value_since_ms=5))
    assert other is not None
    assert (other.since_ms, other.value_since_ms) == (1_000, 5)
    turned, _ = winner(demand("off", Rank.SCHEDULE), before=replace(first, since_ms=5, value_since_ms=5))
    assert turned is not None
    assert (turned.since_ms, turned.value_since_ms) == (1_000, 1_000)


# ---- modes and marks


def asked(mode: Mode, *words: Yield, rule_id: str = "R9") -> Asked:
    def rule(_v: View) -> Iterator[Yield]:
        yield from words

    sit = Sit(modes={rule_id: mode})
    return ask(Draft(sit.state(), sit.now, sit.room), ((rule_id, rule),), Recall())


ALL: tuple[Yield, ...] = (
    demand("on", Rank.IDLE),
    refuse("off", Rank.IDLE),
    Wait(NAME, "on", WHY),
    Alert("a", "b", WHY),
    Mark("m", 1),
)


@pytest.mark.parametrize(
    ("mode", "demands", "alerts", "would"),
    [
        (Mode.ENFORCE, True, True, False),
        (Mode.REMIND, False, True, True),
        (Mode.WATCH, False, False, True),
        (Mode.OFF, False, False, False),
    ],
)
def test_what_each_mode_lets_through(mode: Mode, demands: bool, alerts: bool, would: bool) -> None:
    found = asked(mode, *ALL)
    assert bool(found.demands) is demands
    assert bool(found.alerts) is alerts
    assert bool(found.would) is would
    assert bool(found.refusals) is bool(found.waits) is (mode is not Mode.OFF)


@pytest.mark.parametrize("rule", ["R2", "R4", "R5", "R9", "R11"])
def test_a_cutting_rule_earns_its_right_with_the_acceptance_of_the_room(rule: str) -> None:
    room = a_room(accepted=False, modes={rule: Mode.ENFORCE})
    assert View(State(), Sit().now, room).mode(rule) is Mode.WATCH
    off = a_room(accepted=False, modes={rule: Mode.OFF})
    assert View(State(), Sit().now, off).mode(rule) is Mode.OFF
    assert View(State(), Sit().now, room).mode("R1") is Mode.ENFORCE


def test_of_two_reasons_for_the_same_the_first_rule_is_heard() -> None:
    found = asked(Mode.ENFORCE, Alert("a", "b", because("1")), Alert("a", "b", because("2")))
    assert found.alerts["a", "b"].code == "1"


def rounds(*names: str) -> Any:
    """A chain of marks, each set because of the one before."""

    def rule(v: View) -> Iterator[Yield]:
        for before, name in zip(("", *names), names, strict=False):
            if not before or v.mark(before):
                yield Mark(name, True)

    return rule


def test_rules_are_asked_again_until_they_agree_with_what_they_remember() -> None:
    def backwards(v: View) -> Iterator[Yield]:
        if v.mark("a"):
            yield Alert("seen", "a", WHY)

    sit = Sit()
    draft = Draft(sit.state(), sit.now, sit.room)
    found = ask(draft, (("", backwards), ("", rounds("a", "b"))), Recall())
    assert draft.marks.keys() == {"a", "b"}
    assert ("seen", "a") in found.alerts
