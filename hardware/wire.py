"""Where bytes go in and out: a serial port, a TCP or Unix socket. Opens, reads, writes, closes; nothing else.

The only file that imports pyserial. Must not live here: when to open again (pump.py), what bytes mean
(protocols/). No call blocks: `open` may only begin, and then `finish` is called when the wire is writable
(one exception: a host *name* is resolved by the system, which may take seconds; use addresses).

Sources: pyserial 3.5 (posix), tcp(7). A serial port that was unplugged shows as EIO, or as readiness to read
without any byte. Contact-cable UPSes must never be opened here: the kernel raises DTR and RTS at open, which
can command their shutdown; those go through NUT or opto inputs.
"""

from __future__ import annotations

import errno
import os
import socket
import termios
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import serial

READ_MAX = 4096
"""Bytes taken at once; a conversation's longest answer (a NUT list) comes in two."""

_USER_TIMEOUT_MS = 20_000
"""Unacknowledged bytes end a TCP connection after this: half-open detection by the kernel, no wake-up of ours."""

_KEEPALIVE = ((socket.TCP_KEEPIDLE, 30), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 3))
"""For a peer that vanishes while we have nothing to send: noticed after a minute, also by the kernel."""


class WireError(OSError):
    """A wire cannot be used now; the text says what to do. Parent of all below."""


class WireAbsent(WireError):
    """Nothing is there: plug it in, switch it on, or start the daemon. Tried again for ever."""


class WireDenied(WireError, PermissionError):
    """We may not open it: give the service's user the right (group dialout)."""


class WireBusy(WireError, BlockingIOError):
    """Another program holds it: end that program (a getty on the port, a second controller)."""


class WireSetting(WireError):
    """The port refuses its settings: correct the speed in room.toml."""


class WireGone(WireError, ConnectionError):
    """It was open and went away: unplugged, switched off, or closed by the other side."""


class Wire(Protocol):
    """What the pump moves bytes over. Every failure is a `WireError`."""

    @property
    def place(self) -> str:
        """Where it is, for a person: a path or host:port."""
        ...

    def open(self) -> bool:
        """Begin to open. True = usable now; False = call `finish` when `fileno` is writable."""
        ...

    def finish(self) -> None:
        """Complete an opening that had only begun."""
        ...

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What has come; b"" when it was a false alarm. Call only when `fileno` is readable."""
        ...

    def write(self, data: bytes) -> int:
        """Send what fits; how many bytes that were, 0 when nothing fits now."""
        ...

    def close(self) -> None:
        """Close; harmless when closed."""
        ...

    def vary(self) -> bool:
        """Take the next setting (speed) for the next opening; False when there is only one."""
        ...


class SerialWire:
    """A serial port by path (best /dev/serial/by-path/…), 8 data bits, 1 stop bit, no flow control, held alone.

    `speeds` in baud: the first is used; `vary` goes round them, for a device whose speed nobody wrote down. `dtr`
    and `rts` are the levels after opening; the kernel raises both for a moment in any case (a pty has neither).
    `parity`: none, even or odd.
    """

    def __init__(self, path: str, *speeds: int, dtr: bool = True, rts: bool = True, parity: str = "none") -> None:
        self._path = path
        self._dtr, self._rts = dtr, rts
        self._parity = parity[0].upper()
        self._speeds = speeds or (9600,)
        self._turn = 0
        self._port: serial.Serial | None = None

    @property
    def place(self) -> str:
        return f"{self._path} at {self.speed}"

    @property
    def speed(self) -> int:
        """Baud used now, or at the next opening."""
        return self._speeds[self._turn % len(self._speeds)]

    def vary(self) -> bool:
        self._turn += 1
        return len(self._speeds) > 1

    def open(self) -> bool:
        try:
            # timeout 0 makes pyserial set VMIN = VTIME = 0: reads never wait.
            port = serial.Serial(None, self.speed, parity=self._parity, timeout=0, write_timeout=0, exclusive=True)
            port.port, port.dtr, port.rts = self._path, self._dtr, self._rts
            port.open()
        except (OSError, ValueError, termios.error) as error:
            raise _serial_error(self.place, error) from error
        # FTDI adaptors keep bytes 16 ms by default; adaptors without the switch are quick anyway.
        with suppress(OSError, ValueError):
            port.set_low_latency_mode(True)
        self._port = port
        return True

    def finish(self) -> None:
        """Nothing is left to do: a port opens at once."""

    def fileno(self) -> int:
        return -1 if self._port is None else int(self._port.fileno())

    def read(self) -> bytes:
        try:
            data = os.read(self.fileno(), READ_MAX)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise WireGone(error.errno, f"{self.place}: {error.strerror}; plug it in again") from error
        if not data:
            raise WireGone(errno.EIO, f"{self.place}: hung up; plug it in again")
        return data

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.fileno(), data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise WireGone(error.errno, f"{self.place}: {error.strerror}; plug it in again") from error

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            # An unplugged adaptor complains on close as well; there is nothing left to lose.
            with suppress(OSError):
                port.close()


class SocketWire:
    """What TCP and Unix sockets have in common. Use `TcpWire` or `UnixWire`."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._socket: socket.socket | None = None

    @property
    def place(self) -> str:
        return self._place

    def vary(self) -> bool:
        return False

    def finish(self) -> None:
        code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _socket_error(self._place, code)

    def fileno(self) -> int:
        return -1 if self._socket is None else self._socket.fileno()

    def read(self) -> bytes:
        try:
            data = self._sock.recv(READ_MAX)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise WireGone(error.errno, f"{self._place}: {error.strerror}") from error
        if not data:
            raise WireGone(errno.ECONNRESET, f"{self._place}: closed by the other side")
        return data

    def write(self, data: bytes) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise WireGone(error.errno, f"{self._place}: {error.strerror}") from error

    def close(self) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()

    @property
    def _sock(self) -> socket.socket:
        if self._socket is None:
            raise WireGone(errno.ENOTCONN, f"{self._place}: not open")
        return self._socket

    def _connect(self, sock: socket.socket, address: tuple[str, int] | str) -> bool:
        self._socket = sock
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS):
            self.close()
            raise _socket_error(self._place, code)
        return code == 0


