"""Wires against the real kernel: ptys, loopback TCP, Unix sockets, and every way of not being there."""

import errno
import os
import select
import socket
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.wire import (
    SerialWire,
    TcpWire,
    UnixWire,
    Wire,
    WireAbsent,
    WireBusy,
    WireDenied,
    WireError,
    WireGone,
    WireSetting,
)


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


def wait(wire: Wire, events: int = select.POLLIN) -> None:
    poll = select.poll()
    poll.register(wire.fileno(), events)
    assert poll.poll(5_000)


def test_serial_both_ways(pty: tuple[int, str]) -> None:
    master, path = pty
    wire = SerialWire(path, 9600)
    assert wire.open()
    wire.finish()
    assert wire.write(b"\x81\x09\x00\x02\xff") == 5
    assert os.read(master, 100) == b"\x81\x09\x00\x02\xff"
    os.write(master, bytes(range(256)))
    wait(wire)
    got = b""
    while len(got) < 256:
        got += wire.read()
    assert got == bytes(range(256))
    wire.close()
    wire.close()
    assert wire.fileno() == -1


def test_serial_is_exclusive(pty: tuple[int, str]) -> None:
    first, second = SerialWire(pty[1]), SerialWire(pty[1])
    first.open()
    with pytest.raises(WireBusy, match="end that program"):
        second.open()
    first.close()
    assert second.open()
    second.close()


def test_serial_unplugged() -> None:
    master, slave = os.openpty()
    wire = SerialWire(os.ttyname(slave))
    wire.open()
    os.close(slave)
    os.close(master)
    wait(wire)
    with pytest.raises(WireGone, match="plug it in again"):
        wire.read()
    with pytest.raises(WireGone):
        wire.write(b"x")
    wire.close()


def test_serial_that_is_not_open_is_gone() -> None:
    wire = SerialWire("/dev/x")
    with pytest.raises(WireGone, match="plug it in again"):
        wire.read()
    with pytest.raises(WireGone, match="plug it in again"):
        wire.write(b"x")


def test_serial_false_alarm(pty: tuple[int, str]) -> None:
    """Nothing to read without readiness: on a port with VMIN set the kernel says so, and nothing is lost."""
    wire = SerialWire(pty[1])
    wire.open()
    attributes = termios.tcgetattr(wire.fileno())
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(wire.fileno(), termios.TCSANOW, attributes)
    assert wire.read() == b""
    wire.close()


def test_serial_that_takes_no_more(pty: tuple[int, str]) -> None:
    wire = SerialWire(pty[1])
    wire.open()
    for _ in range(1000):
        if wire.write(b"x" * 4096) == 0:
            break
    else:
        pytest.fail("a pty without reader took four megabytes")
    wire.close()


def test_serial_absent_and_wrong(tmp_path: Path) -> None:
    with pytest.raises(WireAbsent, match="plug it in"):
        SerialWire(str(tmp_path / "none")).open()
    with pytest.raises(WireSetting, match="is no serial port"):
        SerialWire("/dev/null").open()


def test_serial_setting_that_no_port_has(pty: tuple[int, str]) -> None:
    with pytest.raises(WireSetting, match="correct the speed"):
        SerialWire(pty[1], -1).open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_serial_denied(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.touch(mode=0)
    with pytest.raises(WireDenied, match="group"):
        SerialWire(str(path)).open()


def test_speeds_go_round() -> None:
    wire = SerialWire("/dev/x", 9600, 38400)
    seen = []
    for _ in range(3):
        seen.append(wire.speed)
        assert wire.vary()
    assert seen == [9600, 38400, 9600]
    assert wire.place == "/dev/x at 38400"
    assert not SerialWire("/dev/x").vary()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def opened(wire: Wire) -> None:
    if not wire.open():
        wait(wire, select.POLLOUT)
        wire.finish()


def drain(wire: Wire) -> None:
    for _ in range(100):
        wait(wire)
        wire.read()


def flood(wire: Wire) -> None:
    for _ in range(100):
        wire.write(b"x")
        wait(wire, select.POLLOUT | select.POLLHUP)


def test_tcp_both_ways(server: socket.socket) -> None:
    wire = TcpWire("127.0.0.1", server.getsockname()[1])
    opened(wire)
    client, _ = server.accept()
    with client:
        sock = wire._sock
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
        assert wire.read() == b""
        assert wire.write(b"LIST UPS\n") == 9
        assert client.recv(100) == b"LIST UPS\n"
        client.sendall(b"OK\n")
        wait(wire)
        assert wire.read() == b"OK\n"
        while wire.write(b"x" * 65_536):
            pass
    with pytest.raises(WireGone):
        drain(wire)
    wire.close()
    assert wire.fileno() == -1
    assert not wire.vary()


def test_tcp_closed_by_the_other_side(server: socket.socket) -> None:
    wire = TcpWire("127.0.0.1", server.getsockname()[1])
    opened(wire)
    server.accept()[0].close()
    wait(wire)
    with pytest.raises(WireGone, match="other side"):
        wire.read()
    with pytest.raises(WireGone):
        flood(wire)
    wire.close()


def test_tcp_absent(server: socket.socket) -> None:
    port = server.getsockname()[1]
    server.close()
    wire = TcpWire("127.0.0.1", port)
    with pytest.raises(WireAbsent, match="started"):
        opened(wire)
    wire.close()


@pytest.mark.parametrize("host", ["", "10.0.0..5", ".codec", "a" * 64])
def test_tcp_name_that_is_none(host: str) -> None:
    """Written wrong it costs the device, not the room: any other error ends the controller, again and again."""
    with pytest.raises(WireAbsent, match="correct the name"):
        TcpWire(host, -5).open()


def test_unix(tmp_path: Path) -> None:
    path = tmp_path / "s"
    wire = UnixWire(path)
    assert wire.place == str(path)
    with pytest.raises(WireAbsent):
        wire.open()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        assert wire.open()
        wire.finish()
        client, _ = listener.accept()
        with client:
            client.sendall(b"x")
            wait(wire)
            assert wire.read() == b"x"
    wire.close()


def test_a_socket_that_is_not_open_is_gone() -> None:
    wire = UnixWire("/nowhere")
    assert wire.fileno() == -1
    with pytest.raises(WireGone, match="not open"):
        wire.read()


def test_errors_have_the_built_in_parents() -> None:
    for kind, parent in ((WireDenied, PermissionError), (WireBusy, BlockingIOError), (WireGone, ConnectionError)):
        error = kind(errno.EIO, "text")
        assert isinstance(error, WireError)
        assert isinstance(error, parent)
        assert error.errno == errno.EIO
