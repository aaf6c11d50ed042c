"""Faults of the line, of the desk's broker and of what the far end sends; faults.py has their names."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from controller.simulation.line import CLOSE_MS, DESK_MS
from controller.simulation.staging import Staging

CALL_LASTS_MS = 20_000


class LineFaults(Staging):
    """Each begins now and ends by itself after `for_ms`."""

    def _half_open(self, for_ms: int, _random: Random) -> None:
        """The connection to the broker dies and nobody says so: the link finds it by its keepalive."""
        self.world.bench.desk_away = True
        self._at(self.world.now_ms + DESK_MS, self.world.desk)
        self._at(self.world.now_ms + for_ms, lambda: self._desk(False))

    def _desk_away(self, for_ms: int, _random: Random) -> None:
        self._desk(True)
        self._at(self.world.now_ms + for_ms, lambda: self._desk(False))

    def _desk(self, away: bool) -> None:
        self.world.bench.desk_away = away
        self.world.desk()

    def _line(self, name: str, bad: bool) -> Callable[[int, Random], None]:
        """A stretch of the line changes and is as before after a while."""

        def strike(for_ms: int, _random: Random) -> None:
            self._for(for_ms, lambda: self._stretch(name, bad), lambda: self._stretch(name, not bad))

        return strike

    def _stretch(self, name: str, value: bool) -> None:
        """The prober is sure after seconds when it looks closely; at rest the desk's absence makes it look. A call
        outlives its line by the codec's own time-out."""
        world, line = self.world, self.world.bench.line
        setattr(line, name, value)
        sure_ms = CLOSE_MS if world.closely or line.carries else DESK_MS + CLOSE_MS
        self._at(world.now_ms + sure_ms, world.probe)
        self._at(world.now_ms + DESK_MS, world.desk)
        self._at(world.now_ms + CALL_LASTS_MS, self._call_falls)

    def _call_falls(self) -> None:
        if not self.world.bench.line.carries or not self.world.bench.line.far:
            self.world.bench.codec.far_end_hangs_up(self.world.now_ms)

    def _media_stops(self, for_ms: int, _random: Random) -> None:
        unit = self.world.bench.codec.unit
        self._for(for_ms, lambda: setattr(unit, "media", False), lambda: setattr(unit, "media", True))
