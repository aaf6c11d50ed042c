"""The line's hours in a running room: readings in, on their reporters' threads; a record and a line of the log out,
once an hour, on the deciding one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from controller.core.instant import Instant
from controller.core.parts import Tree
from controller.core.records import Priority, Record
from controller.core.room import Room
from controller.runtime.line_hours import Hours, body
from controller.runtime.line_log import LineLog
from hardware.contract import Reading

WAITING = 4_000
"""The loop turns at least every ten seconds; more means that it is stuck, and then hours do not matter."""


class LineKeeper:
    """`note` from any thread; the rest from the deciding thread."""

    def __init__(self, folder: Path, room: Room, say: Callable[[str, tuple[object, ...]], None]) -> None:
        self._ours = room.line.ours
        self._hours = Hours()
        self._waiting: deque[Reading] = deque(maxlen=WAITING)
        self.log = LineLog(folder, room.utc_offset_ms, say)
        self.start, self.stop = self.log.start, self.log.stop

    def note(self, reading: Reading) -> None:
        if reading.source == "codec" or reading.source.startswith("line."):
            self._waiting.append(reading)

    def turn(self, now: Instant) -> Iterator[Record]:
        """The hour that has just ended, as a record for the centre."""
        with suppress(IndexError):
            while True:
                self._hours.note(self._waiting.popleft())
        hour = self._hours.close(now)
        if hour is not None:
            self.log.keep(hour)
            yield Record("line.hour", "line", body(hour, self._ours), Priority.TELEMETRY)

    def shown(self, details: Mapping[str, Mapping[str, Tree]]) -> Mapping[str, Mapping[str, Tree]]:
        """The full views with the worst and the busy hours beside the line of this moment."""
        return {**details, "line": {**details.get("line", {}), **self.log.view}}
