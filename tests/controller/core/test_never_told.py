"""A device that answers and never says how it stands: no inquiry tells a Polycom's sleep, so after a start of ours
it is unknown until the codec is told, and a wish that comes hours later must still reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from controller.core.decide import decide
from controller.core.instant import Instant
from controller.core.observe import TOLD_MS, observe
from controller.core.recall import Recall
from controller.core.room import Rank
from controller.core.state import Fact, Proof, Quality, State, Track
from controller.core.view import View
from controller.core.words import Demand, Yield
from hardware.contract import Order, OrderId, Reading
from hardware.sim.polycom import PolycomCodec
from tests.controller.room_kit import HOUR_MS, WHY, a_room, clock
from tests.scenarios.kit import Scene, meeting

NOW = clock(12)
AT_MS = NOW.mono_ms
AWAKE = "codec.power"
ROOM = a_room()
SENT = Order(OrderId("b", 1), AWAKE, "awake", 10_000)


def fact(value: Any, since_ms: int = TOLD_MS, quality: Quality = Quality.GOOD) -> Fact:
    return Fact(value, quality, AT_MS, AT_MS - since_ms)


def wake(_view: View) -> Iterator[Yield]:
    yield Demand(AWAKE, "awake", Rank.SCHEDULE, WHY)


RULES = (("", wake),)


def state(facts: Mapping[str, Fact] = MappingProxyType({}), tries: int = 0) -> State:
    """A controller that has run for hours; nothing is known of the codec's sleep."""
    known = {f"codec.{name}": f for name, f in {"answers": fact(True), **facts}.items()}
    tracks = {"load.codec": Track(Proof.PROVEN, 0, None, "on"), AWAKE: Track(Proof.UNSEEN, 0, "awake", tries=tries)}
    relay = {"relay.codec": fact("on")}
    return State("b", AT_MS - 5 * HOUR_MS, tracks=tracks, facts={**known, **relay})


def wakes(before: State) -> bool:
    orders = decide(before, (), NOW, ROOM, RULES).orders
    return [(order.target, order.value) for order in orders] == [(AWAKE, "awake")]


def test_what_its_device_never_tells_is_ordered_hours_after_the_start() -> None:
    assert wakes(state())


@pytest.mark.parametrize(
    "facts",
    [
        {"answers": fact(False)},
        {"answers": fact(True, quality=Quality.STALE)},
        {"answers": fact(True, since_ms=TOLD_MS - 1)},
        {"power": fact("asleep", quality=Quality.STALE)},
    ],
    ids=["silent", "long_silent", "just_begun", "told_before"],
)
def test_silence_and_old_words_are_no_reason(facts: dict[str, Fact]) -> None:
    assert not wakes(state(facts))


def test_it_is_told_as_often_as_others_and_then_it_has_failed() -> None:
    def late(tries: int, **facts: Fact) -> Proof:
        track = Track(Proof.ORDERED, AT_MS, "awake", sent=SENT, sent_ms=AT_MS - 60_000, tries=tries)
        view = View(state(facts), NOW, ROOM)
        return observe(ROOM.targets[AWAKE], track, "awake", None, True, view).proof

    tries = ROOM.targets[AWAKE].tries
    assert wakes(state(tries=tries - 1))
    assert not wakes(state(tries=tries))
    assert late(tries - 1) is Proof.UNSEEN
    assert late(tries) is Proof.FAILED
    assert late(tries, answers=fact(False)) is Proof.UNSEEN, "that it is silent is another fault"


def test_whoever_rests_looks_again_when_it_has_answered_for_long_enough() -> None:
    recall, known = Recall(), state({"answers": fact(False)})
    for _ in range(5):  # until nothing moves any more
        known = decide(known, (), NOW, ROOM, RULES, recall=recall).state
    answers = Reading("codec", (("answers", True),), AT_MS)
    for events, ms in (((answers,), 0), ((), 1), ((), 2), ((), TOLD_MS - 1)):
        outcome = decide(known, events, later(ms), ROOM, RULES, recall=recall)
        assert outcome.orders == ()
        known = outcome.state
    assert known.wake_ms == AT_MS + TOLD_MS
    assert [order.target for order in decide(known, (), later(TOLD_MS), ROOM, RULES, recall=recall).orders] == [
        AWAKE
    ]


def later(ms: int) -> Instant:
    return NOW._replace(mono_ms=AT_MS + ms, wall_ms=NOW.wall_ms + ms)


def asleep(scene: Scene) -> bool:
    codec = scene.bench.codec
    assert isinstance(codec, PolycomCodec)
    return codec.unit.asleep


def test_a_codec_that_slept_through_our_restart_is_awake_at_its_meeting() -> None:
    """In a storm it sleeps instead of losing its power; the controller dies meanwhile."""
    scene = Scene(meeting(13, 14)).to(7.2).do("desk_orders", "storm", "on", 900)
    scene.press().to(9.5)
    scene.do("desk_orders", "power", "off").to(10.4)
    assert (scene.closed, asleep(scene)) == ({"codec", "network"}, True)
    scene.world.crash(2_000)
    scene.to(12.01)
    assert not asleep(scene)
    assert [row["value"] for row in scene.told("noted") if row["subject"] == "t60.giao-ban"] == ["ready"]


def test_one_that_is_awake_is_no_riddle_after_a_restart_without_a_clock() -> None:
    """The meeting is known hours later, when the time is; the room is ready then, and goes to sleep in order."""
    scene = Scene(meeting(10, 14)).to(9.5).do("clock_dead", 2 * HOUR_MS).to(11.6)
    assert scene.world.state.tracks[AWAKE].proof is Proof.PROVEN
    assert "not_ready" not in scene.alerts
    scene.to(16)
    assert scene.closed == {"network"}
    assert scene.alerted("silent_codec") == 0
    assert scene.told("out_of_order") == []
