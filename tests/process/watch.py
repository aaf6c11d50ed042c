"""What tests see of running processes from outside: the true pins by the keeper's second socket, and what systemd
is told. Everything waits on conditions with a deadline."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.hardware.keeper_process import connect

WAIT_S = 30.0
LOADS = ("light", "mixer", "amplifier")
"""In the order in which they come on; classes that must have been off for 5 s only."""


def until(condition: Callable[[], bool], what: str, within_s: float = WAIT_S) -> None:
    """Polls; AssertionError when it does not come true."""
    assert soon(condition, within_s), f"never: {what}"


def soon(condition: Callable[[], bool], within_s: float) -> bool:
    """Polls; whether it came true."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


class Watcher:
    """Notes every change of a relay or lamp that the keeper's second socket tells, from now on."""

    def __init__(self, path: Path) -> None:
        self.now: dict[str, bool | None] = {}
        self.changes: list[tuple[str, bool | None]] = []
        self._wire = connect(path)
        self._wire.settimeout(None)
        self._seen = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher")
        self._thread.start()
        assert self._seen.wait(WAIT_S)

    def _run(self) -> None:
        with self._wire.makefile("rb") as pictures:
            for picture in pictures:
                lines: dict[str, bool | None] = json.loads(picture)["lines"]
                if self._seen.is_set():
                    self.changes += [(name, on) for name, on in lines.items() if self.now.get(name) != on]
                self.now = lines
                self._seen.set()

    def moves(self) -> list[tuple[str, bool | None]]:
        """Every move of a relay."""
        return [change for change in tuple(self.changes) if change[0] in LOADS]

    def on_since(self, name: str, count: int) -> Callable[[], bool]:
        """Whether this line came on, or is on, since `count` changes were noted."""
        return lambda: self.on(name) or (name, True) in self.changes[count:]

    def on(self, *names: str) -> bool:
        return all(self.now.get(name) for name in names)

    def close(self) -> None:
        self._wire.shutdown(socket.SHUT_RDWR)
        self._thread.join(WAIT_S)
        self._wire.close()


class Systemd:
    """The notify socket, as systemd opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.2)

    def until(self, word: str, lives: Callable[[], bool] = lambda: True) -> None:
        """Reads until `word` is told; AssertionError when it does not come, or nobody lives who could say it."""
        deadline = time.monotonic() + WAIT_S
        while lives() and time.monotonic() < deadline:
            try:
                lines = self._socket.recv(4096).decode().splitlines()
            except TimeoutError:
                continue
            self.words += lines
            if word in lines:
                return
        raise AssertionError(f"{word} never told, heard {self.words[-10:]}")

    def close(self) -> None:
        self._socket.close()
