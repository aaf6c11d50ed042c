"""A disk whose power goes before the k-th step, and what then stands on the card.

kept   everything that was done is there (the card was quick)
torn   files that were not synced are empty, their names stand (measured on ext4)
lost   also names whose folder was not synced are as before
mixed  only in some folders, others were quick: each has its own place in the file system's journal
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

from controller.update.disk import Disk

WAYS = ("kept", "torn", "lost", "mixed")


class PowerCut(BaseException):
    """Nobody handles it, as nobody handles a power cut."""


class CutDisk(Disk):
    """`step` counts; at `at` the power goes. What is not synced is remembered with how to undo it. `bin`: a folder
    on the same card for what was removed or replaced."""

    def __init__(self, at: int, way: str, bin: Path) -> None:
        self.steps, self._at, self._way, self._bin = 0, at, way, bin
        self._torn: dict[Path, None] = {}
        self._undo: list[tuple[Path, Callable[[], None]]] = []
        """Folder whose sync makes it lasting, and how it is undone."""
        self._binned = 0

    def step(self, what: str, path: Path, other: Path | None = None) -> None:
        self.steps += 1
        if self.steps > self._at:
            self._cut()
            raise PowerCut
        if what == "create":
            self._torn[path] = None
            self._before(path)
        elif what == "sync":
            self._torn.pop(path, None)
        elif what == "sync_folder":
            self._undo = [(folder, act) for folder, act in self._undo if folder != path]
        elif what in ("folder", "link", "remove"):
            self._before(path)
        elif what == "rename" and other is not None:
            self._renamed(path, other)

    def _before(self, path: Path) -> None:
        """The name is as it was, if the folder is not synced: with what it held, or not there."""
        kept = self._keep(path)

        def undo() -> None:
            _remove(path)
            if kept is not None:
                _copy(kept, path)

        self._undo.append((path.parent, undo))

    def _renamed(self, old: Path, new: Path) -> None:
        kept = self._keep(new)
        if old in self._torn:
            self._torn[new] = self._torn.pop(old)

        def undo() -> None:
            if new.exists() or new.is_symlink():
                new.rename(old)
            if kept is not None:
                _copy(kept, new)

        self._undo.append((new.parent, undo))

    def _keep(self, path: Path) -> Path | None:
        if not (path.exists() or path.is_symlink()):
            return None
        self._binned += 1
        kept = self._bin / str(self._binned)
        _copy(path, kept)
        return kept

    def _cut(self) -> None:
        if self._way == "kept":
            return
        for path in self._torn:
            if path.is_file() and not path.is_symlink():
                path.write_bytes(b"")
        for folder, undo in reversed(self._undo):
            if self._way == "lost" or (self._way == "mixed" and self._lost(folder)):
                undo()

    def _lost(self, folder: Path) -> bool:
        """Another choice for every cut, the same in every run."""
        return zlib.crc32(f"{self._at} {folder.name}".encode()) % 2 == 0


def _copy(source: Path, target: Path) -> None:
    if not target.parent.is_dir():
        return  # its folder is undone as well
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
