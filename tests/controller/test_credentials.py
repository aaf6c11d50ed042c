"""The controller reads systemd's copies of its secrets where there are any: asked in a process of its own, because
the environment is a process's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from controller.credentials import FOLDER
from controller.demo.binaries import ROOT

ASK = "import sys; from controller.credentials import given; print(given(sys.argv[1]))"


def given(file: Path, **env: str) -> Path:
    plain = {name: value for name, value in os.environ.items() if name != FOLDER}
    words = [sys.executable, "-c", ASK, str(file)]
    done = subprocess.run(words, env={**plain, **env}, cwd=ROOT, capture_output=True, text=True, check=True)
    return Path(done.stdout.rstrip("\n"))


def test_without_systemd_the_file_itself_is_read(tmp_path: Path) -> None:
    file = tmp_path / "identity" / "room.key"
    assert given(file) == file
    assert given(file, **{FOLDER: ""}) == file


def test_the_copy_is_read_where_systemd_made_one(tmp_path: Path) -> None:
    copies = tmp_path / "credentials"
    copies.mkdir()
    file = Path("/etc/diemcau/identity/room.key")
    assert given(file, **{FOLDER: str(copies)}) == file
    (copies / "identity_room.key").touch()
    assert given(file, **{FOLDER: str(copies)}) == copies / "identity_room.key"
    # A file of the same name elsewhere is another secret.
    assert given(Path("/etc/diemcau/secrets/room.key"), **{FOLDER: str(copies)}) == Path(
        "/etc/diemcau/secrets/room.key"
    )
