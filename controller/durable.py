"""Files that are whole or absent after a power cut: written beside, synced, renamed, and the folder synced.

Standard library only; knows nothing of what is written. The order matters: without the sync of the file before the
rename, a power cut leaves an empty file under the right name.
"""

from __future__ import annotations

import os
from pathlib import Path

NEW = ".new"


def write(path: Path, data: bytes, mode: int = 0o644, group: int = -1) -> None:
    """Replace `path` in one step; it is on the disk when this returns. `mode` holds whatever the umask
    says; `group` -1 leaves the group as it comes. Raises OSError, and then `path` is as it was."""
    beside = path.with_name(path.name + NEW)
    beside.unlink(missing_ok=True)
    try:
        # O_EXCL: nobody put a link there meanwhile; 0600: nobody reads a key before its owner is set.
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            if group >= 0:
                os.fchown(file.fileno(), -1, group)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """What was renamed or made in `folder` is on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
