"""The keeper's sockets: one thread, one select. Imported only after the relays are driven.

Law of this file: bytes and signals only. The newest connection owns the lines, the one before is told and
closed. A client that does not read is closed; the lines never wait for anybody.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
from typing import TYPE_CHECKING

from hardware.keeping import TAKEN
from hardware.protocols.json_lines import line

if TYPE_CHECKING:
    from hardware.keeper import Keeper, Options

MEND_MS = 10_000
"""A line that could not be claimed is tried again at this flat pace."""
UNSENT_MAX_BYTES = 65_536
"""Some hundred reports: a client that is that far behind is stuck."""
LOOKERS_MAX = 4
SOCKET_MODE = 0o660


class Server:
    """Moves the bytes of one keeper until a signal ends it."""

    def __init__(self, keeper: Keeper, chosen: Options) -> None:
        self._keeper, self._now_ms = keeper, keeper.now_ms
        self._select = selectors.DefaultSelector()
        self._client: socket.socket | None = None
        self._unsent = b""
        self._lookers: list[socket.socket] = []
        self._looked = b""
        self._mend_ms = 0
        self._ends = _signals()
        self._listen(chosen.socket or os.path.join(chosen.state, "keeper.sock"), self._accept)
        if chosen.look:
            self._listen(chosen.look, self._accept_looker)
        self._select.register(self._ends, selectors.EVENT_READ)
        if keeper.boards is not None:
            self._select.register(keeper.boards, selectors.EVENT_READ, lambda boards, _events: boards.read())
        self._feed_every_ms, self._fed_ms = _watchdog_ms(), 0

    def _listen(self, path: str, accept: object) -> None:
        """A stale socket file is that of a dead keeper: the lock says that no other lives."""
        if os.path.lexists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        os.chmod(path, SOCKET_MODE)
        listener.listen(4)
        listener.setblocking(False)
        self._select.register(listener, selectors.EVENT_READ, accept)

    def run(self) -> None:
        while True:
            self._step()
            for key, events in self._select.select(self._timeout_s()):
                if key.fileobj == self._ends:
                    return
                key.data(key.fileobj, events)

    def _step(self) -> None:
        now = self._now_ms()
        logic, bank = self._keeper.logic, self._keeper.bank
        if bank.broken and self._mend_ms <= now:
            self._mend_ms = now + MEND_MS
            bank.mend()
        if self._keeper.boards is not None:
            self._keeper.boards.tick(now)
        logic.tick(now)
        self._keeper.drive()
        self._unsent += logic.take()[0]
        self._flush()
        self._show()
        if self._feed_every_ms and now >= self._fed_ms + self._feed_every_ms:
            self._fed_ms = now
            notify("WATCHDOG=1")

    def _timeout_s(self) -> float:
        dues = [self._keeper.logic.wake_ms]
        if self._keeper.boards is not None:
            dues.append(self._keeper.boards.wake_ms)
        if self._keeper.bank.broken:
            dues.append(self._mend_ms)
        if self._feed_every_ms:
            dues.append(self._fed_ms + self._feed_every_ms)
        # A day bounds the number that epoll takes, it has no other meaning.
        return min(max(min(dues) - self._now_ms(), 0), 86_400_000) / 1000

    # The client

    def _accept(self, listener: socket.socket, _events: int) -> None:
        client = _accepted(listener)
        if client is None:
            return
        if self._client is not None:
            _try_send(self._client, TAKEN)
            self._drop()
        self._client = client
        self._keeper.logic.opened(self._now_ms())
        self._select.register(client, selectors.EVENT_READ, self._talk)

    def _talk(self, client: socket.socket, events: int) -> None:
        if client is not self._client:
            # Replaced by a newer one within this very round.
            return
        try:
            data = client.recv(4096) if events & selectors.EVENT_READ else None
        except OSError:
            data = b""
        if data == b"":
            self._drop()
        elif data:
            self._keeper.logic.feed(data, self._now_ms())

    def _flush(self) -> None:
        if self._client is None:
            self._unsent = b""
            return
        sent = _try_send(self._client, self._unsent)
        self._unsent = self._unsent[max(sent, 0) :]
        if sent < 0 or len(self._unsent) > UNSENT_MAX_BYTES:
            self._drop()
            return
        write = selectors.EVENT_WRITE if self._unsent else 0
        self._select.modify(self._client, selectors.EVENT_READ | write, self._talk)

    def _drop(self) -> None:
        if self._client is not None:
            self._select.unregister(self._client)
            self._client.close()
            self._client = None
            self._unsent = b""
            self._keeper.logic.closed(self._now_ms())

    # Those who only look

    def _accept_looker(self, listener: socket.socket, _events: int) -> None:
        looker = _accepted(listener)
        if looker is None:
            return
        self._lookers.append(looker)
        for old in self._lookers[:-LOOKERS_MAX]:
            self._lose_looker(old)
        self._select.register(looker, selectors.EVENT_READ, self._hear_looker)
        self._look_at(looker, self._looked)

    def _hear_looker(self, looker: socket.socket, _events: int) -> None:
        """Nothing is heard from those who look, but that they have gone."""
        try:
            gone = looker.recv(4096) == b""
        except OSError:
            gone = True
        if gone and looker in self._lookers:
            self._lose_looker(looker)

    def _lose_looker(self, looker: socket.socket) -> None:
        self._lookers.remove(looker)
        self._select.unregister(looker)
        looker.close()

    def _show(self) -> None:
        if not self._lookers and self._looked:
            self._looked = b""
        if self._lookers:
            boards = self._keeper.boards.seen() if self._keeper.boards else {}
            shown = line(v=1, say="lines", lines=self._keeper.bank.pins() | boards)
            if shown != self._looked:
                self._looked = shown
                for looker in tuple(self._lookers):
                    self._look_at(looker, shown)

    def _look_at(self, looker: socket.socket, shown: bytes) -> None:
        if _try_send(looker, shown) < len(shown):
            self._lose_looker(looker)


def _accepted(listener: socket.socket) -> socket.socket | None:
    """The next connection; None when it went away while it waited."""
    try:
        client = listener.accept()[0]
    except OSError:
        return None
    client.setblocking(False)
    return client


def _try_send(client: socket.socket, data: bytes) -> int:
    """How much went out now; -1 when nothing ever will."""
    try:
        return client.send(data) if data else 0
    except BlockingIOError:
        return 0
    except OSError:
        return -1


def _signals() -> int:
    """A descriptor that becomes readable on SIGTERM or SIGINT."""
    ends, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    return ends


def notify(text: str) -> None:
    """One word to systemd (sd_notify protocol); nothing when nobody asked, and never an error."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            # Lost is better than late: a systemd that does not read must not stop the lamps.
            sender.setblocking(False)
            try:
                sender.sendto(text.encode(), path.replace("@", "\0", 1) if path[0] == "@" else path)
            except OSError:
                return


def _watchdog_ms() -> int:
    """Half of what systemd allows, in ms; 0 = it does not watch."""
    allowed_us = os.environ.get("WATCHDOG_USEC", "")
    return int(allowed_us) // 2_000 if allowed_us.isdecimal() else 0


def serve(keeper: Keeper, chosen: Options) -> None:
    """Until SIGTERM or SIGINT. Then only declared stop values are driven, and every line is left as it is."""
    server = Server(keeper, chosen)
    notify("READY=1")
    server.run()
    notify("STOPPING=1")
    keeper.logic.stop(keeper.now_ms())
    keeper.drive()
    if keeper.boards is not None:
        keeper.boards.finish(keeper.now_ms)
