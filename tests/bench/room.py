"""A whole room for the measurement: the shipped example with this machine's sockets, ptys and ports.

Every driver is in it: two serial devices as simulators on ptys, a real upsd, a real broker, mock pins.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller import config
from controller.demo.services import UPS_NAME, Mosquitto, Ups
from hardware.sim.serve import carrier

SLUG = "bench-room"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the services of one measurement are."""

    folder: Path
    broker_port: int
    ups_port: int

    @property
    def room_toml(self) -> Path:
        return self.folder / "room.toml"

    def command(self) -> list[str]:
        """The controller as it runs on a Pi, but for the pins."""
        script = Path(sys.executable).with_name("diemcau")
        return [str(script), "run", "--config", str(self.room_toml), "--mock"]


@contextmanager
def services(folder: Path) -> Iterator[Place]:
    """Broker, UPS and far ends run inside; ends them all, whatever happened."""
    with ExitStack() as stack:
        broker, ups = Mosquitto(folder / "broker"), Ups(folder / "ups")
        stack.callback(broker.stop)
        stack.callback(ups.stop)
        place = Place(folder, broker.start(), ups.start())
        for kind in ("codec", "camera"):
            far_end = carrier(kind, str(folder / f"tty-{kind}"), seed=1)
            far_end.start()
            stack.callback(far_end.stop)
        place.room_toml.write_text(room_text(place), encoding="utf-8")
        config.load(place.room_toml)
        yield place


def room_text(place: Place) -> str:
    """The example, in this folder. Its sections from the devices on are replaced, loads and panel stay."""
    loads_and_panel = re.split(r"(?m)^\[codec\]", config.example())[0]
    text = re.sub(r'(?m)^slug = ".*?"', f'slug = "{SLUG}"', loads_and_panel, count=1)
    text = text.replace("/var/lib/diemcau", f"{place.folder}/state").replace("/run/diemcau", f"{place.folder}/run")
    for name in ("state", "run"):
        (place.folder / name).mkdir(exist_ok=True)
    return text + _DEVICES.format(
        folder=place.folder, ups=UPS_NAME, ups_port=place.ups_port, port=place.broker_port
    )


_DEVICES = """
[codec]
kind = "polycom"
load = "codec"
port = "{folder}/tty-codec"

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
"""
