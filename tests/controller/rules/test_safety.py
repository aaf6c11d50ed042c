"""R16: the alarm at once, the cut when it is sure or nobody objects, and nothing that returns by itself."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.events import Started
from controller.core.lamps import lamps
from controller.core.memory import Kept
from controller.core.room import Mode, Rank, Room
from controller.core.state import Fact, Quality, State
from controller.rules.safety import alarm, contacts, cut, decided
from hardware.contract import Edge, Reading
from tests.controller.day import Day
from tests.controller.room_kit import (
    HOUR_MS,
    MEETING_LOADS,
    MINUTE_MS,
    SECOND_MS,
    Sit,
    a_hold,
    a_meeting,
    a_room,
    alerts,
    codes,
    demands,
    marks,
    ranks,
    said,
)

QUIET = {"input.smoke": False, "input.leak": False, "input.motion": True, "input.cabinet": False}


def sit(**more: Any) -> Sit:
    facts = {**QUIET, **more.pop("facts", {})}
    return Sit(facts=facts, **more)


# The alarm


def test_a_quiet_room_says_nothing() -> None:
    assert said(alarm, sit()) == ()


@pytest.mark.parametrize("name", ["smoke", "leak"])
def test_a_contact_that_stands_is_an_alarm_and_is_remembered(name: str) -> None:
    words = said(alarm, sit(facts={f"input.{name}": True}))
    assert (alerts(words), marks(words)) == ({name}, {f"hazard.{name}": "on"})
    assert codes(words) == {f"R16.{name}"}


def test_a_contact_that_flickers_for_less_than_three_seconds_is_none() -> None:
    assert said(alarm, sit(facts={"input.smoke": True}, since_ms=2_999)) == ()


@pytest.mark.parametrize(
    ("fact", "code"),
    [(False, "R16.smoke_over"), (True, "R16.smoke"), (Fact(False, Quality.STALE, 0, 0), "R16.smoke")],
)
def test_what_was_an_alarm_stays_one_until_it_was_seen(fact: object, code: str) -> None:
    words = said(alarm, sit(facts={"input.smoke": fact}, marks={"hazard.smoke": "on"}, since_ms=1_000))
    assert (alerts(words), codes(words)) == ({"smoke"}, {code})


def test_the_alarm_obeys_no_mode_and_the_cut_does() -> None:
    room = a_room(modes={"R16": Mode.OFF})
    assert alerts(said(alarm, sit(facts={"input.smoke": True}, room=room))) == {"smoke"}


# The moment of the cut


def moment(**more: Any) -> dict[str, object]:
    given = {"marks": {"hazard.smoke": "on"}, "facts": {"input.smoke": True}, **more}
    return dict(marks(said(decided, sit(**given))))


def test_with_people_it_waits_thirty_seconds() -> None:
    assert moment(since_ms=29_000) == {}
    assert moment(since_ms=30_000) == {"cut.hazard": "smoke"}


def test_a_held_button_puts_it_off() -> None:
    held = (a_hold("false_alarm", True),)
    assert moment(holds=held) == {}
    assert alerts(said(decided, sit(marks={"hazard.smoke": "on"}, facts={"input.smoke": True}, holds=held))) == {
        "cut_put_off"
    }


def test_a_contact_that_fell_back_ends_nothing() -> None:
    assert moment(facts={"input.smoke": False}) == {}


def test_a_contact_that_cannot_be_read_any_more_counts_as_it_was() -> None:
    assert moment(facts={"input.smoke": Fact(True, Quality.STALE, 0, 0)}) == {"cut.hazard": "smoke"}


@pytest.mark.parametrize(("for_ms", "cuts"), [(0, False), (29_999, False), (30_000, True)])
def test_a_contact_that_was_not_read_yet_since_a_start_is_waited_for(for_ms: int, cuts: bool) -> None:
    """Smoke that is over and that nobody has acknowledged is still remembered; a restart is no second fire."""
    never = Fact(None, Quality.NEVER, 0, 0)
    assert bool(moment(facts={"input.smoke": never}, started_ms=Sit().ago(for_ms))) is cuts


@pytest.mark.parametrize("boot", ["b1", "b2"])
def test_a_false_alarm_that_is_over_ends_no_meeting_at_a_restart(boot: str) -> None:
    day = Day(6.5, a_room(modes={"R16": Mode.ENFORCE})).calendar(a_meeting(8, 10)).to(8.2).call()
    day.touch("smoke", True).run(5_000).touch("smoke", False).run(MINUTE_MS)
    on = day.relays("on")
    day.state, day.boot = State(), boot
    day.give(Started(boot, day.memory))  # the panel is read a moment later
    day.run(5_000).give(Reading("input", (("smoke", False), ("leak", False)), day.mono_ms))
    assert day.run(2 * MINUTE_MS).relays("on") == on
    assert "smoke" in day.codes, "it is told until somebody acknowledges it"


def test_a_second_witness_needs_no_waiting() -> None:
    both = {"hazard.smoke": "on", "hazard.leak": "on"}
    wet = {"input.smoke": True, "input.leak": True}
    assert moment(marks=both, facts=wet, since_ms=4_000) == {"cut.hazard": "smoke"}
    hot = {"hazard.smoke": "on", "heat.cabinet": "over"}
    assert moment(marks=hot, since_ms=HOUR_MS) == {"cut.hazard": "smoke"}


EMPTY = {"input.motion": False, "codec.in_call": False, "input.smoke": True}


def empty(since_ms: int = 20 * MINUTE_MS, **more: Any) -> bool:
    known = {"moved.motion": True, **more.pop("marks", {})}
    fresh = Fact(True, Quality.GOOD, Sit().ago(4_000), Sit().ago(4_000))
    view = Sit(
        facts={**QUIET, **EMPTY, "input.smoke": fresh, **more.pop("facts", {})},
        marks={**known, "hazard.smoke": _just_now()},
        since_ms=since_ms,
        **more,
    )
    return "cut.hazard" in marks(said(decided, view))


def _just_now() -> Kept:
    return Kept("on", Sit().ago(1_000))


def test_nobody_there_needs_no_waiting() -> None:
    assert empty()


@pytest.mark.parametrize(
    "more",
    [
        {"since_ms": 9 * MINUTE_MS},
        {"marks": {"moved.motion": ""}},
        {"facts": {"input.motion": True}},
        {"facts": {"input.motion": Fact(False, Quality.STALE, 0, 0)}},
        {"facts": {"codec.in_call": True}},
        {"facts": {"codec.in_call": Fact(False, Quality.STALE, 0, 0)}},
        {"marks": {"pressed": Sit().ago(5 * MINUTE_MS)}},
        {"room": a_room(buttons=tuple(b for b in a_room().buttons if b.role != "motion"))},
    ],
)
def test_doubt_about_people_is_people(more: dict[str, Any]) -> None:
    assert not empty(**more)


def test_once_decided_it_stands_until_acknowledged() -> None:
    stands = {"cut.hazard": "smoke", "hazard.smoke": "on"}
    assert moment(marks=stands, facts={"input.smoke": False}) == {}
    assert moment(marks={"cut.hazard": "smoke"}) == {"cut.hazard": ""}


# The cut


def test_everything_goes_but_the_network() -> None:
    words = said(cut, sit(marks={"cut.hazard": "smoke"}))
    off = {name for name, value in demands(words).items() if value == "off"}
    assert off == {f"load.{name}" for name in (*MEETING_LOADS, "fan")}
    assert ranks(words) == {Rank.SAFETY}
    assert demands(words)["codec.power"] == "asleep"
    assert said(cut, sit()) == ()


def test_a_contact_that_cannot_be_read_is_said() -> None:
    words = said(contacts, Sit(facts={**QUIET, "input.leak": Fact(False, Quality.STALE, 0, 0)}))
    assert [w.subject for w in words] == ["leak"]  # type: ignore[union-attr]


# A room that lives


def burning(room: Room | None = None, hour: float = 9.0) -> Day:
    day = Day(hour=6.0, room=room)
    day.calendar(a_meeting(8.0, 10.0))
    day.touch("motion", True)
    return day.to(hour)


def on(day: Day) -> set[str]:
    return day.relays("on") & set(MEETING_LOADS)


def test_smoke_in_a_meeting_cuts_after_half_a_minute_in_order_and_stays_off() -> None:
    day = burning()
    assert on(day) == set(MEETING_LOADS)
    day.touch("smoke", True).run(20 * SECOND_MS)
    assert on(day) == set(MEETING_LOADS)
    shown = lamps(day.state, day.now, day.room)
    assert (shown["ready"], shown["device"], shown["buzzer"]) == ("fast", "fast", "alarm")
    day.run(5 * MINUTE_MS)
    assert on(day) == set()
    assert "network" in day.relays("on")
    day.touch("smoke", False).run(30 * MINUTE_MS)
    assert on(day) == set()


def test_a_press_after_it_is_quiet_brings_the_meeting_back_and_not_before() -> None:
    day = burning()
    day.touch("smoke", True).run(5 * MINUTE_MS)
    day.press("check", 200).run(MINUTE_MS)
    assert on(day) == set()
    day.touch("smoke", False).run(MINUTE_MS)
    day.press("check", 200).run(10 * MINUTE_MS)
    assert on(day) == set(MEETING_LOADS)


def test_the_desk_may_acknowledge_what_is_over() -> None:
    day = burning()
    day.touch("leak", True).run(5 * MINUTE_MS)
    assert day.command("acknowledge").stage == "refused"
    day.touch("leak", False)
    assert day.command("acknowledge").stage == "accepted"
    day.run(10 * MINUTE_MS)
    assert on(day) == set(MEETING_LOADS)


def test_a_bitten_wire_does_not_end_a_meeting_while_somebody_holds_the_button() -> None:
    day = burning()
    day.touch("smoke", True).run(5 * SECOND_MS)
    for _ in range(4):
        day.press("check", 3_500).run(4 * MINUTE_MS)
    assert on(day) == set(MEETING_LOADS)
    day.run(6 * MINUTE_MS)
    assert on(day) == set()


def test_a_button_held_in_advance_puts_nothing_off() -> None:
    day = burning()
    day.press("check", 3_500)
    assert "false_alarm" not in day.state.holds


def test_it_outlives_a_restart_and_a_new_boot() -> None:
    day = burning()
    day.touch("smoke", True).run(5 * MINUTE_MS)
    day.touch("smoke", False).run(SECOND_MS)
    day.restart()
    day.run(5 * MINUTE_MS)
    assert on(day) == set()
    day.restart("b2", mono_ms=60_000)
    day.run(5 * MINUTE_MS)
    assert on(day) == set()
    assert ("smoke", "smoke") in day.state.alerts


def test_a_room_that_only_watches_says_what_it_would_do() -> None:
    day = burning(a_room(accepted=False))
    day.touch("smoke", True).run(5 * MINUTE_MS)
    assert on(day) == set(MEETING_LOADS)
    assert "load.codec=off" in day.state.would
    assert ("smoke", "smoke") in day.state.alerts


def test_an_edge_and_a_level_are_one_fact() -> None:
    day = Day()
    day.give(Edge("smoke", True, day.mono_ms), Reading("input", (("leak", None),), day.mono_ms))
    assert day.state.facts["input.smoke"].value is True
    assert day.state.facts["input.leak"].quality is Quality.STALE
    assert "smoke" not in day.state.presses
