"""From a stick and a bundle to a room: installed, adopted, running, and running again after the mains was away."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.demo import trees
from controller.provision.bundles import Parts, provision
from tests.controller.provision.kit import NOW, authority
from tests.systemd import release, room
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import CONTROLLER, INSTALL, KEEPER, STICK

pytestmark = [pytest.mark.services, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]

SLUG = "phong-1"
BUNDLE = f"{STICK}/{SLUG}.diemcau"


@pytest.mark.parametrize("suite", list(trees.SUITES))
def test_a_clerk_makes_a_room_of_a_bare_pi(suite: str, tmp_path: Path) -> None:
    asked = tmp_path / "room.toml"
    asked.write_text(room.ROOM, encoding="utf-8")
    machine = Machine(suite, tmp_path)
    try:
        room.carry(machine, release.build(tmp_path / "built"))
        provision(authority(tmp_path), SLUG, Parts(asked), machine.root / BUNDLE.lstrip("/"), NOW)
        machine.boot()
        machine.tell(INSTALL, "--yes")
        assert machine.show(CONTROLLER, "ActiveState") == "inactive"  # it is no room yet, and waits quietly
        room.on_mock_pins(machine)
        assert f"site {SLUG}" in machine.tell("diemcau", "--lang", "en", "adopt", BUNDLE)
        machine.tell("systemctl", "daemon-reload")
        machine.tell("systemctl", "restart", KEEPER, CONTROLLER)
        running(machine)
        machine.halt()
        machine.boot()
        running(machine)
        assert machine.tell("systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
        # The same stick again, by somebody who is not sure whether it worked.
        machine.tell(INSTALL, "--yes")
        machine.tell("diemcau", "adopt", BUNDLE)
        running(machine)
    finally:
        machine.remove()


def running(machine: Machine) -> None:
    """Keeper and controller live, the controller alone has the key, and what it misses is the network only."""
    machine.active(KEEPER, CONTROLLER)
    for user in ("diemcau", "diemcau-relays"):
        assert "denied" in machine.fails("runuser", "-u", user, "--", "cat", "/etc/diemcau/identity/room.key")
    assert "link.down.unreachable" in machine.journal(CONTROLLER)
    assert "link.down.files" not in machine.journal(CONTROLLER)
