"""Who rests on what: for each thing that can be read through a View, those whose last answer rests on it. Whoever
is heard anew rests on what was read this time and on nothing that was read before."""

from __future__ import annotations

from typing import Any, TypeAlias

from controller.core.reads import Reads

Bits: TypeAlias = int
"""A set of rules: bit n stands for the n-th of the list."""


class Rests:
    """One index for each kind that `Reads` tells apart, for `count` who read."""

    def __init__(self, count: int) -> None:
        self.facts: dict[str, Bits] = {}
        self.marks: dict[str, Bits] = {}
        self.wishes: dict[str, Bits] = {}
        self.tracks: dict[str, Bits] = {}
        self.seen: dict[str, Bits] = {}
        self.holds: dict[str, Bits] = {}
        self.other: dict[str, Bits] = {}
        self.older: dict[tuple[str, int, bool], Bits] = {}
        self._kinds: tuple[dict[Any, Bits], ...] = tuple(getattr(self, kind) for kind in Reads.KINDS)
        self._reads = [Reads() for _ in range(count)]

    def heard(self, n: int, reads: Reads) -> Reads:
        """The n-th rests on `reads` from now on. Given back is what it rested on before, emptied for the next."""
        before, self._reads[n] = self._reads[n], reads
        bit = 1 << n
        for index, old, new in zip(self._kinds, before.sets, reads.sets, strict=True):
            if old != new:
                for name in new - old:
                    index[name] = index.get(name, 0) | bit
                for name in old - new:
                    index[name] &= ~bit
                    if not index[name]:
                        del index[name]
        before.clear()
        return before
