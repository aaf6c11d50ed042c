"""10. An update bricks the device, or changes its dependencies and cannot go back.

A signed bundle goes from the office to a room. Whether a release works is not told but tried: the real selector
starts its program, with the libraries that lie in its own bundle. Each way back is also taken away, and then the
room is dead."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from controller.update import selector
from controller.update.disk import Disk
from controller.update.gate import Health
from controller.update.selector import OPT, TRIAL
from controller.update.slots import Slots
from tests.controller.update.kit import FakePi, Office, bundle, card, once

OLD, NEW = "0.1.0", "0.2.0"
SITE = "site/common"


def program(needs: str, brings: str) -> Mapping[str, bytes]:
    """A release that runs with one version of a library only, and the version that its bundle brings."""
    first = "import os, sys; print(os.environ['DIEMCAU_RELEASE'], flush=True)"
    main = f"{first}; import parts; sys.exit(parts.VERSION != {needs!r})\n"
    return {
        f"{SITE}/controller/__init__.py": b"",
        f"{SITE}/controller/__main__.py": main.encode(),
        f"{SITE}/parts.py": f"VERSION = {brings!r}\n".encode(),
    }


FIRST, GOOD, BRICK = program("1", "1"), program("2", "2"), program("3", "2")
"""Both new ones change the library; the last was built with the wrong one, and dies whenever it starts."""


def lay(folder: Path, members: Mapping[str, bytes]) -> None:
    """Over whatever lies there."""
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@dataclass
class Pi(FakePi):
    """Its controller is a process that the selector begins; what becomes of it is seen, not told."""

    def start(self) -> None:
        words = [sys.executable, "-I", selector.__file__, "--root", str(self.root), "controller"]
        # Programs of one size laid within one second: what was compiled of the one would be believed for the other.
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)
        self.running, self.began = done.stdout.strip(), self.mono
        self.behaves.setdefault(self.running, "well")
        if done.returncode:
            self.behaves[self.running] = "crashes"
        self.starts.append(self.running)

    def comes_up(self) -> bool:
        """After whatever happened somebody pulls the plug, and puts it in again: as often as it takes."""
        for _ in range(6):
            self.start()
            if self.view() is not None:
                return True
        return False


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> Pi:
    root = tmp_path / "room"
    card(root, OLD, office.repository.root_file(), [office.url])
    lay(root / OPT / "releases" / OLD, FIRST)
    return begun(Pi, root)


def begun(kind: type[Pi], root: Path) -> Pi:
    pi = kind(root)
    pi.start()
    assert (pi.running, pi.view() is None) == (OLD, False)
    return pi


# ---- it does not come up


def test_a_release_with_another_library_is_taken_and_kept(office: Office, pi: Pi) -> None:
    office.release(NEW, data=bundle(NEW, GOOD))
    assert once(pi).stage == "done"
    assert (pi.running, pi.comes_up()) == (NEW, True)


def test_a_release_that_dies_is_taken_back_with_the_library_that_it_had(office: Office, pi: Pi) -> None:
    office.release(NEW, data=bundle(NEW, BRICK))
    assert once(pi).stage == "back"
    assert (pi.running, pi.comes_up()) == (OLD, True)
    assert once(pi).code == "update.failed_here"


def test_what_is_installed_over_the_old_one_cannot_go_back(pi: Pi) -> None:
    """The usual update, into the one place that there is; then the usual way back, the program of before."""
    folder = pi.root / OPT / "releases" / OLD
    lay(folder, BRICK)
    assert not pi.comes_up()
    main = f"{SITE}/controller/__main__.py"
    lay(folder, {main: FIRST[main]})
    assert not pi.comes_up(), "the library of before is gone"


# ---- and nobody is there who would take it back


class Killed(BaseException):
    """The power goes, or the kernel ends the updater, when the new release is current and has not run yet."""


@dataclass
class Cut(Pi):
    def restart(self, unit: str) -> None:
        raise Killed


def cut(office: Office, pi: Pi) -> Pi:
    """A brick is current, and its updater is dead."""
    office.release(NEW, data=bundle(NEW, BRICK))
    with pytest.raises(Killed):
        once(begun(Cut, pi.root))
    assert Slots(pi.root, Disk()).current == NEW
    return pi


def test_the_old_release_comes_up_by_itself(office: Office, pi: Pi) -> None:
    assert cut(office, pi).comes_up()
    assert pi.running == OLD
    assert pi.starts[1:] == [NEW, NEW, NEW, OLD], "three tries, without an updater"
    assert once(pi).stage == "back"


def test_without_the_note_of_its_trial_it_is_a_brick(office: Office, pi: Pi) -> None:
    cut(office, pi)
    (pi.root / TRIAL).unlink()
    assert not pi.comes_up()


def test_without_the_selector_it_is_a_brick(office: Office, pi: Pi) -> None:
    """The unit names `current` itself, as is usual."""
    cut(office, pi)
    site = pi.root / OPT / "current" / SITE
    command = [sys.executable, "-s", "-P", "-m", "controller"]
    tries = [
        subprocess.run(command, env={"PYTHONPATH": str(site), "DIEMCAU_RELEASE": "?"}, check=False, timeout=120)
        for _ in range(3)
    ]
    assert all(done.returncode for done in tries)


# ---- it comes up, and the room is worse off


@dataclass
class Content(Pi):
    """Who asks no device takes a process that runs for a room that works."""

    def health(self) -> Health:
        return replace(super().health(), answers=self.before.answers, relays=self.before.relays)


@pytest.mark.parametrize("how", ["breaks_codec", "moves_relays"])
@pytest.mark.parametrize(("kind", "stays"), [(Pi, OLD), (Content, NEW)])
def test_every_device_is_asked_and_without_that_a_dead_room_is_kept(
    office: Office, pi: Pi, how: str, kind: type[Pi], stays: str
) -> None:
    office.release(NEW, data=bundle(NEW, GOOD))
    room = begun(kind, pi.root)
    room.behaves[NEW] = how
    once(room)
    assert (room.running, Slots(pi.root, Disk()).current) == (stays, stays)
