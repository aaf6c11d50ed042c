"""What the probes to one target say: answered, lost, slow, forbidden; figures over the last minute.

Law: pure; time is an argument. A target counts as measurable once it has answered this kind of probe: silence of
one that never did says nothing about the line (field: ICMP blocked is "not measurable", not 100 % loss).
Clause: R22; industry's 60 s window (people 4).
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Final, NamedTuple

WINDOW_MS: Final = 60_000
LATE_MS: Final = 2_000
"""An answer later than this is no use to a call: lost."""
LOST_ROW: Final = 10
"""So many in a row without an answer: unreachable. At two a second that is seven seconds with the last one's wait,
and no congestion loses ten in a row of what it still carries."""
DOUBT_ROW: Final = 3
"""So many in a row: look closer."""
MAX_OPEN: Final = 64


class Figures(NamedTuple):
    """None = cannot be said. `rtt_ms`: the median; `jitter_ms`: mean difference of neighbours (as in RFC 3550)."""

    reachable: bool | None
    measurable: bool
    loss_ratio: float | None
    rtt_ms: float | None
    jitter_ms: float | None


class Window:
    """Probes to one target by one kind. `proven`: it has answered this kind before (an earlier life knows)."""

    def __init__(self, proven: bool = False) -> None:
        self.proven = proven
        self.silent = 0
        """Probes in a row without an answer."""
        self.settled = 0
        """Probes of which the end is known, since the beginning."""
        self._answered = False
        self._open: dict[int, int] = {}
        self._ends: deque[tuple[int, float | None]] = deque()

    def sent(self, n: int, at_us: int) -> None:
        """Probe `n` has left; numbers may come again after 65,536."""
        self._open[n] = at_us
        if len(self._open) > MAX_OPEN:
            self._end(at_us // 1000, None, next(iter(self._open)))

    def heard(self, n: int, at_us: int) -> None:
        """It was answered; an answer to a probe that was given up says only that the target lives."""
        sent_us = self._open.get(n)
        if sent_us is not None:
            self.proven, self._answered, self.silent = True, True, 0
            self._end(at_us // 1000, max(0, at_us - sent_us) / 1000, n)

    def refused(self, n: int, word: str, at_us: int) -> None:
        """It came back: `unreachable` is a loss; `prohibited` says that this kind cannot measure this target."""
        if word == "prohibited":
            self._open.pop(n, None)
            self.forbid()
        elif n in self._open:
            self._end(at_us // 1000, None, n)

    def forbid(self) -> None:
        """This kind of probe is not allowed here: what it said before says nothing any more."""
        self.proven, self._answered, self.silent = False, False, 0
        self._ends.clear()

    def settle(self, now_us: int) -> None:
        """What has waited too long is lost."""
        for n in [n for n, at_us in self._open.items() if now_us - at_us >= LATE_MS * 1000]:
            self._end(now_us // 1000, None, n)
        while self._ends and now_us // 1000 - self._ends[0][0] > WINDOW_MS:
            self._ends.popleft()

    def _end(self, at_ms: int, rtt_ms: float | None, n: int) -> None:
        self._open.pop(n, None)
        self._ends.append((at_ms, rtt_ms))
        self.settled += 1
        if rtt_ms is None:
            self.silent += 1

    def waits(self, n: int) -> bool:
        """Is the end of this probe still to come?"""
        return n in self._open

    @property
    def due_us(self) -> int | None:
        """When the oldest open probe is lost; None = none is open."""
        first = next(iter(self._open.values()), None)
        return None if first is None else first + LATE_MS * 1000

    @property
    def doubtful(self) -> bool:
        """It has begun to be silent and it is not yet known whether that is for good."""
        return self.proven and DOUBT_ROW <= self.silent < LOST_ROW

    @property
    def reach(self) -> tuple[bool | None, bool]:
        """(reachable, measurable). A new life knows nothing before the first answer, or before enough silence."""
        if not self.proven:
            return None, False
        if self.silent >= LOST_ROW:
            return False, True
        return (True if self._answered else None), True

    def figures(self) -> Figures:
        """As it is now; call `settle` before."""
        reachable, measurable = self.reach
        if not measurable:
            return Figures(None, False, None, None, None)
        times = [rtt_ms for _, rtt_ms in self._ends if rtt_ms is not None]
        if not self._ends:
            return Figures(reachable, True, None, None, None)
        loss = round(1 - len(times) / len(self._ends), 4)
        steps = [abs(b - a) for a, b in pairwise(times)]
        rtt_ms = round(sorted(times)[len(times) // 2], 1) if times else None
        return Figures(reachable, True, loss, rtt_ms, round(sum(steps) / len(steps), 1) if steps else None)
