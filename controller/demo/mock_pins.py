"""The demo's fingers: input pins of a controller that runs on gpiozero's mock factory, driven through a socket.

`MockPins` lives in the controller's process (`diemcau run --mock SOCKET`), `Fingers` in the demo's. A datagram is
lines of `<input name> 1|0`, 1 = pressed or contact active. Two traps of the mock: opening an input sets its pull
and so undoes what was driven before, and nothing remembers the level; both are cured by driving again what does
not stand as it should. Not part of a Pi: there the pins are lgpio's.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpiozero.pins.mock import MockFactory

if TYPE_CHECKING:
    from gpiozero import Factory

    from controller.plan import Input

AGAIN_S = 0.2
"""How soon a level that was undone is driven again: shorter than any press that means something."""
DATAGRAM_MAX_BYTES = 4096
"""Every input of the largest room at once takes 1 KB."""


def factory(path: Path, inputs: Mapping[str, Input]) -> Factory:
    """A mock factory whose input pins follow the datagrams at `path`. Raises OSError when that cannot be."""
    pins = MockPins(path, inputs)
    pins.start()
    return pins.factory


class MockPins:
    """The pins of all `inputs`, on a thread of their own until `stop`."""

    def __init__(self, path: Path, inputs: Mapping[str, Input]) -> None:
        self.factory = MockFactory()
        self.dropped = 0
        # Made here, because the panel's thread and ours may not both make the same pin.
        # The mock has no expanders: their inputs are not there, and the controller says so.
        header = {name: row for name, row in inputs.items() if not row.chip}
        self._pins: dict[str, Any] = {name: self.factory.pin(row.pin) for name, row in header.items()}
        self._active_low = {name: row.active_low for name, row in header.items()}
        self._down = dict.fromkeys(header, False)
        self._ends = threading.Event()
        self._socket = _listen(path)
        self._thread = threading.Thread(target=self._run, name="mock pins", daemon=True)

    def start(self) -> None:
        self._drive()
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the pins stay as they are."""
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                self._hear(self._socket.recv(DATAGRAM_MAX_BYTES))
            self._drive()

    def _hear(self, data: bytes) -> None:
        for line in data.decode("utf-8", "replace").splitlines():
            name, _, level = line.partition(" ")
            if name in self._down and level in ("0", "1"):
                self._down[name] = level == "1"
            else:
                self.dropped += 1

    def _drive(self) -> None:
        for name, down in self._down.items():
            pin, high = self._pins[name], down != self._active_low[name]
            if bool(pin.state) != high:
                (pin.drive_high if high else pin.drive_low)()


def _listen(path: Path) -> socket.socket:
    """A stale socket file is that of a controller that was killed."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.settimeout(AGAIN_S)
    try:
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    return made


class Fingers:
    """The demo's side: levels of all inputs, said again by `again` to a controller that was restarted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._down: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def set(self, name: str, down: bool) -> None:
        """Press or release; a controller that is not there feels it when it is back."""
        with self._lock:
            self._down[name] = down
        self.again()

    def down(self, name: str) -> bool:
        return self._down.get(name, False)

    def again(self) -> None:
        """Say all levels."""
        with self._lock, contextlib.suppress(OSError):
            text = "".join(f"{name} {down:d}\n" for name, down in self._down.items())
            self._socket.sendto(text.encode(), str(self._path))

    def close(self) -> None:
        self._socket.close()
