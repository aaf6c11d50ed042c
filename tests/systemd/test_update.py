"""A signed release on a stick, the real updater in its own sandbox, and a real systemd that restarts the room: what
is bad is never started, or taken back, and no relay moves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from controller.demo import trees
from controller.update.kept import STATE
from controller.update.selector import KEEPER_TRIAL, KEEPER_TRIES, TRIAL, TRIES, read_trial, read_tries
from tests.controller.update.kit import Office, tar_zst
from tests.process.watch import Watcher
from tests.systemd import release, room
from tests.systemd.machine import WHY_NOT, Machine, until
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
        assert told.is_file(), self.machine.told(UPDATE)
        tree: dict[str, object] = json.loads(told.read_text(encoding="utf-8"))
        return tree

    def told(self) -> str:
        """What there is to know of a run that has not come to where it should."""
        files = [self.machine.inside(f"/{name}") for name in (f"{STATE}/progress.json", TRIAL, TRIES)]
        kept = [f"{one.name}: {one.read_text(encoding='utf-8')}" for one in files if one.is_file()]
        return "\n".join([*kept, *map(self.machine.told, (UPDATE, CONTROLLER))])

    @property
    def current(self) -> str:
        return self.machine.inside("/opt/diemcau/current").readlink().name


def place(suite: str, folder: Path) -> Place:
    office = Office(folder / "office")
    machine = room.installed(suite, folder, {office.folder / "www": OFFICE})
    with room.gone_where_it_fails(machine):
        _ready(machine, office)
    return Place(machine, office, folder / "built" / "0.2.0")


def _ready(machine: Machine, office: Office) -> None:
    machine.write("/etc/diemcau/tuf-root.json", office.repository.root_file().decode())
    text = f'{room.ROOM}\n[firmware]\nsources = ["file://{OFFICE}"]\n'
    machine.write("/etc/diemcau/room.toml", text)
    # The clock is right, says the file of systemd-timesyncd, which cannot ask anybody here.
    machine.tell("mkdir", "-p", str(Path(SYNCHRONIZED).parent))
    machine.tell("touch", SYNCHRONIZED)
    machine.tell("systemctl", "restart", CONTROLLER)
    machine.active(KEEPER, CONTROLLER)


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A release that hangs before it is ready is not waited for as long here as a slow card deserves."""
    made = place("bookworm", tmp_path_factory.mktemp("u"))
    made.machine.write(f"/etc/systemd/system/{CONTROLLER}.d/short.conf", "[Service]\nTimeoutStartSec=8\n")
    made.machine.tell("systemctl", "daemon-reload")
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


def test_a_new_keeper_that_does_not_come_up_gives_way_to_the_old_one_by_itself(pi: Place) -> None:
    """Its updater was cut off after the swap: no run judges it for twenty minutes, and the room has its relays."""
    machine = pi.machine
    releases = "/opt/diemcau/releases"
    machine.tell("cp", "-R", f"{releases}/0.2.0", f"{releases}/0.9.0")
    keeper = machine.inside(f"{releases}/0.9.0/site/common/hardware/keeper.py")
    keeper.write_text("raise ImportError('spoilt')\n", encoding="utf-8")
    trial = {"id": "t", "release": "0.9.0", "back": "0.2.0", "deadline_s": 900}
    machine.write(f"/{KEEPER_TRIAL}", json.dumps(trial))
    machine.tell("ln", "-sfn", "releases/0.9.0", "/opt/diemcau/keeper")
    machine.cut()
    machine.boot()
    machine.active(KEEPER, CONTROLLER)
    assert read_tries(machine.inside(f"/{KEEPER_TRIES}")).given_up == "starts"
    before = machine.pid(KEEPER)
    machine.tell("mkdir", "-p", str(Path(SYNCHRONIZED).parent))
    machine.tell("touch", SYNCHRONIZED)
    pi.update()
    assert machine.inside("/opt/diemcau/keeper").readlink().name == "0.2.0"
    assert not machine.inside(f"/{KEEPER_TRIAL}").exists()
    assert "keeper 0.9.0" in machine.inside(f"/{STATE}/failed.json").read_text(encoding="utf-8")
    assert machine.pid(KEEPER) == before, "what runs already is left alone"


