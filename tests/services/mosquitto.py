"""A real mosquitto of our own for tests: own port, own folder, loopback only; ended by its own process id."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "services"
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
_START_S = 10.0


def binary() -> Path | None:
    """Where mosquitto is: PATH, the usual places, or unpacked under `.cache/services`."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(_PLACES))
    if found:
        return Path(found)
    return next((p for p in sorted(_CACHE.rglob("mosquitto")) if p.is_file() and os.access(p, os.X_OK)), None)


def free_port() -> int:
    """A port of loopback that nobody listens on. Below those that the kernel gives away by itself, else the next
    connection of any test may have it before it is used; and by chance, for other workers look for one too."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


class Mosquitto:
    """`extra`: lines of configuration behind the listener. Nothing is persisted: a restart forgets all."""

    def __init__(self, folder: Path, extra: str = "allow_anonymous true\n", port: int | None = None) -> None:
        self.port = port or free_port()
        self._folder, self._extra = folder, extra
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start it and wait until it accepts connections; returns the port."""
        if (path := binary()) is None:
            pytest.fail("mosquitto is missing: run `make prepare` or install the package mosquitto")
        config = self._folder / f"mosquitto-{self.port}.conf"
        root = "user root\n" if os.geteuid() == 0 else ""
        config.write_text(f"{root}{self._settings()}log_dest file {self.log}\nlog_type all\n")
        self._process = subprocess.Popen([path, "-c", config], env=_environment(path), stderr=subprocess.DEVNULL)
        for port in self._ports():
            self._wait_listening(port)
        return self.port

    def _settings(self) -> str:
        """All but who runs it and where it logs."""
        own = "set_tcp_nodelay true\npersistence false\nmax_queued_messages 0\n"
        return f"listener {self.port} 127.0.0.1\n{self._extra}{own}"

    def reload(self) -> None:
        """As `systemctl reload`: access list, passwords and certificates are read again."""
        self._signal(signal.SIGHUP)

    @property
    def log(self) -> Path:
        """Its own words."""
        return self._folder / f"mosquitto-{self.port}.log"

    def stop(self) -> None:
        """End it, politely first. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers, like a line that swallows packets."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "not started"
        self._process.send_signal(number)

    def _ports(self) -> tuple[int, ...]:
        """Where it is expected to listen."""
        return (self.port,)

    def _wait_listening(self, port: int) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                if self._ended(0.02):
                    break
            else:
                return
        words = self.log.read_text() if self.log.exists() else "(no log)"
        self.stop()
        pytest.fail(f"mosquitto did not listen on port {port}:\n{words}")

    def _ended(self, wait_s: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return False
        return True


def _environment(path: Path) -> dict[str, str]:
    """A broker unpacked without root finds its libraries beside it."""
    if _CACHE not in path.parents:
        return dict(os.environ)
    folders = {str(p.parent) for p in _CACHE.rglob("*.so*")}
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}
