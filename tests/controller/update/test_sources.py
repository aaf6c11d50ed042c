"""Several sources, the first broken or an enemy's: the next is used, and a bad stick is not called our card."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controller.update.kit import FakePi, Office, Quiet, card, once, served


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    made.release("0.2.0")
    return made


def room(office: Office, folder: Path, *sources: str) -> FakePi:
    return card(folder, "0.1.0", office.repository.root_file(), sources)


def no_bundle(www: Path) -> None:
    shutil.rmtree(www / "targets/ring-0")


def other_bytes(www: Path) -> None:
    stored = next((www / "targets/ring-0").iterdir())
    stored.write_bytes(bytes(stored.stat().st_size))


def no_ring(www: Path) -> None:
    for path in (www / "metadata").glob("*.ring-0.json"):
        path.unlink()


def no_rings_list(www: Path) -> None:
    for path in (www / "targets").glob("*.rings.json"):
        path.write_bytes(b"[]")


@pytest.mark.parametrize("spoil", [no_bundle, other_bytes, no_ring, no_rings_list])
def test_a_cache_that_has_not_all_of_it_holds_nobody_up(
    office: Office, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(office.folder / "www", cache)
    spoil(cache)
    assert once(room(office, tmp_path / "alone", cache.as_uri())).stage == "failed"
    assert once(room(office, tmp_path / "both", cache.as_uri(), office.url)).stage == "done"


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000])
def test_a_length_that_is_no_number_ends_no_run(office: Office, tmp_path: Path, length: str) -> None:
    class Odd(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(b"{}")

    with served(office.folder / "www", Odd) as url:
        assert once(room(office, tmp_path / "room", url, office.url)).stage == "done"


def test_a_stick_that_cannot_be_read_is_not_called_our_card(office: Office, tmp_path: Path) -> None:
    """The kernel answers EIO to a read at this file's beginning, as a worn stick does."""
    timestamp = office.metadata("timestamp.json")
    timestamp.unlink()
    timestamp.symlink_to("/proc/self/mem")
    assert once(room(office, tmp_path / "room", office.url)).code == "update.no_source"
    bundle = next((office.folder / "www/targets/ring-0").iterdir())
    timestamp.unlink()
    office.repository.publish()
    bundle.unlink()
    bundle.symlink_to("/proc/self/mem")
    assert once(room(office, tmp_path / "room2", office.url)).code == "update.no_source"


def test_a_pipe_on_a_stick_is_not_waited_for(office: Office, tmp_path: Path) -> None:
    timestamp = office.metadata("timestamp.json")
    timestamp.unlink()
    os.mkfifo(timestamp)
    assert once(room(office, tmp_path / "room", office.url)).code == "update.no_source"
