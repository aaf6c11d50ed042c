"""The keeper without its process: the same logic over relay contacts in memory, for simulated time.

Law of this file: pure; time is an argument. Unlike the other far ends this one runs the product's own logic,
because the keeper *is* ours; what is simulated are the pins, the contacts behind them and the Pi's power.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.keeper_table import RELAY, Table
from hardware.keeping import KeeperLogic


class SimKeeper:
    """A contract.Peer. `contact(load)` is the truth that a world asks for: does the outlet have power?

    Faults: `stick(load, on)` a pin that follows no order, `weld(load)` a contact that stays closed though its
    pin is off, `deaf` a keeper that reads nothing, `restart()` of the process, `reset()` of the Pi, `keeps` False a
    disk that takes nothing: a reset finds there what was written last (`--keep`).
    """

    def __init__(self, table: Table, now_ms: int = 0) -> None:
        self.table = table
        self.deaf = False
        self._keeps = True
        self._kept: dict[str, bool] = {}
        self._stuck: dict[str, bool] = {}
        self._welded: set[str] = set()
        self._boot(now_ms, None)

    def _boot(self, now_ms: int, saved: Mapping[str, object] | None) -> None:
        self.logic = KeeperLogic(self.table, now_ms, saved, self._kept)
        self._now_ms = now_ms
        self._drive(now_ms)

    def _drive(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._lines = self.logic.levels(now_ms) | self._stuck
        if self._keeps:
            self._kept = self.logic.lasting()
        self.logic.seen({row.name: self._lines[row.name] for row in self.table.of(RELAY)}, now_ms)

    @property
    def keeps(self) -> bool:
        """The disk takes what must be known after a reset."""
        return self._keeps

    @keeps.setter
    def keeps(self, well: bool) -> None:
        self._keeps = well
        if well:  # the real one tries again within a minute
            self._kept = self.logic.lasting()

    # Peer

    @property
    def wake_ms(self) -> int:
        return self.logic.wake_ms

    def opened(self, now_ms: int) -> None:
        self.logic.opened(now_ms)
        self._drive(now_ms)

    def closed(self, now_ms: int) -> None:
        self.logic.closed(now_ms)

    def feed(self, data: bytes, now_ms: int) -> None:
        if not self.deaf:
            self.logic.feed(data, now_ms)
            self._drive(now_ms)

    def tick(self, now_ms: int) -> None:
        self.logic.tick(now_ms)
        self._drive(now_ms)

    def take(self) -> tuple[bytes, tuple[()]]:
        return self.logic.take()

    # The world

    def contact(self, load: str) -> bool:
        """Has the load power from its contact?"""
        return self._lines[load] or load in self._welded

    def driven(self, load: str) -> bool:
        """Is the load's line driven on, whatever its contact does?"""
        return self._lines[load]

    def lit(self, lamp: str) -> bool:
        """Is the lamp lit (the buzzer sounding) now?"""
        return self._lines[lamp]

    def stick(self, load: str, on: bool | None) -> None:
        """From now on the pin stands at `on` whatever is driven; None = healed."""
        self._stuck.pop(load, None)
        if on is not None:
            self._stuck[load] = on
        self._drive(self._now_ms)

    def sticks(self, load: str) -> bool:
        return load in self._stuck

    def weld(self, load: str, welded: bool = True) -> None:
        """The contact stays closed, which its pin does not show."""
        (self._welded.add if welded else self._welded.discard)(load)

    def restart(self, now_ms: int) -> None:
        """The process died and came back in the same boot."""
        self._boot(now_ms, self.logic.saved())

    def reset(self, now_ms: int) -> None:
        """The Pi was reset: a new boot, nothing saved but what is on the disk for lines that stand as before."""
        self._boot(now_ms, None)
