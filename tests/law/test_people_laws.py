"""The laws of what is said of people can fail, and what is so does not make them speak."""

from __future__ import annotations

import pytest

from controller.core.instant import Instant, Trust
from controller.core.records import Record
from controller.simulation.laws_people import NobodyIsNobody, NoMoreThanThere
from hardware.contract import Value
from tests.law.days import Step, filmed
from tests.law.test_laws_bite import Scene, says, scene

TEN_MS = 600_000


EMPTY = scene(sitting=0)


def told(at_ms: int, kind: str, subject: str, **body: Value) -> Step:
    before, outcome, _ = filmed()[0]
    record = Record(kind, subject, tuple(body.items()))
    return before, outcome._replace(records=(record,)), Instant(at_ms, at_ms, Trust.NTP)


def said_to_be_empty(at_ms: int) -> Step:
    return told(at_ms, "alert", "room", alert="unseen", args=("m",))


def asked(at_ms: int, uid: str = "m") -> Step:
    return told(at_ms, "noted", f"unseen.{uid}", value="asked")


@pytest.mark.parametrize(("left_ms", "wrong"), [(TEN_MS - 1, True), (TEN_MS, False)])
def test_nobody_is_asked_for_people_who_are_there(left_ms: int, wrong: bool) -> None:
    law = NobodyIsNobody()
    assert says(law, told(1_000, "tick", ""), scene(sitting=3)) == []
    assert bool(says(law, said_to_be_empty(1_000 + left_ms), EMPTY)) is wrong


def test_nobody_is_asked_twice_in_a_meeting() -> None:
    law = NobodyIsNobody()
    assert says(law, asked(TEN_MS), EMPTY) == []
    assert says(law, asked(2 * TEN_MS, "other"), EMPTY) == []
    assert says(law, asked(3 * TEN_MS), EMPTY)


@pytest.mark.parametrize(("sat", "peak", "wrong"), [(30, 30, False), (30, 31, True)])
def test_a_peak_is_no_more_than_sat_there(sat: int, peak: int, wrong: bool) -> None:
    law = NoMoreThanThere()
    says(law, told(0, "tick", ""), scene(sitting=sat))
    assert bool(says(law, told(1, "noted", "people.m", value=peak), EMPTY)) is wrong
    assert says(law, told(2, "noted", "people.n", value=1), EMPTY)  # what sat in the one sat not in the next


@pytest.mark.parametrize(("sat", "wrong"), [(40, True), (41, False)])
def test_the_limit_is_passed_when_it_is_said_to_be(sat: int, wrong: bool) -> None:
    full: Scene = scene(sitting=sat)
    step = told(0, "alert", "room", alert="people_over", args=("m", 40))
    assert bool(says(NoMoreThanThere(), step, full)) is wrong
