"""sd_notify(3) on real datagram sockets; silent and harmless when nobody listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.runtime.notify import MAX_STATUS_CHARS, Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def test_what_systemd_hears(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": systemd.getsockname()}, os.getpid())
    assert notifier.ready("phòng\nsẵn sàng")
    assert systemd.recv(4096).decode() == "READY=1\nSTATUS=phòng sẵn sàng"
    assert notifier.watchdog()
    assert systemd.recv(4096) == b"WATCHDOG=1"
    assert notifier.watchdog("off")
    assert systemd.recv(4096) == b"WATCHDOG=1\nSTATUS=off"
    assert notifier.watchdog("x" * 1000)
    assert systemd.recv(4096) == b"WATCHDOG=1\nSTATUS=" + b"x" * MAX_STATUS_CHARS
    assert notifier.stopping()
    assert systemd.recv(4096) == b"STOPPING=1"


def test_a_socket_without_a_file() -> None:
    name = f"diemcau-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        listener.settimeout(5)
        assert Notifier({"NOTIFY_SOCKET": "@" + name}, 1).ready()
        assert listener.recv(4096) == b"READY=1"


@pytest.mark.parametrize(
    "address", ["", "/", "@", "vsock:2:1", "relative/path", "/nowhere/notify", "/" + "x" * 300]
)
def test_nobody_listens(address: str) -> None:
    assert not Notifier({"NOTIFY_SOCKET": address}, 1).ready("ready")
    assert not Notifier({}, 1).watchdog()


def test_a_supervisor_that_does_not_read_is_not_waited_for(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": systemd.getsockname()}, 1)
    told = [notifier.watchdog() for _ in range(5000)]
    assert told[0]
    assert not told[-1]


@pytest.mark.parametrize(
    ("env", "period_ms"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 10_000),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "77"}, 10_000),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "78"}, 0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "x"}, 0),
        ({"WATCHDOG_USEC": "-5"}, 0),
        ({"WATCHDOG_USEC": "²"}, 0),
        ({"WATCHDOG_USEC": "9" * 50}, 0),
        ({"WATCHDOG_USEC": ""}, 0),
        ({}, 0),
    ],
)
def test_how_often_the_watchdog_wants_to_hear(env: dict[str, str], period_ms: int) -> None:
    assert Notifier(env, 77).watchdog_ms == period_ms
