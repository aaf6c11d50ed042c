"""Simulated days for the tests of this folder, each run once in a test session."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from controller.core.instant import Instant
from controller.core.state import Outcome, State
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.laws import Law, all_laws
from controller.simulation.simulate import Job, Run, simulate
from controller.simulation.truth import Truth
from hardware.contract import Value

Step = tuple[State, Outcome, Instant]

DAYS = 20
CORPUS = ((105, True), (82, True), (12, False), (10, True), (65, True), (34, True))
"""(seed, with faults). In twenty days every fault strikes once or twice; 105 has a codec that counts people, in 34
a computer runs the meetings."""
TWINS = CORPUS[:3]
"""Of these a second life is lived as well."""


def job(seed: int, faulty: bool, days: int = DAYS) -> Job:
    return Job(days, seed, FAULTS if faulty else ())


@cache
def lived(seed: int, faulty: bool) -> Run:
    """A run of the corpus."""
    return simulate(job(seed, faulty))


class Camera:
    """A law that keeps every step that gave orders or records, and never says anything."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, before: State, outcome: Outcome, now: Instant, _truth: Truth) -> Iterator[str]:
        if outcome.orders or outcome.records:
            self.steps.append((before, outcome, now))
        yield from ()


@cache
def filmed() -> tuple[Step, ...]:
    """Three quiet days with a meeting on the second, every step of which is kept."""
    camera = Camera()
    run = simulate(Job(3, 5, ()), laws=(camera, *all_laws()))
    assert run.report.violations == []
    return tuple(camera.steps)


def filmed_order(target: str, value: Value) -> Step:
    """The first step that ordered this."""
    return next(
        step for step in filmed() for order in step[1].orders if (order.target, order.value) == (target, value)
    )


def law(name: str) -> Law:
    """A fresh checker by the name of its function or class."""
    return next(law for law in all_laws() if getattr(law, "__name__", type(law).__name__) == name)
