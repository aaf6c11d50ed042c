"""Datagrams: a UDP socket to one peer, as a `Wire`. Nothing else; the rest of the wires is in wire.py.

A datagram may be lost, and so may the word that nobody is there: a peer that is switched off or has no such port is
silence, which the conversation notices by itself. So this wire goes away only with the socket. Bytes to send are a
row of datagrams; `first` tells how long the first one is. Source: udp(7).

Sony's cameras answer to their own port number (52381), whatever port was asked from: it is taken on our side too
where it is free. On loopback it is the far end's.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from contextlib import suppress

from hardware.wire import READ_MAX, SocketWire, WireAbsent, found

_SILENCE = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
_LOOPBACK = ("127.", "::1", "localhost")


class UdpWire(SocketWire):
    """Datagrams to and from `host`:`port`; those of others are not heard."""

    def __init__(self, host: str, port: int, first: Callable[[bytes], int]) -> None:
        super().__init__(f"{host}:{port}")
        self._host, self._port, self._first = host, port, first

    def open(self) -> bool:
        sock, address = found(self._host, self._port, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not address[0].startswith(_LOOPBACK):
            with suppress(OSError):
                sock.bind(("", self._port))
        try:
            return self._connect(sock, address)
        except WireAbsent:
            # No road there now; asked again with every opening.
            sock.close()
            raise

    def read(self) -> bytes:
        with suppress(OSError):
            return self._sock.recv(READ_MAX)
        return b""

    def write(self, data: bytes) -> int:
        """Every datagram that fits now; one that nobody can hear counts as sent."""
        done = 0
        while done < len(data):
            size = max(1, self._first(data[done:]))
            try:
                self._sock.send(data[done : done + size])
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno not in _SILENCE:
                    raise
            done += size
        return done
