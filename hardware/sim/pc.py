"""A computer that runs the meeting, as its room sees it: it boots when its socket gets power, takes its time to
shut down, draws what it draws, answers while it runs, and tells of nothing else.

`hard_cuts` counts how often its power went while it ran: what no room of ours may ever do to it. Not simulated:
sleep, wake-on-LAN; a firmware that stays off when the mains returns is `stays_off`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.contract import NEVER_MS

BOOT_MS = 40_000
DOWN_MS = 30_000
UPDATES_MS = 30 * 60_000
"""From the order to shut down until it draws nothing; and with updates to install."""
RUNNING_W, BOOTING_W, OFF_W = 38.0, 55.0, 1.4


@dataclass
class Faults:
    """`mute_net` answers nothing (a firewall, its cable is out); `hung` runs for ever, whatever it is told;
    `updates` it has some to install when it is shut down next."""

    mute_net: bool = False
    hung: bool = False
    updates: bool = False


@dataclass
class SimPc:
    powered: bool = False
    stays_off: bool = False
    hard_cuts: int = 0
    faults: Faults = field(default_factory=Faults)
    _up_ms: int = NEVER_MS
    _down_ms: int = NEVER_MS

    def runs(self, now_ms: int) -> bool:
        """Its system is up or on its way, down included."""
        return self.powered and self._up_ms < NEVER_MS and now_ms < self._down_ms

    def mains(self, on: bool, now_ms: int) -> None:
        """Power at its socket."""
        if on == self.powered:
            return
        self.hard_cuts += self.runs(now_ms)
        self.powered, self._down_ms = on, NEVER_MS
        self._up_ms = now_ms + BOOT_MS if on and not self.stays_off else NEVER_MS

    def button(self, now_ms: int) -> None:
        """A person presses its power button, or chooses *Shut down*."""
        if not self.powered:
            return
        if not self.runs(now_ms):
            self._up_ms, self._down_ms = now_ms + BOOT_MS, NEVER_MS
        elif not self.faults.hung:
            self._down_ms = min(self._down_ms, now_ms + (UPDATES_MS if self.faults.updates else DOWN_MS))
            self.faults.updates = False

    def hold_button(self, now_ms: int) -> None:
        """A person holds its power button down for five seconds: it is off, whatever it did."""
        if self.runs(now_ms):
            self._down_ms = now_ms
            self.faults.hung = self.faults.mute_net = False

    def restart(self, now_ms: int) -> None:
        """Its system begins anew, by itself or by a person."""
        if self.runs(now_ms):
            self._up_ms = max(self._up_ms, now_ms + BOOT_MS)

    def answers(self, now_ms: int) -> bool:
        """To an echo or at a port. While it shuts down its network is the first thing that goes."""
        up = self.runs(now_ms) and now_ms >= self._up_ms and self._down_ms == NEVER_MS
        return up and not self.faults.mute_net

    def watts(self, now_ms: int) -> float:
        if not self.powered:
            return 0.0
        if not self.runs(now_ms):
            return OFF_W
        return BOOTING_W if now_ms < self._up_ms else RUNNING_W
