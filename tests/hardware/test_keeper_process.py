"""The keeper as a process: who dies, who restarts, and that no relay moves for it.

Pins are looked at from outside: the mock factory's through the looking socket, lgpio's in the diary of a
recording chip.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware.keeper import now_ms
from hardware.keeper_table import Line, Table
from tests.hardware.keeper_process import ROOT, Controller, KeeperProcess, Looker, connect, until

pytestmark = pytest.mark.process

TABLE = Table(
    (
        Line("codec", 17),
        Line("board", 22, active_high=False),
        Line("network", 23, active_high=False, boot="on", cycles_a_day=2),
        Line("heater", 24, lost="off"),
        Line("ready", 5, kind="lamp"),
    )
)
LASTING = Table((Line("codec", 17, boot="last"), Line("display", 22)))
LOADS = ["codec", "board", "network", "heater"]


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[KeeperProcess]:
    process = KeeperProcess(tmp_path, TABLE)
    process.start()
    yield process
    process.close()


def client(process: KeeperProcess, lease_ms: int = 30_000, loads: list[str] = LOADS) -> Controller:
    made = Controller(process.socket, loads, ["ready"], lease_ms)
    made.client.renew(now_ms())
    return made


def diary(process: KeeperProcess, pid: int) -> list[tuple[str, list[int]]]:
    rows = [json.loads(row) for row in process.chip.read_text().splitlines()]
    return [(row["call"], row["args"]) for row in rows if row["pid"] == pid]


def pid(process: KeeperProcess) -> int:
    assert process.process is not None
    return process.process.pid


def test_boot_values_orders_and_true_pins(keeper: KeeperProcess) -> None:
    with closing(Looker(keeper)) as look, closing(client(keeper)) as controller:
        assert look.next() == {"codec": False, "board": False, "network": True, "heater": False, "ready": False}
        for load in ("codec", "board"):
            assert controller.order(f"load.{load}", "on").stage == "done"
        look.until(codec=True, board=True)
        assert controller.heard("relay", "codec") == "on"
        assert stat.S_IMODE(os.stat(keeper.socket).st_mode) == 0o660


def test_a_controller_killed_without_warning_moves_no_line_and_the_next_goes_on(keeper: KeeperProcess) -> None:
    """The client is a process of its own and dies by SIGKILL with its connection open."""
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from hardware.keeper import now_ms
from tests.hardware.keeper_process import Controller
controller = Controller(Path({str(keeper.socket)!r}), ["codec", "heater"], ["ready"])
controller.client.renew(now_ms())
for load in ("codec", "heater"):
    assert controller.order("load." + load, "on").stage == "done"
controller.client.lamps({{"ready": "steady"}}, now_ms())
controller.turn()
print("ready", flush=True)
while True:
    controller.turn()
"""
    with closing(Looker(keeper)) as look:
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        look.until(codec=True, heater=True, ready=True)
        child.kill()
        child.wait()
        child.stdout.close()
        with closing(client(keeper)) as controller:
            controller.until(lambda: controller.heard("relay", "codec") is not None, "levels")
            assert [controller.heard("relay", load) for load in LOADS] == ["on", "off", "on", "on"]
            assert controller.order("load.board", "on").stage == "done"
        look.until(codec=True, heater=True, ready=True, board=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_restarted_keeper_drives_the_same_levels(keeper: KeeperProcess, number: signal.Signals) -> None:
    with closing(client(keeper)) as controller:
        assert controller.order("load.codec", "on").stage == "done"
        assert controller.order("load.network", "off").stage == "done"
    keeper.end(number)
    keeper.start()
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": True, "board": False, "network": False, "heater": False, "ready": False}


def test_a_new_boot_drives_the_boot_values(keeper: KeeperProcess) -> None:
    with closing(client(keeper)) as controller:
        controller.order("load.codec", "on")
    keeper.end()
    levels = keeper.state / "levels.json"
    levels.write_text(json.dumps(json.loads(levels.read_text()) | {"boot": "another"}))
    keeper.start()
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": False, "board": False, "network": True, "heater": False, "ready": False}


def reset(keeper: KeeperProcess) -> None:
    """The Pi was reset: the keeper died and its tmpfs is empty."""
    keeper.end(signal.SIGKILL)
    (keeper.state / "levels.json").unlink()
    keeper.start()


def test_what_carried_its_load_through_a_reset_goes_on_as_it_stood(tmp_path: Path) -> None:
    keeper = KeeperProcess(tmp_path, LASTING, keep=tmp_path / "disk")
    keeper.start()
    with closing(client(keeper, loads=["codec", "display"])) as controller:
        assert controller.order("load.codec", "on").stage == "done"
        assert controller.order("load.display", "on").stage == "done"
        until(lambda: '"codec": true' in (tmp_path / "disk" / "levels.json").read_text(), "levels on the disk")
    reset(keeper)
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": True, "display": False}
    with closing(client(keeper, loads=["codec", "display"])) as controller:
        assert controller.order("load.codec", "off").stage == "done"
        until(lambda: '"codec": false' in (tmp_path / "disk" / "levels.json").read_text(), "levels on the disk")
    reset(keeper)
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": False, "display": False}
    assert keeper.end() == 0


@pytest.mark.parametrize("text", ["", "[]", '{"codec":', '{"codec":1}', "[" * 100_000])
def test_a_disk_that_tells_nothing_leaves_such_a_line_off(tmp_path: Path, text: str) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "levels.json").write_text(text)
    keeper = KeeperProcess(tmp_path, LASTING, keep=tmp_path / "disk")
    keeper.start()
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": False, "display": False}
    assert keeper.end() == 0


