"""The coat of datagrams: golden bytes, numbers, what is lost, doubled, late or strange on the way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.contract import Reading, Stage
from hardware.protocols.visca_ip import AGAIN_MS, BareVisca, ViscaOverIp, datagram, packet
from hardware.sim.camera_head import Frame
from hardware.sim.camera_ip import CameraOverIp
from tests.hardware.protocols.duplex import Duplex

RESET = bytes.fromhex("02 00 00 01 00 00 00 00 01")
VERSION = bytes.fromhex("01 10 00 05 00 00 00 00 81 09 00 02 ff")
SRG = bytes.fromhex("01 11 00 0a 00 00 00 00 90 50 00 01 05 13 01 00 02 ff")


class Net(Duplex):
    """Our conversation, a camera behind datagrams, and the network between them."""

    def __init__(self, seed: int = 1) -> None:
        self.camera = CameraOverIp(seed)
        self.ip = ViscaOverIp("main")
        self.camera.chain.unit(0).presets[2] = Frame(500, 0, 0)
        super().__init__(self.ip, self.camera, "camera.main")


def test_the_first_bytes() -> None:
    talk = ViscaOverIp("main")
    talk.opened(0)
    talk.tick(1)
    assert talk.take()[0] == RESET + VERSION
    talk.feed(SRG, 20)
    assert talk.take()[0] == bytes.fromhex("01 00 00 05 00 00 00 01 81 01 00 01 ff")
    assert talk.camera.garbage == 0


def test_datagrams_are_cut_from_a_row() -> None:
    assert datagram(RESET + VERSION) == len(RESET)
    assert datagram(VERSION) == len(VERSION)
    assert datagram(b"\x01\x00") == 2
    assert datagram(b"\xff" * 40) == 40
    assert packet(b"\x81\x09\x00\x02\xff\x81") == 5
    assert packet(b"\x81") == 1


def test_a_lost_datagram_goes_again_with_its_own_number() -> None:
    talk = ViscaOverIp("main")
    talk.opened(0)
    talk.tick(1)
    talk.take()
    assert talk.wake_ms == 1 + AGAIN_MS
    talk.tick(1 + AGAIN_MS)
    assert talk.take()[0] == VERSION
    talk.tick(1 + 2 * AGAIN_MS)
    assert talk.take()[0] == VERSION
    talk.tick(1 + 3 * AGAIN_MS)
    assert talk.take()[0] == b""


def test_a_lost_answer_is_told_by_the_number_and_costs_no_reset() -> None:
    net = Net()
    net.open(5_000)
    sent = len(net.sent)
    net.camera.faults.lose_back = 1
    net.run(30_000)
    assert net.camera.refused == 1
    assert net.last()["answers"] is True
    assert not [data for data in net.sent[sent:] if RESET in data]


def test_a_camera_that_restarted_gets_a_reset() -> None:
    net = Net()
    net.open(5_000)
    net.camera.chain.mains(0, False, net.now_ms)
    assert net.shows(60_000, answers=False)
    net.camera.chain.mains(0, True, net.now_ms)
    assert net.shows(60_000, answers=True, ready=True)
    assert [data for data in net.sent[5:] if RESET in data]


@pytest.mark.parametrize("fault", ["lost_there", "lost_back", "doubled", "swapped"])
@pytest.mark.parametrize("seed", range(3))
def test_a_bad_network_neither_invents_nor_ends_anything(fault: str, seed: int) -> None:
    net = Net(seed)
    setattr(net.camera.faults, fault, 0.2)
    net.open()
    assert net.shows(120_000, answers=True, ready=True)
    assert net.finish("camera.main.preset", 2)[0] is Stage.DONE
    assert net.camera.chain.frame(0, net.now_ms).pan == 500
    assert net.finish("camera.main.power", "standby")[0] is Stage.DONE
    net.run(60_000)
    assert net.last()["power"] == "standby"


def test_a_clone_that_numbers_nothing() -> None:
    net = Net()
    net.camera.faults.clone = True
    net.open()
    assert net.shows(60_000, answers=True, ready=True)
    assert net.finish("camera.main.preset", 2)[0] is Stage.DONE


def test_a_clone_without_header() -> None:
    camera = CameraOverIp()
    camera.faults.no_header = True
    bare = Duplex(BareVisca("main"), camera, "camera.main")
    bare.open()
    assert bare.shows(60_000, answers=True, ready=True)
    assert not [data for data in bare.sent if data[0] == 0x88]
    assert bare.finish("camera.main.park", "home")[0] is Stage.DONE


def test_a_late_answer_to_an_older_question_does_not_count() -> None:
    talk = ViscaOverIp("main")
    talk.opened(0)
    talk.tick(1)
    talk.take()
    talk.feed(SRG, 20)
    talk.take()
    talk.feed(SRG, 30)
    assert talk.garbage == 1
    assert talk.take() == (b"", ())


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_bytes(chunks: list[bytes]) -> None:
    talk = ViscaOverIp("main")
    talk.opened(0)
    for n, chunk in enumerate(chunks):
        talk.feed(chunk, n * 50)
        talk.tick(n * 50)
        assert talk.wake_ms > n * 50
    assert not [r for r in talk.take()[1] if isinstance(r, Reading) and ("answers", True) in r.values]


@given(st.lists(st.integers(1, 17), max_size=5))
def test_any_cuts(cuts: list[int]) -> None:
    talk = ViscaOverIp("main")
    talk.opened(0)
    talk.tick(1)
    talk.take()
    edges = sorted({0, len(SRG), *cuts})
    for a, b in pairwise(edges):
        talk.feed(SRG[a:b], 20)
    assert b"\x81\x01\x00\x01\xff" in talk.take()[0]
