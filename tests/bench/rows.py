"""The rows of the table: each measures one figure of ours, most of them beside the floor in paired rounds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from controller.demo.binaries import CACHE, ROOT
from tests.bench import core
from tests.bench.probe import NoAnswer, Probe, Talk
from tests.bench.process import Measured

COMMANDS = 200
WARM_UP = 20
SETTLE_S = 5.0


class NotMeasured(RuntimeError):
    """This row has no figure on this machine or at this stage; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: our figure, the floor's (None = there is none), the goal and how it is meant."""

    name: str
    unit: str
    ours: float
    floor: float | None
    goal: float
    goal_is_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def good(self) -> bool:
        judged = self.ratio if self.goal_is_ratio else self.ours
        return judged is not None and judged <= self.goal


@dataclass(frozen=True, slots=True)
class Figures:
    """What one process under measurement showed."""

    start_ms: float
    command_ms: float
    cpu_us: float
    uss_mib: float
    wakes_h: float
    cpu_s_h: float


def figures(
    words: Sequence[str], talk: Callable[[], Talk], port: int, folder: Path, rounds: int, idle_s: float
) -> Figures:
    """Medians of `rounds` starts; the idle figures are of the last one."""
    starts: list[float] = []
    commands: list[float] = []
    for left in reversed(range(rounds)):
        with ExitStack() as stack:
            spoken = talk()
            probe = stack.enter_context(Probe(port, spoken.topics))
            process, start_ms = _start(stack, words, spoken, probe, folder)
            starts.append(start_ms)
            _introduce(spoken, probe, process)
            before = process.sample()
            commands.append(median(_ask(spoken, probe) for _ in range(COMMANDS)))
            cpu_us = (process.sample().cpu_s - before.cpu_s) / COMMANDS * 1e6
            if not left:
                uss, wakes, cpu_s = _idle(process, idle_s)
    return Figures(median(starts), median(commands), cpu_us, uss, wakes, cpu_s)


def _start(
    stack: ExitStack, words: Sequence[str], talk: Talk, probe: Probe, folder: Path
) -> tuple[Measured, float]:
    probe.forget(talk.status)
    began_ns = time.perf_counter_ns()
    process = stack.enter_context(Measured(words, folder / "measured.log"))
    try:
        at_ns = probe.wait(talk.status, b"online")[1]
    except NoAnswer as error:
        raise NotMeasured(process.died() or f"silent: {error}") from error
    return process, (at_ns - began_ns) / 1e6


def _introduce(talk: Talk, probe: Probe, process: Measured) -> None:
    try:
        talk.introduce(probe)
        for _ in range(WARM_UP):
            talk.ask_ns(probe)
    except NoAnswer as error:
        raise NotMeasured(process.died() or f"silent: {error}") from error


def _ask(talk: Talk, probe: Probe) -> float:
    return talk.ask_ns(probe) / 1e6


def _idle(process: Measured, idle_s: float) -> tuple[float, float, float]:
    """(private MiB, wake-ups an hour, processor seconds an hour), with telemetry running and nobody asking."""
    time.sleep(SETTLE_S)
    before, began_s = process.sample(), time.monotonic()
    time.sleep(idle_s)
    after, hours = process.sample(), (time.monotonic() - began_s) / 3600
    return process.uss_kib() / 1024, (after.wakes - before.wakes) / hours, (after.cpu_s - before.cpu_s) / hours


def against_floor(ours: Figures, floor: Figures) -> list[Row]:
    return [
        Row("start -> availability", "ms", ours.start_ms, floor.start_ms, 2.5, True),
        Row("command -> reply, QoS 1, p50", "ms", ours.command_ms, floor.command_ms, 1.5, True),
        Row("processor per command, QoS 1", "us", ours.cpu_us, floor.cpu_us, 1.5, True),
        Row("private memory", "MiB", ours.uss_mib, floor.uss_mib, 25),
        Row("wake-ups", "1/h", ours.wakes_h, floor.wakes_h, 1000),
        Row("idle processor", "s/h", ours.cpu_s_h, floor.cpu_s_h, 0.7),
    ]


def core_rows() -> list[Row]:
    quiet, full = core.measure()
    return [Row("quiet sample", "us", quiet, None, 10), Row("full decision", "us", full, None, 200)]


def year_row(days: int) -> Row:
    """A simulated year with every fault, one process."""
    with _scratch() as folder:
        result = folder / "year.json"
        _diemcau("simulate", "--days", str(days), "--seed", "7", "--json", str(result))
        seconds = float(json.loads(result.read_text(encoding="utf-8"))["seconds"])
    return Row("simulated year", "s", seconds * 365 / days, None, 15)


def disk_row() -> Row:
    """Median of a simulated working week without faults: what its records cost on the disk, per day."""
    days = 5
    with _scratch() as folder:
        journal = folder / "days.jsonl"
        _diemcau("simulate", "--days", str(days), "--seed", "7", "--faults", "none", "--journal", str(journal))
        words = [sys.executable, "-m", "tests.bench.disk", str(journal), str(folder)]
        written = int(subprocess.check_output(words, cwd=ROOT, text=True))
    return Row("to the disk, quiet day", "MB", written / days / 1e6, None, 1)


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
        raise NotMeasured((done.stderr or done.stdout).strip()[-200:])
