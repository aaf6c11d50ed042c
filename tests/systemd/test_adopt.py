"""A dead Pi is replaced from one stick (N27), on a real systemd without a network: installed, adopted, ruling."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.commission.sealed import ACCEPTED, sealed
from controller.core.chain import Head
from controller.demo import trees
from controller.provision.bundles import Parts, provision
from tests.controller.provision.kit import NOW, authority
from tests.systemd import release, room
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import CONTROLLER, INSTALL, KEEPER, ROOM, STICK

pytestmark = [pytest.mark.services, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]
SLUG, OTHER = "phong-1", "phong-2"
PASSWORD = "/etc/diemcau/secrets/mqtt.password"
MINUTES_S = 600
"""Under ten minutes, says N27; the clerk's part is to plug and to type two commands."""


@pytest.fixture(params=list(trees.SUITES))
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(request.param, tmp_path)
    room.carry(made, release.build(tmp_path / "built"))
    yield made
    made.remove()


def stick(machine: Machine, folder: Path) -> None:
    """The bundles of two rooms beside the release."""
    office, secrets = authority(folder), folder / "secrets"
    secrets.mkdir()
    (secrets / "mqtt.password").write_text("geheim\n")
    for slug in (SLUG, OTHER):
        path = folder / f"{slug}.toml"
        path.write_text(f'{ROOM.replace(SLUG, slug)}password_file = "{PASSWORD}"\n', encoding="utf-8")
        parts = Parts(path, secrets=secrets, head=Head(812, "cd" * 32))
        provision(office, slug, parts, machine.root / STICK.lstrip("/") / f"{slug}.diemcau", NOW)


def adopt(machine: Machine, slug: str, *more: str) -> str:
    return machine.tell("diemcau", "adopt", f"{STICK}/{slug}.diemcau", *more, "--lang", "en")


def watches(machine: Machine) -> bool:
    """Whether the room's cutting rules only observe, by its own configuration check."""
    said = machine.tell("diemcau", "config", "check", "/etc/diemcau/room.toml", "--lang", "en", check=False)
    assert "Phòng 1: " in said
    return "room is not accepted" in said


def rules(machine: Machine) -> None:
    """Keeper and controller run, and the controller could read its identity: it complains of the line only."""
    machine.tell("systemctl", "restart", KEEPER, CONTROLLER)
    machine.active(KEEPER, CONTROLLER)
    room.until_said(machine, "link.down.unreachable")
    assert "link.down.files" not in machine.journal(CONTROLLER)


LOOK = """
import os, pathlib
from controller.identity import check
given = pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"])
print(check(*((given / f"identity_{name}").read_bytes() for name in ("ca.crt", "room.crt", "room.key"))).name)
"""


def in_its_sandbox(machine: Machine) -> str:
    """Who the controller is by its own copies, looked at with its own rights: it judges the next certificate so."""
    machine.write("/opt/look.py", LOOK)
    command = "PYTHONPATH=/opt/diemcau/current/site/common exec /usr/bin/python3 /opt/look.py"
    code, said = room.boxed_says(machine, CONTROLLER, command)
    assert code == 0, said
    return said.strip()


def test_a_dead_pi_is_replaced_from_a_stick(machine: Machine, tmp_path: Path) -> None:
    stick(machine, tmp_path)
    machine.boot()
    room.on_mock_pins(machine)
    begun = time.monotonic()
    machine.tell(INSTALL, "--yes")
    done = adopt(machine, SLUG)
    assert f"now the site {SLUG}" in done
    assert "only observe until diemcau commission" in done
    rules(machine)
    assert time.monotonic() - begun < MINUTES_S
    for path, mode in (("identity", 0o700), ("secrets", 0o700), ("identity/room.key", 0o600), ("room.toml", 0o640)):
        assert stat.S_IMODE(machine.inside(f"/etc/diemcau/{path}").stat().st_mode) == mode, path
    assert machine.inside(PASSWORD).read_text() == "geheim\n"
    assert in_its_sandbox(machine) == SLUG
    proof = machine.tell("diemcau", "evidence", "verify", "/var/lib/diemcau/journal.db", "--lang", "en")
    assert "follows entry 812 of the Pi" in proof
    assert watches(machine) is True
    machine.halt()
    machine.boot()
    machine.active(KEEPER, CONTROLLER)
    assert "identity" not in machine.journal("systemd-tmpfiles-setup.service"), "tmpfiles finds what it expects"
    assert OTHER in machine.fails("diemcau", "adopt", f"{STICK}/{OTHER}.diemcau", "--lang", "en")
    refused = machine.fails("diemcau", "adopt", f"{STICK}/{OTHER}.diemcau", "--replace", "--lang", "en")
    assert "is running" in refused
    machine.tell("systemctl", "stop", CONTROLLER)
    key = machine.inside("/etc/diemcau/identity/room.key").read_bytes()
    record = sealed({"room": SLUG, "accepted": True}, key)
    machine.write(f"/var/lib/diemcau/{ACCEPTED}", record)
    assert watches(machine) is False
    assert "/var/lib/diemcau.phong-1.1" in adopt(machine, OTHER, "--replace")
    assert watches(machine) is True
    rules(machine)
    assert machine.inside("/var/lib/diemcau.phong-1.1/journal.db").exists()
    assert machine.inside(f"/var/lib/diemcau.phong-1.1/{ACCEPTED}").read_text(encoding="utf-8") == record