def test_a_disk_that_takes_nothing_is_said_and_the_lines_are_driven(tmp_path: Path) -> None:
    (tmp_path / "disk" / "levels.json.new").mkdir(parents=True)
    keeper = KeeperProcess(tmp_path, LASTING, keep=tmp_path / "disk")
    keeper.start()
    with closing(Looker(keeper)) as look, closing(client(keeper, loads=["codec", "display"])) as controller:
        assert controller.order("load.codec", "on").stage == "done"
        look.until(codec=True)
    until(lambda: b"levels for a reset of the Pi not saved" in keeper.errors.read_bytes(), "said")
    assert keeper.end() == 0


@pytest.mark.parametrize("text", ["", "[]", '{"boot":', "[" * 100_000])
def test_levels_that_make_no_sense_give_boot_values(tmp_path: Path, text: str) -> None:
    keeper = KeeperProcess(tmp_path, TABLE)
    keeper.state.mkdir()
    (keeper.state / "levels.json").write_text(text)
    keeper.start()
    with closing(Looker(keeper)) as look:
        assert look.next() == {"codec": False, "board": False, "network": True, "heater": False, "ready": False}
    assert keeper.end() == 0


def test_levels_that_cannot_be_saved_are_said_and_the_lines_are_driven(tmp_path: Path) -> None:
    keeper = KeeperProcess(tmp_path, TABLE)
    (keeper.state / "levels.json.new").mkdir(parents=True)
    keeper.start()
    with closing(Looker(keeper)) as look, closing(client(keeper)) as controller:
        assert controller.order("load.codec", "on").stage == "done"
        look.until(codec=True)
    assert keeper.end() == 0
    assert b"levels not saved" in keeper.errors.read_bytes()


def test_lamps_go_dark_with_the_lease_though_the_connection_is_open(keeper: KeeperProcess) -> None:
    with closing(Looker(keeper)) as look, closing(client(keeper, lease_ms=3_000)) as controller:
        controller.client.lamps({"ready": "steady"}, now_ms())
        controller.order("load.heater", "on")
        look.until(ready=True, heater=True)
        look.until(ready=False, heater=False, network=True)
        assert controller.order("load.heater", "on").code == "no_lease"
        controller.client.renew(now_ms())
        controller.turn()
        look.until(ready=True, heater=False)


def test_a_lamp_blinks(keeper: KeeperProcess) -> None:
    with closing(Looker(keeper)) as look, closing(client(keeper)) as controller:
        controller.client.lamps({"ready": "fast"}, now_ms())
        controller.turn()
        for _ in range(3):
            look.until(ready=True)
            look.until(ready=False)


def test_the_newest_connection_owns_the_lines_and_the_old_one_is_told(keeper: KeeperProcess) -> None:
    with closing(client(keeper)) as old:
        old.order("load.codec", "on")
        with closing(client(keeper)) as new:
            assert new.order("load.board", "on").stage == "done"
            old.until(lambda: old.heard("keeper", "fault") == "taken", "taken")
            assert new.heard("relay", "codec") == "on"


def ask_until_dropped(wire: socket.socket) -> None:
    """Answers that nobody reads pile up until the keeper drops the one who does not read: OSError."""
    while True:
        wire.sendall(b'{"v":1,"do":"levels"}\n' * 100)


def test_rubbish_and_a_client_that_does_not_read_do_not_stop_the_lines(keeper: KeeperProcess) -> None:
    with closing(connect(keeper.socket)) as wire, closing(Looker(keeper)) as look:
        wire.sendall(b"\x00\xff" * 9_000 + b"\n" + b"[" * 8_000 + b"\nGET / HTTP/1.1\r\n\r\n")
        with pytest.raises(OSError, match=r"."):
            ask_until_dropped(wire)
        with closing(client(keeper)) as controller:
            assert controller.order("load.codec", "on").stage == "done"
        look.until(codec=True)


def test_five_who_look_are_one_too_many(keeper: KeeperProcess) -> None:
    looks = [Looker(keeper) for _ in range(5)]
    try:
        first = looks[0].next()
        while first is not None:
            first = looks[0].next()
        assert looks[4].next() is not None
    finally:
        for look in looks:
            look.close()


def test_sigterm_moves_nothing_but_the_lamps_which_nobody_keeps_any_more(keeper: KeeperProcess) -> None:
    with closing(Looker(keeper)) as look, closing(client(keeper)) as controller:
        controller.client.lamps({"ready": "steady"}, now_ms())
        controller.order("load.codec", "on")
        look.until(codec=True, ready=True)
        assert keeper.end() == 0
        assert look.next() is None, "no line moved before the end"


