"""One process of the demo: found, started, waited for, ended by its own process id and never by name.

Its output goes to a log file in its folder, whose tail is shown when it dies. Which words a service wants and
how it shows that it answers is services.py's to know.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from controller.demo import binaries

START_S = 20.0  # a Pi Zero with a slow card starts mosquitto in about 2 s
STOP_S = 5.0
POLL_S = 0.02
ANSWER_S = 2.0
PORT_TRIES = 3  # somebody else may take the free port between our look and the service's bind


class ServiceError(RuntimeError):
    """A service is not installed, did not start or died; the text ends with the last lines of its log."""


class Daemon:
    """One process: its folder, its log, its end. Not a service yet: who starts it knows its words. `program`:
    where it lies, when it is not one of others that `binaries` looks for."""

    def __init__(self, name: str, folder: Path, program: Path | None = None) -> None:
        self.name = name
        self._program = program
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, words: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Raises ServiceError when the machine does not have the program."""
        program = self._program or binaries.find(self.name)
        if program is None:
            raise ServiceError(f"{self.name}: not on this machine; `make setup-tests` installs or unpacks it")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(program), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(env or {})},
                start_new_session=True,  # Ctrl-C in the demo's terminal is for the demo alone
            )

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def breathe(self) -> None:
        """Waits one poll's time, or raises ServiceError when the process died."""
        if self._process is None:
            raise ServiceError(f"{self.name}: not started")
        try:
            code = self._process.wait(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            return
        raise ServiceError(f"{self.name} ended with {code}:\n{self.tail()}")

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self.lives():
            self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ends it, in at most STOP_S and then by force; stopping twice does nothing."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        # Not by Popen.send_signal, which reaps one that has ended meanwhile: an unreaped number is ours for sure.
        os.kill(process.pid, number)
        os.kill(process.pid, signal.SIGCONT)  # a paused process would sleep through SIGTERM
        _await_end(process.pid)
        # Its session is its own; as long as it is not reaped the number cannot be anybody else's. What it started
        # and did not end itself, and itself if it is deaf, ends here.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def tail(self, lines: int = 12) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _await_end(pid: int) -> None:
    """Waits until our child has ended, at most STOP_S, and leaves it to be reaped."""
    for _ in range(int(STOP_S / POLL_S)):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
            return
        time.sleep(POLL_S)


def until(true: Callable[[], bool], daemon: Daemon) -> None:
    """Waits until `true`, at most START_S. Raises ServiceError when it stays untrue or the process dies."""
    for _ in range(int(START_S / POLL_S)):
        if true():
            return
        daemon.breathe()
    raise ServiceError(f"{daemon.name}: no answer within {START_S:.0f} s\n{daemon.tail()}")


def exchange(port: int, request: bytes) -> bytes:
    """What 127.0.0.1:port answers first; empty when nobody listens or nobody answers."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as wire:
        wire.sendall(request)
        return wire.recv(4096)
    return b""


def with_free_port(start: Callable[[int], None], daemon: Daemon, port: int) -> int:
    """Calls `start` with `port`, or with a free one when it is 0, and again when that was taken meanwhile."""
    for remaining in reversed(range(PORT_TRIES)):
        chosen = port or _free_port()
        try:
            start(chosen)
        except ServiceError:
            daemon.stop()
            if not remaining:
                raise
        else:
            return chosen
    raise ServiceError(daemon.name)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def user() -> str:
    """Services started by root change to a user of their own; ours stay who we are, for the folders are ours."""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_name
    return str(os.geteuid())


def private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads: NUT warns of any other."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
