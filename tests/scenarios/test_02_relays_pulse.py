"""2. Relays pulse or come on at boot or restart (active-low boards, pins floating, a library that releases
lines on exit).

A real keeper on a chip that writes down everything that is done to it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware.keeper import now_ms
from hardware.keeper_table import Line, Table
from tests.hardware.keeper_process import Controller, KeeperProcess

pytestmark = pytest.mark.process
LOADS = ["codec", "board", "network"]
CODEC, BOARD, NETWORK = 17, 22, 23
LINES = (
    Line("codec", CODEC),
    Line("board", BOARD, active_high=False),
    Line("network", NETWORK, active_high=False, boot="on"),
)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[KeeperProcess]:
    yield from running(tmp_path, LINES)


def running(folder: Path, lines: tuple[Line, ...]) -> Iterator[KeeperProcess]:
    process = KeeperProcess(folder, Table(lines), pins="lgpio")
    process.start()
    yield process
    process.close()


def ruled(keeper: KeeperProcess) -> Controller:
    made = Controller(keeper.socket, LOADS, [])
    made.client.renew(now_ms())
    made.until(lambda: made.heard("relay", "codec") is not None, "levels")
    return made


def levels(keeper: KeeperProcess) -> list[tuple[int, int]]:
    """Every level that a pin was given, by claim or write, by all keepers of this folder."""
    rows = [json.loads(row) for row in keeper.chip.read_text().splitlines()]
    return [tuple(row["args"]) for row in rows if row["call"] in ("claim_output", "write")]


def pulses(keeper: KeeperProcess) -> list[tuple[int, int]]:
    """Levels that differ from the pin's level before."""
    now: dict[int, int] = {}
    moved = []
    for pin, level in levels(keeper):
        if now.get(pin, level) != level:
            moved.append((pin, level))
        now[pin] = level
    return moved


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_line_moves_when_keepers_and_controllers_come_and_go(
    keeper: KeeperProcess, number: signal.Signals
) -> None:
    with closing(ruled(keeper)) as controller:
        assert controller.order("load.codec", "on").stage == "done"
        assert controller.order("load.board", "on").stage == "done"
    ordered = pulses(keeper)
    assert ordered == [(CODEC, 1), (BOARD, 0)]
    for _ in range(3):
        keeper.end(number)
        keeper.start()
        ruled(keeper).close()
    assert pulses(keeper) == ordered


def test_the_first_level_of_an_active_low_line_is_its_off(keeper: KeeperProcess) -> None:
    """It is claimed with its level, never as an input first and written later."""
    ruled(keeper).close()
    assert levels(keeper) == [(CODEC, 0), (BOARD, 1), (NETWORK, 0)]
    assert pulses(keeper) == []


def test_a_keeper_without_memory_lets_the_codec_fall(keeper: KeeperProcess) -> None:
    with closing(ruled(keeper)) as controller:
        assert controller.order("load.codec", "on").stage == "done"
    keeper.end(signal.SIGKILL)
    (keeper.state / "levels.json").unlink()
    keeper.start()
    ruled(keeper).close()
    assert pulses(keeper)[-1] == (CODEC, 0)


def test_a_board_that_nobody_called_active_low_comes_on_at_boot(tmp_path: Path) -> None:
    for keeper in running(tmp_path, tuple(line._replace(active_high=True) for line in LINES)):
        ruled(keeper).close()
        assert (BOARD, 0) in levels(keeper), "low is on, on such a board"
