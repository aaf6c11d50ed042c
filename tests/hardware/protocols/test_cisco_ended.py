"""Who hung up, as far as a Cisco tells it: its word on the call that was up, and on no other."""

from __future__ import annotations

import pytest

from hardware.protocols.cisco import Cisco
from tests.hardware.protocols.cisco_room import MCU, Room, done, settled


def called(mode: str = "terminal") -> Room:
    room = settled(Cisco(mode=mode))  # type: ignore[arg-type]
    assert done(room.do("codec.dial", MCU))
    return room


def ended(room: Room) -> object:
    try:
        return room.value("ended")
    except KeyError:
        return None


@pytest.mark.parametrize("mode", ["terminal", "json"])
@pytest.mark.parametrize(
    ("cause", "who"),
    [
        ("LocalDisconnect", "near"),
        ("RemoteDisconnect", "far"),
        ("OtherLocal", None),
        ("OtherRemote", None),
        ("NetworkRejected", None),
    ],
)
def test_a_hang_up_has_a_side_and_everything_else_has_none(mode: str, cause: str, who: str | None) -> None:
    room = called(mode)
    room.codec.unit.calls.end(next(iter(room.codec.unit.calls.table)), cause)
    room.run(10_000)
    assert (room.value("in_call"), ended(room)) == (False, who)


def test_our_own_hang_up_is_near() -> None:
    room = called()
    assert done(room.do("codec.hangup", "all"))
    assert ended(room) == "near"


def test_a_second_call_that_is_turned_away_says_nothing_of_ours() -> None:
    room = called()
    other = room.codec.ring("10.9.9.9", room.now)
    room.run(2_000)
    room.codec.unit.calls.end(other, "LocalReject")
    room.codec.unit.calls.end(other, "LocalDisconnect")
    room.run(10_000)
    assert (room.value("in_call"), ended(room)) == (True, None)


def test_a_new_call_takes_the_old_words_away() -> None:
    room = called()
    room.codec.far_end_hangs_up(room.now)
    room.run(10_000)
    assert ended(room) == "far"
    assert done(room.do("codec.dial", MCU))
    assert ended(room) is None


def test_a_dial_that_nobody_answers_ended_no_call() -> None:
    room = settled()
    room.codec.unit.far.answers = False
    room.do("codec.dial", MCU, 90_000)
    assert ended(room) is None
