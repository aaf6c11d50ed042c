"""The far end of the probes: what the line truly is at this moment, and how long an echo takes to each place.

Pure; no chance: every n-th probe is lost, so that a share is exactly that share. Written from what people report
(003: hours in which everybody is on the line), not from our prober.
"""

from __future__ import annotations

SPOTS = ("gateway", "provider", "target", "far")
RTT_MS = {"gateway": 1.0, "provider": 6.0, "target": 18.0, "far": 22.0}
BUSY_LOST, BUSY_MS, BUSY_SWING_MS = 12, 240.0, 60.0
"""A congested hour: every twelfth lost, a quarter of a second more, and never twice the same."""


class SimLine:
    """`lan`, `out`, `far`: does that stretch carry? `filtered`: somebody drops ICMP beyond the room. `busy`: an
    hour in which the line is congested."""

    def __init__(self) -> None:
        self.lan = self.out = self.far = True
        self.filtered = self.busy = False

    def state(self) -> tuple[bool, ...]:
        return self.lan, self.out, self.far, self.filtered, self.busy

    @property
    def carries(self) -> bool:
        """Does anything reach the provincial network?"""
        return self.lan and self.out

    def rtt_ms(self, spot: str, n: int) -> float | None:
        """Time to the answer of the `n`-th probe; None = it is lost."""
        beyond = spot != "gateway"
        if not self.lan or (beyond and (not self.out or self.filtered)) or (spot == "far" and not self.far):
            return None
        if not (self.busy and beyond):
            return RTT_MS[spot]
        return None if n % BUSY_LOST == 0 else RTT_MS[spot] + BUSY_MS + BUSY_SWING_MS * (n % 2)
