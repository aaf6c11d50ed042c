"""Far ends on ptys and sockets as other programs see them, and the starter of `diemcau sim`."""

import os
import select
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from hardware.contract import Peer
from hardware.sim.listen import ListenFarEnd
from hardware.sim.nut_vars import UpsdFaults
from hardware.sim.pty import AsConversation, PtyFarEnd, PtyWire
from hardware.sim.serve import FaultError, NotServed, address, carrier, monotonic_ms, serve, set_faults
from hardware.wire import WireGone
from tests.hardware.talk import Echo, clock_ms


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[PtyFarEnd]:
    running = PtyFarEnd(Echo(), tmp_path / "dev" / "port", clock_ms)
    running.start()
    yield running
    running.stop()


def lines(port: serial.Serial, n: int) -> list[bytes]:
    return [port.readline() for _ in range(n)]


def test_programs_come_and_go(far_end: PtyFarEnd, tmp_path: Path) -> None:
    for speed in (9600, 38400, 115200):
        with serial.Serial(str(tmp_path / "dev/port"), speed, timeout=5) as port:
            port.write(b"one\ntwo\n")
            assert lines(port, 2) == [b"ONE\n", b"TWO\n"]


def test_a_program_that_is_no_python(far_end: PtyFarEnd, tmp_path: Path) -> None:
    script = 'exec 3<>"$0"; printf "hello\\n" >&3; IFS= read -r line <&3; printf "%s" "$line"'
    done = subprocess.run(
        ["sh", "-c", script, str(tmp_path / "dev/port")], capture_output=True, timeout=10, check=True
    )
    assert done.stdout == b"HELLO"


def test_bytes_pass_unchanged(tmp_path: Path) -> None:
    heard = threading.Event()

    class Raw(Echo):
        def feed(self, data: bytes, now_ms: int) -> None:
            self.say(data)

    running = PtyFarEnd(Raw(), tmp_path / "port", clock_ms)
    running.start()
    with serial.Serial(str(tmp_path / "port"), timeout=5) as port:
        port.write(bytes(range(256)))
        assert port.read(256) == bytes(range(256))
    running.call(lambda _: heard.set())
    assert heard.wait(5)
    running.stop()
    assert not running.call(lambda _: None)


def test_what_nobody_reads_is_lost_and_the_far_end_lives(far_end: PtyFarEnd, tmp_path: Path) -> None:
    echo = Echo()
    running = PtyFarEnd(echo, tmp_path / "loud", clock_ms)
    running.start()
    for _ in range(20):
        running.call(lambda _: echo.say(b"x" * 60_000))
    with serial.Serial(str(tmp_path / "loud"), timeout=0.1) as port:
        got = b""
        # Asked again while the flood is still in the line: the answer to the first may be lost with it.
        end_ms = clock_ms() + 10_000
        while b"HELLO\n" not in got and clock_ms() < end_ms:
            port.write(b"hello\n")
            got = port.read_until(b"HELLO\n")
        assert got.endswith(b"HELLO\n")
    running.stop()


def test_the_link_is_ours_to_make_and_to_remove(tmp_path: Path) -> None:
    link = tmp_path / "port"
    first, second = PtyFarEnd(Echo(), link, clock_ms), PtyFarEnd(Echo(), link, clock_ms)
    first.start()
    first.plug()
    second.start()
    taken = os.readlink(link)
    first.stop()
    assert os.readlink(link) == taken
    second.stop()
    second.unplug()
    assert not link.is_symlink()
    link.write_text("precious")
    with pytest.raises(FileExistsError, match="no link"):
        first.start()
    assert link.read_text() == "precious"


def test_a_pty_wire_of_its_own(tmp_path: Path) -> None:
    wire = PtyWire(tmp_path / "port")
    assert wire.open()
    wire.finish()
    assert not wire.vary()
    assert wire.read() == b""
    assert "port" in wire.place
    wire.close()
    wire.close()
    with pytest.raises(WireGone):
        wire.read()


def test_a_far_end_as_a_conversation_takes_no_orders() -> None:
    peer: Peer = Echo()
    talk = AsConversation(peer)
    talk.opened(0)
    talk.closed(0)
    talk.pace(1)
    assert (talk.wake_ms, talk.take()) == (peer.wake_ms, (b"", ()))


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def ask(client: socket.socket, line: bytes) -> bytes:
    client.sendall(line)
    got = b""
    while not got.endswith(b"\n"):
        got += client.recv(100) or b"\n"
    return got


def test_clients_at_once_and_too_many() -> None:
    running = ListenFarEnd(Echo, ("127.0.0.1", 0), clock_ms)
    assert running.port == 0
    running.start()
    clients = [dial(running.port) for _ in range(16)]
    assert [ask(client, b"x%d\n" % n) for n, client in enumerate(clients)] == [b"X%d\n" % n for n in range(16)]
    clients.append(dial(running.port))
    assert ask(clients[-1], b"new\n") == b"NEW\n"
    assert clients[0].recv(10) == b""
    for client in clients:
        client.close()
    with dial(running.port) as again:
        assert ask(again, b"again\n") == b"AGAIN\n"
    running.stop()


