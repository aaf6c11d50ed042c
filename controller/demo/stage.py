"""The demo's stage: a folder with the room on paper, real services, our own two processes as they run on a Pi, and
the devices on their ptys.

Starts and ends things; what happens on it is acts.py's. Everything is ended by its own process id, in the reverse
order of its start, also when the start failed half-way. A process that died is started again, as systemd would.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from controller import config
from controller.commission.sealed import ACCEPTED
from controller.config_devices import keeper_table
from controller.config_model import RoomConfig
from controller.demo import paper
from controller.demo.board import Board
from controller.demo.centre import Centre
from controller.demo.daemon import Daemon, private, until
from controller.demo.far_ends import FarEnds
from controller.demo.look import Lines, Looker
from controller.demo.mock_pins import Fingers
from controller.demo.services import UPS_NAME, Mosquitto, Ups
from controller.demo.story import Seen
from controller.demo.surroundings import SensorFiles
from hardware.keeper_table import dumps

Say = Callable[[Seen], None]
PYTHON = Path(sys.executable)
SERVICE_PREFIX = "diemcau-demo-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    speed: float = 60.0
    seed: int = 1
    r9: str = "remind"
    lang: str = "vi"
    page: bool = False
    """With the control centre's page and seven more rooms."""


def now_ms() -> int:
    """Monotonic ms since the machine's boot: the clock of controller, keeper and demo alike."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class Stage:
    """Use: `start()`, `stop()`. Public parts are for acts and views; `say` gets every sighting, on many threads."""

    def __init__(self, wish: Wish, say: Say) -> None:
        self.wish, self._say = wish, say
        folder = Path(tempfile.mkdtemp(prefix=SERVICE_PREFIX))
        self.places = paper.Places(folder, ups_name=UPS_NAME)
        self.broker = Mosquitto(self.places.at("mosquitto"))
        self.ups = Ups(self.places.at("ups"))
        self.keeper = Daemon("keeper", folder, PYTHON)
        self.controller = Daemon("controller", folder, PYTHON)
        self.fingers = Fingers(self.places.pins)
        self.sensors = SensorFiles(self.places.root / "sys")
        self.far_ends = FarEnds(self.places, wish.seed, say, now_ms)
        self.look = Looker(self.places.look, self._lines, lambda: say(Seen(now_ms(), "process", "keeper", 0)))
        self.board = Board(folder, wish.speed, wish.seed, wish.lang) if wish.page else None
        self.cfg: RoomConfig | None = None
        self.centre: Centre | None = None
        self._ends = contextlib.ExitStack()
        self._ends.callback(self.fingers.close)

    # ---- life

    def start(self) -> RoomConfig:
        """Everything but a meeting. Raises ServiceError, OSError or TimeoutError with what did not start."""
        self._ends.callback(self.broker.stop)
        self._ends.callback(self.ups.stop)
        self.places = replace(self.places, broker_port=self.broker.start(), ups_port=self.ups.start())
        self.cfg = self._write()
        self.far_ends.start()
        self._ends.callback(self.far_ends.stop)
        self.centre = Centre(self.places.broker_port, paper.SLUG, self._say, now_ms)
        self._ends.callback(self.centre.stop)
        self.centre.start()
        self._ends.callback(self.look.stop)
        self.look.start()
        self._ends.callback(self.keeper.stop)
        self.start_keeper()
        until(self.places.keeper_socket.exists, self.keeper)
        self._ends.callback(self.controller.stop)
        self.start_controller()
        if self.board is not None:
            self._ends.callback(self.board.stop)
            self.board.start(self.places.broker_port)
        return self.cfg

    def stop(self) -> None:
        """End all that `start` began, the last first."""
        self._ends.close()

    def remove(self) -> None:
        """Throw the folder away; a demo that went wrong keeps it for the reader."""
        shutil.rmtree(self.places.folder, ignore_errors=True)

    def tend(self) -> None:
        """What systemd does on a Pi: a process of ours that died is started again. Says who lives."""
        for daemon, start in ((self.keeper, self.start_keeper), (self.controller, self.start_controller)):
            if daemon.pid is not None and not daemon.lives():
                start()
            self._say(Seen(now_ms(), "process", daemon.name, daemon.pid or 0))
        self.fingers.again()

    # ---- parts

    def start_keeper(self) -> None:
        places = self.places
        words = ["--config", places.at("keeper.json"), "--state", places.at("keeper"), "--look", places.look]
        self.keeper.start(["-m", "hardware.keeper", *map(str, words), "--mock"])

    def start_controller(self) -> None:
        places = self.places
        words = ["--config", places.at("room.toml"), "--mock", places.pins, "--root", places.root]
        self.controller.start(["-m", "controller", "run", *map(str, words)])

    def kill(self, daemon: Daemon) -> None:
        """kill -9; `tend` starts it again."""
        daemon.send(signal.SIGKILL)

    def restart_keeper(self) -> None:
        self.keeper.send(signal.SIGTERM)

    # ---- inside

    def _write(self) -> RoomConfig:
        """The room on paper, the faked root of the machine, and the keeper's table."""
        places, wish = self.places, self.wish
        for name in ("state", "run", "keeper", "tty"):
            places.at(name).mkdir()
        private(places.at("ups.password"), f"{paper.UPS_PASSWORD}\n")
        places.at("room.toml").write_text(paper.room_toml(places, wish.lang), encoding="utf-8")
        places.at("state", ACCEPTED).write_text(paper.acceptance(), encoding="utf-8")
        places.at("pack.toml").write_text(paper.pack_toml(wish.speed, wish.r9), encoding="utf-8")
        self._write_root()
        self.sensors.write(25.0, 62.0, 25.0)
        cfg = config.load(places.at("room.toml"))
        places.at("keeper.json").write_text(dumps(keeper_table(cfg)), encoding="utf-8")
        return cfg

    def _write_root(self) -> None:
        """A clock that timesyncd has set, in the boot that this machine is in."""
        trusted = self.places.root / "run/systemd/timesync/synchronized"
        boot_id = self.places.root / paper.BOOT_ID.relative_to("/")
        for path in (trusted, boot_id):
            path.parent.mkdir(parents=True)
        trusted.touch()
        boot_id.write_text(paper.BOOT_ID.read_text(encoding="ascii"), encoding="ascii")

    def _lines(self, lines: Lines) -> None:
        self.far_ends.contacts(lines)
        at_ms = now_ms()
        for name, lit in lines.items():
            if lit is not None:
                self._say(Seen(at_ms, "line", name, lit))
