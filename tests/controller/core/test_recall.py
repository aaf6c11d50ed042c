"""Who is asked again: everyone for whom something that he has read is not what it was, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from controller.core.decide import decide
from controller.core.instant import Instant, Trust
from controller.core.memory import Hold
from controller.core.recall import SLEW_MS, Recall
from controller.core.room import Mode, Rank, Room
from controller.core.state import Desired, State
from controller.core.view import View
from controller.core.words import Demand, Mark, Wait, Yield
from hardware.contract import Edge, Reading, Value
from tests.controller.room_kit import MINUTE_MS, WHY, a_meeting, a_room

ROOM = a_room()
FIRST_MS = 10 * MINUTE_MS
WALL_MS = 1_790_000_000_000


def at(mono_ms: int, step_ms: int = 0, trust: Trust = Trust.NTP) -> Instant:
    return Instant(mono_ms, WALL_MS + mono_ms + step_ms, trust)


class Asked:
    """Rules that count how often they are asked, and the life of a core that asks them."""

    def __init__(self, *reads: Callable[[View], object], modes: str = "") -> None:
        self.times = [0] * len(reads)
        self.rules = tuple((modes, self._rule(n, read)) for n, read in enumerate(reads))
        self.state, self.recall, self.room = State("b", 1), Recall(), ROOM
        self.give(at(FIRST_MS))
        self.give(at(FIRST_MS + 1))  # the first call has moved tracks, so each is looked at once more
        self.times = [0] * len(reads)

    def _rule(self, n: int, read: Callable[[View], object]) -> Callable[[View], Iterator[Yield]]:
        def rule(v: View) -> Iterator[Yield]:
            self.times[n] += 1
            read(v)
            yield from ()

        return rule

    def give(self, now: Instant, *events: Reading | Edge, room: Room | None = None) -> list[int]:
        before = list(self.times)
        self.state = decide(self.state, events, now, room or self.room, self.rules, False, self.recall).state
        return [n - was for n, was in zip(self.times, before, strict=True)]


def nothing(_v: View) -> None:
    """Rests on nothing."""


def ups(at_ms: int, source: str = "mains") -> Reading:
    return Reading("ups", (("source", source), ("charge_pct", 90.0)), at_ms)


def test_who_has_read_nothing_of_what_changed_is_not_asked() -> None:
    asked = Asked(lambda v: v.get("ups.source"), lambda v: v.get("codec.mute"), nothing)
    assert asked.give(at(FIRST_MS + 1_000), ups(FIRST_MS + 1_000)) == [1, 0, 0]
    assert asked.give(at(FIRST_MS + 2_000), ups(FIRST_MS + 2_000)) == [0, 0, 0]
    assert asked.give(at(FIRST_MS + 3_000), ups(FIRST_MS + 3_000, "battery")) == [1, 0, 0]


@pytest.mark.parametrize(
    "read",
    [
        lambda v: v.last("ups.source"),
        lambda v: v.since_ms("ups.source"),
        lambda v: v.stuck("ups.source"),
        lambda v: v.stayed("ups.source", "mains", 0),
        lambda v: tuple(v.facts("ups.")),
    ],
)
def test_every_door_to_a_fact_is_watched(read: Callable[[View], object]) -> None:
    assert Asked(read).give(at(FIRST_MS + 1_000), ups(FIRST_MS + 1_000)) == [1]


def test_a_deadline_that_was_noted_is_kept() -> None:
    asked = Asked(lambda v: v.past(FIRST_MS + 5_000), lambda v: v.past(FIRST_MS + 9_000))
    assert asked.state.wake_ms <= FIRST_MS + 5_000
    assert asked.give(at(FIRST_MS + 4_999)) == [0, 0]
    assert asked.give(at(FIRST_MS + 5_000)) == [1, 0]
    assert asked.give(at(FIRST_MS + 6_000)) == [0, 0]


def test_whoever_holds_the_present_moment_is_asked_every_time() -> None:
    asked = Asked(lambda v: v.now, lambda v: v.last_ms("ups.source"))
    assert asked.give(at(FIRST_MS + 1_000)) == [1, 1]
    assert asked.give(at(FIRST_MS + 2_000)) == [1, 1]


def test_the_age_of_a_source_is_asked_about_until_it_speaks() -> None:
    asked = Asked(lambda v: v.older("ups.source", FIRST_MS + 2_000))
    assert asked.give(at(FIRST_MS + 1_000), ups(FIRST_MS + 1_000)) == [0]
    assert asked.give(at(FIRST_MS + 3_000), ups(FIRST_MS + 3_000)) == [1]
    assert asked.give(at(FIRST_MS + 4_000), ups(FIRST_MS + 4_000)) == [0]


def test_a_silence_is_over_with_the_next_word() -> None:
    asked = Asked(lambda v: v.aged("ups.source", 5_000))
    assert asked.give(at(FIRST_MS + 1_000)) == [0]
    assert asked.give(at(FIRST_MS + 2_000), ups(FIRST_MS + 2_000)) == [1]


def test_what_a_rule_reads_no_more_concerns_it_no_more() -> None:
    """The codec is looked at only while the mains is gone."""
    asked = Asked(lambda v: v.get("codec.mute") if v.get("ups.source") == "battery" else None)
    for n, source, muted, times in (
        (1, "battery", "open", 1),
        (2, "battery", "muted", 1),
        (3, "mains", "muted", 1),
        (4, "mains", "open", 0),
        (5, "battery", "open", 1),
        (6, "battery", "muted", 1),
    ):
        at_ms = FIRST_MS + 1_000 * n
        assert asked.give(at(at_ms), ups(at_ms, source), Reading("codec", (("mute", muted),), at_ms)) == [times]


def test_questions_about_ages_do_not_pile_up() -> None:
    """Each power cycle asks another one: who asked the last before it cares no more."""
    asked = Asked(lambda v: v.older("ups.link", FIRST_MS + 1_000 * int(v.number("ups.limit") or 0)))

    def heard(seconds: int, name: str, value: Value) -> list[int]:
        at_ms = FIRST_MS + 1_000 * seconds
        return asked.give(at(at_ms), Reading("ups", ((name, value),), at_ms))

    assert heard(1, "link", "ok") == [1], "since before our start"
    assert heard(2, "limit", 30) == [1]
    assert heard(3, "limit", 90) == [1]
    assert heard(40, "link", "ok") == [0]
    assert heard(91, "link", "ok") == [1]


def test_a_step_of_the_clock_concerns_those_who_read_it() -> None:
    asked = Asked(
        lambda v: v.past_wall(WALL_MS * 2),
        lambda v: v.wall_of(0),
        lambda v: v.spell(0, 1, 24 * 60 * MINUTE_MS),
        lambda v: v.past(FIRST_MS * 9),
    )
    assert asked.give(at(FIRST_MS + 1_000, SLEW_MS)) == [0, 0, 0, 0], "slewed"
    assert asked.give(at(FIRST_MS + 2_000, SLEW_MS + 1)) == [1, 1, 1, 0], "stepped"
    assert asked.give(at(FIRST_MS + 3_000, SLEW_MS + 1)) == [0, 0, 0, 0]


def test_trust_in_the_clock_concerns_those_who_read_it() -> None:
    asked = Asked(lambda v: v.trust, lambda v: v.clock_ok(), nothing)
    assert asked.give(at(FIRST_MS + 1_000, trust=Trust.UNKNOWN)) == [1, 1, 0]


def test_buttons_concern_those_who_read_them() -> None:
    asked = Asked(lambda v: v.down("power"), lambda v: v.still_ms("power"), nothing)
    assert asked.give(at(FIRST_MS + 1_000), Edge("power", False, FIRST_MS + 1_000)) == [1, 1, 0]


def test_meetings_and_holds_are_looked_at_as_a_whole() -> None:
    asked = Asked(
        lambda v: v.booked(), lambda v: v.calendar(), lambda v: tuple(v.coming(0)), lambda v: tuple(v.holds())
    )
    assert asked.give(at(FIRST_MS + 1_000), ups(FIRST_MS + 1_000)) == [0, 0, 0, 0]
    meeting = replace(a_meeting(8, 10), start_ms=WALL_MS + 10**9, end_ms=WALL_MS + 2 * 10**9)
    asked.state = asked.state._replace(meetings=(meeting,))
    assert asked.give(at(FIRST_MS + 2_000)) == [0, 1, 1, 0]
    asked.state = asked.state._replace(holds={"room": Hold("room", (), "on", 1, WHY, 1, 1 << 60)})
    assert asked.give(at(FIRST_MS + 3_000)) == [0, 0, 0, 1]


def test_a_set_point_concerns_those_who_read_it_by_its_name_or_all() -> None:
    asked = Asked(lambda v: v.hold("duty"), lambda v: v.hold("room"), lambda v: tuple(v.holds()))
    for n, holds in enumerate(({"duty": Hold("duty", (), "on", 1, WHY, 1, 1 << 60)}, {}), 1):
        asked.state = asked.state._replace(holds=holds)
        assert asked.give(at(FIRST_MS + 1_000 * n)) == [1, 0, 1], "put, and dropped"
        assert asked.give(at(FIRST_MS + 1_000 * n + 1)) == [0, 0, 0]


def test_what_a_rule_only_remembers_is_no_news_to_the_arbiter() -> None:
    """It keeps its very wishes; the same rule with another word has them made anew."""

    def says(v: View) -> Iterator[Yield]:
        yield Mark("m", v.number("ups.charge_pct"))
        yield Demand("load.display", "on", Rank.SCHEDULE, WHY)
        if v.get("ups.source") == "battery":
            yield Wait("load.display", "on", WHY)

    rules = (("", says),)
    state, recall, wishes = State("b", 1), Recall(), []
    for n, (charge, source) in enumerate(((90.0, "mains"), (90.0, "mains"), (80.0, "mains"), (80.0, "battery"))):
        at_ms = FIRST_MS + 1_000 * n
        reading = Reading("ups", (("source", source), ("charge_pct", charge)), at_ms)
        state = decide(state, (reading,), at(at_ms), ROOM, rules, False, recall).state
        wishes.append(state.desired)
    assert wishes[2] is wishes[1]
    assert wishes[3] is not wishes[2]
    assert state.marks["m"].value == 80.0


def test_a_rule_is_asked_again_for_the_marks_that_it_reads_or_sets() -> None:
    times: dict[str, int] = {"sets": 0, "reads": 0, "all": 0, "other": 0}

    def counted(name: str, *words: Yield) -> Callable[[View], Iterator[Yield]]:
        def rule(v: View) -> Iterator[Yield]:
            times[name] += 1
            if name == "sets":
                yield Mark("m", v.get("ups.source") == "battery")
            if name == "reads":
                v.kept("m")
            if name == "all":
                len(v.marks)
            if name == "other":
                v.mark("n")

        return rule

    rules = tuple(("", counted(name)) for name in ("reads", "sets", "all", "other"))
    state, recall = State("b", 1), Recall()
    for n, source in enumerate(("mains", "mains", "mains", "battery")):
        before = dict(times)
        at_ms = FIRST_MS + 1_000 * n
        state = decide(state, (ups(at_ms, source),), at(at_ms), ROOM, rules, False, recall).state
    said = {name: times[name] - before[name] for name in times}
    assert said == {"sets": 2, "reads": 1, "all": 1, "other": 0}, "the one before it in a second round"
    assert state.marks["m"].value is True


def test_another_room_other_modes_or_a_state_of_another_life_are_asked_about_anew() -> None:
    asked = Asked(nothing, modes="R2")
    assert asked.give(at(FIRST_MS + 1_000)) == [0]
    asked.state = asked.state._replace(modes={"R2": Mode.WATCH})
    assert asked.give(at(FIRST_MS + 2_000)) == [1]
    assert asked.give(at(FIRST_MS + 3_000), room=replace(ROOM)) == [1]
    asked.state = asked.state._replace(tracks=dict(asked.state.tracks))
    assert asked.give(at(FIRST_MS + 4_000), room=asked.room) == [1]


def test_a_rule_that_fails_leaves_nothing_behind() -> None:
    """The call has no outcome; the next one asks everybody."""

    class Broken(Exception):
        pass

    fails = [False]

    def read(v: View) -> None:
        v.get("ups.source")
        if fails[0]:
            raise Broken

    asked = Asked(read, nothing)
    fails[0] = True
    with pytest.raises(Broken):
        asked.give(at(FIRST_MS + 1_000), ups(FIRST_MS + 1_000))
    fails[0] = False
    assert asked.give(at(FIRST_MS + 2_000)) == [1, 1]


def test_tracks_that_rest_are_the_same_objects_in_a_new_mapping() -> None:
    def wants(v: View) -> Iterator[Yield]:
        yield Demand("load.display", "on", Rank.SCHEDULE, WHY)
        v.get("ups.source")

    state, recall = State("b", 1), Recall()
    for n in range(40):
        at_ms = FIRST_MS + 60_000 * n
        before = state
        relay = Reading("relay", (("display", "on"),), at_ms)
        state = decide(state, (relay, ups(at_ms, f"{n}")), at(at_ms), ROOM, (("", wants),), False, recall).state
    assert state.tracks is not before.tracks, "who shows the room looks at it again"
    assert all(state.tracks[name] is track for name, track in before.tracks.items())


def test_a_step_of_a_track_that_shows_nothing_new_concerns_those_who_look_at_the_whole_of_it() -> None:
    asked = Asked(
        lambda v: v.track("load.display"), lambda v: v.seen("load.display"), lambda v: v.was("load.display")
    )
    asked.give(at(FIRST_MS + 1_000), Reading("relay", (("display", "on"),), FIRST_MS + 1_000))
    assert asked.give(at(FIRST_MS + 1_001)) == [1, 1, 0], "seen on"
    track = asked.state.tracks["load.display"]
    asked.state.tracks["load.display"] = replace(track, tries=track.tries + 1)  # type: ignore[index]
    assert asked.give(at(FIRST_MS + 2_000)) == [1, 0, 0]


def test_a_wish_concerns_those_who_read_wishes() -> None:
    asked = Asked(lambda v: v.was("load.display"), lambda v: v.desired("load.display"), lambda v: v.track("load.x"))
    asked.state = asked.state._replace(desired={"load.display": Desired("on", Rank.MANUAL, WHY, 1, 1)})
    assert asked.give(at(FIRST_MS + 1_000)) == [1, 1, 0]


def test_a_mark_is_no_news_to_arbiter_and_hand() -> None:
    """Nothing is wished otherwise when a rule remembers something."""

    def remembers(v: View) -> Iterator[Yield]:
        yield Mark("m", v.last("ups.charge_pct"))

    state, recall, rules = State("b", 1), Recall(), (("", remembers),)
    for n in range(6):
        at_ms = FIRST_MS + 1_000 * n
        charge = Reading("ups", (("charge_pct", 90.0 - n),), at_ms)
        state = decide(state, (charge,), at(at_ms), ROOM, rules, False, recall).state
    assert state.marks["m"].value == 85.0
    assert recall.same
