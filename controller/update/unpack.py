"""A bundle (tar in zstd) into a folder, nothing else than files and folders inside it, each synced.

The bundle's hash was signed; these bounds are for the day when a signer's machine is somebody else's. Raises
`BadBundle` (a ValueError) and OSError.
"""

from __future__ import annotations

import io
import marshal
import os
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path, PurePosixPath

import zstandard

from controller.update.disk import Disk

MOST_BYTES = 400 << 20
"""All wheels of four Pythons together are about 60 MB."""
MOST_MEMBERS = 30_000
NAME_CHARS, DEPTH = 240, 16
WINDOW_BYTES = 128 << 20
"""What zstd's highest level without --long takes; a larger one is asked for to fill our memory."""
CHUNK_BYTES = 1 << 18
KEEPER = "site/common/hardware"


class BadBundle(ValueError):
    """`code` for the catalogue, `args` what it is about."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code, *args)
        self.code = code


def unpack(bundle: Path, folder: Path, disk: Disk, most_bytes: int = MOST_BYTES) -> None:
    """Fill `folder`, which must not exist, from `bundle`."""
    disk.folder(folder)
    made = [folder]
    with open(bundle, "rb") as file:
        plain = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).stream_reader(file)
        try:
            with tarfile.open(mode="r|", fileobj=_Bounded(plain, most_bytes), bufsize=CHUNK_BYTES) as tar:
                for count, member in enumerate(tar):
                    if count >= MOST_MEMBERS:
                        raise BadBundle("update.bundle_many", MOST_MEMBERS)
                    made += _member(tar, member, folder, disk)
        except (tarfile.TarError, zstandard.ZstdError, EOFError, UnicodeError) as error:
            raise BadBundle("update.bundle_torn", str(error)) from error
    for path in sorted(made, key=lambda one: len(one.parts), reverse=True):
        disk.sync_folder(path)


def compile_keeper(folder: Path, place: Path, disk: Disk) -> None:
    """The keeper starts before all else and may not write here: compiled for it with the Python that runs us, as
    the installer does, and synced. `place`: what `folder` will be called. A file that is no program stays as it is:
    the self-test says so."""
    for source in sorted((folder / KEEPER).rglob("*.py")):
        about = source.stat()
        with suppress(SyntaxError, ValueError):
            code = compile(source.read_bytes(), str(place / source.relative_to(folder)), "exec", dont_inherit=True)
            head = struct.pack("<III", 0, int(about.st_mtime) & 0xFFFFFFFF, about.st_size & 0xFFFFFFFF)
            target = Path(cache_from_source(str(source)))
            if not target.parent.is_dir():
                disk.folder(target.parent)
                disk.sync_folder(source.parent)
            disk.create(target, (MAGIC_NUMBER, head, marshal.dumps(code)))
    for cache in (folder / KEEPER).rglob("__pycache__"):
        disk.sync_folder(cache)


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, disk: Disk) -> list[Path]:
    """One file or folder. Returns the folders that were made for it."""
    name = PurePosixPath(member.name)
    _allowed(member, name)
    if str(name) == ".":
        return []
    target = folder / name
    made = list(_parents(target if member.isdir() else target.parent, folder, disk))
    if member.isfile():
        if os.path.lexists(target):
            raise BadBundle("update.bundle_name", member.name[:80])
        source = tar.extractfile(member)
        if source is None:
            raise BadBundle("update.bundle_torn", member.name[:80])
        disk.create(target, _chunks(source.read, member.size), 0o755 if member.mode & 0o100 else 0o644)
    return made


def _allowed(member: tarfile.TarInfo, name: PurePosixPath) -> None:
    said = member.name[:80]
    if not (member.isfile() or member.isdir()) or member.issparse():
        raise BadBundle("update.bundle_kind", said)  # links, devices, pipes
    if member.mode & 0o7000:
        raise BadBundle("update.bundle_mode", said)
    odd = name.is_absolute() or ".." in name.parts or not member.name.isprintable() or "\\" in member.name
    if odd or len(member.name) > NAME_CHARS or len(name.parts) > DEPTH:
        raise BadBundle("update.bundle_name", said)


def _parents(path: Path, folder: Path, disk: Disk) -> Iterator[Path]:
    """Make what is missing above, from the top."""
    missing = [one for one in (path, *path.parents) if folder in one.parents and not one.is_dir()]
    for one in reversed(missing):
        if os.path.lexists(one):
            raise BadBundle("update.bundle_name", str(one.relative_to(folder))[:80])
        disk.folder(one)
        yield one


def _chunks(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        chunk = read(min(size, CHUNK_BYTES))
        if not chunk:
            raise BadBundle("update.bundle_torn", "")
        size -= len(chunk)
        yield chunk


class _Bounded(io.RawIOBase):
    """Reads of the unpacked stream, ended where it grows beyond what we were told to expect."""

    def __init__(self, source: zstandard.ZstdDecompressionReader, most: int) -> None:
        self._source, self._left = source, most

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise BadBundle("update.bundle_large", "")
        return data
