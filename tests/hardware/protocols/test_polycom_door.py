"""Orders at the door: port closed, device unknown, nonsense, a newer order."""

import pytest

from hardware.contract import NEVER_MS
from tests.hardware.protocols.polycom_room import Room, done, settled


def test_orders_on_a_closed_port_are_refused_and_open_ones_fail_when_it_closes() -> None:
    room = Room(open_port=False)
    assert room.do("codec.power", "awake", 100) == [("refused", "closed")]
    room.ours.opened(room.now)
    room.run(10_000)
    order_id = room.order("codec.power", "asleep")
    room.ours.closed(room.now)
    room.run(10)
    assert room.results(order_id) == [("failed", "closed")]
    assert room.ours.wake_ms == NEVER_MS
    room.ours.feed(b"mute near on\r\n", room.now)
    room.ours.tick(room.now)
    assert room.ours.take() == (b"", ())


def test_an_order_before_the_device_is_known_is_refused_and_during_a_resync_waits() -> None:
    room = Room()
    room.until(520)
    assert room.do("codec.mute", "muted", 1) == [("refused", "not_identified")]
    room = Room()
    room.until(600)
    assert done(room.do("codec.mute", "muted"))


def test_a_newer_order_replaces_the_older_one_and_its_late_answer_is_ignored() -> None:
    room = settled()
    first = room.order("codec.mute", "muted")
    second = room.order("codec.mute", "open")
    room.run(5_000)
    assert room.results(first) == [("superseded", "")]
    assert done(room.results(second))
    assert room.value("mute") == "open"


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        ("codec.nothing", 1, "unknown_target"),
        ("camera.main.preset", 1, "unknown_target"),
        ("codec.power", "on", "bad_value"),
        ("codec.mute", True, "bad_value"),
        ("codec.volume", 51, "bad_value"),
        ("codec.volume", True, "bad_value"),
        ("codec.dial", "10.0.0.1", "bad_value"),
        ("codec.dial", ('a" h323\rreboot yes', "h323", 1), "bad_value"),
        ("codec.dial", ("10.0.0.1", "h320", 1), "bad_value"),
        ("codec.dial", ("10.0.0.1", "h323", 9999), "bad_value"),
        ("codec.hangup", 34, "bad_value"),
        ("codec.hangup", 'x"\rreboot yes', "bad_value"),
        ("codec.answer", "audio", "bad_value"),
        ("codec.audiometer", "elsewhere", "bad_value"),
    ],
)
def test_nonsense_is_refused_before_the_wire(
    target: str, value: str | int | tuple[str, str, int], code: str
) -> None:
    room = settled()
    sent = len(room.sent)
    assert room.results(room.order(target, value)) == [("refused", code)]
    assert len(room.sent) == sent
