"""The three ways to ask a place on the line whether it is there: ICMP echo, a TCP connection, a UDP echo.

Must not live here: when to probe, what the answers mean (line.py, protocols/line_window.py). Nothing blocks,
nothing raises OSError: what the system says becomes a word.

Why not a library: icmplib is under the LGPL, pythonping and aioping want raw sockets and so root, ping3 waits for
each answer before the next probe and cannot tell *forbidden* from *lost*. An unprivileged ICMP socket (Linux
icmp(7), SOCK_DGRAM) needs our group in the kernel's net.ipv4.ping_group_range, which systemd/sysctl.d sets; where
it is not, `open_kind` says so and the next kind of probe is tried; ICMPv6 has the same sockets and the same group.
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from hardware.protocols import icmp

_IP_RECVERR, _IPV6_RECVERR = 11, 25
"""linux/in.h, in6.h; Python has no names for them."""
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_ICMP = {
    4: (icmp.V4, socket.IPPROTO_ICMP, socket.IPPROTO_IP, _IP_RECVERR),
    6: (icmp.V6, socket.IPPROTO_ICMPV6, socket.IPPROTO_IPV6, _IPV6_RECVERR),
}
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


def version_of(address: str) -> int:
    """Of the Internet protocol: addresses are written out, never names."""
    return 6 if ":" in address else 4


def open_kind(name: str, version: int = 4) -> Kind | None:
    """`icmp`, `tcp:<port>`, `udp:<port>`; None = this system does not let us."""
    way, _, port = name.partition(":")
    try:
        return Icmp(version) if way == "icmp" else (Tcp if way == "tcp" else Udp)(int(port), version)
    except OSError:
        return None


def _end_of(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """As the kernel wants it: a link-local address (`fe80::1%eth0`) with the number of its interface.

    Raises OSError when there is no such interface now."""
    host, _, zone = address.partition("%")
    if version_of(host) == 4:
        return host, port
    return host, port, 0, socket.if_nametoindex(zone) if zone else 0


def _word(error: OSError) -> str:
    return "prohibited" if error.errno in _FORBIDDEN else "unreachable"


class Icmp:
    """One socket for all targets. Raises OSError when the kernel does not give our group one."""

    def __init__(self, version: int) -> None:
        self._words, protocol, level, self._told = _ICMP[version]
        self._socket = socket.socket(_FAMILY[version], socket.SOCK_DGRAM, protocol)
        self._socket.setblocking(False)
        self._socket.setsockopt(level, self._told, 1)
        self._cookie = os.urandom(icmp.COOKIE_BYTES)

    def send(self, address: str, n: int) -> str:
        try:
            self._socket.sendto(self._words.echo(n, self._cookie), _end_of(address, 0))
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
            n = self._words.answer(data, self._cookie)
            if n is not None:
                yield Heard(n, "answer")

    def _errors(self) -> Iterator[Heard]:
        while True:
            try:
                data, rest, _flags, _from = self._socket.recvmsg(256, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _level, kind, error in rest:
                told = self._words.turned_away(data, error) if kind == self._told else None
                if told is not None:
                    yield Heard(*told)

    def drop(self, n: int) -> None:
        """Nothing is kept of a single probe."""

    def close(self) -> None:
        self._socket.close()


class Tcp:
    """A connection is begun and ended at once: acceptance, and refusal too, prove that the host is there."""

    def __init__(self, port: int, version: int) -> None:
        self._port, self._family = port, _FAMILY[version]
        self._open: dict[int, tuple[int, socket.socket]] = {}

    def send(self, address: str, n: int) -> str:
        while len(self._open) >= MAX_OPEN:
            self._end(next(iter(self._open)))
        try:
            end, probe = _end_of(address, self._port), socket.socket(self._family, socket.SOCK_STREAM)
        except OSError as error:
            return _word(error)
        probe.setblocking(False)
        code = probe.connect_ex(end)
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

    def __init__(self, port: int, version: int) -> None:
        self._port = port
        self._socket = socket.socket(_FAMILY[version], socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def send(self, address: str, n: int) -> str:
        try:
            self._socket.sendto(_UDP_COOKIE + n.to_bytes(2, "big"), _end_of(address, self._port))
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