class TcpWire(SocketWire):
    """A TCP connection; small packets go at once (TCP_NODELAY)."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port}")
        self._host, self._port = host, port

    def open(self) -> bool:
        sock, address = found(self._host, self._port, socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
        return self._connect(sock, address)


def found(host: str, port: int, kind: socket.SocketKind) -> tuple[socket.socket, tuple[str, int]]:
    """A socket for the host, and its address."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    except (OSError, UnicodeError) as error:  # the latter for what can be no name: 10.0.0..5
        code = error.errno if isinstance(error, OSError) else errno.EINVAL
        raise WireAbsent(code, f"{host}:{port}: no such host; correct the name") from error
    return socket.socket(family, kind, number), (str(address[0]), int(address[1]))


class UnixWire(SocketWire):
    """A stream socket in the file system."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(str(path))

    def open(self) -> bool:
        return self._connect(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), self._place)


_ADVICE: dict[int, tuple[type[WireError], str]] = {
    errno.EACCES: (WireDenied, "not permitted; add the service's user to the port's group"),
    errno.EPERM: (WireDenied, "not permitted; add the service's user to the port's group"),
    errno.EBUSY: (WireBusy, "in use by another program; end that program"),
    errno.EAGAIN: (WireBusy, "in use by another program; end that program"),
    errno.EINVAL: (WireSetting, "refuses these settings; correct the speed"),
    errno.ENOTTY: (WireSetting, "is no serial port; correct the path"),
}


def _serial_error(place: str, error: BaseException) -> WireError:
    kind, advice = _ADVICE.get(_errno_of(error), (WireAbsent, "not there; plug it in"))
    return kind(_errno_of(error), f"{place}: {advice}")


def _errno_of(error: BaseException) -> int:
    """pyserial drops the errno of some failures: look into what it was raised from; none = a refused setting."""
    cause: BaseException | None = error
    while cause is not None:
        code = cause.args[0] if cause.args else None
        if isinstance(code, int):
            return code
        cause = cause.__context__
    return errno.EINVAL


def _socket_error(place: str, code: int) -> WireError:
    kind = WireDenied if code in (errno.EACCES, errno.EPERM) else WireAbsent
    return kind(code, f"{place}: {os.strerror(code)}; is it switched on and started?")
