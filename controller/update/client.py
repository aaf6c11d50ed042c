"""What is signed for this room: python-tuf (PEP 458's client) over one of several sources. Alone here is tuf known.

A source is the folder that `diemcau release publish` made, behind a web server or on a stick: `metadata/` and
`targets/`. Trust is the root file that the room was adopted with; each source is asked in turn until one can be
used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from controller.texts.foreign import named
from controller.update.disk import Disk

RINGS = "rings.json"
BUNDLE = "diemcau.tar.zst"
LIST_BYTES = 1 << 20

DETAIL: Mapping[str, int] = {"update.expired": 0, "update.not_trusted": 1, "update.no_source": 2}
"""Which argument of a refusal holds the library's own words: no sentence says them, the service's log has them."""
_KINDS: Sequence[tuple[type[Exception], str]] = (
    (UnsignedMetadataError, "unsigned"),
    (BadVersionNumberError, "older"),
    (LengthOrHashMismatchError, "changed"),
    (DownloadLengthMismatchError, "changed"),
    (SlowRetrievalError, "slow"),
    (DownloadHTTPError, "answer"),
    (RepositoryError, "unreadable"),
)
"""What a source did wrong, as a word of the catalogue (`foreign.update.…`); the narrower first."""


class Refused(Exception):
    """Nothing can be taken from any source: `code` for the catalogue with its arguments."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code, *args)
        self.code = code


@dataclass(frozen=True, slots=True)
class Found:
    """A signed file: its length in bytes and the data that was signed with it."""

    name: str
    length: int
    custom: Mapping[str, object]
    info: TargetFile

    @property
    def sha256(self) -> str:
        """The signed hash, in hex; '' = the file is signed by another one."""
        return str(self.info.hashes.get("sha256", ""))


class Client:
    """`folder`: metadata is kept there, the newest seen, so that an older is refused (rollback)."""

    def __init__(self, folder: Path, root: bytes, sources: Sequence[str], fetcher: FetcherInterface) -> None:
        self._folder, self._root, self._sources, self._fetcher = folder, root, tuple(sources), fetcher
        self._updater: Updater | None = None
        self._rest: list[str] = []
        """Sources that have not been asked yet."""
        self._since = datetime.fromtimestamp(0, UTC)
        self.ends_s = 0.0
        """Unix time at which what is newest ends, as the office has signed it: no more than a month ahead."""

    def refresh(self, disk: Disk, since_s: float = 0.0) -> str:
        """Load the newest metadata of the first source that has it whole. `since_s`: Unix time that is surely over,
        also where the machine's clock stands before it: what ended by then has expired. Returns the source. Raises
        Refused: the last source's reason."""
        self._rest, self._since = [*self._sources], datetime.fromtimestamp(since_s, UTC)
        return self._next(disk)

    def _next(self, disk: Disk) -> str:
        refused = Refused("update.unnamed")
        while self._rest:
            source = self._rest.pop(0)
            base = source.rstrip("/")
            try:
                repair(self._folder, disk)
                config = UpdaterConfig(max_delegations=16, targets_max_length=LIST_BYTES)
                updater = Updater(
                    str(self._folder),
                    f"{base}/metadata/",
                    target_base_url=f"{base}/targets/",
                    fetcher=self._fetcher,
                    config=config,
                    bootstrap=self._root,
                )
                known = updater._trusted_set  # tuf has no word for it, and compares with the machine's clock alone
                known.reference_time = max(known.reference_time, self._since)
                updater.refresh()
            except (DownloadError, RepositoryError, OSError) as error:
                refused = _refused(error, source)
            else:
                self._updater = updater
                self.ends_s = known.timestamp.expires.timestamp()
                self.sync(disk)
                return source
        raise refused

    def sync(self, disk: Disk) -> None:
        """tuf writes without fsync: after a cut a file of 0 bytes may stand where the newest was."""
        for path in sorted(self._folder.rglob("*.json")):
            if not path.is_symlink():
                disk.step("sync", path)
                _fsync(path)
        for folder in (self._folder / "root_history", self._folder):
            if folder.is_dir():
                disk.sync_folder(folder)

    def find(self, name: str, disk: Disk) -> Found | None:
        """The signed entry of a file; None = there is none. A source without a ring's list gives way to the next.
        Raises Refused: the first reason."""
        assert self._updater is not None, "refresh first"
        try:
            info = self._updater.get_targetinfo(name)
        except (DownloadError, RepositoryError, OSError) as error:
            with suppress(Refused):
                self._next(disk)
                return self.find(name, disk)
            raise _refused(error, name) from error
        if info is None:
            return None
        custom = info.custom
        return Found(name, info.length, custom if isinstance(custom, Mapping) else {}, info)

    def fetch(self, found: Found, path: Path) -> None:
        """The file, of exactly the signed length and hash, from the first source that has it: what is signed is the
        same everywhere. Raises Refused (the first source's reason), OSError of our own card."""
        assert self._updater is not None, "refresh first"
        refused: Refused | None = None
        for source in self._sources:
            try:
                self._updater.download_target(found.info, str(path), f"{source.rstrip('/')}/targets/")
                return
            except (DownloadError, RepositoryError) as error:
                refused = refused or _refused(error, found.name)
        raise refused or Refused("update.unnamed")

    def read(self, name: str, folder: Path, disk: Disk) -> object:
        """A small signed JSON file; None = there is none."""
        found = self.find(name, disk)
        if found is None:
            return None
        if found.length > LIST_BYTES:
            raise Refused("update.not_trusted", "foreign.update.large", name)
        path = folder / "read.json"
        self.fetch(found, path)
        try:
            tree: object = json.loads(path.read_bytes())
        except ValueError as error:
            raise Refused("update.not_trusted", "foreign.update.unreadable", f"{name}: {error}") from error
        finally:
            path.unlink()
        return tree


def repair(folder: Path, disk: Disk) -> None:
    """Metadata that a power cut has torn goes; it is loaded again, and checked against what is left."""
    (folder / "root_history").mkdir(parents=True, exist_ok=True)
    for path in (*folder.rglob("*.json"), *folder.glob("tmp*")):
        if path.is_symlink():
            continue
        try:
            torn = path.name.startswith("tmp") or not isinstance(json.loads(path.read_bytes()), dict)
        except ValueError:
            torn = True
        if torn:
            disk.remove(path)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(error: Exception, about: str) -> Refused:
    said = " ".join(str(error).split())[:200]
    if isinstance(error, ExpiredMetadataError):
        return Refused("update.expired", said)
    if isinstance(error, RepositoryError):
        return Refused("update.not_trusted", _kind(error), said or about)
    if isinstance(error, DownloadHTTPError) and error.status_code == 404 and about.endswith(BUNDLE):
        return Refused("update.withheld", about)
    if isinstance(error, DownloadError):
        return Refused("update.no_source", about, _kind(error), said)
    return Refused("update.card", named(error))


def _kind(error: Exception) -> str:
    """What the source or the line did; a known word of the system says more than that the line broke."""
    word = next((word for cls, word in _KINDS if isinstance(error, cls)), "")
    known_as = named(error)
    if not word and known_as.startswith(("errno.", "foreign.")):
        return known_as
    return f"foreign.update.{word or 'line'}"
