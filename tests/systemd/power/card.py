"""A memory card with a cache of its own, for a machine of qemu: what was not flushed when the power goes is lost.

The machine writes to it over the network block device protocol (newstyle, fixed; simple replies). Every write since
the last flush is one of its own: when the power goes each is whole on the card, or not at all, or only its first
blocks are, whatever the order they were written in. Nothing that was flushed is ever lost, and no block is torn:
Debian 12's kernel (6.1) does not mount an ext4 again where the block of a commit is torn, whoever wrote what; newer
kernels do. A file of the host in this place would lose nothing, for the host outlives its qemu.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

BLOCK = 4096
"""Of flash and of ext4."""
WAYS = ("kept", "lost", "mixed", "torn")
_GREETING = struct.pack(">8s8sH", b"NBDMAGIC", b"IHAVEOPT", 0b11)
_OPTION = struct.Struct(">8sII")
_ANSWER = struct.Struct(">QIII")
_ANSWERS = 0x3E889045565A9
_ABORT, _INFO, _GO = 2, 6, 7
_ACK, _EXPORT, _UNKNOWN = 1, 3, 0x80000001
_HAS_FLAGS_AND_FLUSH = 0b101
_REQUEST = struct.Struct(">IHHQQI")
_REQUESTS = 0x25609513
_REPLY = struct.Struct(">IIQ")
_REPLIES = 0x67446698
_READ, _WRITE, _END, _FLUSH = 0, 1, 2, 3
_INVALID = 22


class Card:
    """Serves `image` at the socket `path` to one machine after another. `gone` is called, on another thread, at the
    moment when the power goes."""

    def __init__(self, image: bytes, path: Path, gone: Callable[[], None] = lambda: None) -> None:
        self.path, self._gone = path, gone
        self.put(image)
        self.writes = self.flushes = 0
        self._at: int | None = None
        self._over = True
        self._machine: socket.socket | None = None
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._lock = threading.Lock()
        self._thread.start()

    def put(self, image: bytes) -> None:
        """Another content, while no machine runs."""
        self._now, self._safe = bytearray(image), bytearray(image)
        self._pending: list[tuple[int, bytes]] = []

    @property
    def content(self) -> bytes:
        """What is there for good."""
        return bytes(self._safe)

    def power(self, at: int | None = None) -> None:
        """On: the counts begin anew; `at`: the power goes in this write, from 1; None = when `cut` says so."""
        with self._lock:
            self.writes = self.flushes = 0
            self._at, self._over = at, False

    def cut(self, way: str, lots: Random) -> int:
        """Off. Returns how many writes were not flushed; `way` and `lots` say what becomes of each."""
        with self._lock:
            self._over = True
            if self._machine is not None:
                with contextlib.suppress(OSError):
                    self._machine.shutdown(socket.SHUT_RDWR)
            pending, self._pending = self._pending, []
        for start, data in pending:
            kept = data[: _kept(way, len(data), lots)]
            self._safe[start : start + len(kept)] = kept
        for start, data in pending:
            end = start + len(data)
            self._now[start:end] = self._safe[start:end]
        return len(pending)

    def close(self) -> None:
        self.cut("lost", Random(0))
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                machine, _ = self._door.accept()
            except OSError:
                return
            with machine, contextlib.suppress(OSError, EOFError):
                self._machine = machine
                if _agreed(machine, len(self._now)):
                    while self._answered(machine):
                        pass
            self._machine = None

    def _answered(self, machine: socket.socket) -> bool:
        magic, _, kind, handle, start, length = _REQUEST.unpack(_read(machine, _REQUEST.size))
        if magic != _REQUESTS or kind == _END:
            return False
        data = _read(machine, length) if kind == _WRITE else b""
        fault, told = 0, b""
        with self._lock:
            if self._over:
                return False
            if kind == _WRITE:
                self.writes += 1
                self._now[start : start + length] = data
                self._pending.append((start, data))
                if self.writes == self._at:
                    self._over = True
                    self._gone()
                    return False
            elif kind == _READ:
                told = bytes(self._now[start : start + length])
            elif kind == _FLUSH:
                self.flushes += 1
                self._flush()
            else:
                fault = _INVALID
        machine.sendall(_REPLY.pack(_REPLIES, fault, handle) + told)
        return True

    def _flush(self) -> None:
        for start, data in self._pending:
            self._safe[start : start + len(data)] = data
        self._pending.clear()


def _kept(way: str, length: int, lots: Random) -> int:
    """Bytes of a write that reach the card."""
    if way == "torn":
        return lots.randint(0, length // BLOCK) * BLOCK
    return length if way == "kept" or (way == "mixed" and lots.random() < 0.5) else 0


def _agreed(machine: socket.socket, size: int) -> bool:
    """The handshake; whether the machine wants the card now."""
    machine.sendall(_GREETING)
    _read(machine, 4)
    while True:
        _, option, length = _OPTION.unpack(_read(machine, _OPTION.size))
        _read(machine, length)
        known = option in (_ABORT, _INFO, _GO)
        if option in (_INFO, _GO):
            about = struct.pack(">HQH", 0, size, _HAS_FLAGS_AND_FLUSH)
            machine.sendall(_ANSWER.pack(_ANSWERS, option, _EXPORT, len(about)) + about)
        machine.sendall(_ANSWER.pack(_ANSWERS, option, _ACK if known else _UNKNOWN, 0))
        if option in (_ABORT, _GO):
            return bool(option == _GO)


def _read(machine: socket.socket, length: int) -> bytes:
    """Exactly so many bytes. Raises EOFError."""
    parts: list[bytes] = []
    while length:
        part = machine.recv(length)
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
