"""A process under measurement: started, read through /proc, ended by its own id.

Figures: private memory (USS: private clean + dirty pages, KiB), voluntary context switches of all threads (each is
one wake-up), processor time, bytes sent to the disk.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.demo.binaries import CACHE

AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(CACHE / "bench-bytecode")}
"""A room runs what pip has installed and compiled. This checkout may have no bytecode, and the environment may
forbid to write any: then every start would be measured together with a compiler."""
TICKS_S = os.sysconf("SC_CLK_TCK")
STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What /proc said at one moment, since the process began."""

    wakes: int
    cpu_s: float
    written_b: int


class Measured:
    """`with Measured(words, log) as process:`; the log keeps what it printed."""

    def __init__(self, words: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self._words, self._log, self._env = words, log, {**os.environ, **AS_INSTALLED, **(env or {})}

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._env
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def breathe(self, seconds: float = 0.01) -> None:
        """Waits so long; raises RuntimeError when the process has died."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise RuntimeError(self.died())

    @property
    def pid(self) -> int:
        return self._process.pid

    def died(self) -> str:
        """Why it cannot be measured any more; empty while it lives."""
        if self._process.poll() is None:
            return ""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        return f"ended with {self._process.returncode}: " + " / ".join(lines)

    def uss_kib(self) -> int:
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))

    def sample(self) -> Sample:
        wakes = sum(_voluntary(task / "status") for task in Path(f"/proc/{self.pid}/task").iterdir())
        stat = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        )
        return Sample(wakes, (int(stat[11]) + int(stat[12])) / TICKS_S, self._written())

    def _written(self) -> int:
        rows = Path(f"/proc/{self.pid}/io").read_text(encoding="ascii").splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("write_bytes"))


def _voluntary(status: Path) -> int:
    rows = status.read_text(encoding="utf-8").splitlines()
    return next((int(row.split()[1]) for row in rows if row.startswith("voluntary")), 0)
