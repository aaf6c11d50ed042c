"""A signed release on a stick, the real updater in its own sandbox, and a real systemd that restarts the room: what
is bad is never started, or taken back, and no relay moves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.demo import trees
from controller.update.run import STATE
from tests.controller.update.kit import Office, tar_zst
from tests.process.watch import Watcher
from tests.systemd import release, room
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import CONTROLLER, KEEPER

pytestmark = [pytest.mark.services, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]

UPDATE = "diemcau-update.service"
OFFICE = "/mnt/office"
RUN_S = 110
SYNCHRONIZED = "/run/systemd/timesync/synchronized"


@dataclass
class Place:
    machine: Machine
    office: Office
    good: Path

    def offer(self, version: str, file: str = "", text: str = "") -> None:
        """Sign and publish a release; `text` comes first in one of its files."""
        tree = release.another(self.good, version, file, text)
        members = {
            str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()
        }
        systems = ["debian-12", "debian-13"]
        self.office.release(version, "ring-1", tar_zst(members), os=systems, unpacked_b=1 << 27)
        shutil.rmtree(tree)

    def update(self, within_s: float = RUN_S) -> dict[str, object]:
        """One run of the service to its end; what it told."""
        running = self.machine.start("systemctl", "start", UPDATE)
        running.communicate(timeout=within_s)
        told = self.machine.inside(f"/{STATE}/progress.json")
        assert told.is_file(), self.machine.journal(UPDATE)
        tree: dict[str, object] = json.loads(told.read_text(encoding="utf-8"))
        return tree

    @property
    def current(self) -> str:
        return self.machine.inside("/opt/diemcau/current").readlink().name


def place(suite: str, folder: Path) -> Place:
    office = Office(folder / "office")
    machine = room.installed(suite, folder, {office.folder / "www": OFFICE})
    machine.write("/etc/diemcau/tuf-root.json", office.repository.root_file().decode())
    text = f'{room.ROOM}\n[firmware]\nsources = ["file://{OFFICE}"]\n'
    machine.write("/etc/diemcau/room.toml", text)
    # A release that hangs shall not be waited for as long as a slow card deserves.
    machine.write(f"/etc/systemd/system/{CONTROLLER}.d/short.conf", "[Service]\nTimeoutStartSec=8\n")
    machine.tell("systemctl", "daemon-reload")
    # The clock is right, says the file of systemd-timesyncd, which cannot ask anybody here.
    machine.tell("mkdir", "-p", str(Path(SYNCHRONIZED).parent))
    machine.tell("touch", SYNCHRONIZED)
    machine.tell("systemctl", "restart", CONTROLLER)
    machine.active(KEEPER, CONTROLLER)
    return Place(machine, office, folder / "built" / "0.2.0")


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = place("bookworm", tmp_path_factory.mktemp("u"))
    yield made
    made.machine.remove()


@pytest.fixture
def relays(pi: Place) -> Iterator[Watcher]:
    watching = room.watcher(pi.machine)
    yield watching
    watching.close()


def test_without_an_offer_nothing_happens(pi: Place) -> None:
    before = pi.machine.pid(CONTROLLER)
    assert (pi.update()["code"], pi.current) == ("update.nothing", "0.2.0")
    assert pi.machine.pid(CONTROLLER) == before


def test_a_release_that_cannot_be_imported_is_never_started(pi: Place, relays: Watcher) -> None:
    before, keeper = pi.machine.pid(CONTROLLER), pi.machine.pid(KEEPER)
    pi.offer("0.3.0", "controller/rules/__init__.py", "raise ImportError('spoilt')")
    told = pi.update()
    assert (told["stage"], told["code"], pi.current) == ("failed", "update.self_test", "0.2.0"), told
    assert (pi.machine.pid(CONTROLLER), pi.machine.pid(KEEPER), relays.changes) == (before, keeper, [])
    # Every user may look at the room with it, not only who installed it.
    assert pi.machine.tell("runuser", "-u", "nobody", "--", "ls", "/opt/diemcau/releases/0.3.0/site/common")


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("0.4.0", "import time; time.sleep(3600)"),
        ("0.5.0", "import os, threading; threading.Timer(6, os._exit, (1,)).start()"),
        ("0.6.0", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"),
    ],
    ids=["hangs before it is ready", "ends after it was ready", "ends at once"],
)
def test_a_release_that_does_not_live_is_taken_back(pi: Place, relays: Watcher, version: str, text: str) -> None:
    keeper = pi.machine.pid(KEEPER)
    pi.offer(version, "controller/__main__.py", text)
    told = pi.update()
    assert (told["stage"], told["code"], pi.current) == ("back", "update.back", "0.2.0"), told
    pi.machine.active(CONTROLLER)
    words = pi.machine.tell("cat", f"/proc/{pi.machine.pid(CONTROLLER)}/environ").split("\0")
    assert "DIEMCAU_RELEASE=0.2.0" in words
    assert (pi.machine.pid(KEEPER), relays.changes) == (keeper, [])
    # It is not tried again.
    assert pi.update()["code"] == "update.failed_here"


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("suite", list(trees.SUITES))
def test_a_good_release_is_kept_after_five_quiet_minutes(suite: str, tmp_path: Path) -> None:
    pi = place(suite, tmp_path)
    try:
        watching = room.watcher(pi.machine)
        pi.offer("0.3.0")
        told = pi.update(800)
        assert (told["stage"], told["code"], pi.current) == ("done", "update.done", "0.3.0"), told
        words = pi.machine.tell("cat", f"/proc/{pi.machine.pid(CONTROLLER)}/environ").split("\0")
        assert "DIEMCAU_RELEASE=0.3.0" in words
        assert watching.changes == []
        watching.close()
    finally:
        pi.machine.remove()
