"""The real mosquitto of the demo: answers, keeps what is retained over a restart, hangs and dies when told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo.services import Mosquitto, ServiceError

pytestmark = pytest.mark.services

CONNECT = bytes.fromhex("100d 0004 4d515454 05 02 0005 00 0000")
SUBSCRIBE_A = bytes.fromhex("8207 0001 00 0001 61 00")
RETAIN_A = bytes.fromhex("3105 0001 61 00 78")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    service = Mosquitto(tmp_path / "broker")
    try:
        service.start()
        yield service
    finally:
        service.stop()


def talk(port: int, packet: bytes, until: bytes) -> bytes:
    """What came after CONNECT and `packet`, up to `until` (empty: up to the CONNACK)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(CONNECT)
        heard = wire.recv(4096)
        wire.sendall(packet)
        while until not in heard:
            heard += wire.recv(4096)
    return heard


def test_a_retained_message_survives_its_restart(broker: Mosquitto) -> None:
    talk(broker.port, RETAIN_A + bytes.fromhex("c000"), bytes.fromhex("d000"))
    port = broker.port
    broker.stop()
    assert not broker.lives
    assert broker.start() == port
    assert talk(port, SUBSCRIBE_A, b"\x61\x00x").endswith(b"\x61\x00x")


def test_a_paused_broker_accepts_but_does_not_answer(broker: Mosquitto) -> None:
    broker.pause()
    with socket.create_connection(("127.0.0.1", broker.port), timeout=10) as wire:
        wire.sendall(CONNECT)
        wire.settimeout(0.1)
        with pytest.raises(TimeoutError):
            wire.recv(1)
        broker.resume()
        wire.settimeout(10)
        assert wire.recv(1) == b"\x20"


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="mosquitto"):
        Mosquitto(tmp_path / "broker", extra="no_such_word 1").start()
