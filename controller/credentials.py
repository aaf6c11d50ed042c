"""Where this process finds a secret that room.toml names: systemd's own copy, or the file itself.

The unit gives whole folders (`LoadCredential=identity:/etc/diemcau/identity`), and systemd names each copy after
folder and file: `identity_room.key`. The files belong to root alone; room.toml names them as they lie on the card,
so that it says the same to the service, to root at a terminal and in a test.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = "CREDENTIALS_DIRECTORY"


def given(path: str | Path) -> Path:
    """The copy that systemd made of this file for this process; the file where there is none."""
    file, folder = Path(path), os.environ.get(FOLDER, "")
    copy = Path(folder, f"{file.parent.name}_{file.name}")
    return copy if folder and copy.is_file() else file
