"""The plan of the last start, kept: a start whose files and program have not changed need not check them again.

Reading a configuration takes a second process with a library that the controller must not carry (plan.py). What
came of it is kept in the folder that systemd names in CACHE_DIRECTORY; without one nothing is kept. Must not live
here: making a plan. Any doubt means that there is none, and then the plan is made anew: another byte in a file of
the configuration, another program or interpreter, a file that others could have written, a torn one.

Format: a line with the SHA-256 of the rest, a line of JSON (the program, what was asked for, each file's mark), the
pickled plan. It is ours alone (mode 0600, our user): who could put another pickle there runs as us already. It is
not synced to the disk: what a power cut tears fails its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.plan import Plan

FORMAT = 1
NAME = "plan"
FILE_MAX_B = 1 << 20
"""Four times what a file of the configuration may have."""
KEPT_MAX_B = 4 << 20
"""Forty times the plan of a large room."""

_PACKAGES = ("controller", "hardware")
_HERE = Path(__file__).resolve().parents[1]
_ZONES = "/usr/share/zoneinfo"

Marks = list[list[str]]
"""Path and mark of every file that a plan was made from."""


def folder(env: Mapping[str, str]) -> Path | None:
    """Where plans are kept, None = nowhere."""
    name = env.get("CACHE_DIRECTORY", "").partition(":")[0]
    return Path(name) if name.startswith("/") else None


def find(place: Path | None, files: Sequence[Path]) -> Plan | None:
    """The plan that was made of exactly these files by exactly this program; None = make it."""
    if place is None:
        return None
    try:
        text = _own(place / NAME)
    except OSError:
        return None
    digest, _, rest = text.partition(b"\n")
    if digest.decode("ascii", "replace") != hashlib.sha256(rest).hexdigest():
        return None
    head, _, pickled = rest.partition(b"\n")
    return _plan(pickled) if _fits(head, files) else None


def keep(place: Path | None, files: Sequence[Path], marked: Marks, plan: Plan) -> None:
    """Put it there for the next start, whole or not at all; `files`: those of the command line. A folder that
    refuses costs the next start a second."""
    if place is None:
        return
    given = [str(path) for path in files]
    head = json.dumps({"program": program(), "given": given, "files": marked}).encode()
    rest = head + b"\n" + pickle.dumps(plan, pickle.HIGHEST_PROTOCOL)
    new = place / f"{NAME}.new"
    with suppress(OSError):
        with suppress(FileNotFoundError):
            new.unlink()
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
        new.replace(place / NAME)


def marks(files: Sequence[Path]) -> Marks | None:
    """What these files hold now, and when they were last touched; None when one cannot be read."""
    try:
        return [[str(path), _mark(path)] for path in files]
    except OSError:
        return None


def program() -> str:
    """Changes with every file of ours, with the interpreter, and with whatever is installed beside us."""
    site = f"{sys.prefix}/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    told = hashlib.sha256(
        repr((FORMAT, sys.version, sys.prefix, str(_HERE), _stamp(site), _stamp(_ZONES))).encode()
    )
    for name in _PACKAGES:
        for row in sorted(_sources(str(_HERE / name))):
            told.update(repr(row).encode())
    return told.hexdigest()


def _sources(top: str) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".toml")):
                found = entry.stat()
                yield entry.path, found.st_size, found.st_ctime_ns, found.st_ino
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _sources(entry.path)


def _stamp(path: str) -> int:
    """When something last came into or left this folder; 0 = there is none."""
    try:
        return os.stat(path).st_ctime_ns
    except OSError:
        return 0


def _mark(path: Path) -> str:
    """Bytes and change time: a file that was changed and changed back while it was read has another mark. One that
    is not there yet has a mark too: it may come (learnt values, acceptance)."""
    try:
        data, found = _read(path, FILE_MAX_B, 0)
    except FileNotFoundError:
        return "absent"
    return f"{hashlib.sha256(data).hexdigest()} {found.st_ctime_ns} {found.st_ino}"


def _own(path: Path) -> bytes:
    """The bytes of a file that only we can have written. Raises OSError."""
    around = os.stat(path.parent)
    if around.st_uid not in (os.geteuid(), 0) or around.st_mode & 0o022:
        raise PermissionError(f"{path.parent}: others may write here")
    data, found = _read(path, KEPT_MAX_B, os.O_NOFOLLOW)
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{path}: not ours alone")
    return data


def _read(path: Path, most_b: int, flags: int) -> tuple[bytes, os.stat_result]:
    """Raises OSError, also for what is no plain file or too long. Never waits for a pipe's other end."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > most_b:
            raise OSError(f"{path}: no plain file of a bearable size")
        return file.read(most_b), found


def _fits(head: bytes, files: Sequence[Path]) -> bool:
    try:
        body = json.loads(head)
        marked: Marks = body["files"]
        paths = [Path(path) for path, _ in marked]
        same = body["given"] == [str(path) for path in files] and body["program"] == program()
    except (ValueError, LookupError, TypeError):
        return False
    return same and marks(paths) == marked


def _plan(pickled: bytes) -> Plan | None:
    from controller.plan import Plan

    try:
        found = pickle.loads(pickled)
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, LookupError, TypeError, ValueError):
        return None
    return found if isinstance(found, Plan) else None
