"""A line between a room and its broker that a test can cut and mend: a TCP relay on loopback."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from types import TracebackType


class Proxy:
    """Relays to `port` while mended; `cut` closes every connection and refuses new ones."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._near, self._far = socket.socketpair()
        self._peer: dict[socket.socket, socket.socket] = {}
        self._cut = False
        self._done: threading.Semaphore = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self._tell(b"q")
        self._thread.join()
        for sock in (self._listener, self._near, self._far):
            sock.close()

    def cut(self) -> None:
        """Every connection ends now; new ones end at once."""
        self._tell(b"c")

    def mend(self) -> None:
        """New connections are relayed again."""
        self._tell(b"m")

    def _tell(self, word: bytes) -> None:
        self._near.send(word)
        assert self._done.acquire(timeout=10)

    def _run(self) -> None:
        word = b""
        while word != b"q":
            word = b""
            ready, _, _ = select.select([self._far, self._listener, *self._peer], [], [])
            for sock in ready:
                if sock is self._far:
                    word = self._obey()
                elif sock is self._listener:
                    self._accept()
                elif sock in self._peer:
                    self._relay(sock)

    def _obey(self) -> bytes:
        word = self._far.recv(1)
        self._cut = word == b"c"
        if word in b"cq":
            for sock in list(self._peer):
                self._end(sock)
        self._done.release()
        return word

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self._cut:
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self._target))
        self._peer[near], self._peer[far] = far, near

    def _relay(self, sock: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = sock.recv(65536)
            self._peer[sock].sendall(data)
        if not data:
            self._end(sock)

    def _end(self, sock: socket.socket) -> None:
        if (other := self._peer.pop(sock, None)) is not None:
            self._peer.pop(other, None)
            other.close()
            sock.close()
