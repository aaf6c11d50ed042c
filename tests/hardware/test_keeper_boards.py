"""Relay boards of the keeper: its logic over a line that answers late, and the process with a board on a pty."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware.keeper import now_ms
from hardware.keeper_table import Line, Table
from hardware.keeping import KeeperLogic
from hardware.sim.modbus import BoardBus, RelaySlave
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms
from tests.hardware.keeper_process import ROOT, Controller, KeeperProcess, Looker, until

HELD = Line("codec", 0, boot="hold", port="/dev/bus", unit=1)
DRIVEN = Line("fan", 1, boot="off", lost="off", stop="off", port="/dev/bus", unit=1)


def order(logic: KeeperLogic, name: str, to: str, now_ms: int) -> None:
    logic.feed(json.dumps({"v": 1, "do": "set", "id": "a", "load": name, "to": to}).encode() + b"\n", now_ms)


def met() -> KeeperLogic:
    logic = KeeperLogic(Table((HELD, DRIVEN)), 0)
    logic.opened(0)
    logic.feed(b'{"v":1,"do":"renew","lease_ms":30000}\n', 0)
    return logic


def acks(logic: KeeperLogic) -> list[str]:
    return [row["stage"] for line in logic.take()[0].splitlines() if (row := json.loads(line))["say"] == "ack"]


def test_a_board_is_taken_over_as_it_stands() -> None:
    logic = met()
    assert logic.levels(0) == {"fan": False}
    logic.seen({"codec": True, "fan": False}, 100)
    assert logic.levels(100) == {"codec": True, "fan": False}
    assert logic.fault == ""


def test_a_board_that_cannot_be_read_is_no_line_and_is_taken_over_later() -> None:
    logic = met()
    logic.seen({"codec": None, "fan": None}, 100)
    assert logic.fault == "codec:no_line fan:no_line"
    assert "codec" not in logic.levels(100)
    logic.seen({"codec": True, "fan": False}, 200)
    assert (logic.levels(200)["codec"], logic.fault) == (True, "")


def test_an_order_waits_for_the_board() -> None:
    logic = met()
    logic.seen({"codec": True, "fan": False}, 100)
    order(logic, "fan", "on", 20_000)
    logic.seen({"codec": True}, 20_010)
    assert acks(logic) == []
    logic.seen({"codec": True, "fan": True}, 20_050)
    assert acks(logic) == ["done"]


@pytest.mark.parametrize("level", [False, None])
def test_an_order_fails_when_the_relay_does_not_follow_or_the_board_is_gone(level: bool | None) -> None:
    logic = met()
    logic.seen({"codec": True, "fan": False}, 100)
    order(logic, "fan", "on", 20_000)
    logic.seen({"codec": True, "fan": level}, 20_050)
    assert acks(logic) == ["failed"]


def test_lost_and_hold_ended_apply_to_a_board() -> None:
    logic = KeeperLogic(Table((HELD, DRIVEN), hold_max_ms=60_000, start_grace_ms=1_000), 0)
    logic.seen({"codec": True, "fan": True}, 100)
    logic.tick(1_000)
    assert logic.levels(1_000) == {"codec": True, "fan": False}
    logic.tick(61_000)
    assert logic.levels(61_000)["codec"] is False


# The process


class Board:
    """A board on a pty; `relays` is what its contacts do."""

    def __init__(self, path: Path) -> None:
        self.bus = BoardBus()
        slave = self.bus.slaves[1]
        assert isinstance(slave, RelaySlave)
        self.slave = slave
        self.far_end = PtyFarEnd(self.bus, path, monotonic_ms)

    def until(self, n: int, on: bool) -> None:
        until(lambda: self.slave.relays[n] is on, f"relay {n} {on}")


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board(tmp_path / "bus")
    made.far_end.start()
    yield made
    made.far_end.stop()


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[KeeperProcess]:
    port = str(tmp_path / "bus")
    lines = (HELD._replace(port=port), DRIVEN._replace(port=port), Line("ready", 5, kind="lamp"))
    process = KeeperProcess(tmp_path, Table(lines))
    yield process
    process.close()


def client(keeper: KeeperProcess) -> Controller:
    made = Controller(keeper.socket, ["codec", "fan"], ["ready"])
    made.client.renew(now_ms())
    return made


@pytest.mark.process
def test_a_reset_of_the_pi_moves_nothing_on_a_board(board: Board, keeper: KeeperProcess) -> None:
    board.slave.relays[:2] = [True, True]
    keeper.start()
    with closing(client(keeper)) as controller:
        controller.until(lambda: controller.heard("relay", "codec") == "on", "codec read")
        board.until(1, False)
    assert board.slave.relays[0] is True


@pytest.mark.process
def test_orders_reach_the_board_and_survive_a_kill(board: Board, keeper: KeeperProcess) -> None:
    keeper.start()
    with closing(client(keeper)) as controller, closing(Looker(keeper)) as look:
        look.until(codec=False, fan=False)
        # A line that was just taken over counts as just gone off: its least time off is zero here.
        assert controller.order("load.codec", "on").stage == "done"
        assert controller.order("load.fan", "on").stage == "done"
        look.until(codec=True, fan=True)
    assert board.slave.relays[:2] == [True, True]
    keeper.end(signal.SIGKILL)
    keeper.start()
    with closing(Looker(keeper)) as look:
        look.until(codec=True)
    assert board.slave.relays[:2] == [True, True]


@pytest.mark.process
def test_a_load_on_a_closed_contact_is_on_while_the_coil_is_not(board: Board, tmp_path: Path) -> None:
    line = HELD._replace(port=str(tmp_path / "bus"), active_high=False, boot="on")
    keeper = KeeperProcess(tmp_path, Table((line,)))
    board.slave.relays[0] = True
    keeper.start()
    try:
        with closing(Controller(keeper.socket, ["codec"], [])) as controller:
            controller.client.renew(now_ms())
            controller.until(lambda: controller.heard("relay", "codec") == "on", "codec on")
            assert board.slave.relays[0] is False
    finally:
        keeper.close()


@pytest.mark.process
def test_an_ordered_end_puts_the_stop_value_on_the_board(board: Board, keeper: KeeperProcess) -> None:
    keeper.start()
    with closing(client(keeper)) as controller:
        controller.until(lambda: controller.heard("relay", "fan") == "off", "fan read")
        assert controller.order("load.fan", "on").stage == "done"
    assert keeper.end() == 0
    assert board.slave.relays[:2] == [False, False]


@pytest.mark.process
def test_a_silent_board_and_an_absent_port_are_no_line_and_come_back(board: Board, keeper: KeeperProcess) -> None:
    board.bus.faults.silent = True
    keeper.start()
    with closing(client(keeper)) as controller:
        controller.until(lambda: "codec:no_line" in str(controller.heard("keeper", "fault")), "no line")
        # A board that was not asked yet is no line either.
        controller.until(lambda: "board 1: silent" in keeper.errors.read_text(), "asked in vain")
        assert controller.order("load.fan", "on").stage == "failed"
        board.bus.faults.silent = False
        controller.until(lambda: controller.heard("keeper", "fault") == "", "healed")


@pytest.mark.process
def test_without_the_adaptor_the_keeper_lives_and_says_so(keeper: KeeperProcess) -> None:
    keeper.start()
    with closing(client(keeper)) as controller:
        controller.until(lambda: "fan:no_line" in str(controller.heard("keeper", "fault")), "no line")
    assert "No such file" in keeper.errors.read_text()
    assert keeper.end() == 0


@pytest.mark.process
def test_a_room_without_a_board_loads_nothing_of_it() -> None:
    script = "import sys, hardware.keeper, hardware.keeper_loop; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "hardware.keeper_loop" in loaded
    assert not loaded & {"hardware.keeper_boards", "hardware.protocols.modbus", "termios", "serial", "dataclasses"}
