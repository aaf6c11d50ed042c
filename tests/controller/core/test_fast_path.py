"""The fast path and the recall are savings and nothing else: with and without them, state, orders and records are
the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from controller.core.absorb import quiet
from controller.core.decide import decide
from controller.core.events import Event
from controller.core.instant import Instant
from controller.core.recall import Recall
from controller.core.records import Record
from controller.core.state import State
from controller.rules import RULES
from hardware.contract import Edge, Order, Reading, Value
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting

pytestmark = pytest.mark.lives

VALUES: dict[str, dict[str, Sequence[Value]]] = {
    "ups": {
        "source": ("mains", "battery", None),
        "charge_pct": (100.0, 99.5, 60.0, 15.0, -3.0, None),
        "runtime_s": (3600, 3610, 900, 200, None),
        "low": (False, True, None),
    },
    "climate.cabinet": {
        "temp_c": (25.0, 25.1, 27.0, 29.0, 41.0, 120.0, float("nan"), None),
        "humidity_pct": (55.0, 95.0, None),
    },
    "codec": {"in_call": (True, False, None), "mute": ("open", "muted", None), "answers": (True, False)},
    "relay": {"display": ("on", "off", None), "codec": ("on", "off", None)},
    "input": {"power": (True, False, None), "bypass": (True, False), "elsewhere": (True, False)},
    "link": {"desk": ("up", "down")},
}


@st.composite
def readings(draw: st.DrawFn) -> tuple[int, str, tuple[tuple[str, Value], ...], int]:
    """(gap before it, source, values, how late it is). Never in the millisecond after another: there the core
    looks at its own last decision, and a second call would only do so a millisecond earlier."""
    source = draw(st.sampled_from(sorted(VALUES)))
    names = draw(st.lists(st.sampled_from(sorted(VALUES[source])), min_size=1, max_size=3))
    values = tuple((name, draw(st.sampled_from(VALUES[source][name]))) for name in names)
    return draw(st.sampled_from((2, 10, 1_000, 5_000, 20_000))), source, values, draw(st.sampled_from((0, 0, 0, 7)))


def a_morning(hour: float = 8.2) -> Day:
    """In a call of a booked meeting: everything is at stake."""
    return Day(6.8).calendar(a_meeting(8, 10)).to(hour - 0.1).call().run(6 * MINUTE_MS)


MORNING = a_morning()


DROPPED: list[tuple[int, str, tuple[tuple[str, Value], ...], int]] = [
    (1_000, "codec", (("in_call", True),), 0),
    (10, "relay", (("codec", "off"),), 0),
    (1_000, "relay", (("codec", "on"),), 0),
    (1_000, "codec", (("answers", True),), 0),
    (1_000, "codec", (("in_call", True),), 0),
]
"""The codec's contact drops for a second in a call, and the codec says that the call goes on."""


class Line:
    """One of the lives that are compared. `back_ms`: it comes back so soon, whatever the core asks for."""

    def __init__(self, fast: bool, back_ms: int = 0) -> None:
        self.fast, self.back_ms, self.state = fast, back_ms, MORNING.state
        self.recall = Recall() if fast else None
        self.records: list[tuple[int, Record]] = []
        self.orders: list[Order] = []

    def give(self, now: Instant, *events: Event) -> None:
        soon_ms = now.mono_ms + self.back_ms if self.back_ms else 0
        outcome = decide(self.state, events, now, MORNING.room, RULES, self.fast, self.recall, soon_ms)
        self.state = outcome.state
        self.records += [(now.mono_ms, record) for record in outcome.records]
        self.orders += outcome.orders

    def until(self, at_ms: int) -> Instant:
        """Every wake that the core asks for, up to that time."""
        shift = MORNING.wall_ms - MORNING.mono_ms
        while self.state.wake_ms < at_ms:
            wake_ms = self.state.wake_ms
            self.give(Instant(wake_ms, wake_ms + shift, MORNING.trust))
        return Instant(at_ms, at_ms + shift, MORNING.trust)


