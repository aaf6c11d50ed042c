"""A far end on a pseudo-terminal, in real time: any program that can open a serial port can talk to it.

Must not live here: what the far end says (its own file under sim/), how bytes are moved (pump.py, used here
as it is). The pty is raw, its path is given by a link that stays the same, and it survives programs that come
and go, for we keep its slave side open ourselves. `unplug` and `plug` are the cable.

A pty has no modem lines (pty(7)) and moves bytes at any speed, but it keeps the speed that was set on it: a far end
that is given one of its own hears and is heard as garbage by a program that has set another (baud.py). The speed is
read when the bytes come through, which is right for whoever closes the port between two speeds, as we do.
"""

from __future__ import annotations

import errno
import os
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hardware.contract import Order, Peer, Report
from hardware.pump import Pump
from hardware.sim.baud import heard
from hardware.wire import READ_MAX, WireGone

ANY_SPEED = 0
"""A far end that hears every speed: a USB device, or a test that is not about speeds."""
_BAUD = {getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()}
"""termios' code of a speed to bits per second."""


class AsConversation:
    """A far end in the shape the pump carries: it has no port of its own to miss and takes no orders."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.feed, self.tick, self.take = peer.feed, peer.tick, peer.take

    @property
    def wake_ms(self) -> int:
        return self._peer.wake_ms

    def opened(self, now_ms: int) -> None:
        """A far end does not know who listens."""

    def closed(self, now_ms: int) -> None:
        """A far end does not know who listens."""

    def ask(self, order: Order, now_ms: int) -> None:
        """Nobody orders over the back of a device."""

    def pace(self, period_ms: int) -> None:
        """It only answers."""


class PtyWire:
    """The master side of a new pty, linked at `link`; `speed` is the far end's own, in baud. A `Wire`; fails only
    when the system has no pty left."""

    def __init__(self, link: Path, speed: int = ANY_SPEED) -> None:
        self._link = link
        self._speed = speed
        self._master = self._slave = -1
        self._path = ""

    @property
    def place(self) -> str:
        return f"{self._link} ({self._path})"

    def open(self) -> bool:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path = os.ttyname(self._slave)
        _link(self._link, self._path)
        return True

    def finish(self) -> None:
        """Nothing is left to do: a pty opens at once."""

    def fileno(self) -> int:
        return self._master

    def read(self) -> bytes:
        try:
            return heard(os.read(self._master, READ_MAX), self._theirs(), self._own())
        except BlockingIOError:
            return b""
        except OSError as error:
            raise WireGone(error.errno, f"{self.place}: {error.strerror}") from error

    def write(self, data: bytes) -> int:
        # A line has no memory: what nobody reads is lost, as on a cable that ends in the air.
        with suppress(BlockingIOError):
            os.write(self._master, heard(data, self._own(), self._theirs()))
        return len(data)

    def _theirs(self) -> int:
        """The speed that the program on the other side has set, or had when it left."""
        return _BAUD[termios.tcgetattr(self._slave)[5]]

    def _own(self) -> int:
        return self._speed or self._theirs()

    def close(self) -> None:
        if self._master < 0:
            return
        _unlink(self._link, self._path)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def vary(self) -> bool:
        return False


def _link(link: Path, target: str) -> None:
    """Point `link` at the pty, in one step, so that nobody sees it missing. Replaces a link, never a file."""
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.exists() and not link.is_symlink():
        raise FileExistsError(errno.EEXIST, "is no link; give another place or remove it", str(link))
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _unlink(link: Path, target: str) -> None:
    """Remove `link` if it still is ours: another far end may have taken the place."""
    with suppress(OSError):
        if os.readlink(link) == target:
            link.unlink()


class PtyFarEnd:
    """Runs `peer` on a pty linked at `link`, on a thread of its own, until `stop`; `speed` is its own, in baud.

    `call(f)` runs `f(now_ms)` on that thread: the way to cut its power or to make a fault while it runs.
    Raises OSError at `start` when the link cannot be made.
    """

    def __init__(self, peer: Peer, link: Path, clock_ms: Callable[[], int], speed: int = ANY_SPEED) -> None:
        self._peer = peer
        self._link = link
        self._speed = speed
        self._clock_ms = clock_ms
        self._pump: Pump | None = None

    def start(self) -> None:
        """Plug it in."""
        self.plug()

    def stop(self) -> None:
        """Pull it out for good."""
        self.unplug()

    def plug(self) -> None:
        """The cable goes in: a new pty under the same link. Harmless when it is in."""
        if self._pump is not None:
            return
        wire = _Opened(self._link, self._speed)
        self._pump = Pump(self._link.name, wire, AsConversation(self._peer), _drop, self._clock_ms)
        self._pump.start()

    def unplug(self) -> None:
        """The cable comes out: whoever has the port open sees it hang up."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.stop()

    def call(self, function: Callable[[int], None]) -> bool:
        """Run `function(now_ms)` between two turns of the far end; False when it is not plugged in."""
        return self._pump is not None and self._pump.call(function)


class _Opened(PtyWire):
    """Opened by its maker and not by the pump, so that the link is there when `plug` returns."""

    def __init__(self, link: Path, speed: int) -> None:
        super().__init__(link, speed)
        super().open()

    def open(self) -> bool:
        return True


def _drop(report: Report) -> None:
    """Far ends report nothing."""
