"""What the laws are held against is no quiet life: all that can happen happens in the corpus."""

from __future__ import annotations

from typing import get_args

import pytest

from controller.core.events import Event
from controller.core.phases import PHASES
from controller.rules import RULES
from controller.simulation.acts import _PEOPLE
from controller.simulation.plan import FAULTS
from controller.simulation.simulate import Run
from controller.texts import known
from tests.law.days import CORPUS, lived

pytestmark = pytest.mark.timeout(600)
"""The first test of a session lives all of them, and the machine may have other things to do."""


def runs() -> list[Run]:
    return [lived(seed, faulty) for seed, faulty in CORPUS]


def bodies(*kinds: str) -> list[dict[str, object]]:
    return [dict(e.body) for run in runs() for e in run.world.entries if not kinds or e.kind in kinds]


def test_every_fault_strikes() -> None:
    struck = {name for run in runs() for name in run.report.acts}
    assert set(FAULTS) <= struck


def test_what_a_fault_does_is_seen_by_the_room() -> None:
    """Not only struck: each of these leaves its own mark in the journal."""
    alerts = {(str(body["alert"]), str(body["code"])) for body in bodies("alert")}
    assert {("journal", f"journal.{word}") for word in ("full", "readonly", "failed")} <= alerts
    noted = {e.subject for run in runs() for e in run.world.entries if e.kind == "noted"}
    assert "regulated" in noted  # a sag is over before this world asks its UPS again
    assert {"desk_away", "on_battery", "ups_unknown", "sensor_lost"} <= {code for code, _ in alerts}


def test_people_do_everything_that_they_can() -> None:
    assert set(_PEOPLE) <= {name for run in runs() for name in run.report.acts}


def test_every_class_of_event_comes() -> None:
    assert {kind for run in runs() for kind in run.world.kinds} == set(get_args(Event))


def test_the_room_is_seen_in_every_phase() -> None:
    assert {body[way] for body in bodies("phase") for way in ("from", "to")} == set(PHASES)


def test_a_room_with_faults_restarts_and_loses_its_power() -> None:
    started = bodies("started")
    assert {body["same_boot"] for body in started} == {True, False}
    assert {body["boot"] for body in started} > {"boot1"}


@pytest.mark.parametrize(
    "rule",
    [
        *("R1", "R2", "R4", "R5", "R6", "R7", "R8", "R9", "R11", "R13", "R14", "R16", "R19"),
        *("R20", "R21", "R28", "N4", "N9", "N11", "N15", "N19"),
    ],
)
def test_every_rule_has_something_to_say(rule: str) -> None:
    assert rule in {body.get("rule") for body in bodies()}


def test_every_reason_has_a_sentence() -> None:
    codes = {str(body["code"]) for body in bodies() if body.get("code")}
    assert [code for code in sorted(codes) if not (known(code) or known(f"reply.{code}"))] == []
    alerts = {str(body["alert"]) for body in bodies("alert")}
    assert [code for code in sorted(alerts) if not known(f"alert.{code}")] == []


def test_the_rules_are_those_that_ship() -> None:
    assert all(run.world.rules is RULES for run in runs())
