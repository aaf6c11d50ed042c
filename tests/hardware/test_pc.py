"""A computer asked whether it is there: by far ends of every temper, and by real sockets of this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from hardware.contract import Value
from hardware.line_probes import Heard, Kind
from hardware.pc import PcEye
from hardware.sim.pc import BOOT_MS, DOWN_MS, OFF_W, RUNNING_W, SimPc


class Net:
    """A kind of probe towards one simulated computer: a datagram comes back at once, or never."""

    def __init__(self, pc: SimPc, word: str = "") -> None:
        self.pc, self.word, self.now_ms = pc, word, 0
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ours.setblocking(False)

    def send(self, address: str, n: int) -> str:
        if not self.word and self.pc.answers(self.now_ms):
            self._theirs.send(n.to_bytes(2, "big"))
        return self.word

    def fds(self) -> Iterator[tuple[int, int]]:
        yield self._ours.fileno(), 1

    def take(self, fd: int) -> Iterator[Heard]:
        yield Heard(int.from_bytes(self._ours.recv(2), "big"), "answer")

    def drop(self, n: int) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()


@pytest.fixture
def pc() -> SimPc:
    made = SimPc()
    made.mains(True, 0)
    return made


def answers(eye: PcEye, times: int = 1) -> list[Value]:
    return [dict(reading.values)["answers"] for _ in range(times) for reading in eye.read()]


def eye_of(pc: SimPc, now_ms: int, **words: str) -> Iterator[PcEye]:
    nets: dict[str, Kind | None] = {name: Net(pc, word) for name, word in words.items()}
    for net in nets.values():
        assert isinstance(net, Net)
        net.now_ms = now_ms
    yield PcEye("10.0.0.2", tuple(words), lambda: 7, lambda name, _version: nets[name])
    for net in nets.values():
        assert net is not None
        net.close()


def test_one_that_runs_answers(pc: SimPc) -> None:
    for eye in eye_of(pc, BOOT_MS, icmp=""):
        (reading,) = eye.read()
        assert (reading.source, reading.values, reading.at_ms) == ("codec", (("answers", True),), 7)


def test_only_the_third_silence_in_a_row_is_told(pc: SimPc) -> None:
    for eye in eye_of(pc, 0, icmp="unreachable"):
        assert answers(eye, 4) == [None, None, False, False]


def test_a_firewall_that_drops_echoes_is_asked_at_its_port(pc: SimPc) -> None:
    for eye in eye_of(pc, BOOT_MS, icmp="unreachable", tcp=""):
        assert answers(eye) == [True]


def test_where_nothing_may_be_asked_nothing_is_known(pc: SimPc) -> None:
    for eye in eye_of(pc, BOOT_MS, icmp="prohibited"):
        assert answers(eye, 4) == [None] * 4
    assert answers(PcEye("10.0.0.2", ("icmp",), lambda: 0, lambda _name, _version: None), 4) == [None] * 4


def test_a_port_of_this_machine_that_refuses_shows_that_it_is_there() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    assert answers(PcEye("127.0.0.1", (f"tcp:{port}",), lambda: 0)) == [True]


# ---- the far end itself


def test_it_boots_runs_and_shuts_down_in_its_time(pc: SimPc) -> None:
    assert not pc.answers(BOOT_MS - 1)
    assert pc.answers(BOOT_MS)
    assert pc.watts(BOOT_MS) == RUNNING_W
    pc.button(100_000)
    assert not pc.answers(100_000), "the network goes first"
    assert pc.runs(100_000 + DOWN_MS - 1)
    assert pc.watts(100_000 + DOWN_MS) == OFF_W
    pc.mains(False, 200_000)
    assert (pc.hard_cuts, pc.watts(200_000)) == (0, 0.0)


def test_it_counts_who_cuts_it_while_it_runs(pc: SimPc) -> None:
    pc.mains(False, BOOT_MS)
    assert pc.hard_cuts == 1
    pc.button(BOOT_MS + 1)
    assert not pc.runs(BOOT_MS + 2)


def test_a_hung_one_does_not_go_down_and_one_that_stays_off_waits_for_a_finger() -> None:
    hung, lazy = SimPc(), SimPc(stays_off=True)
    hung.faults.hung = True
    for pc in (hung, lazy):
        pc.mains(True, 0)
    hung.button(BOOT_MS)
    assert hung.answers(BOOT_MS + DOWN_MS)
    assert not lazy.runs(BOOT_MS)
    lazy.button(BOOT_MS)
    assert lazy.answers(2 * BOOT_MS)
