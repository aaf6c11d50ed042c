"""The keeper's Modbus relay boards: their serial ports, opened and opened again, and one RelayBus for each.

Loaded only where the keeper's file names a board. A plain termios port, because pyserial belongs to wire.py and
costs what this process must not. Nothing here waits: the keeper's lines on the Pi blink and switch on, whatever a
board does. All ports look like one file to the keeper's select (an epoll is readable itself).

A board on its own supply stands as it is while the Pi resets, the keeper restarts or the adaptor is pulled out.
"""

from __future__ import annotations

import fcntl
import os
import select
import termios
from collections.abc import Callable, Mapping, Sequence

from hardware.keeper_table import Line
from hardware.protocols.modbus_relays import Coil, RelayBus

RETRY_MS = 2_000
"""An adaptor that was plugged in again is used after this, flat: a person waits for it."""
READ_MAX = 512
FINISH_MS = 1_000
"""How long an ordered end waits until declared stop values are on the boards."""


class Port:
    """One serial line and its boards."""

    def __init__(self, lines: Sequence[Line], epoll: select.epoll) -> None:
        self._line, self._epoll = lines[0], epoll
        # A load on a relay's normally closed contact is on while the coil is not.
        self._straight = {row.name: row.active_high for row in lines}
        self.bus = RelayBus([Coil(row.name, row.unit, row.pin, row.function) for row in lines], self._line.baud)
        self._handle = -1
        self._try_ms = 0
        self._faults: dict[int, str] = {}
        self.notes: list[str] = []
        self.bus.closed()

    @property
    def wake_ms(self) -> int:
        return self.bus.wake_ms if self._handle >= 0 else self._try_ms

    def tick(self, now_ms: int) -> None:
        if self._handle < 0 and self._try_ms <= now_ms:
            self._open(now_ms)
        self.bus.tick(now_ms)
        data = self.bus.take()
        if data and self._handle >= 0:
            try:
                os.write(self._handle, data)  # eight bytes: what does not fit is not answered, and asked again
            except BlockingIOError:
                pass
            except OSError as error:
                self._lost(error, now_ms)
        self._say()

    def read(self, now_ms: int) -> None:
        try:
            data = os.read(self._handle, READ_MAX)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error, now_ms)
            return
        if data:
            self.bus.feed(data, now_ms)
        else:
            self._lost(OSError(5, "hung up"), now_ms)

    def want(self, levels: Mapping[str, bool]) -> None:
        self.bus.want({name: levels[name] == high for name, high in self._straight.items() if name in levels})

    def seen(self) -> dict[str, bool | None]:
        seen = self.bus.seen().items()
        return {name: None if coil is None else coil == self._straight[name] for name, coil in seen}

    def _open(self, now_ms: int) -> None:
        self._try_ms = now_ms + RETRY_MS
        handle = -1
        try:
            handle = os.open(self._line.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(handle, termios.TIOCEXCL)
            _raw(handle, self._line.baud, self._line.parity)
        except (OSError, termios.error, AttributeError) as error:
            self._note(f"{error}")
            if handle >= 0:
                os.close(handle)
            return
        self._handle = handle
        self._epoll.register(handle, select.EPOLLIN)
        self.bus.opened(now_ms)
        self._note("open")

    def _lost(self, error: OSError, now_ms: int) -> None:
        self._note(f"{error.strerror}; plug it in again")
        self._epoll.unregister(self._handle)
        os.close(self._handle)
        self._handle, self._try_ms = -1, now_ms + RETRY_MS
        self.bus.closed()

    def _say(self) -> None:
        """What a board answers instead of what it should, once when it begins and once when it is over."""
        if self._handle >= 0 and self.bus.faults != self._faults:
            self._faults = dict(self.bus.faults)
            told = ", ".join(f"board {unit}: {code}" for unit, code in self._faults.items())
            self._note(told or "all boards answer")

    def _note(self, text: str) -> None:
        note = f"{self._line.port}: {text}"
        if self.notes[-1:] != [note]:
            self.notes.append(note)

    @property
    def number(self) -> int:
        return self._handle


def _raw(handle: int, baud: int, parity: str) -> None:
    """8 data bits, 1 stop bit, nothing translated; reads never wait. Raises AttributeError for an unknown speed."""
    speed = getattr(termios, f"B{baud}")
    control = termios.CS8 | termios.CREAD | termios.CLOCAL
    if parity != "none":
        control |= termios.PARENB | (termios.PARODD if parity == "odd" else 0)
    characters = termios.tcgetattr(handle)[6]
    characters[termios.VMIN] = characters[termios.VTIME] = 0
    termios.tcsetattr(handle, termios.TCSANOW, [0, 0, control, 0, speed, speed, characters])


class Boards:
    """All ports. `fileno` is readable when any of them is; then `read`."""

    def __init__(self, lines: Sequence[Line], now_ms: int) -> None:
        self._epoll = select.epoll()
        self._ports: list[Port] = []
        for path in dict.fromkeys(line.port for line in lines if line.port):
            self._ports.append(Port([line for line in lines if line.port == path], self._epoll))
        self._now_ms = now_ms

    def fileno(self) -> int:
        return self._epoll.fileno()

    @property
    def wake_ms(self) -> int:
        return min(port.wake_ms for port in self._ports)

    def tick(self, now_ms: int) -> None:
        self._now_ms = now_ms
        for port in self._ports:
            port.tick(now_ms)

    def read(self) -> None:
        """Take what came; by the time of the last tick, which comes before and after every wait."""
        ready = {handle for handle, _ in self._epoll.poll(0)}
        for port in self._ports:
            if port.number in ready:
                port.read(self._now_ms)

    def want(self, levels: Mapping[str, bool], now_ms: int) -> None:
        for port in self._ports:
            port.want(levels)
        self.tick(now_ms)

    def seen(self) -> dict[str, bool | None]:
        """The relays as their boards have them; without those that are not known yet."""
        return {name: level for port in self._ports for name, level in port.seen().items()}

    def notes(self) -> tuple[str, ...]:
        """For the log: each once."""
        told = tuple(note for port in self._ports for note in port.notes)
        for port in self._ports:
            port.notes = []
        return told

    def finish(self, clock_ms: Callable[[], int]) -> None:
        """The keeper ends: what was just wanted is sent and read back, or a second is over."""
        end_ms = clock_ms() + FINISH_MS
        while any(port.bus.pending and port.number >= 0 for port in self._ports) and clock_ms() < end_ms:
            self._epoll.poll(0.01)
            self.read()
            self.tick(clock_ms())
