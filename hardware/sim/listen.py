"""A far end behind a listening socket, loopback TCP or Unix: one peer for each client, all on one thread.

Must not live here: what the far ends say. Several clients may come at once, as to a real upsd; what they
share (a `SimUps`, its faults) is shared through `make_peer`, and touched only on this thread (`call`).
"""

from __future__ import annotations

import queue
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hardware.contract import NEVER_MS, Peer

_CLIENTS_MAX = 16
"""More than a room has programs; beyond it the oldest is hung up on."""

_READ_MAX = 4096

Call = Callable[[int], None]
Address = tuple[str, int] | Path


class ListenFarEnd:
    """Listens at `address` ((host, port), port 0 = any free one; or a path) from `start` to `stop`.

    Raises OSError at `start` when the address cannot be had. `call(f)` runs `f(now_ms)` on its thread.
    """

    def __init__(self, make_peer: Callable[[], Peer], address: Address, clock_ms: Callable[[], int]) -> None:
        self._make_peer = make_peer
        self._address = address
        self._clock_ms = clock_ms
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._clients: dict[int, tuple[socket.socket, Peer]] = {}
        self._bell, self._ear = socket.socketpair()
        self._listener: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="far end", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port in use; 0 when it listens at a path or not at all."""
        if self._listener is None or isinstance(self._address, Path):
            return 0
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        try:
            self._listener = _listen(self._address)
        except OSError:
            self._close()
            raise
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        self._stop.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join(2.0)
        self._close()

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            if isinstance(self._address, Path):
                self._address.unlink(missing_ok=True)
        self._listener = None
        self._bell.close()
        self._ear.close()

    def call(self, function: Call) -> bool:
        """Run `function(now_ms)` on the far end's thread."""
        self._calls.put(function)
        self._ring()
        return True

    def _ring(self) -> None:
        with suppress(OSError):
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            for client, _ in self._clients.values():
                client.close()

    def _turn(self) -> None:
        self._exchange()
        ready = self._sleep()
        with suppress(queue.Empty):
            while True:
                self._calls.get_nowait()(self._clock_ms())
        for fd in ready:
            self._serve(fd)

    def _sleep(self) -> list[int]:
        poll = select.poll()
        for fd in (self._ear.fileno(), self._listener_fd, *self._clients):
            poll.register(fd, select.POLLIN)
        ready = [fd for fd, _ in poll.poll(self._nap_ms())]
        if self._ear.fileno() in ready:
            self._ear.recv(_READ_MAX)
        return ready

    @property
    def _listener_fd(self) -> int:
        return -1 if self._listener is None else self._listener.fileno()

    def _nap_ms(self) -> int | None:
        wake_ms = min((peer.wake_ms for _, peer in self._clients.values()), default=NEVER_MS)
        return None if wake_ms >= NEVER_MS else min(max(wake_ms - self._clock_ms(), 1), 3_600_000)

    def _serve(self, fd: int) -> None:
        if fd == self._listener_fd:
            self._accept()
        elif fd in self._clients:
            self._feed(fd)

    def _accept(self) -> None:
        if self._listener is None:
            return
        with suppress(OSError):
            client, _ = self._listener.accept()
            client.setblocking(False)
            self._clients[client.fileno()] = (client, self._make_peer())
        if len(self._clients) > _CLIENTS_MAX:
            self._hang_up(next(iter(self._clients)))

    def _feed(self, fd: int) -> None:
        client, peer = self._clients[fd]
        try:
            data = client.recv(_READ_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            peer.feed(data, self._clock_ms())
        else:
            self._hang_up(fd)

    def _hang_up(self, fd: int) -> None:
        client, _ = self._clients.pop(fd)
        client.close()

    def _exchange(self) -> None:
        for fd, (client, peer) in list(self._clients.items()):
            peer.tick(self._clock_ms())
            data, _ = peer.take()
            try:
                # A client that does not read its answers is hung up on, as upsd does.
                full = bool(data) and client.send(data) < len(data)
            except OSError:
                full = True
            if full or getattr(peer, "hung_up", False):  # or the device itself has ended it
                self._hang_up(fd)


def _listen(address: Address) -> socket.socket:
    if isinstance(address, Path):
        address.parent.mkdir(parents=True, exist_ok=True)
        if address.is_socket():
            address.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    else:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(str(address) if isinstance(address, Path) else address)
        listener.listen()
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
