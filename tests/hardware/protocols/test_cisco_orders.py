"""Orders to a Cisco codec: what is said to it, what is not, and what it may answer."""

from __future__ import annotations

import pytest

from hardware.contract import Order, OrderId, Value
from hardware.protocols.cisco import Cisco
from tests.hardware.protocols.cisco_room import bare, done, settled

ORDERS = [
    ("codec.power", "awake", "Standby Deactivate"),
    ("codec.power", "asleep", "Standby Activate"),
    ("codec.mute", "muted", "Audio Microphones Mute"),
    ("codec.mute", "open", "Audio Microphones Unmute"),
    ("codec.volume", 35, "Audio Volume Set Level: 70"),
    ("codec.dial", ("alice@example.com", "auto", 0), 'Dial Number: "alice@example.com"'),
    ("codec.dial", ("10.1.0.1", "h323", 768), 'Dial Number: "10.1.0.1" Protocol: H323 CallRate: 768'),
    ("codec.hangup", "7", "Call Disconnect CallId: 7"),
    ("codec.hangup", "all", "Call Disconnect"),
    ("camera.main.preset", 4, "Camera Preset Activate PresetId: 4"),
    ("camera.main.store", 4, 'Camera Preset Store CameraId: 1 PresetId: 4 Name: "Diemcau 4"'),
    ("camera.main.park", "home", "Camera PositionReset CameraId: 1"),
    ("camera.main.drive", (-24, 0, 1), "Camera Ramp CameraId: 1 Pan: Left PanSpeed: 15 Zoom: In ZoomSpeed: 2"),
    ("camera.main.drive", (0, 20, 0), "Camera Ramp CameraId: 1 Tilt: Up TiltSpeed: 15"),
    ("camera.main.drive", (0, 0, 0), "Camera Ramp CameraId: 1 Pan: Stop Tilt: Stop Zoom: Stop"),
    ("camera.main.position", (10, -20, 30), "Camera PositionSet CameraId: 1 Pan: 10 Tilt: -20 Zoom: 30"),
]


@pytest.mark.parametrize(("target", "value", "text"), ORDERS)
def test_orders_as_bytes(target: str, value: Value, text: str) -> None:
    room = settled(Cisco("main"))
    room.ours.ask(Order(OrderId("b", 1), target, value, 30_000), room.now)
    room.run(200)
    assert f"xCommand {text}" in bare(room.texts(15_000))


def test_a_call_is_taken_by_its_id() -> None:
    room = settled()
    call_id = room.codec.ring("10.1.0.1", room.now)
    room.run(100)
    assert done(room.do("codec.answer", "video"))
    assert f"xCommand Call Accept CallId: {call_id}" in bare(room.texts())


def test_nobody_rings() -> None:
    assert settled().do("codec.answer", "video")[-1] == ("refused", "not_active")


def test_a_ringing_call_that_was_not_told_is_looked_for() -> None:
    room = settled()
    room.codec.faults.loses_feedback = True
    room.codec.forget_feedback()
    room.codec.ring("10.1.0.1", room.now)
    assert room.do("codec.answer", "video")[-1] == ("done", "")


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("camera.main.preset", 0, "bad_value"),
        ("camera.main.preset", 36, "bad_value"),
        ("camera.main.preset", True, "bad_value"),
        ("camera.main.park", "away", "bad_value"),
        ("camera.main.power", "off", "bad_value"),
        ("camera.main.drive", (1, 2), "bad_value"),
        ("camera.main.drive", (1, 2, "x"), "bad_value"),
        ("camera.main.position", 7, "bad_value"),
        ("camera.other.preset", 1, "unknown_target"),
        ("camera.main.dance", 1, "unknown_target"),
        ("codec.audiometer", "micleft", "unsupported"),
        ("codec.dial", ("a", "sip", 63), "bad_value"),
        ("codec.dial", ("a", 7, 64), "bad_value"),
        ("codec.dial", ("a" * 129, "sip", 64), "bad_value"),
        ("codec.dial", ('x" Protocol: H320', "sip", 64), "bad_value"),
        ("codec.dial", ("{7}", "sip", 64), "bad_value"),
        ("codec.hangup", "7x", "bad_value"),
    ],
)
def test_what_is_not_said_to_the_device(target: str, value: Value, code: str) -> None:
    room = settled(Cisco("main"))
    before = len(room.sent)
    room.ours.ask(Order(OrderId("b", 1), target, value, 30_000), room.now)
    assert room.ours.take()[1][-1].code == code  # type: ignore[union-attr]
    room.run(1_000)
    assert len(room.sent) == before
