"""Real services for the demo and the tests: a mosquitto and a NUT upsd with its dummy-ups, on loopback ports and
data folders of their own.

What must not live here: anything a room's Pi runs, and any process that we did not start. A service is ended by
its own process id, never by name. Its output goes to a log file in its folder, whose tail is shown when it dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from controller.demo.daemon import Daemon, ServiceError, exchange, private, until, user, with_free_port

__all__ = ["UPS_HEALTHY", "UPS_NAME", "Mosquitto", "ServiceError", "Ups"]

UPS_NAME = "room"
UPS_HEALTHY: Mapping[str, str] = {
    "ups.status": "OL",
    "ups.mfr": "Diemcau",
    "ups.model": "Room UPS 1500",
    "ups.load": "22",
    "battery.charge": "100",
    "battery.runtime": "2400",
    "battery.voltage": "27.3",
    "input.voltage": "221.0",
    "output.voltage": "221.0",
}
# MQTT 5 CONNECT, empty client id, clean start, keep-alive 5 s (MQTT 5.0, 3.1): CONNACK begins with 0x20.
_MQTT_CONNECT = bytes.fromhex("100d 0004 4d515454 05 02 0005 00 0000")


class Mosquitto:
    """A real broker. `start` may be called again after `stop`: same port, retained messages still there."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self._folder = folder
        self._extra = extra
        self._daemon = Daemon("mosquitto", folder)
        self.port = 0

    def start(self) -> int:
        """Starts it and waits until it answers a CONNECT; the port on 127.0.0.1. Raises ServiceError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.port = with_free_port(self._try, self._daemon, self.port)
        return self.port

    def _try(self, port: int) -> None:
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {self._folder}/\nautosave_interval 1\nautosave_on_changes true\n"
            f"user {user()}\nlog_dest stderr\nset_tcp_nodelay true\n{self._extra}\n",
            encoding="utf-8",
        )
        self._daemon.start(["-c", str(config)])
        until(lambda: exchange(port, _MQTT_CONNECT)[:1] == b"\x20", self._daemon)

    @property
    def lives(self) -> bool:
        return self._daemon.lives()

    def pause(self) -> None:
        """The half-open link: the socket stays, nobody answers."""
        self._daemon.send(signal.SIGSTOP)

    def resume(self) -> None:
        self._daemon.send(signal.SIGCONT)

    def stop(self) -> None:
        self._daemon.stop()


class Ups:
    """A real upsd with one dummy-ups named UPS_NAME, whose variables stand in a file that `set` rewrites."""

    def __init__(self, folder: Path, variables: Mapping[str, str] = UPS_HEALTHY) -> None:
        self._folder = folder
        self._changing = threading.Lock()
        self._variables = dict(variables)
        self._written_s = 0
        self._state: Path | None = None
        self._driver = Daemon("dummy-ups", folder)
        self._server = Daemon("upsd", folder)
        self.port = 0

    def start(self) -> int:
        """Starts driver and upsd, waits until the status is known; the port on 127.0.0.1. Raises ServiceError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # Sockets live in the state folder, and a socket's path may be 107 bytes only.
        self._state = Path(tempfile.mkdtemp(prefix="nut-"))
        self._write_config()
        self.start_driver()
        # upsd tries an absent driver again only after 2 s.
        until((self._state / f"dummy-ups-{UPS_NAME}").exists, self._driver)
        return with_free_port(self._try, self._server, self.port)

    def _try(self, port: int) -> None:
        self.port = port
        private(self._folder / "upsd.conf", f"LISTEN 127.0.0.1 {port}\nMAXAGE 10\nSTATEPATH {self._state}\n")
        self._server.start(["-F", "-u", user()], self._env())
        self._until_status(self._variables.get("ups.status", ""))

    def _write_config(self) -> None:
        device = self._folder / "room.dev"
        private(
            self._folder / "ups.conf",
            f"maxretry = 3\npollinterval = 1\n"
            f'[{UPS_NAME}]\n  driver = dummy-ups\n  port = "{device}"\n  desc = "Room UPS"\n',
        )
        private(
            self._folder / "upsd.users",
            "[diemcau]\n  password = demo\n  actions = SET FSD\n  instcmds = ALL\n",
        )
        self._write_device()

    def _env(self) -> dict[str, str]:
        state = str(self._state)
        paths = {"NUT_CONFPATH": str(self._folder), "NUT_STATEPATH": state, "NUT_ALTPIDPATH": state}
        return {**paths, "NUT_QUIET_INIT_UPSNOTIFY": "true"}

    def set(self, **variables: str) -> None:
        """Changes variables, `ups.set(**{"ups.status": "OB DISCHRG"})`; an empty text removes one. Returns when
        upsd serves the new status, or raises ServiceError."""
        with self._changing:  # the world's thread and a person's key may both want a change
            self._variables.update(variables)
            self._write_device()
            if self._driver.lives() and self._server.lives():
                self._until_status(self._variables.get("ups.status", ""))

    def _write_device(self) -> None:
        """dummy-ups reads the file again when its modification time, in whole seconds, is another (its manual)."""
        lines = [f"{name}: {value}" for name, value in sorted(self._variables.items())]
        draft = self._folder / "room.draft"
        private(draft, "\n".join(lines) + "\n")
        self._written_s = max(int(time.time()), self._written_s + 1)
        os.utime(draft, (self._written_s, self._written_s))
        draft.replace(self._folder / "room.dev")

    def start_driver(self) -> None:
        self._driver.start(["-a", UPS_NAME, "-u", user(), "-F"], self._env())
        if self._server.lives():
            self._until_status(self._variables.get("ups.status", ""))

    def kill_driver(self) -> None:
        """The driver is gone: upsd answers DRIVER-NOT-CONNECTED."""
        self._driver.stop(signal.SIGKILL)

    def pause_driver(self) -> None:
        """The driver hangs: upsd answers DATA-STALE after MAXAGE."""
        self._driver.send(signal.SIGSTOP)

    def resume_driver(self) -> None:
        self._driver.send(signal.SIGCONT)

    def ask(self, line: str) -> str:
        """One line to upsd, one line back, e.g. `GET VAR room ups.status`."""
        answer = exchange(self.port, line.encode() + b"\n")
        return answer.decode("utf-8", "replace").split("\n")[0]

    def _until_status(self, status: str) -> None:
        wanted = f'VAR {UPS_NAME} ups.status "{status}"'
        until(lambda: self.ask(f"GET VAR {UPS_NAME} ups.status") == wanted, self._server)

    def stop(self) -> None:
        self._server.stop()
        self._driver.stop()
        if self._state is not None:
            shutil.rmtree(self._state, ignore_errors=True)
