"""A Debian with its own real systemd, in a container without a network: for tests of what systemd itself must do.

Nothing waits for a time to pass, everything for a condition with a deadline. A machine is ended by its own process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from controller.demo import binaries, trees
from tests.systemd.groups import Groups

DEADLINE_S = 60.0
REBOOTS = 133
"""What nspawn ends with when its machine restarts (systemd-nspawn(1)): whoever started it starts it again."""
WHY_NOT = (
    ""
    if trees.wanted() and binaries.find("systemd-nspawn") and all(map(Path.is_dir, trees.folders()))
    else "boots containers: only as root, after `make setup-tests`"
)


def until(condition: Callable[[], bool], what: str, told: Callable[[], str] = str) -> None:
    """Polls; AssertionError, with what `told` tells, when it does not come true within the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"never: {what}\n{told()}"
        time.sleep(0.05)


class Machine:
    """Boots a copy of a tree; `tell` runs a command in it. `lent`: folders of the host, seen at another place."""

    def __init__(self, suite: str, folder: Path, lent: Mapping[Path, str] | None = None) -> None:
        self.suite = suite
        self._lent = lent or {}
        # In memory: neither a copy nor the machine's own sync waits for a busy disk.
        self._place = Path(tempfile.mkdtemp(prefix="dc-", dir=_in_memory() or folder))
        self.root = self._place / suite
        trees.copy(suite, self.root)
        self._groups = Groups(self._place.name)
        self._log = folder / f"{suite}.log"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def boot(self) -> None:
        """Returns when systemd has done what it starts with. Its filter is the kernel's own for bpf: with nspawn's,
        systemd could not enforce a policy of devices, and would say nothing."""
        words = ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot", "--register=no", "--keep-unit"]
        words += ["--console=pipe", "--private-network", "--system-call-filter=bpf"]
        words += [f"--bind-ro={here}:{there}" for here, there in self._lent.items()]
        self._leader = 0
        with open(self._log, "ab") as log:
            # Trixie's systemd refuses the old hierarchy of control groups, whatever the host has.
            env = {**os.environ, "UNIFIED_CGROUP_HIERARCHY": "1"}
            self._nspawn = subprocess.Popen(
                self._groups.within(*words), env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        until(self._found, "a first process", self.log)
        until(self._running, "a booted system", self.failed)

    def _found(self) -> bool:
        assert self._nspawn is not None
        assert self._nspawn.poll() is None, self.log()
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text(encoding="ascii")
        self._leader = next(filter(_is_init, map(int, children.split())), 0)
        return self._leader != 0

    def _running(self) -> bool:
        with contextlib.suppress(OSError):
            said = self.tell("systemctl", "is-system-running", check=False).strip()
            return said in ("running", "degraded")
        return False

    def boots_again(self) -> None:
        """Returns when the machine has ended to restart, and has restarted."""
        assert self._nspawn is not None
        assert self._nspawn.wait(DEADLINE_S) == REBOOTS, self.log()
        self.boot()

    def cut(self) -> None:
        """The power goes; `boot` brings it back."""
        assert self._nspawn is not None
        os.kill(self._leader, signal.SIGKILL)
        self._nspawn.wait(DEADLINE_S)
        self._nspawn = None

    def failed(self) -> str:
        """What has failed, and what is still waited for."""
        units = ("systemctl", "list-units", "--failed", "--no-pager")
        jobs = ("systemctl", "list-jobs", "--no-pager")
        said = [self.tell(*words, check=False) for words in (units, jobs)]
        lasting = [word for word in said[1].split() if word.endswith(".service")]
        return "\n".join([*said, *map(self.told, lasting), self.log()])

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def start(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        enter = ["nsenter", f"--target={self._leader}", "--all", "--wd", "env", "-i", *_ENV]
        pipe = subprocess.PIPE
        return subprocess.Popen([*enter, *words], stdin=stdin, stdout=pipe, stderr=pipe, text=True)

    def asked(self, answers: str, *words: str) -> str:
        """Standard output of a command that is given these answers at a terminal."""
        ours, its = os.openpty()
        try:
            running = self.start(*words, stdin=its)
            os.write(ours, answers.encode())
            out, err = running.communicate(timeout=DEADLINE_S)
        finally:
            os.close(its)
            os.close(ours)
        assert running.returncode == 0, self.why(words, running.returncode, out, err)
        return out

    def tell(self, *words: str, check: bool = True) -> str:
        """Standard output of a command in the machine. AssertionError when it fails, with all there is to know."""
        running = self.start(*words)
        out, err = running.communicate(timeout=DEADLINE_S)
        assert not check or running.returncode == 0, self.why(words, running.returncode, out, err)
        return out

    def why(self, words: Sequence[str], code: int | None, out: str, err: str) -> str:
        """Both outputs of a command that failed, and how the services ended that it was about or names itself."""
        named = dict.fromkeys(word.strip("\"'.,:;()") for word in (*words, *out.split(), *err.split()))
        told = [self.told(word) for word in named if word.endswith(".service") and "/" not in word]
        return "\n".join([f"{tuple(words)}: {code}", out, err, *told])

    def fails(self, *words: str) -> str:
        """Standard error of a command that must not succeed."""
        running = self.start(*words)
        out, err = running.communicate(timeout=DEADLINE_S)
        assert running.returncode != 0, f"{words} succeeded\n{out}"
        return err

    def show(self, unit: str, name: str) -> str:
        """A property, as systemd knows it."""
        return self.tell("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def active(self, *units: str) -> None:
        for unit in units:
            until(partial(self._is_active, unit), f"{unit} active", partial(self.told, unit))

    def _is_active(self, unit: str) -> bool:
        return self.show(unit, "ActiveState") == "active"

    def pid(self, unit: str) -> int:
        """Of the main process, as the machine counts; 0 = there is none."""
        return int(self.show(unit, "MainPID"))

    def kill(self, pid: int, number: signal.Signals) -> None:
        """A minimal Debian has no program for it, every shell has."""
        self.tell("sh", "-c", f"kill -{number.value} {pid}")

    def told(self, unit: str) -> str:
        """How a service stands or ended, and its journal."""
        asked = "--property=Id,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,NRestarts"
        return self.tell("systemctl", "show", asked, unit, check=False) + self.journal(unit)

    def journal(self, unit: str) -> str:
        words = ("journalctl", "--unit", unit, "--no-pager", "--output=short-monotonic", "--boot")
        return self.tell(*words, check=False)[-4000:]

    def inside(self, path: str) -> Path:
        """The machine's own file as the host sees it, also where the machine has mounted something."""
        return Path(f"/proc/{self._leader}/root{path}")

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        """A file in the machine, root's."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    def halt(self) -> None:
        """In order, as `poweroff` does it; what does not end is ended."""
        if self._nspawn is None:
            return
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._nspawn = None

    def remove(self) -> None:
        """At once, as a power cut does."""
        if self._nspawn is not None:
            with contextlib.suppress(ProcessLookupError):  # 0 would be all of ourselves
                os.kill(self._leader or self._nspawn.pid, signal.SIGKILL)
            try:
                self._nspawn.wait(DEADLINE_S)
            finally:
                self._nspawn.kill()
                self._nspawn.wait()
        shutil.rmtree(self._place)
        until(self._groups.gone, "an end of the last process")


def _is_init(pid: int) -> bool:
    """Whether this is systemd already: nspawn's own helpers come and go before it."""
    with contextlib.suppress(OSError):
        rows = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
        told = {name: value.split() for name, _, value in (row.partition(":") for row in rows)}
        return told["Name"] == ["systemd"] and told["NSpid"][-1] == "1"
    return False


def _in_memory() -> Path | None:
    """Where a gigabyte is free."""
    place = Path("/dev/shm")
    return place if place.is_dir() and shutil.disk_usage(place).free > 1 << 30 else None


_ENV: Sequence[str] = (
    "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL=C.UTF-8",
    "SYSTEMD_COLORS=0",
    "PAGER=cat",
)
