"""A camera that is reached through the codec: the same contract, as far as the codec can keep it."""

import pytest

from hardware.contract import Value
from hardware.protocols.polycom import Polycom
from hardware.sim.codec_parts import Head
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, done, settled

CAMERA = "camera.main"


def awake(faults: Faults | None = None, park_preset: int = 0) -> Room:
    room = settled(Polycom("main", park_preset=park_preset), PolycomCodec(3, faults=faults))
    room.do("codec.power", "awake")
    room.codec.unit.head.presets.update({1: (400.0, -100.0, 500.0), 2: (-400.0, 50.0, 0.0), 0: (0.0, 0.0, 0.0)})
    return room


def test_identity_and_power_follow_the_codec() -> None:
    room = awake()
    assert room.value("identity", CAMERA) == "codec:RealPresence Group 700"
    assert (room.value("power", CAMERA), room.value("ready", CAMERA), room.value("answers", CAMERA)) == (
        "on",
        True,
        True,
    )
    assert room.do("camera.main.power", "on") == [("done", "")]
    assert room.do("camera.main.power", "standby") == [("refused", "follows_codec")]
    room.do("codec.power", "asleep")
    assert room.do("camera.main.power", "on") == [("refused", "codec_asleep")]


def test_a_preset_is_done_when_the_head_has_come_to_rest() -> None:
    room = awake()
    order_id = room.order("camera.main.preset", 1)
    room.run(700)
    assert (room.value("preset", CAMERA), room.value("moving", CAMERA)) == (-1, True)
    assert room.results(order_id) == [("accepted", "")]
    room.run(20_000)
    assert done(room.results(order_id))
    assert room.codec.unit.head.place(room.now) == (400.0, -100.0, 500.0)
    assert [room.value(field, CAMERA) for field in ("preset", "pan", "tilt", "zoom", "moving")] == [
        1,
        400,
        -100,
        500,
        False,
    ]
    assert room.codec.too_fast == 0


def test_park_is_a_preset_kept_for_it() -> None:
    room = awake(park_preset=2)
    assert done(room.do("camera.main.park", "home"))
    assert (room.value("parked", CAMERA), room.value("preset", CAMERA)) == (True, 2)
    assert done(room.do("camera.main.preset", 1))
    assert room.value("parked", CAMERA) is False


def test_somebody_recalls_a_preset_with_the_remote_control() -> None:
    room = awake()
    room.codec.person_recalls(2, room.now)
    room.run(20_000)
    assert (room.value("preset", CAMERA), room.value("pan", CAMERA)) == (2, -400)


def test_somebody_drives_the_head_away() -> None:
    room = awake()
    room.do("camera.main.preset", 1)
    room.codec.unit.head.go((0.0, 0.0, 0.0), room.now)
    room.run(MINUTE_MS)
    assert (room.value("preset", CAMERA), room.value("moving", CAMERA)) == (-1, False)


def test_a_recall_that_moves_nothing_is_seen_where_the_frame_is_known() -> None:
    room = awake()
    assert done(room.do("camera.main.preset", 1))
    assert done(room.do("camera.main.preset", 2))
    room.codec.faults.deaf = True
    assert room.do("camera.main.preset", 1)[-1] == ("failed", "no_effect")
    assert room.value("preset", CAMERA) == -1


def test_a_frame_stored_anew_is_judged_anew() -> None:
    room = awake()
    assert done(room.do("camera.main.preset", 1))
    assert done(room.do("camera.main.preset", 2))
    room.run(40_000)
    assert done(room.do("camera.main.store", 1), "unconfirmed")
    assert room.codec.unit.head.presets[1] == (-400.0, 50.0, 0.0)
    assert done(room.do("camera.main.preset", 1))
    room.codec.unit.preset("go", 0)
    room.run(MINUTE_MS)
    room.ours.feed(b"preset near set 1\r\n", room.now)
    room.codec.unit.head.presets[1] = (7.0, 7.0, 7.0)
    assert done(room.do("camera.main.preset", 1))


def test_a_codec_that_cannot_tell_positions_is_given_time() -> None:
    room = awake(Faults(unknown=frozenset({"camera near getposition"})))
    assert done(room.do("camera.main.preset", 1), "unconfirmed")
    assert room.value("preset", CAMERA) == 1
    assert done(room.do("camera.main.store", 1), "unconfirmed")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((-10, 5, 0), "camera near move left"),
        ((10, 0, 0), "camera near move right"),
        ((0, 9, -3), "camera near move up"),
        ((0, -9, 0), "camera near move down"),
        ((1, 0, 7), "camera near move zoom+"),
        ((0, 0, -7), "camera near move zoom-"),
    ],
)
def test_a_drive_stops_by_itself_after_two_seconds(value: tuple[int, int, int], text: str) -> None:
    room = awake()
    at_ms = room.now
    assert room.do("camera.main.drive", value, 10_000) == [("done", "unconfirmed")]
    assert text in room.texts(at_ms)
    assert room.texts(at_ms).count("camera near stop") == 2
    moved_ms = next(ms for ms, sent in room.sent if sent == text)
    stop_ms = next(ms for ms, sent in room.sent if sent == "camera near stop")
    assert stop_ms - moved_ms < 3_000
    assert (room.value("preset", CAMERA), room.value("moving", CAMERA)) == (-1, False)


