"""A real PostgreSQL of our own for tests: own folder, own port on loopback, ended by its own process id.

It refuses to run as root: root starts it as nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.demo import binaries
from tests.services.mosquitto import free_port

START_S = 60.0
_PLAIN = {"LC_ALL": "C.UTF-8"}


class Postgres:
    """`start` makes a cluster and waits until it answers; `database(name)` makes one and gives its address."""

    def __init__(self) -> None:
        # Not below pytest's own folder: that is root's alone, and the server runs as somebody else.
        self._folder = Path(tempfile.mkdtemp(prefix="dc-pg-"))
        self._data, self._log = self._folder / "data", self._folder / "log"
        self._out = self._log.open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
        self._once("initdb", ["-D", str(self._data), "-U", "diemcau", "-A", "trust", "--no-sync", "-E", "UTF8"])
        self.port = free_port()
        self.again()

    def again(self) -> None:
        """Start (again) on the same port and data."""
        words = ["-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-c", "fsync=off"]
        self._process = subprocess.Popen(self._words("postgres", words), **self._options())  # type: ignore[call-overload]
        deadline = time.monotonic() + START_S
        while (
            subprocess.run(
                self._words("pg_isready", ["-h", "127.0.0.1", "-p", str(self.port)]),
                capture_output=True,
                check=False,
            ).returncode
            != 0
        ):
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail("PostgreSQL did not start:\n" + self._log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def database(self, name: str, like: str = "template1") -> str:
        """A new database, a copy of another that nobody is connected to, and its SQLAlchemy address."""
        self._once("createdb", ["-h", "127.0.0.1", "-p", str(self.port), "-U", "diemcau", "-T", like, name])
        return f"postgresql+asyncpg://diemcau@127.0.0.1:{self.port}/{name}"

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._out.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _options(self) -> dict[str, object]:
        who = "nobody" if os.geteuid() == 0 else None
        group = pwd.getpwnam(who).pw_gid if who else None
        return {
            "stdout": self._out,
            "stderr": self._out,
            "user": who,
            "group": group,
            "extra_groups": [] if who else None,
            "cwd": self._folder,
            "env": {**os.environ, **_PLAIN},
        }

    def _words(self, name: str, words: Sequence[str]) -> list[str]:
        if (program := binaries.find(name)) is None:
            pytest.fail(f"{name} is missing: `make setup-tests` installs or unpacks PostgreSQL")
        return [str(program), *words]

    def _once(self, name: str, words: Sequence[str]) -> None:
        done = subprocess.run(self._words(name, words), check=False, **self._options())  # type: ignore[call-overload]
        assert done.returncode == 0, self._log.read_text(errors="replace")[-2000:]
