"""Simulated time: actors, each with the moment at which it wants to run next. No threads, no clocks, no sleep.

So few actors that looking at all of them is quicker than keeping a heap in order. Of one instant they run in the
order in which they were added.
"""

from __future__ import annotations

from collections.abc import Callable

AT_ONCE = 10_000
"""So many runs at one instant are no busy instant any more: somebody asks again and again to be woken at once."""


class Stuck(Exception):
    """Time does not go on: the actor that is named here is always due now."""


class Clockwork:
    """Runs actors at their times. Whoever changes an actor from outside arms it anew."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._due: list[int] = []
        self._names: list[str] = []
        self._runs: list[Callable[[], None]] = []
        self._wakes: list[Callable[[], int]] = []

    def add(self, name: str, run: Callable[[], None], wake: Callable[[], int]) -> int:
        """One more actor: `wake` says when `run` is due, in ms since the beginning. Its number."""
        self._names.append(name)
        self._runs.append(run)
        self._wakes.append(wake)
        self._due.append(self.now_ms)
        return len(self._runs) - 1

    def arm(self, actor: int) -> None:
        """Ask the actor anew when it is due."""
        self._due[actor] = max(self._wakes[actor](), self.now_ms)

    def at_once(self, actor: int) -> None:
        """Let the actor run at this instant."""
        self._due[actor] = self.now_ms

    def due_ms(self, actor: int) -> int:
        """When the actor runs next, as it said last."""
        return self._due[actor]

    def run_until(self, until_ms: int) -> None:
        """Let everything happen that is due before `until_ms`. Raises Stuck when that never ends."""
        due, runs, wakes, again = self._due, self._runs, self._wakes, 0
        while (due_ms := min(due)) < until_ms:
            actor = due.index(due_ms)
            again = again + 1 if due_ms == self.now_ms else 0
            if again > AT_ONCE:
                raise Stuck(self._names[actor])
            self.now_ms = due_ms
            runs[actor]()
            next_ms = wakes[actor]()
            due[actor] = next_ms if next_ms > due_ms else due_ms
        self.now_ms = until_ms
