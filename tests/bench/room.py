"""A whole room for the measurement: the shipped example with this machine's sockets, ptys and ports.

Every driver is in it: codec and camera as simulators on ptys in a process of their own, a real upsd, a real broker,
a keeper and input pins on gpiozero's mock, a sensor's files, a calendar. `idle`: the next meeting is tomorrow and
the devices have no power. `busy`: the meeting is on.
"""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller import config
from controller.commission.sealed import ACCEPTED, sealed
from controller.config_devices import keeper_table
from controller.demo.binaries import ROOT
from controller.demo.services import UPS_NAME, Mosquitto, Ups
from hardware.keeper_table import dumps
from tests.bench.far_ends import PASSWORD, USER
from tests.bench.process import Measured

SLUG = "bench-room"
HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the services of one measurement are."""

    folder: Path
    broker_port: int
    ups_port: int
    far_ends: subprocess.Popen[str]

    @property
    def room_toml(self) -> Path:
        return self.folder / "room.toml"

    @contextmanager
    def room(self, *, meeting: bool = False) -> Iterator[list[str]]:
        """A fresh room without a past, its keeper running; gives the words that start its controller."""
        for name in ("state", "run"):
            _emptied(self.folder / name)
        begin = datetime.datetime.now(datetime.UTC) + (-HOUR / 6 if meeting else 24 * HOUR)
        (self.folder / "meetings.ics").write_text(_CALENDAR.format(begin, begin + 2 * HOUR), encoding="utf-8")
        words = [sys.executable, "-m", "hardware.keeper", "--mock", "--config", str(self.folder / "keeper.json")]
        with Measured([*words, "--state", str(self.folder / "run")], self.folder / "keeper.log") as keeper:
            until_made(self.folder / "run" / "keeper.sock", keeper)
            script = [sys.executable, "-m", "tests.bench.controller"]
            yield [*script, str(self.room_toml), str(self.folder / "root")]

    @property
    def env(self) -> dict[str, str]:
        """What the unit gives the controller."""
        given = {"MALLOC_ARENA_MAX": "1", "PYTHONOPTIMIZE": "2", "PYTHONNODEBUGRANGES": "1"}
        return {"CACHE_DIRECTORY": str(self.folder / "cache"), "PYTHONTZPATH": "/usr/share/zoneinfo", **given}

    def mains(self, device: str, on: bool) -> None:
        """Power of `codec` or `camera`."""
        pipe = self.far_ends.stdin
        assert pipe is not None
        pipe.write(f"{device} {'on' if on else 'off'}\n")
        pipe.flush()


def _emptied(folder: Path) -> None:
    """The acceptance record stays as it lies: no start of a room writes it, and one that was written anew would
    have the kept plan made anew at every start."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ACCEPTED:
            path.unlink()


def until_made(path: Path, process: Measured) -> None:
    """Waits until `path` is there."""
    for _ in range(1_000):
        if path.exists():
            return
        process.breathe()


@contextmanager
def services(folder: Path) -> Iterator[Place]:
    """Broker, UPS and far ends run inside; ends them all, whatever happened."""
    with ExitStack() as stack:
        broker, ups = Mosquitto(folder / "broker"), Ups(folder / "ups")
        stack.callback(broker.stop)
        stack.callback(ups.stop)
        place = Place(folder, broker.start(), ups.start(), stack.enter_context(_far_ends(folder)))
        place.room_toml.write_text(room_text(place), encoding="utf-8")
        _root(folder / "root")
        (folder / "cache").mkdir(mode=0o755)
        (folder / "state").mkdir()
        accepted = sealed({"room": SLUG, "accepted": True}, b"")
        (folder / "state" / ACCEPTED).write_text(accepted, encoding="utf-8")
        (folder / "codec.password").write_text(PASSWORD, encoding="utf-8")
        (folder / "keeper.json").write_text(dumps(keeper_table(config.load(place.room_toml))), encoding="utf-8")
        yield place


@contextmanager
def _far_ends(folder: Path) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-m", "tests.bench.far_ends", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.stdin.close()


def _root(root: Path) -> None:
    """What a Pi with systemd-timesyncd and a sensor has under /."""
    sensor = root / "sys" / "class" / "hwmon" / "hwmon0"
    sensor.mkdir(parents=True)
    for name, text in (("name", "sht3x"), ("temp1_input", "26100"), ("humidity1_input", "61200")):
        (sensor / name).write_text(text + "\n", encoding="ascii")
    synchronized = root / "run" / "systemd" / "timesync" / "synchronized"
    synchronized.parent.mkdir(parents=True)
    synchronized.touch()
    (root / "proc").symlink_to("/proc")


def room_text(place: Place) -> str:
    """The example, in this folder. Its sections from the devices on are replaced, loads and panel stay."""
    loads_and_panel = re.split(r"(?m)^\[codec\]", config.example())[0]
    text = re.sub(r'(?m)^slug = ".*?"', f'slug = "{SLUG}"', loads_and_panel, count=1)
    text = text.replace("/var/lib/diemcau", f"{place.folder}/state")
    text = text.replace("/run/diemcau-keeper", f"{place.folder}/run").replace("/run/diemcau", f"{place.folder}/run")
    return text + _DEVICES.format(
        folder=place.folder, ups=UPS_NAME, ups_port=place.ups_port, port=place.broker_port, user=USER
    )


_DEVICES = """
[codec]
kind = "polycom"
load = "codec"
port = "{folder}/tty-codec"
user = "{user}"
password_file = "{folder}/codec.password"

[cameras.main]
via = "visca"
load = "camera"
port = "{folder}/tty-camera"

[seats.overview]
preset = 0

[seats.chair]
preset = 1

[ups]
port = {ups_port}
name = "{ups}"

[climate.room]
sensor = "sht3x"

[mqtt.main]
host = "127.0.0.1"
port = {port}
tls = false

[calendar]
file = "{folder}/meetings.ics"
"""

_CALENDAR = (
    """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:bench
DTSTAMP:20261101T000000Z
DTSTART:{0:%Y%m%dT%H%M%SZ}
DTEND:{1:%Y%m%dT%H%M%SZ}
SUMMARY:Giao ban
LOCATION:"""
    + SLUG
    + """
END:VEVENT
END:VCALENDAR
"""
)