ONCE_READY = """
import os, signal, socket, threading
_sendto = socket.socket.sendto
def _told(self, data, *to):
    sent = _sendto(self, data, *to)
    if data.startswith(b"READY=1"):
        threading.Thread(target=fault).start()
    return sent
socket.socket.sendto = _told
"""
"""What is wrong with it begins when systemd has been told that it is ready: however long its start takes."""
LEAKS = f"""{ONCE_READY}
def fault():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
"""
STOPPED = f"""{ONCE_READY}
def fault():
    os.kill(os.getpid(), signal.SIGSTOP)
"""
DEAF = """
import errno, socket
_connect = socket.socket.connect_ex
socket.socket.connect_ex = lambda self, to: errno.ECONNREFUSED if "keeper" in str(to) else _connect(self, to)
"""
STUBBORN = """
import signal
_signal = signal.signal
signal.signal = lambda number, act: _signal(number, signal.SIG_IGN if number == signal.SIGTERM else act)
"""
UPDATER = "/usr/bin/python3 -I /opt/diemcau/selector.py update --"
QUICK, TO_THE_FAULT = "--times 4 10 0.5", "--times 600 600 0.5"
"""Four quiet seconds in place of five minutes, ten for devices; or so many that only what happens ends it."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=[pytest.mark.soak] * (one != "bookworm")) for one in trees.SUITES],
)
def quick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """As `pi`, with a shorter watch, a controller that is ended soon where it does not end by itself, and a start
    that gets the room's own time."""
    made = place(request.param, tmp_path_factory.mktemp("q"))
    with room.gone_where_it_fails(made.machine):
        shaped(made.machine, UPDATE, f"ExecStart=\nExecStart={UPDATER} {QUICK}")
        shaped(made.machine, CONTROLLER, SHORT)
        made.machine.tell("systemctl", "restart", CONTROLLER)
        made.machine.active(CONTROLLER)
    yield made
    made.machine.remove()


SHORT = "TimeoutStopSec=3"


def shaped(machine: Machine, unit: str, lines: str) -> None:
    """The unit with these lines over its own."""
    machine.write(f"/etc/systemd/system/{unit}.d/short.conf", f"[Service]\n{lines}\n")
    machine.tell("systemctl", "daemon-reload")


def runs(place: Place, version: str) -> bool:
    environment = place.machine.tell("cat", f"/proc/{place.machine.pid(CONTROLLER)}/environ").split("\0")
    return f"DIEMCAU_RELEASE={version}" in environment and place.current == version


def test_a_release_is_kept_also_while_no_broker_can_be_reached(quick: Place) -> None:
    """Nobody answers at the broker's address, before and after: that is the line's doing."""
    watching, keeper = room.watcher(quick.machine), quick.machine.pid(KEEPER)
    quick.offer("0.3.0")
    told = quick.update()
    assert (told["stage"], told["code"], told["args"]) == ("done", "update.done", ["0.2.0", "0.3.0"]), told
    assert runs(quick, "0.3.0")
    assert watching.changes == []
    watching.close()
    # Its room is off: the keeper has followed, and every line is as it was.
    assert quick.machine.inside("/opt/diemcau/keeper").readlink().name in ("0.2.0", "0.3.0")
    assert quick.machine.pid(KEEPER) != 0
    assert keeper != 0


def test_the_signed_configuration_is_taken_or_refused_within_the_sandbox(quick: Place) -> None:
    machine, keeper = quick.machine, quick.machine.pid(KEEPER)
    stood = machine.inside("/etc/diemcau/room.toml").read_text(encoding="utf-8")

    def update(old: str, new: str) -> object:
        quick.office.repository.configure("phong-1", stood.replace(old, new).encode())
        quick.office.repository.publish()
        return quick.update()["code"]

    assert update("pin = 23", "pin = 24") == "update.keeper_table"
    assert update('language = "en"', 'language = "xx"') == "update.settings_wrong"
    assert "language" in machine.inside(f"/{STATE}/progress.json").read_text(encoding="utf-8")
    before, file = machine.pid(CONTROLLER), machine.inside("/etc/diemcau/room.toml").stat().st_ino
    assert update("Phòng 1", "Phòng Một") == "update.settings_done"
    machine.active(CONTROLLER)
    assert machine.pid(CONTROLLER) != before
    assert "Phòng Một" in machine.tell("runuser", "-u", "diemcau", "--", "cat", "/etc/diemcau/room.toml")
    kept = machine.inside("/etc/diemcau/room.toml.before")
    assert (kept.read_text(encoding="utf-8"), kept.stat().st_ino) == (stood, file), "the old file itself"
    assert machine.pid(KEEPER) == keeper


RULES = """[pack]
document = "QĐ 1"
[pack.clauses]
"rules.power_up.press_hold_min" = "Điều 6"
[rules.power_up]
press_hold_min = {0}
"""


