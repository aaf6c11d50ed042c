"""A room of real processes for tests: keeper, controller, broker and systemd's notify socket, in a short folder.

Everything waits on conditions with a deadline, nothing for a time to pass. Each process is ended by its own id.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from controller import config
from controller.commission.sealed import ACCEPTED, sealed
from controller.config_devices import keeper_table
from controller.demo.mock_pins import Fingers
from tests.hardware.keeper_process import ROOT, KeeperProcess
from tests.process.watch import LOADS, WAIT_S, Systemd, Watcher, soon
from tests.services.centre import Centre, Heard

BOOT = "5d1c0a52-7a3b-4c8e-9b1f-0a6f2f7f3c11"
SLUG = "phong-1"
PRESSES = 4
_LOAD = {"settle_on_s": 0.2, "settle_off_s": 0.2, "warmup_s": 1}


def mono_s() -> float:
    """Now by the room's monotonic clock."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e9


class House:
    """`start_keeper`, then `start`; `changes` are tables of room.toml that are added or replaced."""

    def __init__(self, port: int = 0, **changes: Mapping[str, Any]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dc-"))  # short: a socket's path has 107 bytes
        self.journal = self.folder / "var" / "journal.db"
        self.calendar = self.folder / "var" / "calendar.ics"
        self.room = self.folder / "room.toml"
        self.errors = self.folder / "controller.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._make_folders()
        (self.journal.parent / ACCEPTED).write_text(sealed({"room": SLUG, "accepted": True}, b""), encoding="utf-8")
        self.room.write_text(toml({**self._tree(port), **changes}), encoding="utf-8")
        self.cfg = config.load(self.room)
        self.keeper = KeeperProcess(self.folder, keeper_table(self.cfg))
        self.systemd = Systemd(self.folder / "notify")
        self.fingers = Fingers(self.folder / "pins")
        self.watcher: Watcher | None = None

    def _make_folders(self) -> None:
        for name in ("var", "run", "root/proc/sys/kernel/random", "root/run/systemd/timesync", "root/sys"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "cache").mkdir(mode=0o700)
        self.reboot(BOOT)

    def reboot(self, boot: str) -> None:
        """From now on the kernel says that it is this boot."""
        (self.folder / "root/proc/sys/kernel/random/boot_id").write_text(boot, encoding="ascii")

    def _tree(self, port: int) -> dict[str, Any]:
        broker = {"host": "127.0.0.1", "port": port, "tls": False}
        tree: dict[str, Any] = {
            "room": {"slug": SLUG, "name": "Phòng 1", "language": "en"},
            "paths": {
                "state_dir": str(self.journal.parent),
                "journal": str(self.journal),
                "run_dir": str(self.folder / "run"),
            },
            "keeper": {"socket": str(self.folder / "state" / "keeper.sock"), "lease_s": 5},
            "loads": {
                name: {"class": name, "pin": pin, **_LOAD} for pin, name in zip((27, 24, 25), LOADS, strict=True)
            },
            "inputs": {"power": {"role": "power", "pin": 5}},
            "lamps": {"ready": {"role": "ready", "pin": 10}},
            "rules": {"power_up": {"grace_s": 0.2, "inrush_gap_s": 0.5, "stagger_max_s": 0}},
        }
        return {**tree, "mqtt": {"main": broker, "keepalive_s": 5}} if port else tree

    # ---- life

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)
        if self.watcher is not None:
            self.watcher.close()
        self.keeper.close()
        self.fingers.close()
        self.systemd.close()
        shutil.rmtree(self.folder)

    def start_keeper(self) -> Watcher:
        """A keeper with all loads off, and a watcher on its pins."""
        self.keeper.start()
        self.watcher = Watcher(self.keeper.look)
        return self.watcher

    def start(self, script: str = "", wait: bool = True) -> None:
        """The controller, as systemd starts it; waits until it says that it rules. `script`: Python that starts it
        in another way, from room.toml and root."""
        root, pins = self.folder / "root", self.folder / "pins"
        usual = ["-m", "controller", "run", "--config", self.room, "--mock", pins, "--root", root]
        words = ["-c", script, self.room, root] if script else usual
        env = {"NOTIFY_SOCKET": str(self.systemd.path), "WATCHDOG_USEC": "2000000", "PYTHONPATH": str(ROOT)}
        env["CACHE_DIRECTORY"] = str(self.folder / "cache")
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *map(str, words)],
                env={**os.environ, **env},
                cwd=self.folder,
                stderr=errors,
            )
        if wait:
            self.ready()

    def ready(self) -> None:
        """Waits until it says that it rules; AssertionError with its last words when it does not."""
        process = self.process
        try:
            self.systemd.until("READY=1", lambda: process is not None and process.poll() is None)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log[-2000:]}") from None

    def end(self, number: signal.Signals = signal.SIGTERM, within_s: float = WAIT_S) -> int:
        """Ends the controller; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(within_s)

    @property
    def log(self) -> str:
        return self.errors.read_text(encoding="utf-8")

    # ---- what a person does

    def press(self) -> None:
        """BẬT for a fifth of a second; again, as a person would, when the lamp does not answer: on a busy machine
        a finger may be gone before anybody has looked."""
        assert self.watcher is not None
        before = len(self.watcher.changes)
        for _ in range(PRESSES):
            self.fingers.set("power", True)
            soon(lambda: False, 0.2)
            self.fingers.set("power", False)
            if soon(self.watcher.on_since("ready", before), 5.0):
                return
        raise AssertionError(f"{PRESSES} presses and no lamp; {self.log[-2000:]}")

    def trusted(self) -> None:
        """timesyncd says that the clock is right."""
        (self.folder / "root/run/systemd/timesync/synchronized").touch()

    def view(self) -> dict[str, Any]:
        """What `diemcau status` would read."""
        try:
            tree = json.loads((self.folder / "run" / "state.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        assert isinstance(tree, dict)
        return tree

    def detail(self, *names: str) -> Any:
        """One branch of the full views; None when it is not there."""
        node: Any = self.view().get("detail")
        for name in names:
            node = node.get(name) if isinstance(node, dict) else None
        return node

    def verify(self) -> subprocess.CompletedProcess[bytes]:
        """`diemcau evidence verify` over this room's journal."""
        words = [sys.executable, "-m", "controller", "evidence", "verify", str(self.journal)]
        return subprocess.run(
            words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False, timeout=WAIT_S
        )


