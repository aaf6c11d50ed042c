"""One process rules a room. Two would take the keeper from each other some times a second and write one journal:
whoever comes second is told who rules, before a device, the keeper or the journal is opened.

The lock is the kernel's (flock) and ends with the process, however that ends: there is nothing to clean up after a
power cut or `kill -9`. It is on the folder of what may vanish itself: no file that a full memory refuses, that is
root's because root came first, or that somebody removes as a stale one. Who holds it stands in /proc/locks.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from controller.texts import ReadableError

LOCKS = Path("/proc/locks")


class Ruled(ReadableError):
    """Another process rules this room."""


def rule_alone(folder: Path) -> int:
    """The handle of the room's lock, which is held until it is closed or the process ends. Raises Ruled with the id
    of the process that holds it, OSError when there can be no lock."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held = _holder(os.fstat(handle))
        os.close(handle)
        if isinstance(error, BlockingIOError):
            raise Ruled("run.ruled", held) from error
        raise
    return handle


def _holder(file: os.stat_result, locks: Path = LOCKS) -> int | None:
    """None: it has just ended, or cannot be seen from here."""
    name = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    try:
        rows = [row.split() for row in locks.read_text(encoding="ascii").splitlines()]
    except OSError:
        return None
    return next((int(row[4]) for row in rows if row[1] == "FLOCK" and row[5] == name), None)