# On a recording chip


@pytest.fixture
def real(tmp_path: Path) -> Iterator[KeeperProcess]:
    process = KeeperProcess(tmp_path, TABLE, pins="lgpio")
    process.start()
    yield process
    process.close()


CLAIMED = [
    ("claim_output", [17, 0]),
    ("claim_output", [22, 1]),
    ("claim_output", [23, 0]),
    ("claim_output", [24, 0]),
]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_on_lgpio_neither_start_nor_end_moves_a_relay(real: KeeperProcess, number: signal.Signals) -> None:
    with closing(client(real)) as controller:
        for load in ("codec", "board"):
            assert controller.order(f"load.{load}", "on").stage == "done"
        first = pid(real)
        real.end(number)
    assert diary(real, first) == [
        ("open", []),
        *CLAIMED,
        ("claim_output", [5, 0]),
        ("write", [17, 1]),
        ("write", [22, 0]),
    ]
    real.start()
    with closing(client(real)) as controller:
        controller.until(lambda: controller.heard("relay", "board") == "on", "levels")
    assert diary(real, pid(real)) == [
        ("open", []),
        ("claim_output", [17, 1]),
        ("claim_output", [22, 0]),
        *CLAIMED[2:],
        ("claim_output", [5, 0]),
    ]


def test_lamps_are_dark_after_an_ordered_stop(real: KeeperProcess) -> None:
    with closing(client(real)) as controller:
        controller.client.lamps({"ready": "steady"}, now_ms())
        controller.order("load.codec", "on")
        assert real.end() == 0
    assert diary(real, pid(real))[-3:] == [("write", [17, 1]), ("write", [5, 1]), ("write", [5, 0])]


def test_declared_stop_values_are_driven(tmp_path: Path) -> None:
    lines = (Line("codec", 17, boot="on"), Line("heater", 24, boot="on", stop="off"))
    real = KeeperProcess(tmp_path, Table(lines), pins="lgpio")
    real.start()
    until(real.socket.exists, "the keeper listens")
    assert real.end() == 0
    assert diary(real, pid(real))[-1] == ("write", [24, 0])
    assert not [row for row in diary(real, pid(real)) if row == ("write", [17, 0])]


def test_a_busy_line_is_a_fault_and_the_rest_lives(tmp_path: Path) -> None:
    real = KeeperProcess(tmp_path, TABLE, pins="lgpio")
    real.start(FAKE_LGPIO_BUSY="17")
    try:
        with closing(client(real)) as controller:
            assert controller.order("load.board", "on").stage == "done"
            assert controller.order("load.codec", "on").code == "no_line"
            assert controller.heard("keeper", "fault") == "codec:no_line"
            assert controller.heard("relay", "codec") is None
    finally:
        real.close()
    assert b"GPIO busy" in real.errors.read_bytes()


# Starts that must not be


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], b"--config FILE must be given"),
        (["--dance"], b"unknown option"),
        (["--config", "/nowhere/keeper.json"], b"No such file"),
        (["--config", "{bad}"], b"lines[0].pim: unknown key"),
        (["--config", "{good}", "--pins", "wires"], b"--pins be one of"),
        (["--config", "{good}", "--mock", "--state", "{good}/state"], b"Not a directory"),
    ],
)
def test_a_wrong_start_says_why_and_switches_nothing(tmp_path: Path, words: list[str], text: bytes) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"v":1,"lines":[]}')
    bad.write_text('{"v":1,"lines":[{"name":"x","pin":1,"pim":2}]}')
    filled = [word.format(good=good, bad=bad) for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "hardware.keeper", *filled], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 78
    assert text in done.stderr


def test_a_second_keeper_of_the_same_lines_does_not_start(keeper: KeeperProcess) -> None:
    until(keeper.socket.exists, "the keeper listens")
    second = KeeperProcess(keeper.folder, TABLE)
    # A start removes what lies there, and the first may just be making it: it would end, and the second live.
    second.look = keeper.folder / "second.sock"
    second.start()
    assert second.process is not None
    assert second.process.wait(30) == 75
    with closing(client(keeper)) as controller:
        assert controller.order("load.codec", "on").stage == "done"


# systemd


def test_systemd_is_told_ready_alive_and_stopping(tmp_path: Path) -> None:
    keeper = KeeperProcess(tmp_path, TABLE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        keeper.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="600000")
        try:
            said = [systemd.recv(100) for _ in range(3)]
            assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        finally:
            assert keeper.end() == 0
        while said[-1] == b"WATCHDOG=1":
            said.append(systemd.recv(100))
        assert said[-1] == b"STOPPING=1"


def test_a_systemd_that_does_not_listen_is_no_matter(tmp_path: Path) -> None:
    keeper = KeeperProcess(tmp_path, TABLE)
    keeper.start(NOTIFY_SOCKET="@nobody-listens-here", WATCHDOG_USEC="x")
    until(keeper.socket.exists, "the keeper listens")
    assert keeper.end() == 0
