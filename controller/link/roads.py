"""Which broker to try next, and when: main first, the backup after a while without it, and home again.

Pure: time and chance are arguments. Reconnecting waits first × 2ⁿ with full jitter up to a bound, for ever,
so that a province's rooms do not come back in one instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from controller.link.reasons import HARD, REFUSED
from controller.link.settings import Times
from hardware.contract import NEVER_MS

MAIN, BACKUP = "main", "backup"
_DOUBLINGS = 16
"""2¹⁶ s is beyond any bound in use; keeps the power small."""


@dataclass(slots=True)
class Roads:
    """The two ways to the centre. `chance` gives 0 ≤ x < 1. Times in milliseconds."""

    times: Times
    has_backup: bool
    chance: Callable[[], float]
    started_ms: int
    up_via: str = ""
    _tries: dict[str, int] = field(default_factory=lambda: {MAIN: 0, BACKUP: 0})
    _refusals: dict[str, int] = field(default_factory=lambda: {MAIN: 0, BACKUP: 0})
    _at_ms: dict[str, int] = field(default_factory=lambda: {MAIN: 0, BACKUP: 0})
    _up_ms: int = 0
    _main_lost_ms: int = 0

    def __post_init__(self) -> None:
        self._main_lost_ms = self.started_ms

    def next(self) -> tuple[str, int]:
        """The broker to try next and the earliest time; NEVER_MS while there is nothing to try."""
        if self.up_via == MAIN:
            return MAIN, NEVER_MS
        overdue_ms = self._main_lost_ms + _ms(self.times.failover_s)
        main_ms, backup_ms = self._at_ms[MAIN], max(self._at_ms[BACKUP], overdue_ms)
        if self.up_via == BACKUP or not self.has_backup or main_ms <= backup_ms:
            return MAIN, main_ms
        return BACKUP, backup_ms

    def failed(self, via: str, code: str, now_ms: int) -> None:
        """An attempt at `via` gave no connection."""
        if self.up_via == BACKUP:
            locked_ms = self._locked_ms(MAIN) if code == REFUSED else 0
            self._at_ms[MAIN] = now_ms + max(locked_ms, self._home_ms())
            return
        if code in HARD:  # only the slowest pace
            self._tries[via] = _DOUBLINGS
        self._at_ms[via] = now_ms + (self._locked_ms(via) if code == REFUSED else self._wait_ms(via))

    def up(self, via: str, now_ms: int) -> None:
        """Connected and accepted by `via`."""
        self.up_via, self._up_ms, self._refusals[via] = via, now_ms, 0
        if via == BACKUP:
            self._at_ms[MAIN] = now_ms + self._home_ms()

    def down(self, now_ms: int) -> None:
        """The connection in use ended. Only one that lived for a while counts as healthy: a main broker that
        accepts and drops at once is as good as away."""
        via, self.up_via = self.up_via, ""
        lived_ms = now_ms - self._up_ms
        if lived_ms >= _ms(self.times.stable_s):
            self._tries[via] = 0
        if via == MAIN and lived_ms >= _ms(self.times.failover_s):
            self._main_lost_ms = now_ms
            self._tries[BACKUP] = self._at_ms[BACKUP] = 0
        self._at_ms[via] = now_ms + self._wait_ms(via)
        if via == BACKUP:
            self._at_ms[MAIN] = min(self._at_ms[MAIN], now_ms + self._wait_ms(MAIN))

    def _wait_ms(self, via: str) -> int:
        most_s = min(self.times.backoff_max_s, self.times.backoff_first_s * 2 ** self._tries[via])
        self._tries[via] = min(self._tries[via] + 1, _DOUBLINGS)
        return _ms(most_s * self.chance())

    def _locked_ms(self, via: str) -> int:
        """Twice as long after each refusal, from the slowest pace on; half of it is chance, so that a province
        whose broker was set up wrongly does not come back in step."""
        times, refusals = self.times, self._refusals[via]
        most_s = min(times.refused_max_s, times.backoff_max_s * 2**refusals)
        self._refusals[via] = min(refusals + 1, _DOUBLINGS)
        return _ms(most_s * (1 + self.chance()) / 2)

    def _home_ms(self) -> int:
        spread = self.times.home_jitter_ratio * (2 * self.chance() - 1)
        return _ms(self.times.home_s * (1 + spread))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
