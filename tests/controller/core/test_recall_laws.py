"""Whatever happens to a room, each single call of its life comes out as one that asks every rule and looks at every
target: nobody who should be asked is left out, neither by the recall nor by the fast path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings

from controller.core.decide import decide
from controller.core.events import Event
from controller.core.instant import Trust
from controller.core.recall import SLEW_MS
from controller.core.state import Outcome
from controller.rules import RULES
from controller.rules.drift import STOOD_MS
from hardware.contract import Reading
from tests.controller.core.test_decide_laws import STEPS, act
from tests.controller.day import SELDOM_MS, Day
from tests.controller.room_kit import HOUR_MS, MINUTE_MS, a_meeting, a_room

pytestmark = pytest.mark.lives


class Twice(Day):
    """Each of its calls is made a second time from the same state, by one who remembers nothing."""

    def give(self, *events: Event) -> Outcome:
        whole = decide(self.state, events, self.now, self.room, RULES, False)
        spared = super().give(*events)
        assert _essence(spared) == _essence(whole), f"at {self.hour:.4f} h, after {events}"
        assert spared.wake_ms <= whole.wake_ms + SLEW_MS
        return spared


def _essence(outcome: Outcome) -> dict[str, object]:
    """All that comes of the call. The wake is compared by itself: a fact that was refreshed may leave an earlier
    one in place. As text, for a value may be no number (NaN)."""
    state = outcome.state._replace(wake_ms=0)
    facts = {name: fact[:4] for name, fact in state.facts.items()}
    said = outcome._replace(state=None, wake_ms=0, memory=None)  # type: ignore[arg-type]
    return {name: repr(value) for name, value in (state._asdict() | said._asdict() | {"facts": facts}).items()}


def live(steps: list[Any], accepted: bool = True) -> Twice:
    day = Twice(7.2, a_room(accepted), sample_ms=SELDOM_MS).calendar(a_meeting(8, 10))
    for kind, what, gap_ms in steps:
        act(day, kind, what)
        day.run(gap_ms)
    assert isinstance(day, Twice)
    return day


@settings(max_examples=40)
@given(STEPS)
@example([("boot", False, 20_000), ("clock", (-HOUR_MS, Trust.UNKNOWN), 200), ("boot", True, 5 * MINUTE_MS)])
def test_whatever_happens_every_call_is_as_one_that_asks_all(steps: list[Any]) -> None:
    live(steps)


@settings(max_examples=10)
@given(STEPS)
def test_also_in_a_room_where_rules_only_watch(steps: list[Any]) -> None:
    live(steps, accepted=False)


def test_a_word_said_again_is_news_to_whoever_asks_how_old_it_is() -> None:
    """R14 believes the name of a UPS when it was told for a while: with that very answer, and not when something
    else wakes the room, which in a quiet one may take an hour."""
    day = Twice(15, sample_ms=SELDOM_MS)
    told = [day.give(Reading("ups", (("model", "SANTAK MT1000"),), day.run(MINUTE_MS).mono_ms)) for _ in range(30)]
    known = ["approved.ups" in outcome.state.marks for outcome in told]
    assert known.index(True) == STOOD_MS // MINUTE_MS
