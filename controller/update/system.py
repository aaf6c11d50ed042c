"""The Pi as the updater sees it: services, the controller's view on itself, the keeper's levels, free space. All in
one protocol, so that a run can be watched on a machine without systemd.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from controller.core.instant import Trust
from controller.runtime.clock import Clock, Sources
from controller.runtime.window import look
from controller.update.gate import Health
from controller.update.selector import paths
from controller.update.self_test import ASIDE, CONFIG, LINES, NO

CONTROLLER, KEEPER = "diemcau.service", "diemcau-relays.service"
LEVELS = "run/diemcau-keeper/levels.json"
RUN = "run/diemcau"
TEST_S = 120.0
"""Some seconds; on a worn card that something else is reading, a minute."""
NOT_MADE = "update.test_not_made"
BOX = (
    "PrivateNetwork=yes",
    "PrivateDevices=yes",
    "ProtectSystem=strict",
    "NoNewPrivileges=yes",
    f"RuntimeMaxSec={TEST_S:.0f}",
    # What the controller itself may take; and a room that is at work comes first.
    "MemoryMax=256M",
    "TasksMax=64",
    "CPUWeight=20",
    "Nice=10",
    "IOSchedulingClass=idle",
    "OOMScoreAdjust=500",
)
"""How a release is asked whether it lives."""
RESTART_S, ASK_S = 180.0, 60.0
"""What systemd itself ends earlier: a start has 90 s, and what it does not answer at all holds up no run."""
AWAY_S = 100.0
"""A start may take 90 s: only a controller that is away for longer is dead, and not in a meeting."""
_DEVICES = ("camera", "codec", "display")


class System(Protocol):
    """What a run needs of the machine."""

    @property
    def root(self) -> Path: ...

    def wall_s(self, floor_s: int) -> float | None:
        """Unix time; None = it cannot be believed (N3): not synchronised, or before `floor_s`."""

    def mono_s(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def view(self) -> Mapping[str, object] | None:
        """What the controller shows of itself; None = none runs."""

    def health(self) -> Health: ...

    def restart(self, unit: str) -> None:
        """Raises OSError."""

    def self_test(self, release: Path) -> tuple[str, str]:
        """Start the release as the service's user, without hardware: a code of the catalogue and what was said; two
        empty texts = it lives, `NOT_MADE` = it could not be asked."""

    def settings_test(self, release: Path, room: Path) -> tuple[str, str]:
        """The same with the file `room` in the place of room.toml; two empty texts = it may be used."""

    def free_bytes(self, folder: Path) -> int: ...

    def os(self) -> str:
        """`debian-12`."""


def present(system: System, look_s: float) -> Mapping[str, object] | None:
    """The controller's view, with patience for one that is just being restarted; None = it is dead."""
    until_s = system.mono_s() + AWAY_S
    while (view := system.view()) is None and system.mono_s() < until_s:
        system.sleep(look_s)
    return view