def test_a_client_that_does_not_read_or_resets_is_hung_up_on() -> None:
    echo = Echo()
    running = ListenFarEnd(lambda: echo, ("127.0.0.1", 0), clock_ms)
    running.start()
    with dial(running.port) as client:
        assert ask(client, b"x\n") == b"X\n"
        running.call(lambda _: echo.say(b"y" * 50_000_000))
        while client.recv(1_000_000):
            pass
    with dial(running.port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        assert ask(client, b"x\n") == b"X\n"
    with dial(running.port) as client:
        assert ask(client, b"x\n") == b"X\n"
    running.stop()


def test_a_unix_listener_takes_a_dead_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "run" / "s"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    running = ListenFarEnd(Echo, path, clock_ms)
    running.start()
    assert (stat.S_ISSOCK(path.stat().st_mode), running.port) == (True, 0)
    running.stop()
    assert not path.exists()
    path.write_text("precious")
    again = ListenFarEnd(Echo, path, clock_ms)
    with pytest.raises(OSError, match="in use"):
        again.start()
    assert path.read_text() == "precious"


def test_serve_a_ups_to_any_program() -> None:
    running = carrier("ups", "127.0.0.1:0", faults=["bypassed", "alarm=Fan failed", "wait_until_ms=5"])
    assert isinstance(running, ListenFarEnd)
    running.start()
    with dial(running.port) as client:
        assert ask(client, b"GET VAR room ups.status\n") == b'VAR room ups.status "ALARM OL BYPASS"\n'
    running.stop()


def test_serve_runs_until_it_is_told(tmp_path: Path) -> None:
    stop = threading.Event()
    path = tmp_path / "ups"
    running = threading.Thread(target=serve, args=("ups", str(path)), kwargs={"stop": stop})
    running.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        end_ms = clock_ms() + 5_000
        while client.connect_ex(str(path)) and clock_ms() < end_ms:
            select.select([], [], [], 0.005)
        assert ask(client, b"NETVER\n") == b"1.3\n"
    stop.set()
    running.join(5)
    assert not running.is_alive()


def test_serve_a_camera(tmp_path: Path) -> None:
    running = carrier("camera", str(tmp_path / "camera"), seed=7)
    running.start()
    with serial.Serial(str(tmp_path / "camera"), 9600, timeout=5) as port:
        port.write(b"\x88\x30\x01\xff")
        assert port.read(4) == b"\x88\x30\x02\xff"
    running.stop()


def test_serve_a_codec(tmp_path: Path) -> None:
    pytest.importorskip("hardware.sim.polycom")
    running = carrier("codec", str(tmp_path / "codec"), seed=7)
    running.start()
    with serial.Serial(str(tmp_path / "codec"), 9600, timeout=5) as port:
        port.write(b"whoami\r\n")
        assert port.read_until(b"Serial Number:").endswith(b"Serial Number:")
    running.stop()


def test_serve_a_cisco_whose_lines_end_in_lf(tmp_path: Path) -> None:
    running = carrier("cisco", str(tmp_path / "codec"), seed=7, faults=["lf", "lag_ms=5"])
    running.start()
    with serial.Serial(str(tmp_path / "codec"), 115_200, timeout=5) as port:
        port.write(b"xStatus Audio Volume\r\n")
        assert port.read_until(b"OK\n").endswith(b"*s Audio Volume: 50\n** end\n\nOK\n")
    running.stop()


def test_what_cannot_be_served() -> None:
    names = "camera, codec, megatec, modbus, relayboard, cisco, camera-ip, pjlink, ups"
    with pytest.raises(NotServed, match=names):
        carrier("toaster", "/tmp/x")
    for fault, code in (
        ("smoke", "sim.no_fault"),
        ("bypassed=maybe", "sim.fault_flag"),
        ("wait_until_ms=soon", "sim.fault_number"),
        ("extra=X", "sim.no_fault"),
    ):
        with pytest.raises(FaultError) as wrong:
            set_faults(UpsdFaults(), [fault])
        assert (wrong.value.code, wrong.value.told[0]) == (code, fault.partition("=")[0])
    with pytest.raises(FaultError, match=r"sim\.no_faults"):
        set_faults(None, ["x"])


def test_addresses() -> None:
    assert address("127.0.0.1:34930") == ("127.0.0.1", 34930)
    assert address(":1") == ("127.0.0.1", 1)
    assert address("/run/x:1") == Path("/run/x:1")
    for wrong in ("host:port", "host:99999"):
        with pytest.raises(NotServed, match=r"sim\.link"):
            address(wrong)


def test_real_time_is_the_monotonic_clock() -> None:
    assert abs(monotonic_ms() - clock_ms()) < 5_000
