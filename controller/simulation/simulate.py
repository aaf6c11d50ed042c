"""Run simulated days and check every law after every step; the result as figures."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from controller.core.ask import Rule
from controller.core.instant import Instant
from controller.core.records import Record
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.rules import RULES
from controller.simulation.acts import Stage
from controller.simulation.clockwork import Stuck
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.laws import Law, all_laws
from controller.simulation.plan import DAY_MS, make
from controller.simulation.room import codec_by, simulated_room
from controller.simulation.world import World

VIOLATIONS_KEPT = 20
LAST_RECORDS = 25
STEP_MS = 600_000
"""Who wants to stop at the first violation looks for one so often."""

Rules = Sequence[tuple[str, Rule]]


@dataclass(frozen=True, slots=True)
class Job:
    """What to simulate. `codec`: its make, '' = by the seed; `extra_wakes` and `fast` are for the laws about the
    core itself."""

    days: int = 365
    seed: int = 1
    faults: tuple[str, ...] = FAULTS
    extra_wakes: bool = False
    fast: bool = True
    codec: str = ""

    def room(self) -> Room:
        """The room of this job."""
        return simulated_room(codec=self.codec or codec_by(self.seed))


@dataclass(slots=True)
class Report:
    """What became of it. `meetings`: those that were due at T-60. `violations` holds the first twenty with what
    was written down before the first (`last`); `seconds` is real time, all else is the same in every run."""

    days: int
    seed: int
    verdicts: dict[str, bool] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    last: tuple[str, ...] = ()
    switches: int = 0
    events: int = 0
    decisions: int = 0
    seconds: float = 0.0
    acts: dict[str, int] = field(default_factory=dict)

    @property
    def meetings(self) -> int:
        return len(self.verdicts)

    @property
    def ready_on_time(self) -> int:
        return sum(self.verdicts.values())

    @property
    def late_explained(self) -> int:
        return self.meetings - self.ready_on_time

    def figures(self) -> dict[str, object]:
        """For a machine: `violations` is their number, `violation_texts` what they are."""
        names = ("days", "seed", "meetings", "ready_on_time", "late_explained")
        counts = ("switches", "events", "decisions", "acts", "seconds")
        return {
            **{name: getattr(self, name) for name in names},
            "violations": len(self.violations),
            "violation_texts": self.violations,
            **{name: getattr(self, name) for name in counts},
        }


class Watch:
    """Checks the laws after every step and counts what the meetings came to."""

    def __init__(self, world: World, laws: Iterable[Law], report: Report) -> None:
        self.world, self.laws, self.report = world, tuple(laws), report
        self.busy: list[int] = []
        """Times (ms since the beginning) at which orders went out: where a restart would hurt most."""
        self._last: deque[str] = deque(maxlen=LAST_RECORDS)

    def step(self, before: State, outcome: Outcome, now: Instant) -> None:
        if outcome.state.tracks is before.tracks:
            return  # the fast path: nothing but ages of facts has changed
        if outcome.orders:
            self.busy.append(self.world.now_ms)
        for record in outcome.records:
            self._note(record, now)
        for law in self.laws:
            for said in law(before, outcome, now, self.world):
                self.broken(said)

    def broken(self, said: str) -> None:
        """Keep a violation, and what was written down before the first."""
        if not self.report.violations:
            self.report.last = tuple(self._last)
        if len(self.report.violations) < VIOLATIONS_KEPT:
            self.report.violations.append(f"day {self.world.now_ms / DAY_MS:.4f}: {said}")

    def _note(self, record: Record, now: Instant) -> None:
        self._last.append(f"{now.mono_ms} {record.kind} {record.subject} {dict(record.body)}")
        if record.kind == "noted" and record.subject.startswith("t60."):
            # A meeting that was moved is due twice: what counts is how it was when it was held.
            self.report.verdicts[record.subject] = dict(record.body)["value"] == "ready"


class Run:
    """One world and its plan, let go step by step."""

    def __init__(
        self, job: Job, room: Room | None = None, rules: Rules = RULES, laws: Iterable[Law] | None = None
    ) -> None:
        self.job = job
        self.world = World(room or job.room(), job.seed, rules=rules, fast=job.fast, extra_wakes=job.extra_wakes)
        self.plan = make(job.days, job.seed, job.faults)
        self.report = Report(job.days, job.seed)
        self.watch = Watch(self.world, all_laws() if laws is None else laws, self.report)
        self.world.on_step = self.watch.step
        self._stage = Stage(self.world, self.plan.acts)
        self._told = deque(self.plan.told)

    def until(self, end_ms: int, stop_at_violation: bool = False) -> None:
        """Live until then. A world whose time stands still is a violation and the end."""
        while self.world.now_ms < end_ms and not (stop_at_violation and self.report.violations):
            try:
                step_ms = self.world.now_ms + STEP_MS if stop_at_violation else end_ms
                self.world.run_until(min(self._next_ms(end_ms), step_ms))
            except Stuck as who:
                self.watch.broken(f"time stands still: {who} is always due now")
                return
            while self._told and self._told[0][0] <= self.world.now_ms:
                self.world.publish(self._told.popleft()[1])
            self._stage.run_due(self.world.now_ms)

    def _next_ms(self, end_ms: int) -> int:
        told_ms = self._told[0][0] if self._told else end_ms
        return min(self._stage.next_ms() or end_ms, told_ms, end_ms)

    def finish(self, stop_at_violation: bool = False) -> Report:
        """All days, then the figures."""
        began = time.perf_counter()
        gc.disable()  # hardly anything lies in circles, and looking for it is a fifteenth of the time
        try:
            self.until(self.job.days * DAY_MS, stop_at_violation)
        finally:
            gc.enable()
        report, world = self.report, self.world
        report.switches, report.events, report.decisions = world.switches, world.events, world.decisions
        report.acts = dict(sorted(self._stage.done.items()))
        report.seconds = round(time.perf_counter() - began, 2)
        return report


def simulate(
    job: Job,
    room: Room | None = None,
    rules: Rules = RULES,
    laws: Iterable[Law] | None = None,
    stop_at_violation: bool = False,
) -> Run:
    """Run the job. Deterministic: the same job gives the same journal, byte for byte."""
    run = Run(job, room, rules, laws)
    run.finish(stop_at_violation)
    return run
