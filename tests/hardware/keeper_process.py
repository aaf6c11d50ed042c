"""Starts a real keeper and talks to it as the controller does; for tests of whoever needs one.

Waits on conditions with a deadline, never for a time to pass.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hardware.contract import Order, OrderId, Reading, Report, Result
from hardware.keeper import now_ms
from hardware.keeper_table import Table, dumps
from hardware.protocols.keeper import KeeperClient

ROOT = Path(__file__).parents[2]
FAKE = Path(__file__).parent / "fake_lgpio"
DEADLINE_S = 30.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Polls; AssertionError when it does not come true within the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.005)


def connect(path: Path) -> socket.socket:
    """A connection as soon as somebody listens."""
    end = time.monotonic() + DEADLINE_S
    while True:
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            wire.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            wire.close()
            assert time.monotonic() < end, f"nobody listens at {path}"
            time.sleep(0.005)
        else:
            wire.settimeout(DEADLINE_S)
            return wire


class KeeperProcess:
    """One keeper over a folder; `start` again after `kill` is a restart in the same boot."""

    def __init__(self, folder: Path, table: Table, *, pins: str = "mock", keep: Path | None = None) -> None:
        self.folder, self.pins, self.keep = folder, pins, keep
        self.config, self.state = folder / "keeper.json", folder / "state"
        self.socket, self.look = self.state / "keeper.sock", folder / "look.sock"
        self.chip = folder / "chip"
        self.errors = folder / "stderr"
        self.process: subprocess.Popen[bytes] | None = None
        self.config.write_text(dumps(table), encoding="utf-8")

    def start(self, **env: str) -> None:
        words: list[object] = [
            "--config",
            self.config,
            "--state",
            self.state,
            "--look",
            self.look,
            "--pins",
            self.pins,
        ]
        words += ["--keep", self.keep] if self.keep is not None else []
        path = f"{FAKE}:{ROOT}" if self.pins == "lgpio" else str(ROOT)
        self.look.unlink(missing_ok=True)
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hardware.keeper", *map(str, words)],
                env={**os.environ, "PYTHONPATH": path, "FAKE_LGPIO": str(self.chip), **env},
                stderr=errors,
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends it; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)


class Looker:
    """Sees the true pins through the second socket."""

    def __init__(self, keeper: KeeperProcess) -> None:
        self._wire = connect(keeper.look)
        self._file = self._wire.makefile("rb")

    def next(self) -> dict[str, bool | None] | None:
        """The next picture; None when the keeper is gone."""
        text = self._file.readline()
        lines: dict[str, bool | None] | None = json.loads(text)["lines"] if text else None
        return lines

    def until(self, **lines: bool) -> None:
        """Reads pictures until one shows these lines so."""
        end = time.monotonic() + DEADLINE_S
        while True:
            seen = self.next()
            assert seen is not None, "the keeper is gone"
            assert time.monotonic() < end, f"never {lines}, last {seen}"
            if lines.items() <= seen.items():
                return

    def close(self) -> None:
        self._file.close()
        self._wire.close()


class Controller:
    """The product's client on a real socket, pumped by the test itself."""

    def __init__(self, path: Path, loads: list[str], lamps: list[str], lease_ms: int = 30_000) -> None:
        self.client = KeeperClient(loads, lamps, lease_ms)
        self.reports: list[Report] = []
        self._n = 0
        self._wire = connect(path)
        self._select = selectors.DefaultSelector()
        self._select.register(self._wire, selectors.EVENT_READ)
        self.client.opened(now_ms())

    def turn(self) -> None:
        self.client.tick(now_ms())
        data, reports = self.client.take()
        self.reports += reports
        if data:
            self._wire.sendall(data)
        if self._select.select(0.02):
            self.client.feed(self._wire.recv(65536), now_ms())

    def until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f"never: {what}; {self.reports[-5:]}"
            self.turn()

    def order(self, target: str, value: str) -> Result:
        """The order's last result."""
        self._n += 1
        self.client.ask(Order(OrderId("test", self._n), target, value, 20_000), now_ms())
        found: list[Result] = []

        def answered() -> bool:
            found[:] = [r for r in self.reports if isinstance(r, Result) and r.order.n == self._n]
            return bool(found) and found[-1].stage != "accepted"

        self.until(answered, f"answer to {target} {value}")
        return found[-1]

    def heard(self, source: str, field: str) -> object:
        """The last value of a field, None when it was never heard."""
        for report in reversed(self.reports):
            if isinstance(report, Reading) and report.source == source:
                return dict(report.values)[field]
        return None

    def close(self) -> None:
        self._select.close()
        self._wire.close()