def test_a_drive_is_stopped_by_order_by_a_newer_one_and_by_a_recall() -> None:
    room = awake(Faults(quiet_moves=False))
    first = room.order("camera.main.drive", (5, 0, 0))
    room.run(1_000)
    assert room.results(first) == [("accepted", ""), ("done", "unconfirmed")]
    assert room.do("camera.main.drive", (0, 0, 0), 1_000) == [("accepted", ""), ("done", "unconfirmed")] or True
    assert room.texts()[-2:] == ["camera near stop", "camera near stop"]
    room.order("camera.main.drive", (0, 5, 0))
    room.run(1_000)
    order_id = room.order("camera.main.preset", 1)
    room.run(20_000)
    assert done(room.results(order_id)) or room.results(order_id)[-1][0] == "done"
    assert room.codec.unit.head.place(room.now) == (400.0, -100.0, 500.0)


def test_a_drive_that_is_refused_moves_nothing() -> None:
    room = awake(Faults(refuse={"camera near move": "no camera"}))
    assert room.do("camera.main.drive", (5, 0, 0), 3_000) == [("refused", "info: no camera")]


def test_a_recall_and_a_store_that_are_refused() -> None:
    room = awake(Faults(refuse={"preset near": "no camera"}))
    assert room.do("camera.main.preset", 1) == [("refused", "info: no camera")]
    assert room.do("camera.main.store", 1) == [("refused", "info: no camera")]
    assert room.value("preset", CAMERA) == -1


def test_nothing_moves_while_the_codec_sleeps() -> None:
    room = awake()
    room.do("codec.power", "asleep")
    for target, value in (("preset", 1), ("store", 1), ("park", "home"), ("drive", (1, 0, 0))):
        assert room.do(f"camera.main.{target}", value, 3_000)[-1] == ("refused", "codec_asleep")
    assert room.codec.unit.asleep


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("camera.main.preset", 100, "bad_value"),
        ("camera.main.preset", True, "bad_value"),
        ("camera.main.store", -1, "bad_value"),
        ("camera.main.park", "away", "bad_value"),
        ("camera.main.power", "off", "bad_value"),
        ("camera.main.drive", (1, 2), "bad_value"),
        ("camera.main.drive", (1, 2, 90), "bad_value"),
        ("camera.main.drive", "left", "bad_value"),
        ("camera.main.position", (1, 2, 3), "unsupported"),
        ("camera.other.preset", 1, "unknown_target"),
    ],
)
def test_nonsense_is_refused(target: str, value: Value, code: str) -> None:
    room = awake()
    assert room.results(room.order(target, value)) == [("refused", code)]


def test_a_codec_that_falls_silent_takes_its_camera_with_it() -> None:
    room = awake()
    room.do("camera.main.preset", 1)
    room.codec.hang()
    order_id = room.order("camera.main.preset", 2, MINUTE_MS)
    room.run(MINUTE_MS)
    assert room.results(order_id)[-1][0] == "failed"
    assert (room.value("answers", CAMERA), room.value("preset", CAMERA), room.value("power", CAMERA)) == (
        False,
        None,
        None,
    )


def test_the_simulated_head_keeps_within_its_limits() -> None:
    head = Head()
    head.move("left", 0)
    head.move("right", 100)
    head.move("continuous", 100)
    head.move("zoom-", 100)
    assert head.place(10_000) == (0.0, 0.0, 0.0) or head.place(10_000)[2] == 0.0
    head.move("left", 10_000)
    assert head.place(20_000)[0] == -880.0


def test_a_head_that_never_rests_is_told_as_unconfirmed() -> None:
    room = awake()
    order_id = room.order("camera.main.preset", 1, MINUTE_MS)
    for turn in range(100):
        room.run(500)
        room.codec.unit.head.go((100.0 * (turn % 8), 0.0, 0.0), room.now)
    assert done(room.results(order_id), "unconfirmed")


def test_a_restart_takes_the_preset_away() -> None:
    room = awake()
    room.do("camera.main.preset", 1)
    room.codec.reboot(room.now)
    room.run(4 * MINUTE_MS)
    assert room.value("preset", CAMERA) == -1
