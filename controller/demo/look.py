"""The true pins of the keeper, by the socket that it opens with `--look`: who is lit, which contact is closed.

One thread that connects again for ever, because the keeper may be restarted; what is told is never guessed.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

PAUSE_S = 0.1
WAIT_S = 0.5
LINE_MAX_BYTES = 65_536

Lines = Mapping[str, bool | None]


class Looker:
    """Calls `tell(lines)` with every picture of all pins; `lost()` when the keeper went away."""

    def __init__(self, path: Path, tell: Callable[[Lines], None], lost: Callable[[], None]) -> None:
        self._path, self._tell, self._lost = path, tell, lost
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="look", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ends.is_set():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(WAIT_S)
                if self._connect(wire):
                    self._read(wire)
                    self._lost()
            self._ends.wait(PAUSE_S)

    def _connect(self, wire: socket.socket) -> bool:
        try:
            wire.connect(str(self._path))
        except OSError:
            return False
        return True

    def _read(self, wire: socket.socket) -> None:
        rest = b""
        while not self._ends.is_set():
            try:
                data = wire.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            rest = rest[-LINE_MAX_BYTES:]
            for line in whole:
                self._hear(line)

    def _hear(self, line: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            self._tell(json.loads(line)["lines"])
