"""The prober in simulated time: the line's truth through the real windows (hardware.protocols.line_window).

One look stands for what the prober saw until now: a burst at rest, a window's worth when it looks closely. An
unchanged line gives unchanged figures, so they are reckoned once: a year is a hundred thousand looks. What has
answered before stays known over restarts, as by the file of runtime/line_log.py.
"""

from __future__ import annotations

from controller.core.room_line import Place
from hardware.contract import Reading, Value
from hardware.protocols.line_window import LATE_MS, Window
from hardware.sim.line import SimLine

AT_REST, CLOSELY = 3, 60
CLOSE_MS = 7_000
"""Ten lost in a row at two a second, and the last one's wait: then the prober is sure."""
DESK_MS = 40_000
"""A dead connection to the broker is noticed after about twice its keepalive."""
EVERY_US = 500_000


class LineEyes:
    """What the room's prober says of the line."""

    def __init__(self, line: SimLine, places: tuple[Place, ...]) -> None:
        self.line = line
        self._places = tuple((f"line.{place.name}", place) for place in places)
        self._proven: set[str] = set()
        self._known: dict[tuple[object, ...], tuple[tuple[str, tuple[tuple[str, Value], ...]], ...]] = {}
        """By what there is to be seen: the line's state, and how many places have answered (for good)."""

    def look(self, closely: bool, at_ms: int) -> tuple[Reading, ...]:
        """One reading a place."""
        key = (closely, self.line.state(), len(self._proven))
        known = self._known.get(key)
        if known is None:
            probes = CLOSELY if closely else AT_REST
            known = tuple((source, self._reckon(place, probes)) for source, place in self._places)
            self._known[key] = known
        return tuple(Reading(source, figures, at_ms) for source, figures in known)

    def _reckon(self, place: Place, probes: int) -> tuple[tuple[str, Value], ...]:
        window = Window(place.name in self._proven)
        lost = window.proven and self.line.rtt_ms(place.spot.value, 1) is None
        # In doubt the prober looks closely by itself, whatever its pace.
        count = CLOSELY if lost else probes
        for n in range(1, count + 1):
            rtt_ms = self.line.rtt_ms(place.spot.value, n)
            window.sent(n, n * EVERY_US)
            if rtt_ms is not None:
                window.heard(n, n * EVERY_US + round(rtt_ms * 1000))
                self._proven.add(place.name)
        window.settle(count * EVERY_US + LATE_MS * 1000)
        return (*window.figures()._asdict().items(), ("kind", "icmp"))
