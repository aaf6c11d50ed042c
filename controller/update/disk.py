"""Changes of files that survive a power cut: every step that the card must have done is a method here, and says to
`step` what it is about to do, so that a test can cut the power before any of them.

Nothing is true until it is synced: a file by `fsync`, its name by an fsync of the folder (measured on ext4: without
it files of 0 bytes stand after the cut). Errors are OSError as they come.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """The real one. Overriding `step` is enough to see or to end every change."""

    def step(self, what: str, path: Path, other: Path | None = None) -> None:
        """About to do `what` to `path`: create, sync, sync_folder, rename, folder, link, remove."""

    def create(self, path: Path, chunks: Iterable[bytes], mode: int = 0o644) -> None:
        """Write a new file whole and sync it; its name is not yet safe (`sync_folder`)."""
        self.step("create", path)
        with open(path, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fchmod(file.fileno(), mode)
            self.step("sync", path)
            os.fsync(file.fileno())

    def folder(self, path: Path, mode: int = 0o755) -> None:
        self.step("folder", path)
        path.mkdir(mode)

    def sync_folder(self, path: Path) -> None:
        """The names in a folder are on the card."""
        self.step("sync_folder", path)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Atomic; safe after a sync of the folder."""
        self.step("rename", old, new)
        old.replace(new)

    def link(self, path: Path, target: str) -> None:
        """A symbolic link, put in the place of an older one at once, and synced."""
        new = path.with_name(path.name + ".new")
        self.remove(new)
        self.step("link", new)
        new.symlink_to(target)
        self.rename(new, path)
        self.sync_folder(path.parent)

    def twin(self, path: Path, new: Path) -> None:
        """A second name, in the place of an older file, for what `path` holds: without any space on the card.
        Raises OSError where a file cannot have two, or is somebody else's."""
        between = new.with_name(new.name + ".new")
        self.remove(between)
        self.step("link", between)
        between.hardlink_to(path)
        self.rename(between, new)
        # Of two names of one file rename(2) does nothing and leaves both.
        self.remove(between)
        self.sync_folder(new.parent)

    def replace(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """A small file, wholly the old or wholly the new one at any moment."""
        new = path.with_name(path.name + ".new")
        self.create(new, (data,), mode)
        self.rename(new, path)
        self.sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        """A file, a link or a whole folder; nothing where there is none."""
        if not os.path.lexists(path):
            return
        self.step("remove", path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether no other run is under way; the kernel lets go of the lock however a run ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
