"""The units under a real systemd, in a machine that has neither network nor the right time: what must start, what
must come back, what must not move, and what a service must not be able to do."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo import trees
from tests.process.watch import Watcher, until
from tests.systemd import room
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import CONTROLLER, KEEPER, boxed_says

pytestmark = [pytest.mark.services, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]

UPDATE = "diemcau-update.service"
EXPOSED_MAX = 1.5
NOBODYS, TTY_S0 = os.makedev(240, 0), os.makedev(4, 64)
"""A number that is free for experiments: no driver answers, so that who may open it hears that nothing is there."""


@pytest.fixture(scope="module", params=list(trees.SUITES))
def machine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = room.installed(request.param, tmp_path_factory.mktemp("m"))
    yield made
    made.remove()


@pytest.fixture
def relays(machine: Machine) -> Iterator[Watcher]:
    machine.active(KEEPER, CONTROLLER)
    watching = room.watcher(machine)
    yield watching
    watching.close()


def monotonic(machine: Machine, unit: str, name: str) -> int:
    return int(machine.show(unit, f"{name}TimestampMonotonic"))


def test_after_a_boot_without_network_and_clock_first_the_keeper_then_the_room(
    machine: Machine,
) -> None:
    machine.active(KEEPER, CONTROLLER)
    assert monotonic(machine, KEEPER, "ActiveEnter") <= monotonic(machine, CONTROLLER, "ExecMainStart")
    assert machine.show(CONTROLLER, "StatusText")
    assert machine.show("network-online.target", "ActiveState") == "inactive"
    assert machine.show("time-sync.target", "ActiveState") == "inactive"
    assert machine.tell("ls", "/sys/class/net").split() == ["lo"]
    assert machine.tell("systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
    assert "/opt/diemcau/releases" not in machine.tell("cat", f"/proc/{machine.pid(CONTROLLER)}/cmdline")


def test_a_hung_controller_is_ended_by_the_watchdog_and_no_relay_moves(machine: Machine, relays: Watcher) -> None:
    """SIGSTOP: it neither runs nor ends, as behind a dying card."""
    machine.write(f"/etc/systemd/system/{CONTROLLER}.d/short.conf", "[Service]\nWatchdogSec=3\n")
    machine.tell("systemctl", "daemon-reload")
    machine.tell("systemctl", "restart", CONTROLLER)
    before, keeper = machine.pid(CONTROLLER), machine.pid(KEEPER)
    machine.kill(before, signal.SIGSTOP)
    until(lambda: machine.pid(CONTROLLER) not in (0, before), "another process", 60)
    machine.active(CONTROLLER)
    assert "watchdog" in machine.journal(CONTROLLER).lower()
    assert (machine.pid(KEEPER), relays.changes) == (keeper, [])
    machine.write(f"/etc/systemd/system/{CONTROLLER}.d/short.conf", "")
    machine.tell("systemctl", "daemon-reload")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_controller_that_ends_comes_back_and_no_relay_moves(
    machine: Machine, relays: Watcher, number: signal.Signals
) -> None:
    before, keeper = machine.pid(CONTROLLER), machine.pid(KEEPER)
    machine.kill(before, number)
    until(lambda: machine.pid(CONTROLLER) not in (0, before), "another process", 60)
    machine.active(CONTROLLER)
    assert (machine.pid(KEEPER), relays.changes) == (keeper, [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_keeper_that_ends_or_hangs_takes_every_line_as_it_stood(machine: Machine, number: signal.Signals) -> None:
    machine.write(f"/etc/systemd/system/{KEEPER}.d/short.conf", "[Service]\nWatchdogSec=3\n")
    machine.tell("systemctl", "daemon-reload")
    machine.tell("systemctl", "restart", KEEPER)
    machine.active(KEEPER)
    first = room.watcher(machine)
    before, stood = machine.pid(KEEPER), dict(first.now)
    controller = machine.pid(CONTROLLER)
    assert stood["amplifier"] is True  # one is on, else nothing could fall
    machine.kill(before, number)
    until(lambda: machine.pid(KEEPER) not in (0, before), "another keeper", 60)
    machine.active(KEEPER)
    first.close()
    second = room.watcher(machine)
    assert dict(second.now) == stood
    assert machine.pid(CONTROLLER) == controller
    second.close()


def test_a_controller_that_always_ends_at_once_is_started_for_ever(machine: Machine) -> None:
    dropin = f"/etc/systemd/system/{CONTROLLER}.d/zz.conf"
    machine.write(dropin, "[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=10ms\n")
    machine.tell("systemctl", "daemon-reload")
    machine.tell("systemctl", "restart", CONTROLLER, check=False)
    # Five in ten seconds is where systemd itself would give up.
    until(lambda: int(machine.show(CONTROLLER, "NRestarts")) > 12, "a dozen restarts", 60)
    assert machine.show(CONTROLLER, "Result") != "start-limit-hit"
    (machine.root / dropin.lstrip("/")).unlink()
    machine.tell("systemctl", "daemon-reload")
    machine.tell("systemctl", "restart", CONTROLLER)
    machine.active(CONTROLLER)


def test_the_rooms_key_is_roots_and_reaches_the_controller_only(machine: Machine) -> None:
    machine.active(CONTROLLER)
    file, copy = "/etc/diemcau/identity/room.key", f"/run/credentials/{CONTROLLER}/identity_room.key"
    for user in ("diemcau", "diemcau-relays", "nobody"):
        assert "ermission denied" in machine.fails("runuser", "-u", user, "--", "cat", file)
    for user in ("diemcau-relays", "nobody"):
        assert "ermission denied" in machine.fails("runuser", "-u", user, "--", "cat", copy)
    code, said = boxed_says(machine, CONTROLLER, 'cat "$CREDENTIALS_DIRECTORY/identity_room.key"')
    assert (code, "PRIVATE KEY" in said) == (0, True)
    code, said = boxed_says(machine, KEEPER, f"cat {copy}")
    assert code != 0
    # It has read them: what it misses is the network, not a file.
    assert "link.down.unreachable" in machine.journal(CONTROLLER)
    assert "link.down.files" not in machine.journal(CONTROLLER)


def node(machine: Machine, name: str, device: int) -> None:
    path = machine.inside(f"/dev/{name}")
    if not path.exists():
        os.mknod(path, stat.S_IFCHR | 0o660, device)
    path.chmod(0o660)
    machine.tell("chgrp", "dialout", f"/dev/{name}")


def test_devices_of_the_room_are_open_to_it_and_all_others_are_not(machine: Machine) -> None:
    node(machine, "alien", NOBODYS)
    node(machine, "ttyS0", TTY_S0)
    # Without the sandbox the same user gets as far as the driver that is not there: it is the policy that refuses.
    plain = ("runuser", "-u", "diemcau-relays", "-g", "dialout", "--", "sh", "-c", "exec 3</dev/alien")
    assert "No such device" in machine.fails(*plain)
    for unit in (CONTROLLER, KEEPER):
        code, said = boxed_says(machine, unit, "exec 3</dev/alien")
        assert (code != 0, "not permitted" in said) == (True, True), said
        # Perhaps nothing is behind this line here; what counts is that nobody forbids it.
        _, said = boxed_says(machine, unit, "exec 3</dev/ttyS0")
        assert ("permitted" in said, "denied" in said) == (False, False), said
    assert boxed_says(machine, UPDATE, "ls /dev/ttyS0")[0] != 0


@pytest.mark.parametrize(
    ("unit", "may", "may_not"),
    [
        (
            CONTROLLER,
            ["/var/lib/diemcau", "/run/diemcau", "/tmp"],
            ["/etc/diemcau", "/opt/diemcau", "/var/lib"],
        ),
        (KEEPER, ["/var/lib/diemcau-keeper", "/run/diemcau"], ["/var/lib/diemcau", "/etc/diemcau", "/opt/diemcau"]),
        (
            UPDATE,
            ["/opt/diemcau", "/var/lib/diemcau-update", "/etc/diemcau"],
            ["/usr", "/etc", "/etc/diemcau/identity", "/etc/diemcau/secrets", "/boot"],
        ),
    ],
)
def test_a_service_writes_where_it_must_and_nowhere_else(
    machine: Machine, unit: str, may: list[str], may_not: list[str]
) -> None:
    for folder in may:
        assert boxed_says(machine, unit, f"echo x >{folder}/probe && rm {folder}/probe") == (0, "")
    for folder in may_not:
        code, said = boxed_says(machine, unit, f"echo x >{folder}/probe")
        assert (code != 0, Path(f"{machine.root}{folder}/probe").exists()) == (True, False), said


def test_the_controller_sends_echoes_without_being_allowed_raw_packets(machine: Machine) -> None:
    python = "import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM, s.IPPROTO_ICMP); print('echo')"
    assert boxed_says(machine, CONTROLLER, f'python3 -c "{python}"') == (0, "echo\n")
    code, said = boxed_says(machine, CONTROLLER, f'python3 -c "{python.replace("DGRAM", "RAW")}"')
    assert (code != 0, "not permitted" in said) == (True, True)


@pytest.mark.parametrize("unit", [KEEPER, CONTROLLER, UPDATE])
def test_systemd_itself_finds_little_exposed(machine: Machine, unit: str) -> None:
    last = machine.tell("systemd-analyze", "security", "--no-pager", unit).strip().splitlines()[-1]
    assert float(last.partition(": ")[2].split()[0]) <= EXPOSED_MAX, last


def test_what_the_controller_asks_for_starts_the_updater(machine: Machine) -> None:
    machine.active("diemcau-update.path", "diemcau-update.timer")
    began = monotonic(machine, UPDATE, "InactiveExit")
    machine.tell("runuser", "-u", "diemcau", "--", "touch", "/run/diemcau/update-request")
    until(lambda: monotonic(machine, UPDATE, "InactiveExit") > began, "the updater started", 60)
    # Answered, well or not, and not asked again for ever.
    until(lambda: not machine.inside("/run/diemcau/update-request").exists(), "the request gone", 60)
    until(lambda: machine.show(UPDATE, "ActiveState") in ("inactive", "failed"), "the updater ended", 60)
    machine.active("diemcau-update.path")


def test_an_ordered_restart_restarts_the_pi_once_and_no_service_can_do_it_itself(machine: Machine) -> None:
    machine.active("diemcau-restart.path")
    code, said = boxed_says(machine, CONTROLLER, "systemctl reboot")
    assert code != 0, said
    machine.tell("runuser", "-u", "diemcau", "--", "touch", "/run/diemcau/restart-request")
    machine.boots_again()
    machine.active(KEEPER, CONTROLLER, "diemcau-restart.path")
    assert not machine.inside("/run/diemcau/restart-request").exists()
    assert machine.show("diemcau-restart.service", "ActiveState") == "inactive"


def as_updater(machine: Machine, expression: str) -> str:
    """What the release's own view of the Pi answers from within the updater's sandbox."""
    program = (
        "import sys; sys.path.insert(0, '/opt/diemcau'); "
        "from pathlib import Path; from selector import paths; "
        "sys.path[1:1] = paths(Path('/opt/diemcau/current').resolve(), 'controller'); "
        "from controller.update.system import CONTROLLER, Pi; "
        f"pi = Pi(); print({expression})"
    )
    machine.write("/mnt/ask.py", program)
    code, said = boxed_says(machine, UPDATE, "python3 -B /mnt/ask.py")
    assert code == 0, said
    return said.strip()


def test_the_updater_sees_what_it_must_judge_and_restarts_the_room(machine: Machine, relays: Watcher) -> None:
    before, keeper = machine.pid(CONTROLLER), machine.pid(KEEPER)
    until(lambda: as_updater(machine, "pi.health().pid") == str(before), "the controller's own view", 60)
    assert "'amplifier': True" in as_updater(machine, "dict(pi.health().relays)")
    assert as_updater(machine, "pi.os()") == f"debian-{12 if machine.suite == 'bookworm' else 13}"
    assert as_updater(machine, "pi.restart(CONTROLLER)") == "None"
    assert machine.pid(CONTROLLER) not in (0, before)
    assert (machine.pid(KEEPER), relays.changes) == (keeper, [])


def test_a_release_is_tried_as_the_rooms_user_before_it_may_rule(machine: Machine) -> None:
    release = "Path('/opt/diemcau/releases/0.2.0')"
    assert as_updater(machine, f"pi.self_test({release})") == "('', '')"
    said = as_updater(machine, "pi.self_test(Path('/opt/diemcau/releases/none'))")
    assert ("update.self_test" in said, "controller" in said) == (True, True), said
    # What systemd would not begin is no word against the release.
    said = as_updater(machine, f"Pi(user='nobody-of-this-name').self_test({release})")
    assert "update.test_not_made" in said


def test_root_commissions_as_the_rooms_user_with_the_rooms_key(machine: Machine) -> None:
    machine.tell("systemctl", "stop", CONTROLLER)
    said = machine.start("diemcau", "--lang", "en", "commission")
    out, err = said.communicate(timeout=60)
    # Nobody answers: it keeps what it has and ends as one that can be gone on with.
    assert (said.returncode, "Name of who does this?" in out) == (75, True), out + err
    assert machine.tell("find", "/var/lib/diemcau", "-not", "-user", "diemcau") == ""
    machine.tell("systemctl", "start", CONTROLLER)
    machine.active(CONTROLLER)
