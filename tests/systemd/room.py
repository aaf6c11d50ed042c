"""A small room for a machine: its files, its relays on mock pins, and an eye on the pins."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from controller import config
from controller.config_devices import keeper_table
from controller.demo.binaries import ROOT
from hardware.keeper_table import dumps
from tests.process.watch import Watcher
from tests.systemd import release
from tests.systemd.machine import DEADLINE_S, Machine, until

UNITS = ROOT / "systemd"

STICK = "/mnt/stick"
INSTALL = f"{STICK}/systemd/install.sh"
KEEPER, CONTROLLER = "diemcau-relays.service", "diemcau.service"
PINS = "/var/lib/diemcau/pins"
ROOM = """
[room]
slug = "phong-1"
name = "Phòng 1"
language = "en"

[loads.display]
class = "display"
pin = 27

[loads.codec]
class = "codec"
pin = 23

[loads.amplifier]
class = "amplifier"
pin = 25
boot = "on"

[inputs.power]
role = "power"
pin = 5

[mqtt.main]
host = "192.0.2.1"
ca_file = "/etc/diemcau/identity/ca.crt"
cert_file = "/etc/diemcau/identity/room.crt"
key_file = "/etc/diemcau/identity/room.key"
"""
ON_MOCK_PINS = {
    KEEPER: "keeper -- --config /etc/diemcau/keeper.json --state /run/diemcau-keeper "
    "--keep /var/lib/diemcau-keeper --socket /run/diemcau/keeper.sock --look /run/diemcau/look.sock --mock",
    CONTROLLER: f"controller -- run --config /etc/diemcau/room.toml --mock {PINS}",
}


def carry(machine: Machine, release: Path) -> None:
    """The technician's stick: the release, and beside it the folder with the script."""
    stick = machine.root / STICK.lstrip("/")
    shutil.copytree(release, stick / release.name, ignore=shutil.ignore_patterns("systemd"))
    shutil.copytree(release / "systemd", stick / "systemd")


def furnish(machine: Machine, folder: Path) -> None:
    """What `adopt` leaves behind: room.toml, the keeper's table and the identity; and drop-ins for mock pins."""
    room = machine.write("/etc/diemcau/room.toml", ROOM)
    machine.write("/etc/diemcau/keeper.json", dumps(keeper_table(config.load(room))))
    for name, text in identity(folder).items():
        machine.write(f"/etc/diemcau/identity/{name}", text, 0o600)
    on_mock_pins(machine)


def on_mock_pins(machine: Machine) -> None:
    """Drop-ins: a machine has no pins."""
    for unit, words in ON_MOCK_PINS.items():
        text = f"[Service]\nExecStart=\nExecStart=/usr/bin/python3 -I /opt/diemcau/selector.py {words}\n"
        machine.write(f"/etc/systemd/system/{unit}.d/mock.conf", text)


def installed(suite: str, folder: Path, lent: Mapping[Path, str] | None = None) -> Machine:
    """Booted, installed from the stick, furnished, and booted again: as it stands after the first night."""
    machine = Machine(suite, folder, lent)
    with gone_where_it_fails(machine):
        carry(machine, release.build(folder / "built"))
        machine.boot()
        machine.tell(INSTALL, "--yes")
        furnish(machine, folder)
        machine.halt()
        machine.boot()
    return machine


@contextmanager
def gone_where_it_fails(machine: Machine) -> Iterator[None]:
    """A machine that cannot be made ready does not run on."""
    try:
        yield
    except BaseException:
        machine.remove()
        raise


def identity(folder: Path) -> dict[str, str]:
    """A room's certificate by itself, its key, and the authority: content by name."""
    key, made = folder / "room.key", folder / "room.crt"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    subprocess.run(
        ["openssl", *words, "-subj", "/CN=phong-1", "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )
    certificate = made.read_text(encoding="ascii")
    return {"room.key": key.read_text(encoding="ascii"), "room.crt": certificate, "ca.crt": certificate}


def watcher(machine: Machine) -> Watcher:
    """Notes every move of a relay from now on."""
    return Watcher(machine.inside("/run/diemcau/look.sock"))


def boxed(machine: Machine, unit: str, command: str) -> subprocess.Popen[str]:
    """A shell command as this unit's user, in the very same sandbox; not the service itself."""
    given = [f"--property={line}" for line in _service(unit) if line.partition("=")[0] not in _LIFE]
    return machine.start("systemd-run", "--quiet", "--pipe", "--wait", "--collect", *given, "sh", "-c", command)


def boxed_says(machine: Machine, unit: str, command: str) -> tuple[int, str]:
    """Exit code, and both outputs together."""
    running = boxed(machine, unit, command)
    out, err = running.communicate(timeout=DEADLINE_S)
    return running.returncode, out + err


def _service(unit: str) -> list[str]:
    text = (UNITS / unit).read_text(encoding="utf-8").partition("[Service]")[2].partition("[Install]")[0]
    return [line for line in text.splitlines() if "=" in line and not line.startswith("#")]


_LIFE = frozenset(
    {"Type", "ExecStart", "ExecStopPost", "Restart", "RestartSec", "WatchdogSec", "TimeoutStartSec"}
) | {
    # The running service's own folder would go when the command ends.
    "TimeoutStopSec",
    "RuntimeDirectory",
    "RuntimeDirectoryMode",
    "RuntimeDirectoryPreserve",
    "WorkingDirectory",
    "RestartPreventExitStatus",
}


def until_said(machine: Machine, code: str) -> None:
    """The controller has noted this since the boot."""
    until(lambda: code in machine.journal(CONTROLLER), f"{code} in the log", lambda: machine.journal(CONTROLLER))