def toml(tree: Mapping[str, Any], path: str = "") -> str:
    """Tables of strings, numbers, booleans and lists: JSON's words for them are TOML's too."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in tree.items() if not isinstance(value, Mapping)]
    lines = [f"[{path}]", *plain] if path else plain
    below = [toml(value, f"{path}.{key}".lstrip(".")) for key, value in tree.items() if isinstance(value, Mapping)]
    return "\n".join([*lines, *below, ""])


def topic(name: str) -> str:
    return f"diemcau/1/{SLUG}/{name}"


def command(id_: str, boot: str = BOOT, for_s: float = 20.0, **args: object) -> bytes:
    """The payload of a command that this boot may still carry out for `for_s`."""
    body = {"v": 1, "id": id_, "by": "desk", "boot": boot, "until_mono_s": mono_s() + for_s, "args": args}
    return json.dumps(body).encode()


def calendar(start: datetime) -> str:
    """The centre's calendar: a meeting of an hour, *giao ban*."""
    stamps = [f"{at:%Y%m%dT%H%M%SZ}" for at in (start, start + timedelta(hours=1))]
    event = [
        "BEGIN:VEVENT",
        "UID:giao-ban",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{stamps[0]}",
        f"DTEND:{stamps[1]}",
    ]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//VI", *event, "END:VEVENT", "END:VCALENDAR", ""]
    )


def record(kind: str, **body: object) -> Callable[[Heard], bool]:
    """Is it a record of this kind with at least this body?"""

    def wanted(message: Heard) -> bool:
        if message.topic != topic("record"):
            return False
        found = message.json
        return found["kind"] == kind and body.items() <= dict(found["body"]).items()

    return wanted


def state(**values: object) -> Callable[[Heard], bool]:
    """Is it a state report with these values?"""
    return lambda message: message.topic == topic("state") and values.items() <= message.json.items()


def birth(centre: Centre) -> dict[str, Any]:
    """The room's next birth."""
    return centre.topic(topic("birth")).json
