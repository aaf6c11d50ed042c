"""Where a commissioning lies on the card: the book, what was learnt, the acceptance record. Every file is written
whole beside its place, synced, renamed, and its folder synced: a power cut, which is part of the programme, leaves
the old one or the new one.
"""

from __future__ import annotations

import fcntl
import os
import pwd
from pathlib import Path
from typing import IO

from controller.commission import book as books
from controller.commission.book import Book
from controller.commission.sealed import ACCEPTED, LEARNT

BOOK, LOCK, PAPER, PROPOSED = "commission.json", "commission.lock", "acceptance.pdf", "room.proposed.toml"


class Shelf:
    """The files of one room's state folder. `lost`: where a book that could not be read was put, '' = none was."""

    def __init__(self, folder: Path, slug: str) -> None:
        self.folder, self.slug = folder, slug
        self.lost = ""
        self._lock: IO[str] | None = None

    def lock(self) -> bool:
        """False = another sitting has it; it is given back when this process ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / LOCK).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def load(self) -> Book:
        """The book as it was left; a new one where there is none, where it is another room's or cannot be read."""
        path = self.folder / BOOK
        try:
            found = books.loads(path.read_text(encoding="utf-8"))
            if found.room == self.slug:
                return found
        except FileNotFoundError:
            return Book(self.slug)
        except (books.Unreadable, UnicodeDecodeError):
            pass
        self.lost = str(path.with_suffix(".broken"))
        path.replace(self.lost)
        return Book(self.slug)

    def save(self, book: Book) -> None:
        self.write(BOOK, books.dumps(book).encode())

    def write(self, name: str, data: bytes) -> Path:
        """Replace a file; it is on the card when this returns."""
        path, new = self.folder / name, self.folder / f"{name}.new"
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        self._sync()
        return path

    def withdraw(self) -> None:
        """The room is accepted no more."""
        (self.folder / ACCEPTED).unlink(missing_ok=True)
        self._sync()

    def learnt(self, text: str) -> Path:
        return self.write(LEARNT, text.encode())

    def _sync(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def other_user(folder: Path) -> str:
    """Whose folder this is when we are root and it is not root's: files of root's would lock the controller out."""
    if os.geteuid() != 0 or not folder.exists():
        return ""
    owner = folder.stat().st_uid
    try:
        return pwd.getpwuid(owner).pw_name if owner else ""
    except KeyError:
        return str(owner)
