"""A camera on a Cisco codec that people use as well: from the panel, the remote control, the codec's own menus.

What is believed of it afterwards must be what it is: where it looks, which preset that is, whether it is parked."""

from __future__ import annotations

import pytest

from hardware.protocols.cisco import Cisco
from hardware.sim.cisco import CiscoCodec
from hardware.sim.cisco_memory import Faults
from tests.hardware.protocols.cisco_room import MINUTE_MS, Room, bare, done, settled

CAMERA = "camera.main"
AWAY = (-300.0, 40.0, 200.0)
TRAVEL_MS = 12_000
SOON_MS = 5_000
OLD = "TC7.3.21"
"""Its head is elsewhere in the tree."""


def room_of(ours: Cisco | None = None, software: str = "ce9.15.3.26 2021-03-01", **faults: object) -> Room:
    """At preset 1, by our order."""
    far = CiscoCodec(seed=3, software=software, faults=Faults(**faults))  # type: ignore[arg-type]
    room = settled(ours or Cisco("main"), far)
    far.unit.head.presets.update({1: (400.0, -100.0, 500.0), 2: (-400.0, 50.0, 0.0)})
    assert done(room.do("camera.main.preset", 1))
    return room


def believed(room: Room) -> tuple[object, object, object]:
    return room.value("preset", CAMERA), room.value("pan", CAMERA), room.value("moving", CAMERA)


@pytest.mark.parametrize(
    ("mode", "software"),
    [("terminal", "ce9.15.3.26"), ("json", "ce9.15.3.26"), ("terminal", OLD)],
    ids=["terminal", "json", "TC"],
)
def test_a_hand_at_the_panel_is_noticed_at_once(mode: str, software: str) -> None:
    room = room_of(Cisco("main", mode=mode), software)  # type: ignore[arg-type]
    room.codec.person_turns_camera(AWAY, room.now)
    room.run(SOON_MS)
    assert room.value("preset", CAMERA) == -1
    room.run(TRAVEL_MS)
    assert believed(room) == (-1, -300, False)


def test_a_release_that_does_not_tell_positions_is_seen_through_by_asking() -> None:
    room = room_of(unknown=frozenset({"xfeedback register /status/cameras"}))
    room.codec.person_turns_camera(AWAY, room.now)
    room.run(MINUTE_MS)
    assert believed(room) == (-1, -300, False)


def test_a_preset_that_is_tapped_on_the_panel_is_known() -> None:
    room = room_of()
    room.codec.person_recalls(2, room.now)
    room.run(100)
    assert (room.value("preset", CAMERA), room.value("moving", CAMERA)) == (-1, True)
    room.run(TRAVEL_MS)
    assert believed(room) == (2, -400, False)


def test_where_nobody_tells_of_presets_it_is_somewhere_and_no_preset() -> None:
    room = room_of(tells_presets=False)
    room.codec.person_recalls(2, room.now)
    room.run(MINUTE_MS)
    assert believed(room) == (-1, -400, False)


@pytest.mark.parametrize("mode", ["terminal", "json"])
def test_a_preset_stored_anew_at_the_panel_is_what_it_is_from_now_on(mode: str) -> None:
    room = room_of(Cisco("main", mode=mode))  # type: ignore[arg-type]
    room.codec.person_turns_camera(AWAY, room.now)
    room.run(TRAVEL_MS)
    room.codec.person_stores(1, room.now)
    assert done(room.do("camera.main.preset", 2))
    assert done(room.do("camera.main.preset", 1))
    assert believed(room) == (1, -300, False)


def test_where_nobody_tells_of_it_one_recall_fails_and_the_next_is_believed() -> None:
    room = room_of(tells_presets=False)
    room.codec.person_turns_camera(AWAY, room.now)
    room.run(TRAVEL_MS)
    room.codec.person_stores(1, room.now)
    assert done(room.do("camera.main.preset", 2))
    assert room.do("camera.main.preset", 1)[-1] == ("failed", "no_effect")
    assert believed(room) == (-1, -300, False)
    assert done(room.do("camera.main.preset", 1))
    assert believed(room) == (1, -300, False)


def test_a_head_that_does_not_move_is_no_preset_stored_anew() -> None:
    room = room_of()
    assert done(room.do("camera.main.preset", 2))
    room.codec.faults.deaf = True
    for _ in range(2):
        assert room.do("camera.main.preset", 1)[-1] == ("failed", "no_effect")
        assert room.value("preset", CAMERA) == -1


def test_our_own_store_takes_no_knowledge_away() -> None:
    room = room_of()
    assert done(room.do("camera.main.store", 4), "unconfirmed")
    assert done(room.do("camera.main.preset", 2))
    room.codec.faults.deaf = True
    assert room.do("camera.main.preset", 4)[-1] == ("failed", "no_effect")


def test_a_finger_in_the_middle_of_our_recall_wins_and_is_told() -> None:
    room = room_of()
    order = room.order("camera.main.park", "home")
    room.run(1_000)
    room.codec.person_recalls(2, room.now)
    room.run(30_000)
    assert room.results(order)[-1] == ("failed", "no_effect")
    assert (believed(room), room.value("parked", CAMERA)) == ((2, -400, False), False)


def test_an_order_that_comes_while_a_finger_moves_the_head_waits_until_it_rests() -> None:
    room = room_of()
    room.codec.person_recalls(2, room.now)
    room.run(1_800)  # our own look at it has begun
    order = room.order("camera.main.preset", 1)
    room.run(30_000)
    assert done(room.results(order))
    assert believed(room) == (1, 400, False)
    assert room.codec.unit.head.place(room.now)[0] == 400.0


def test_a_head_that_turns_aside_to_sleep_stays_parked() -> None:
    """Why else would closing order a park that a sleeping codec refuses."""
    room = room_of()
    assert done(room.do("camera.main.park", "home"))
    room.codec.unit.set_standby("EnteringStandby")
    room.codec.person_turns_camera((0.0, -300.0, 0.0), room.now)
    room.run(MINUTE_MS)
    assert room.value("parked", CAMERA) is True


def test_a_camera_that_follows_whoever_speaks_does_not_fill_the_line() -> None:
    room = room_of()
    since_ms = room.now
    for turn in range(600):
        room.codec.person_turns_camera((400.0 if turn % 4 < 2 else -400.0, 0.0, 0.0), room.now)
        room.run(500)
    asked = [text for text in bare(room.texts(since_ms)) if "Position" in text]
    assert 0 < len(asked) <= (room.now - since_ms) // 2_000


def test_a_codec_without_a_camera_of_ours_is_not_asked_to_tell_of_it() -> None:
    assert not [text for text in bare(settled().texts()) if "Camera" in text]
