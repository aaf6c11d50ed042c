"""Simulated time: who is due runs at its time, in order, and a world that stands still is not waited for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.simulation.clockwork import AT_ONCE, Clockwork, Stuck
from hardware.contract import NEVER_MS


class Bell:
    """Rings at its times and writes down when."""

    def __init__(self, clock: Clockwork, name: str, *times: int) -> None:
        self.clock, self.times = clock, list(times)
        self.rung: list[int] = []
        self.number = clock.add(name, self.ring, self.due)

    def due(self) -> int:
        return self.times[0] if self.times else NEVER_MS

    def ring(self) -> None:
        self.times.pop(0)
        self.rung.append(self.clock.now_ms)


@given(st.lists(st.integers(0, 100), max_size=8), st.lists(st.integers(0, 100), max_size=8))
def test_everyone_runs_at_its_time(one: list[int], other: list[int]) -> None:
    clock = Clockwork()
    bells = [Bell(clock, "a", *sorted(one)), Bell(clock, "b", *sorted(other))]
    for bell in bells:
        clock.arm(bell.number)
    clock.run_until(50)
    assert clock.now_ms == 50
    assert [bell.rung for bell in bells] == [[t for t in sorted(times) if t < 50] for times in (one, other)]


def test_who_was_added_last_runs_last_at_one_instant() -> None:
    clock, order = Clockwork(), []

    class Named(Bell):
        def ring(self) -> None:
            super().ring()
            order.append(self.number)

    bells = [Named(clock, name, 7) for name in "abc"]
    for bell in reversed(bells):
        clock.arm(bell.number)
    clock.run_until(8)
    assert order == [bell.number for bell in bells]


def test_at_once_is_now() -> None:
    clock = Clockwork()
    bell = Bell(clock, "a", 40)
    clock.arm(bell.number)
    clock.run_until(10)
    clock.at_once(bell.number)
    clock.run_until(11)
    assert bell.rung == [10]


def test_what_is_always_due_is_named() -> None:
    clock = Clockwork()
    ran: list[int] = []
    clock.arm(clock.add("camera", lambda: ran.append(clock.now_ms), lambda: 5))
    with pytest.raises(Stuck, match="camera"):
        clock.run_until(10)
    assert len(ran) == AT_ONCE + 1
