"""Datagrams against the real kernel: whole, many at once, nobody there; and a camera over a UDP port."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from controller.texts import text
from hardware.camera import CameraPlace, camera_pump
from hardware.contract import Order, OrderId, Reading, Stage
from hardware.protocols.visca_ip import packet
from hardware.sim.camera_head import Frame
from hardware.sim.serve import NotServed, carrier
from hardware.sim.udp import UdpFarEnd
from hardware.wire import WireAbsent
from hardware.wire_udp import UdpWire
from tests.hardware.talk import Heard, clock_ms


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


def test_a_row_of_packets_goes_as_datagrams(peer: socket.socket) -> None:
    wire = UdpWire("127.0.0.1", peer.getsockname()[1], packet)
    assert wire.open()
    assert wire.read() == b""
    row = b"\x81\x09\x00\x02\xff\x81\x09\x04\x00\xff"
    assert wire.write(row) == len(row)
    first, ours = peer.recvfrom(100)
    assert (first, peer.recv(100)) == (row[:5], row[5:])
    peer.sendto(b"\x90\x50\x02\xff", ours)
    poll = select.poll()
    poll.register(wire.fileno(), select.POLLIN)
    assert poll.poll(5_000)
    assert wire.read() == b"\x90\x50\x02\xff"
    wire.close()
    wire.close()


def test_nobody_there_is_silence_and_no_end(peer: socket.socket) -> None:
    port = peer.getsockname()[1]
    peer.close()
    wire = UdpWire("127.0.0.1", port, packet)
    assert wire.open()
    for _ in range(5):
        assert wire.write(b"\x81\x09\x00\x02\xff") == 5
        assert wire.read() == b""
    assert not wire.vary()
    wire.close()


@pytest.mark.parametrize("host", ["no such host", "10.0.0..5"])
def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(WireAbsent):
        UdpWire(host, 1, packet).open()


@pytest.mark.parametrize("fault", ["no_header=0", "clone", "doubled=0.3"])
def test_a_camera_over_a_real_port(fault: str) -> None:
    end, heard = carrier("camera-ip", "127.0.0.1:0", faults=[fault]), Heard()
    end.start()
    assert isinstance(end, UdpFarEnd)
    pump = camera_pump("main", CameraPlace("127.0.0.1", end.port), heard.put, clock_ms)
    pump.start()
    try:
        assert heard.until(lambda r: isinstance(r, Reading) and ("ready", True) in r.values)
        pump.ask(Order(OrderId("t", 1), "camera.main.store", 2, 20_000))
        assert heard.result(1).stage in (Stage.ACCEPTED, Stage.DONE)
    finally:
        assert pump.stop()
        end.stop()
    assert Frame(0, 0, 0) in end._peer.chain.unit(0).presets.values()  # type: ignore[attr-defined]


def test_a_path_is_no_place_for_datagrams() -> None:
    with pytest.raises(NotServed) as refused:
        carrier("camera-ip", "/tmp/x")
    assert text(refused.value.code, "en", refused.value.told) == "--link /tmp/x: this device listens at HOST:PORT"