class Pi:
    """The real one."""

    def __init__(self, root: Path = Path("/"), user: str = "diemcau") -> None:
        self._root, self._user = root, user

    @property
    def root(self) -> Path:
        return self._root

    def wall_s(self, floor_s: int) -> float | None:
        clock = Clock(Sources(root=self._root))
        now = clock.now()
        known = now.trust >= Trust.RTC and now.wall_ms >= floor_s * 1000
        return now.wall_ms / 1000 if known else None

    def mono_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def view(self) -> Mapping[str, object] | None:
        # systemd says whether it lives: the updater is not shown the processes of others.
        view = look(self._root / RUN)
        return view if view is not None and view.get("pid") == _shown("MainPID") else None

    def health(self) -> Health:
        view = self.view() or {}
        return health(view, _levels(self._root / LEVELS), _shown("NRestarts"))

    def restart(self, unit: str) -> None:
        words = ["systemctl", "restart", unit]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=RESTART_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise OSError(str(error)) from error
        if done.returncode:
            raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")

    def self_test(self, release: Path) -> tuple[str, str]:
        """Every module is imported and the room's own configuration is read by it."""
        return fault(*self._tested(release, self._root / "etc/diemcau/room.toml"))

    def settings_test(self, release: Path, room: Path) -> tuple[str, str]:
        """Without a table of the keeper there are no lines yet that could be others."""
        keeper = self._root / "etc/diemcau/keeper.json"
        return settings_fault(*self._tested(release, room, *([keeper] if keeper.is_file() else [])))

    def _tested(self, release: Path, *files: Path) -> tuple[int, str]:
        """How it ended and what it said; 0 and '' = it lives."""
        env = {"PYTHONPATH": ":".join(paths(release, "controller")), "PYTHONDONTWRITEBYTECODE": "1"}
        words = [*self._aside(env), "python3", "-s", "-P", "-c", ASIDE, *map(str, files)]
        try:
            done = subprocess.run(
                words, env={**os.environ, **env}, cwd="/", capture_output=True, timeout=2 * TEST_S, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            return 1, str(error)
        if not done.returncode:
            return 0, ""
        said = done.stderr.decode("utf-8", "replace").strip()[-400:]
        return done.returncode, said or f"exit {done.returncode}"

    def _aside(self, env: Mapping[str, str]) -> list[str]:
        """What makes a command the room's user's, without network, devices and a disk to write to. systemd does it:
        the updater itself may not become another user."""
        if os.geteuid() != 0:
            return []
        words = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--uid={self._user}"]
        words += [f"--property={one}" for one in BOX]
        return words + [f"--setenv={name}={value}" for name, value in env.items()]

    def free_bytes(self, folder: Path) -> int:
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize

    def os(self) -> str:
        rows = dict(
            line.split("=", 1) for line in (self._root / "etc/os-release").read_text().splitlines() if "=" in line
        )
        return f"{rows.get('ID', '')}-{rows.get('VERSION_ID', '')}".replace('"', "")


def fault(code: int, said: str) -> tuple[str, str]:
    """What the end of `self_test` means for a release. Only an answer of its own is a "no": systemd-run ends with 1
    where it could not begin, or ended the test for its time or its memory."""
    if not code:
        return "", ""
    return ("update.self_test" if code in (NO, CONFIG, LINES) else NOT_MADE), said


def settings_fault(code: int, said: str) -> tuple[str, str]:
    """What the end of `self_test` means for a configuration, as `settings_test` returns it."""
    if code == LINES:
        return "update.keeper_table", ""
    found, said = fault(code, said)
    return ("update.settings_wrong" if found == "update.self_test" else found), said


def health(view: Mapping[str, object], levels: Mapping[str, object], restarts: int) -> Health:
    """From the view, the keeper's record of its lines, and systemd's count."""
    detail = _table(view, "detail")
    answers = {
        f"{part}.{name.rpartition('.')[0]}".rstrip(".")
        for part in _DEVICES
        for name, value in _table(detail, part).items()
        if name.rpartition(".")[2] == "answers" and value is True
    }
    answers |= {"keeper"} if _table(detail, "keeper").get("up") is True else set()
    answers |= {"ups"} if isinstance(_table(detail, "ups").get("source"), str) else set()
    answers |= {f"climate.{n.partition('.')[0]}" for n, v in _table(detail, "climate").items() if _good(v)}
    pid = view.get("pid")
    broker = _table(detail, "line").get("desk") in ("up", "backup")
    return Health(pid if isinstance(pid, int) else 0, frozenset(answers), levels, broker, restarts)


def _good(value: object) -> bool:
    """What is not good is shown with its quality (core/report.fact_view)."""
    return value is not None and not isinstance(value, Mapping)


def _table(tree: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def _levels(path: Path) -> Mapping[str, object]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows = tree.get("relays") if isinstance(tree, dict) else None
    pairs = rows.items() if isinstance(rows, dict) else ()
    return {name: row["on"] for name, row in pairs if isinstance(row, dict) and "on" in row}


def _shown(name: str) -> int:
    """A number that systemd keeps of the controller; 0 where there is no systemd."""
    words = ["systemctl", "show", f"--property={name}", "--value", CONTROLLER]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ASK_S, check=False)
    except subprocess.TimeoutExpired:
        return 0
    said = done.stdout.strip()
    return int(said) if said.isdigit() else 0