@pytest.mark.timeout(600)
def test_a_signed_rule_pack_is_taken_or_refused_within_the_sandbox(quick: Place) -> None:
    machine, keeper = quick.machine, quick.machine.pid(KEEPER)
    room_toml = machine.inside("/etc/diemcau/room.toml").read_text(encoding="utf-8")

    def update(text: str) -> object:
        quick.office.repository.pack("ring/ring-1", "quy-che.toml", text.encode())
        quick.office.repository.publish()
        return quick.update(300)["code"]

    naming = room_toml.replace("[room]\n", '[room]\nrule_packs = ["quy-che.toml"]\n')
    quick.office.repository.configure("phong-1", naming.encode())
    assert update(RULES.format(60)) == "update.settings_done", "both with one restart"
    assert update(RULES.format('"x"')) == "update.pack_wrong"
    before = machine.pid(CONTROLLER)
    assert update(RULES.format(90)) == "update.pack_done"
    machine.active(CONTROLLER)
    assert machine.pid(CONTROLLER) != before
    read = ("runuser", "-u", "diemcau", "--", "cat")
    assert machine.tell(*read, "/etc/diemcau/quy-che.toml") == RULES.format(90)
    assert machine.tell(*read, "/etc/diemcau/quy-che.toml.before") == RULES.format(60)
    assert not machine.inside("/etc/diemcau/next").exists()
    assert machine.pid(KEEPER) == keeper
    # By hand, as a technician with a stick does it: what it leaves is the room's all the same.
    quick.office.repository.configure("phong-1", room_toml.encode())
    quick.office.repository.publish()
    by_hand = machine.start(*UPDATER.split(), *QUICK.split(), "--from", OFFICE, "--lang", "en")
    said = by_hand.communicate(timeout=300)[1]
    assert by_hand.returncode == 0, said
    assert "update.settings_done" in said
    assert machine.tell(*read, "/etc/diemcau/room.toml") == room_toml
    machine.active(CONTROLLER)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("version", "text", "why", "limit", "times"),
    [
        ("0.4.1", STOPPED, "update.restarted", "WatchdogSec=3", TO_THE_FAULT),
        # The container has no memory controller of its own: the limit is the process's.
        ("0.4.2", LEAKS, "update.restarted", "LimitAS=700M", TO_THE_FAULT),
        ("0.4.3", DEAF, "update.silent", "", QUICK),
    ],
    ids=["hangs after it was ready", "leaks memory", "no longer finds the keeper"],
)
def test_a_release_that_was_ready_and_is_no_good_is_taken_back(
    quick: Place, version: str, text: str, why: str, limit: str, times: str
) -> None:
    """What is wrong with it ends the watch, and no time that a busy machine could be late for: the watch would last
    ten minutes. Silence alone is judged after a time, for devices may be slow."""
    before = quick.current
    keeper = quick.machine.pid(KEEPER)
    shaped(quick.machine, CONTROLLER, f"{SHORT}\n{limit}")
    shaped(quick.machine, UPDATE, f"ExecStart=\nExecStart={UPDATER} {times}")
    quick.offer(version, "controller/__main__.py", text)
    try:
        told = quick.update(1200)
    finally:
        shaped(quick.machine, CONTROLLER, SHORT)
        shaped(quick.machine, UPDATE, f"ExecStart=\nExecStart={UPDATER} {QUICK}")
    assert (told["stage"], told["args"][2:3]) == ("back", [why]), told  # type: ignore[index]
    quick.machine.active(CONTROLLER)
    assert runs(quick, before)
    assert quick.machine.pid(KEEPER) == keeper


def test_a_release_that_ignores_the_end_is_replaced_all_the_same(quick: Place) -> None:
    quick.offer("0.5.0", "controller/__main__.py", STUBBORN)
    assert quick.update()["stage"] == "done"
    quick.offer("0.6.0")
    assert quick.update()["stage"] == "done"
    assert runs(quick, "0.6.0")


def test_a_power_cut_in_the_trial_is_judged_after_the_boot(quick: Place) -> None:
    before = quick.current
    machine = quick.machine
    quick.offer("0.7.0")
    running = machine.start("systemctl", "start", UPDATE)
    until(lambda: quick.current == "0.7.0", "the trial's start")
    machine.cut()
    running.communicate()
    machine.boot()
    machine.active(KEEPER, CONTROLLER)
    assert runs(quick, "0.7.0")
    machine.tell("touch", SYNCHRONIZED) if machine.inside("/run/systemd/timesync").exists() else None
    assert (quick.update()["stage"], quick.current) == ("done", "0.7.0")
    assert before != "0.7.0"


def started(machine: Machine, count: int) -> bool:
    """Whether the selector has counted so many starts of the trial that is on."""
    trial, tries = read_trial(machine.inside(f"/{TRIAL}")), read_tries(machine.inside(f"/{TRIES}"))
    return trial is not None and tries.id == trial.id and tries.starts >= count


@pytest.mark.soak  # four boots, each cut at the moment of a start
@pytest.mark.timeout(600)
def test_three_power_cuts_in_a_trial_end_at_the_old_release(quick: Place) -> None:
    before = quick.current
    machine = quick.machine
    machine.tell("mkdir", "-p", str(Path(SYNCHRONIZED).parent))
    machine.tell("touch", SYNCHRONIZED)
    quick.offer("0.8.0")
    running = machine.start("systemctl", "start", UPDATE)
    for count in (1, 2, 3):
        until(partial(started, machine, count), f"start {count} of the trial", quick.told)
        machine.cut()
        machine.boot()
    running.communicate()
    machine.active(CONTROLLER)
    environment = machine.tell("cat", f"/proc/{machine.pid(CONTROLLER)}/environ").split("\0")
    assert f"DIEMCAU_RELEASE={before}" in environment
    assert quick.update()["stage"] == "back"
    assert runs(quick, before)


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
