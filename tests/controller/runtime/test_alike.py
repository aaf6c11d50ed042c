"""What counts as the same state for a view: everything but when a fact was heard last."""

from __future__ import annotations

from dataclasses import fields

import pytest

from controller.core.memory import Kept
from controller.core.state import Fact, Quality, State
from controller.runtime.alike import _UNSEEN, alike

FACT = Fact(1, Quality.GOOD, 5, 3)
STATE = State("b", facts={"ups.charge": FACT, "host.load": FACT}, marks={"m": Kept(1, 2)})


def heard(fact: Fact, **more: Fact) -> State:
    return STATE._replace(facts={"ups.charge": fact, "host.load": FACT, **more})


def test_an_age_is_no_difference() -> None:
    assert alike(STATE, STATE)
    assert alike(STATE, STATE._replace(wake_ms=99))
    assert alike(STATE, heard(FACT._replace(at_ms=99)))
    assert alike(STATE, STATE._replace(marks={"m": Kept(1, 2)}))


@pytest.mark.parametrize(
    "other",
    [
        heard(FACT._replace(value=2)),
        heard(FACT._replace(value=True)),
        heard(FACT._replace(value=1.0)),
        heard(FACT._replace(quality=Quality.STALE)),
        heard(FACT._replace(since_ms=4)),
        heard(FACT, more=FACT),
        STATE._replace(facts={"ups.charge": FACT}),
        STATE._replace(facts={"ups.charge": FACT, "host.other": FACT}),
    ],
)
def test_what_a_fact_says_is_one(other: State) -> None:
    assert not alike(STATE, other)
    assert not alike(other, STATE)


@pytest.mark.parametrize("name", [name for name in State._fields if name not in _UNSEEN])
def test_any_other_part_is_one(name: str) -> None:
    """Each is put in place of what it is, whatever it is: only equality is asked for."""
    other = State._make(
        object() if field == name else part for field, part in zip(State._fields, STATE, strict=True)
    )
    assert not alike(STATE, other)


def test_the_fields_of_a_fact_are_those_that_were_thought_of() -> None:
    """A new one must be compared, or be in no view."""
    assert Fact._fields == ("value", "quality", "at_ms", "since_ms", "odd", "still")
    assert [f.name for f in fields(Kept)] == ["value", "since_ms", "rises_ms"]
