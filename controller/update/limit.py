"""The time that one answer of a server may take, whatever it waits on. Its connection is ended from outside: a
server that sends a byte now and then keeps every timeout of a socket satisfied.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Timer


class Limit:
    """Over one request's connections, until `close`. `over`: its time has come, and what was open is ended."""

    def __init__(self) -> None:
        self.over = False
        self._open: list[socket.socket] = []
        self._timer: Timer | None = None

    def within(self, seconds: float) -> None:
        """From now on, in place of what was said before."""
        self._stop()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def opened(self, sock: socket.socket) -> None:
        """Another handle of the same connection: ours is ended whatever becomes of TLS above the other."""
        self._open.append(socket.fromfd(sock.fileno(), sock.family, sock.type))
        if self.over:
            self._end()

    def close(self) -> None:
        self._stop()
        while self._open:
            self._open.pop().close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        self.over = True
        for sock in tuple(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
