"""Relay boards on a bus: written when the wish changes, read back, believed; each way to fail is told."""

from __future__ import annotations

import pytest

from hardware.protocols.modbus_relays import POLL_MS, Coil, RelayBus
from hardware.sim.modbus import Bus, RelaySlave
from tests.hardware.protocols.bus_kit import Line

TWO = (Coil("codec", 1, 0), Coil("camera", 1, 2))


class Room(Line):
    """One or two boards and what is wanted of them."""

    def __init__(self, *coils: Coil, boards: int = 1) -> None:
        self.relays = RelayBus(coils or TWO)
        super().__init__(self.relays, Bus([RelaySlave(n + 1) for n in range(boards)]))
        self.relays.opened(0)

    def board(self, unit: int = 1) -> RelaySlave:
        slave = self.bus.slaves[unit]
        assert isinstance(slave, RelaySlave)
        return slave

    def writes(self) -> int:
        return sum(frame[1] in (5, 15) for frame in self.sent)


def test_what_is_wanted_before_the_first_look_is_written_after_it() -> None:
    room = Room()
    room.relays.want({"codec": True, "camera": False})
    room.run(1_000)
    assert room.board().relays[:3] == [True, False, False]
    assert room.relays.seen() == {"codec": True, "camera": False}
    assert room.writes() == 1


def test_a_board_that_stands_right_is_not_written() -> None:
    room = Room()
    room.board().relays[0] = True
    room.relays.want({"codec": True, "camera": False})
    room.run(60_000)
    assert room.writes() == 0


def test_a_name_without_a_wish_is_taken_over() -> None:
    room = Room()
    room.board().relays[2] = True
    room.relays.want({"codec": False})
    room.run(1_000)
    assert (room.relays.seen(), room.writes()) == ({"codec": False, "camera": True}, 0)


@pytest.mark.parametrize("function", [5, 15])
def test_an_order_is_under_way_until_it_is_read_back(function: int) -> None:
    room = Room(Coil("codec", 1, 3, function)).run(1_000)
    room.relays.want({"codec": True})
    assert room.relays.seen() == {}
    room.run(500)
    assert room.relays.seen() == {"codec": True}
    assert room.board().relays == [False, False, False, True] + [False] * 4
    assert {frame[1] for frame in room.sent} == {1, function}


def test_the_last_wish_counts_whatever_was_in_flight() -> None:
    room = Room()
    room.run(1_000)
    for value in (True, False, True, False, True):
        room.relays.want({"codec": value, "camera": not value})
        room.run(7)
    room.run(2_000)
    assert room.relays.seen() == {"codec": True, "camera": False}
    assert room.board().relays[:3] == [True, False, False]


def test_an_order_that_comes_while_the_board_is_read_is_not_answered_by_the_old_reading() -> None:
    room = Room()
    room.run(POLL_MS - 1).run(10)
    room.relays.want({"codec": True})
    for _ in range(200):
        room.run(1)
        assert room.relays.seen().get("codec") is not False
    assert room.relays.seen()["codec"] is True


def test_a_relay_that_does_not_follow_is_told_as_it_is() -> None:
    room = Room()
    room.run(1_000)
    room.board().faults.stuck = True
    room.relays.want({"codec": True})
    room.run(1_000)
    assert room.relays.seen()["codec"] is False
    assert room.writes() == 1


def test_somebody_elses_hand_is_noticed() -> None:
    room = Room()
    room.relays.want({"codec": True, "camera": False})
    room.run(1_000)
    room.board().supply(False)
    room.board().supply(True)
    room.run(POLL_MS + 100)
    assert (room.relays.seen()["codec"], room.writes()) == (False, 1)


@pytest.mark.parametrize("fault", ["silent", "bad_crc", "other_unit"])
def test_a_board_that_cannot_be_read_is_none_and_its_order_fails(fault: str) -> None:
    room = Room()
    room.run(1_000)
    setattr(room.board().faults, fault, True)
    room.relays.want({"codec": True})
    room.run(3_000)
    assert room.relays.seen() == {"codec": None, "camera": None}
    assert room.relays.faults == {1: {"silent": "silent", "bad_crc": "garbled", "other_unit": "other_unit"}[fault]}
    setattr(room.board().faults, fault, False)
    room.run(POLL_MS + 100)
    assert room.relays.seen()["camera"] is False
    assert room.relays.faults == {}


def test_a_board_that_refuses() -> None:
    room = Room(Coil("codec", 1, 12)).run(2_000)
    assert room.relays.seen() == {"codec": None}
    assert room.relays.faults == {1: "exception_2"}


def test_a_dead_board_does_not_hold_up_its_neighbour() -> None:
    room = Room(Coil("codec", 1, 0), Coil("fan", 2, 0), boards=2)
    room.board(1).faults.silent = True
    room.run(20_000)
    room.relays.want({"fan": True})
    room.run(700)
    assert room.board(2).relays[0] is True


def test_an_unplugged_adaptor_and_its_return() -> None:
    room = Room()
    room.relays.want({"codec": True, "camera": False})
    room.run(1_000)
    room.relays.closed()
    assert room.relays.seen() == {"codec": None, "camera": None}
    room.relays.want({"codec": False})
    room.run(20_000)
    room.relays.opened(room.now_ms)
    room.run(1_000)
    assert room.relays.seen()["codec"] is True


def test_a_port_that_comes_late_gets_what_was_wanted_at_the_start() -> None:
    room = Room()
    room.relays.closed()
    room.relays.want({"codec": True, "camera": False})
    room.relays.opened(0)
    room.run(1_000)
    assert room.board().relays[0] is True


def test_at_rest_it_asks_every_five_seconds() -> None:
    room = Room()
    room.run(1_000)
    before = len(room.sent)
    room.run(60_000)
    assert len(room.sent) - before == 12
