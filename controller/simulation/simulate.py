"""Run simulated days and check every law after every step; the result as figures, the journal as lines."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from controller.core.instant import Instant
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.runtime.chain import Entry, line, parse
from controller.simulation.acts import Stage
from controller.simulation.laws import Law, all_laws
from controller.simulation.plan import DAY_MS, FAULTS, make
from controller.simulation.room import simulated_room
from controller.simulation.world import World

VIOLATIONS_KEPT = 20
LAST_RECORDS = 25
HEADER = "simulate"


@dataclass(frozen=True, slots=True)
class Job:
    """What to simulate. `extra_wakes`, `fast`, `crash_at` are for the laws about the core itself."""

    days: int = 365
    seed: int = 1
    faults: tuple[str, ...] = FAULTS
    extra_wakes: bool = False
    fast: bool = True


@dataclass(slots=True)
class Report:
    """What became of it. `violations` holds the first twenty; `seconds` is real time."""

    days: int
    seed: int
    meetings: int = 0
    ready_on_time: int = 0
    late_explained: int = 0
    violations: list[str] = field(default_factory=list)
    switches: int = 0
    events: int = 0
    decisions: int = 0
    seconds: float = 0.0
    acts: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        names = ("days", "seed", "meetings", "ready_on_time", "late_explained", "violations", "switches")
        return {name: getattr(self, name) for name in (*names, "events", "decisions", "acts", "seconds")}


class Watch:
    """Checks the laws after every step and counts what the meetings came to."""

    def __init__(self, world: World, laws: Iterable[Law], report: Report) -> None:
        self.world, self.laws, self.report = world, tuple(laws), report
        self.last: deque[str] = deque(maxlen=LAST_RECORDS)

    def step(self, before: State, outcome: Outcome, now: Instant) -> None:
        if outcome.state.tracks is before.tracks:
            return  # the fast path: nothing but ages of facts has changed
        for law in self.laws:
            for said in law(before, outcome, now, self.world):
                if len(self.report.violations) < VIOLATIONS_KEPT:
                    self.report.violations.append(f"day {self.world.now_ms / DAY_MS:.4f}: {said}")
        for record in outcome.records:
            self.last.append(f"{now.mono_ms} {record.kind} {record.subject} {dict(record.body)}")
            if record.kind == "noted" and record.subject.startswith("t60."):
                self.report.meetings += 1
                ready = dict(record.body)["value"] == "ready"
                self.report.ready_on_time += ready
                self.report.late_explained += not ready


def simulate(job: Job, room: Room | None = None, stop_at_violation: bool = False) -> tuple[Report, World, Watch]:
    """Run the job. Deterministic: the same job gives the same journal, byte for byte."""
    began = time.perf_counter()
    world = World(room or simulated_room(), job.seed, fast=job.fast, extra_wakes=job.extra_wakes)
    plan = make(job.days, job.seed, job.faults)
    report = Report(job.days, job.seed)
    watch = Watch(world, all_laws(), report)
    world.on_step = watch.step
    stage = Stage(world, plan.acts)
    told = deque(plan.told)
    end_ms = job.days * DAY_MS
    while world.now_ms < end_ms and not (stop_at_violation and report.violations):
        next_ms = min(stage.next_ms() or end_ms, told[0][0] if told else end_ms, end_ms)
        world.run_until(next_ms)
        while told and told[0][0] <= world.now_ms:
            world.publish(told.popleft()[1])
        stage.run_due(world.now_ms)
    report.switches, report.events, report.decisions = world.switches, world.events, world.decisions
    report.acts = dict(sorted(stage.done.items()))
    report.seconds = round(time.perf_counter() - began, 2)
    return report, world, watch


def write_journal(job: Job, entries: Iterable[Entry], out: TextIO) -> None:
    """The journal as JSON lines; the first says how to run it again."""
    head = {HEADER: {"days": job.days, "seed": job.seed, "faults": list(job.faults)}}
    out.write(json.dumps(head, separators=(",", ":")) + "\n")
    for entry in entries:
        out.write(line(entry) + "\n")


def read_job(first_line: str) -> Job:
    """How to run a journal again. Raises ValueError when the line is not a simulation's."""
    try:
        wish = json.loads(first_line)[HEADER]
        return Job(int(wish["days"]), int(wish["seed"]), tuple(str(name) for name in wish["faults"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("not a simulation's journal: the first line names no days, seed and faults") from error


def replay(path: Path) -> Iterator[str]:
    """Run the journal again; yields every line that differs, nothing when it is reproduced."""
    with path.open(encoding="utf-8") as file:
        job = read_job(file.readline())
        _, world, _ = simulate(job)
        count = 0
        for count, entry in enumerate(world.entries, 1):
            written = file.readline().rstrip("\n")
            if written != line(entry):
                yield f"line {count + 1}: {written[:200] or 'missing'}"
                return
        if file.readline():
            yield f"line {count + 2}: more than this run writes"


def entries_of(path: Path) -> Iterator[Entry]:
    """The entries of a journal file. Raises chain.Unreadable at a line that is none."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            if not text.startswith(f'{{"{HEADER}"'):
                yield parse(text.rstrip("\n"))