@settings(max_examples=120)
@given(st.lists(readings(), max_size=25))
@example([(10, "ups", (("source", "battery"),), 0), (20_000, "ups", (("runtime_s", 3600),), 0)] * 4)
@example(DROPPED)
def test_any_readings_leave_the_same_journal_with_and_without_the_fast_path_and_the_recall(
    rows: list[tuple[int, str, tuple[tuple[str, Value], ...], int]],
) -> None:
    fast, soon, slow, at_ms = Line(True), Line(True, 10_000), Line(False), MORNING.mono_ms
    for gap_ms, source, values, late_ms in rows:
        at_ms += gap_ms
        for line in (fast, soon, slow):
            line.give(line.until(at_ms), Reading(source, values, at_ms - late_ms))
    for line in (fast, soon, slow):
        line.give(line.until(at_ms + 200_000))
    assert fast.records == soon.records == slow.records
    assert fast.orders == soon.orders == slow.orders
    assert _essence(fast.state) == _essence(soon.state) == _essence(slow.state)


def _essence(state: State) -> tuple[object, ...]:
    """All but when the core wakes: a refreshed fact may leave an earlier wake in place."""
    facts = {n: (repr(f.value), f.quality, f.at_ms, f.since_ms) for n, f in state.facts.items()}
    return (
        facts,
        state.marks,
        state.desired,
        state.tracks,
        state.alerts.keys(),
        state.holds,
        state.presses,
        state.would,
    )


def test_an_age_that_was_renewed_is_put_off_without_asking_anybody() -> None:
    """As the long way would put it off, to the millisecond; what else is due before is looked at all the same."""
    day = a_morning()
    recall, beat_ms = Recall(), 10_000
    state, ways, put_off = decide(day.state, (), day.now, day.room, RULES, False, recall).state, [], 0
    for _ in range(30):
        day.mono_ms += beat_ms
        rows = tuple(day.far.readings(day.mono_ms))
        after = decide(state, rows, day.now, day.room, RULES, True, recall, day.mono_ms + beat_ms).state
        ways.append(after.tracks is state.tracks)
        if ways[-1] and after.wake_ms != state.wake_ms:
            whole = decide(state, rows, day.now, day.room, RULES, False).state
            assert state.wake_ms <= day.mono_ms + beat_ms < after.wake_ms == whole.wake_ms
            put_off += 1
        elif ways[-1]:
            assert after.wake_ms > day.mono_ms + beat_ms
        state = after
    assert put_off > 3
    assert ways.count(False) < len(ways) / 3


def given_(source: str, *values: tuple[str, Value], late_ms: int = 0) -> dict[str, object] | None:
    at_ms = MORNING.mono_ms + 1 - late_ms
    now = Instant(MORNING.mono_ms + 1, MORNING.wall_ms + 1, MORNING.trust)
    found = quiet(MORNING.state, (Reading(source, values, at_ms),), now, MORNING.room)
    return None if found is None else dict(found)


def test_a_value_within_its_dead_band_is_quiet() -> None:
    found = given_("climate.cabinet", ("temp_c", 25.1))
    assert found is not None
    assert found.keys() == MORNING.state.facts.keys()


def test_news_late_answers_strangers_and_everything_else_take_the_long_way() -> None:
    assert given_("climate.cabinet", ("temp_c", 26.0)) is None
    assert given_("climate.cabinet", ("temp_c", 120.0)) is None
    assert given_("climate.cabinet", ("temp_c", None)) is None
    assert given_("climate.cabinet", ("temp_c", 25.0), late_ms=60_000) is None
    assert given_("toaster", ("browning", 7)) is None


def test_contacts_at_rest_are_quiet() -> None:
    assert given_("input", ("power", False)) is not None
    assert given_("input", ("power", True)) is None
    assert given_("input", ("elsewhere", False)) is None


def test_no_events_edges_and_due_wakes_take_the_long_way() -> None:
    now = Instant(MORNING.mono_ms + 1, MORNING.wall_ms + 1, MORNING.trust)
    assert quiet(MORNING.state, (), now, MORNING.room) is None
    assert quiet(MORNING.state, (Edge("power", False, now.mono_ms),), now, MORNING.room) is None
    due = Instant(MORNING.state.wake_ms, MORNING.wall_ms, MORNING.trust)
    reading = Reading("input", (("power", False),), due.mono_ms)
    assert quiet(MORNING.state, (reading,), due, MORNING.room) is None


def test_a_source_that_goes_on_being_unable_to_say_is_quiet_after_the_first_time() -> None:
    day = a_morning()
    day.far.climate["cabinet"] = (None, None)
    day.run(15_000)
    rows = [r for r in day.far.readings(day.mono_ms) if r.source == "climate.cabinet"]
    assert quiet(day.state, rows, day.now, day.room) == day.state.facts
