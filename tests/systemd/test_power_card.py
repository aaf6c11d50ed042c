"""The card of the power cuts: what was flushed is never lost, what was not is lost as it is told to be, and the
power goes in the very write that it shall go in."""

from __future__ import annotations

import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.systemd.power.card import BLOCK, Card

SIZE = 64 * BLOCK
READ, WRITE, END, FLUSH, TRIM = 0, 1, 2, 3, 4
LIST, GO = 3, 7
UNSUPPORTED, ACK, EXPORT = 0x80000001, 1, 3
INVALID = 22


class Client:
    """As a kernel talks to the card, by the protocol's own text (NetworkBlockDevice/nbd, doc/proto.md)."""

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(30)
        self._line.connect(str(path))
        assert self._read(18)[:16] == b"NBDMAGICIHAVEOPT"
        self._line.sendall((3).to_bytes(4))

    def ask(self, option: int, data: bytes = b"") -> tuple[int, bytes]:
        self._line.sendall(b"IHAVEOPT" + struct.pack(">II", option, len(data)) + data)
        magic, told, kind, length = struct.unpack(">QIII", self._read(20))
        assert (magic, told) == (0x3E889045565A9, option)
        return kind, self._read(length)

    def go(self) -> int:
        """The size that is told."""
        kind, about = self.ask(GO, struct.pack(">IH", 0, 0))
        assert kind == EXPORT
        _, _, told, length = struct.unpack(">QIII", self._read(20))
        assert (told, length) == (ACK, 0)
        size: int = struct.unpack(">HQH", about)[1]
        return size

    def send(self, kind: int, start: int = 0, length: int = 0, data: bytes = b"") -> None:
        self._line.sendall(struct.pack(">IHHQQI", 0x25609513, 0, kind, 7, start, length or len(data)) + data)

    def __call__(self, kind: int, start: int = 0, length: int = 0, data: bytes = b"") -> bytes:
        """Raises EOFError when the power has gone, OSError with the card's own number."""
        try:
            self.send(kind, start, length, data)
        except BrokenPipeError as error:
            raise EOFError from error
        magic, fault, handle = struct.unpack(">IIQ", self._read(16))
        assert (magic, handle) == (0x67446698, 7)
        if fault:
            raise OSError(fault, "refused")
        return self._read(length if kind == READ else 0)

    def _read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            try:
                part = self._line.recv(length - len(found))
            except ConnectionResetError as error:
                raise EOFError from error
            if not part:
                raise EOFError
            found += part
        return found

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def gone() -> threading.Event:
    return threading.Event()


@pytest.fixture
def card(gone: threading.Event) -> Iterator[Card]:
    folder = Path(tempfile.mkdtemp(prefix="dc-"))
    made = Card(bytes(SIZE), folder / "card", gone.set)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture
def client(card: Card) -> Iterator[Client]:
    card.power()
    made = Client(card.path)
    assert made.go() == SIZE
    yield made
    made.close()


def test_what_it_does_not_know_is_refused_and_it_goes_on(card: Card) -> None:
    card.power()
    client = Client(card.path)
    assert client.ask(LIST) == (UNSUPPORTED, b"")
    assert client.go() == SIZE
    with pytest.raises(OSError, match="refused") as caught:
        client(TRIM, 0, BLOCK)
    assert caught.value.errno == INVALID
    assert client(READ, 0, BLOCK) == bytes(BLOCK)
    client.send(END)
    client.close()


def test_without_power_it_answers_nothing(card: Card) -> None:
    client = Client(card.path)
    client.go()
    with pytest.raises(EOFError):
        client(READ, 0, BLOCK)
    client.close()


def test_what_was_written_is_read_at_once_and_is_there_for_good_once_it_was_flushed(
    card: Card, client: Client
) -> None:
    ones, twos = b"1" * BLOCK, b"2" * BLOCK
    client(WRITE, 0, data=ones)
    client(FLUSH)
    client(WRITE, 0, data=twos)
    assert client(READ, 0, BLOCK) == twos
    assert card.content[:BLOCK] == ones
    assert card.cut("lost", Random(0)) == 1
    assert card.content[:BLOCK] == ones
    with pytest.raises(EOFError):
        client(READ, 0, BLOCK)


@pytest.mark.parametrize("way", ["lost", "kept", "mixed", "torn"])
def test_each_write_that_was_not_flushed_goes_its_own_way(card: Card, client: Client, way: str) -> None:
    count, blocks = 16, 4
    for at in range(count):
        client(WRITE, at * blocks * BLOCK, data=bytes([at + 1]) * (blocks * BLOCK))
    assert card.cut(way, Random(1)) == count
    rows = [card.content[at * BLOCK : (at + 1) * BLOCK] for at in range(count * blocks)]
    there = [row == bytes([place // blocks + 1]) * BLOCK for place, row in enumerate(rows)]
    assert all(yes or row == bytes(BLOCK) for yes, row in zip(there, rows, strict=True)), "no block is torn"
    writes = [there[at : at + blocks] for at in range(0, len(there), blocks)]
    assert all(one == sorted(one, reverse=True) for one in writes), "only the end of a write is missing"
    whole, none = sum(map(all, writes)), sum(not any(one) for one in writes)
    if way in ("lost", "kept"):
        assert (whole, none) == ((0, count) if way == "lost" else (count, 0))
    else:
        assert 0 < whole < count
        assert 0 < none < count
        assert (whole + none == count) is (way == "mixed")


def test_the_next_life_reads_what_is_left(card: Card, client: Client) -> None:
    client(WRITE, 0, data=b"1" * BLOCK)
    card.cut("lost", Random(0))
    card.power()
    after = Client(card.path)
    after.go()
    assert after(READ, 0, BLOCK) == bytes(BLOCK)
    after.close()


def test_the_power_goes_in_the_write_that_it_shall(card: Card, gone: threading.Event) -> None:
    card.power(at=3)
    client = Client(card.path)
    client.go()
    client(WRITE, 0, data=b"1" * BLOCK)
    client(WRITE, BLOCK, data=b"2" * BLOCK)
    assert not gone.is_set()
    with pytest.raises(EOFError):
        client(WRITE, 2 * BLOCK, data=b"3" * BLOCK)
    assert gone.wait(30)
    assert card.writes == 3
    with pytest.raises(EOFError):
        client(FLUSH)
    assert card.cut("kept", Random(0)) == 3
    assert card.content[: 3 * BLOCK] == b"1" * BLOCK + b"2" * BLOCK + b"3" * BLOCK
    client.close()
