"""The three ways to ask a place on the line whether it is there: ICMP echo, a TCP connection, a UDP echo.

Must not live here: when to probe, what the answers mean (line.py, protocols/line_window.py). Nothing blocks,
nothing raises OSError: what the system says becomes a word.

Why not a library: icmplib is under the LGPL, pythonping and aioping want raw sockets and so root, ping3 waits for
each answer before the next probe and cannot tell *forbidden* from *lost*. An unprivileged ICMP socket (Linux
icmp(7), SOCK_DGRAM) needs our group in the kernel's net.ipv4.ping_group_range, which systemd/sysctl.d sets; where
it is not, `open_kind` says so and the next kind of probe is tried. IPv4 only: no provincial network was found that
has more.
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from hardware.protocols import icmp

_IP_RECVERR = 11
"""linux/in.h; Python has no name for it."""
MAX_OPEN = 64
"""Connections on their way at once: four targets, two a second, two seconds each, and room to spare."""
_FORBIDDEN = (errno.EPERM, errno.EACCES)
_UDP_COOKIE = b"diemcau"


class Heard(NamedTuple):
    """What became of probe `n`: word `answer`, `unreachable` or `prohibited`."""

    n: int
    word: str


class Kind(Protocol):
    """One way to probe. `send` gives '' or the word for why nothing left; `take` what has come for this socket."""

    def send(self, address: str, n: int) -> str: ...

    def fds(self) -> Iterator[tuple[int, int]]: ...

    def take(self, fd: int) -> Iterator[Heard]: ...

    def drop(self, n: int) -> None: ...

    def close(self) -> None: ...


def open_kind(name: str) -> Kind | None:
    """`icmp`, `tcp:<port>`, `udp:<port>`; None = this system does not let us."""
    way, _, port = name.partition(":")
    try:
        return Icmp() if way == "icmp" else Tcp(int(port)) if way == "tcp" else Udp(int(port))
    except OSError:
        return None


def _word(error: OSError) -> str:
    return "prohibited" if error.errno in _FORBIDDEN else "unreachable"


class Icmp:
    """One socket for all targets. Raises OSError when the kernel does not give our group one."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        self._cookie = os.urandom(icmp.COOKIE_BYTES)

    def send(self, address: str, n: int) -> str:
        try:
            self._socket.sendto(icmp.echo(n, self._cookie), (address, 0))
        except OSError as error:
            # The error of an earlier probe may be reported at this send; its own story is in the error queue.
            return _word(error)
        return ""

    def fds(self) -> Iterator[tuple[int, int]]:
        yield self._socket.fileno(), select.POLLIN

    def take(self, fd: int) -> Iterator[Heard]:
        yield from self._errors()
        while True:
            try:
                data = self._socket.recv(256)
            except BlockingIOError:
                return
            except OSError:
                continue
            n = icmp.answer(data, self._cookie)
            if n is not None:
                yield Heard(n, "answer")

    def _errors(self) -> Iterator[Heard]:
        while True:
            try:
                data, rest, _flags, _from = self._socket.recvmsg(256, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _level, kind, error in rest:
                told = icmp.turned_away(data, error) if kind == _IP_RECVERR else None
                if told is not None:
                    yield Heard(*told)

    def drop(self, n: int) -> None:
        """Nothing is kept of a single probe."""

    def close(self) -> None:
        self._socket.close()


class Tcp:
    """A connection is begun and ended at once: acceptance, and refusal too, prove that the host is there."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: dict[int, tuple[int, socket.socket]] = {}

    def send(self, address: str, n: int) -> str:
        while len(self._open) >= MAX_OPEN:
            self._end(next(iter(self._open)))
        probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        probe.setblocking(False)
        code = probe.connect_ex((address, self._port))
        if code not in (0, errno.EINPROGRESS, errno.ECONNREFUSED):
            probe.close()
            return _word(OSError(code, ""))
        self._open[probe.fileno()] = (n, probe)
        return ""

    def fds(self) -> Iterator[tuple[int, int]]:
        yield from ((fd, select.POLLOUT) for fd in self._open)

    def take(self, fd: int) -> Iterator[Heard]:
        if fd not in self._open:
            return
        n, probe = self._open[fd]
        code = probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._end(fd)
        yield Heard(n, "answer" if code in (0, errno.ECONNREFUSED) else _word(OSError(code, "")))

    def _end(self, fd: int) -> None:
        self._open.pop(fd)[1].close()

    def drop(self, n: int) -> None:
        """Given up: a half-open connection is not left behind."""
        for fd in [fd for fd, (number, _) in self._open.items() if number == n]:
            self._end(fd)

    def close(self) -> None:
        for fd in tuple(self._open):
            self._end(fd)


class Udp:
    """A datagram to an echo service (RFC 862): it comes back as it went."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def send(self, address: str, n: int) -> str:
        try:
            self._socket.sendto(_UDP_COOKIE + n.to_bytes(2, "big"), (address, self._port))
        except OSError as error:
            return _word(error)
        return ""

    def fds(self) -> Iterator[tuple[int, int]]:
        yield self._socket.fileno(), select.POLLIN

    def take(self, fd: int) -> Iterator[Heard]:
        while True:
            try:
                data = self._socket.recv(64)
            except BlockingIOError:
                return
            except OSError:
                continue
            if len(data) == len(_UDP_COOKIE) + 2 and data.startswith(_UDP_COOKIE):
                yield Heard(int.from_bytes(data[-2:], "big"), "answer")

    def drop(self, n: int) -> None:
        """Nothing is kept of a single probe."""

    def close(self) -> None:
        self._socket.close()
