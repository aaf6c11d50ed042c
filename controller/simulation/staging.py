"""When what is done to the world is due, and the fingers and contacts that all acts share."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from controller.core.tables import tables
from controller.simulation.world import World
from hardware.contract import Edge

PASSES_MS = 20_000
"""Through the door to the panel, and as long as such a sensor holds its contact."""


class Staging:
    """Does things at their times, in their order; whoever does one may put off another."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.done: dict[str, int] = {}
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._n = 0
        self.motion_stuck: bool | None = None
        self._moving = 0
        self._moved: set[int] = set()

    def _at(self, at_ms: int, do: Callable[[], None]) -> None:
        self._n += 1
        heapq.heappush(self._later, (at_ms, self._n, do))

    def next_ms(self) -> int | None:
        return self._later[0][0] if self._later else None

    def run_due(self, now_ms: int) -> None:
        """Everything that is due at `now_ms`."""
        while self._later and self._later[0][0] <= now_ms:
            heapq.heappop(self._later)[2]()
            self.world.arm_all()

    def _press(self, name: str, for_ms: int) -> None:
        inputs = [b.input for b in self.world.room.buttons if b.role == name]
        if inputs:
            self._passes(for_ms)
            self._edge(inputs[0], True)
            self._at(self.world.now_ms + for_ms, lambda: self._edge(inputs[0], False))

    def _passes(self, for_ms: int) -> None:
        """Whoever presses is in the room for a moment, and a motion sensor that works sees it."""
        self._moving += 1
        self._look()
        self._at(self.world.now_ms + for_ms + PASSES_MS, self._passed)

    def _passed(self) -> None:
        self._moving -= 1
        self._look()

    def _look(self) -> None:
        """What the motion sensors see of all this; one that is stuck sees nothing."""
        moves = self.world.bench.people > 0 or self._moving > 0
        on = moves if self.motion_stuck is None else self.motion_stuck
        if any(self.world.bench.levels[name] is not on for name in tables(self.world.room).inputs("motion")):
            self._contacts("motion", on)

    def _edge(self, name: str, down: bool) -> None:
        """A line that has just changed is read as it is until it changes again."""
        self.world.bench.levels[name] = down
        self.world.tell(Edge(name, down, self.world.now_ms - self.world.booted_ms()))

    def _contacts(self, role: str, on: bool) -> None:
        """Every contact of this role changes; it keeps its level until it changes again."""
        for name in tables(self.world.room).inputs(role):
            self._edge(name, on)

    def _for(self, for_ms: int, begin: Callable[[], None], end: Callable[[], None]) -> None:
        begin()
        self._at(self.world.now_ms + for_ms, end)

    def _mains(self, on: bool) -> None:
        self.world.bench.set_mains(on, self.world.now_ms)
        self.world.power()

    def _flag(self, name: str, for_ms: int) -> None:
        strike = self.world.bench.ups_fault
        self._for(for_ms, lambda: strike(name, True), lambda: strike(name, False))

    def _key(self, turned: bool) -> None:
        self.world.bench.key = turned
        name = next((b.input for b in self.world.room.buttons if b.role == "bypass"), None)
        if name is not None:
            self._edge(name, turned)
        self.world.power()
