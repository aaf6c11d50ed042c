"""Readings that can wait: while nothing is on its way, what says the same as before wakes nobody.

A room at rest is asked by ten sources every few seconds, and nearly every answer is the last one again, or differs
by less than the core takes for a change (a dead band: load and memory of the Pi never stand still). Such an answer
only renews an age; the loop takes it with its next round, which the pulse brings within ten seconds, and before it
could call anything stale. So a quiet room costs hundreds of wake-ups an hour instead of thousands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from controller.core.room import FactSpec
from hardware.contract import Reading, Value

WAITING = 250
"""Several minutes of every source. More means that a round is overdue: then nothing waits here until it came."""

Values = tuple[tuple[str, Value], ...]


class Quiet:
    """`sift` is called on the reporters' threads, each source by one of them; the rest on the loop's."""

    def __init__(self, facts: Mapping[str, FactSpec] | None = None) -> None:
        self._bands = {name: spec.dead_band for name, spec in (facts or {}).items() if spec.dead_band}
        self.on = False
        """Nothing is on its way: set by the loop after each round."""
        self._said: dict[str, Values] = {}
        self._waiting: deque[Reading] = deque()

    def sift(self, item: object) -> Sequence[object]:
        """What must go to the loop now: the item, nothing when it can wait, or all when too many wait."""
        if not isinstance(item, Reading):
            return (item,)
        if not (self.on and self._same(item)):
            self._said[item.source] = item.values
            return (item,)
        self._waiting.append(item)
        if len(self._waiting) <= WAITING:
            return ()
        self.on = False
        return self.take(())

    def _same(self, reading: Reading) -> bool:
        """Measured against what the loop was last woken for, so that many small steps are not nothing."""
        said = self._said.get(reading.source)
        if said is None or said == reading.values:
            return said is not None
        names = [name for name, _ in said] == [name for name, _ in reading.values]
        pairs = zip(said, reading.values, strict=False)
        return names and all(self._near(reading.source, name, old, new) for (name, old), (_, new) in pairs)

    def _near(self, source: str, name: str, old: Value, new: Value) -> bool:
        band = self._bands.get(f"{source}.{name}")
        if band is None or not (_is_number(old) and _is_number(new)):
            return old == new and type(old) is type(new)
        return bool(abs(new - old) < band)  # type: ignore[operator]

    def take(self, items: Sequence[object]) -> list[object]:
        """What waited, before `items`, which were taken from the queue first. A source that also spoke anew
        speaks for itself: its order in time is kept."""
        if not self._waiting:
            return [*items]
        spoke = {item.source for item in items if isinstance(item, Reading)}
        waited: list[Reading] = []
        with suppress(IndexError):  # another thread may take from the end that we see
            while True:
                waited.append(self._waiting.popleft())
        return [*(reading for reading in waited if reading.source not in spoke), *items]


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
