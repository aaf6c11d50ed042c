"""What waits for a pump's thread, and the bell that wakes it out of poll(). Any thread posts, the pump's takes.

Must not live here: what a letter means (pump.py).
"""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

from hardware.contract import Order

MAIL_MAX = 256
"""Orders and calls that wait for the thread. It takes them within a millisecond; a full box means it hangs. Who
posts looks first, so that a handful more may lie there."""

Call: TypeAlias = Callable[[int], None]
Letter: TypeAlias = Order | Call


class Mailbox:
    """A bounded box with a bell; nothing here blocks or raises."""

    def __init__(self) -> None:
        self._letters: queue.SimpleQueue[Letter] = queue.SimpleQueue()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)

    @property
    def empty(self) -> bool:
        return self._letters.empty()

    def fileno(self) -> int:
        """Readable when it has rung."""
        return self._ear.fileno()

    def post(self, letter: Letter) -> bool:
        """False when the box is full."""
        if self._letters.qsize() >= MAIL_MAX:
            return False
        self._letters.put(letter)
        self.ring()
        return True

    def ring(self) -> None:
        # Blocking: the bell rings already. Any other error: the pump was stopped and nobody listens.
        with suppress(OSError):
            self._bell.send(b"!")

    def hush(self) -> None:
        """The bell was heard."""
        with suppress(BlockingIOError):
            self._ear.recv(4096)

    def take(self) -> Iterator[Letter]:
        """The letters in their order, at most as many as the box holds."""
        with suppress(queue.Empty):
            for _ in range(MAIL_MAX):
                yield self._letters.get_nowait()

    def close(self) -> None:
        self._bell.close()
        self._ear.close()
