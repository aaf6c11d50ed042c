"""What a row of the table is, and the rows that need no running room: the core, a simulated year, the disk."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from controller.demo.binaries import CACHE, ROOT
from tests.bench import core

DAYS_WATCHED = 5


class NotMeasured(RuntimeError):
    """This row has no figure on this machine or at this stage; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: our figure, the floor's (None = there is none), the goal and how it is meant (None = told only)."""

    name: str
    unit: str
    ours: float
    floor: float | None
    goal: float | None
    goal_is_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def good(self) -> bool:
        if self.goal is None:
            return True
        judged = self.ratio if self.goal_is_ratio else self.ours
        return judged is not None and judged <= self.goal


def core_rows() -> list[Row]:
    quiet, news, whole = core.measure()
    return [
        Row("quiet sample", "us", quiet, None, 10),
        Row("full decision", "us", news, None, 200),
        Row("the same, every rule asked", "us", whole, None, None),
    ]


def year_rows(days: int) -> list[Row]:
    """Simulated years, each in one process: the goal is meant for five sources every five minutes and no fault."""
    return [
        Row("simulated year", "s", _year_s(days, "none"), None, 15),
        Row("the same, every fault", "s", _year_s(days, "all"), None, None),
    ]


def _year_s(days: int, faults: str) -> float:
    with _scratch() as folder:
        result = folder / "year.json"
        _diemcau("simulate", "--days", str(days), "--seed", "7", "--faults", faults, "--json", str(result))
        seconds = float(json.loads(result.read_text(encoding="utf-8"))["seconds"])
    return seconds * 365 / days


def disk_row() -> Row:
    """Median of a simulated working week without faults: what its records cost on the disk, per day."""
    with _scratch() as folder:
        words = [sys.executable, "-m", "tests.bench.disk", str(DAYS_WATCHED), str(folder)]
        written = int(subprocess.check_output(words, cwd=ROOT, text=True))
    return Row("to the disk, quiet day", "MB", written / DAYS_WATCHED / 1e6, None, 1)


class _scratch:
    """A folder on the disk, not in memory: there nothing would be written."""

    def __enter__(self) -> Path:
        self._folder = CACHE / "bench"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _diemcau(*words: str) -> None:
    script = Path(sys.executable).with_name("diemcau")
    try:
        done = subprocess.run([str(script), *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotMeasured(str(error)) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or [f"ended with {done.returncode}"]
        # The first line names the law that was broken, the last one of a traceback the error.
        raise NotMeasured(f"{' '.join(words)}: {said[0][:200]} / {said[-1][:200]}")
