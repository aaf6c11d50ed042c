"""Forty days of the line's hours on the card: a line of text an hour, appended and synced.

Bounded: 960 hours and a fourth more before the file is written anew, some 300 kB; an append is one 4-kB block, 24
a day. Crash-safe: each line carries its CRC, a torn one is left out, the file is only ever replaced whole. A thread
of its own: a dying card may block it for a minute, and then only hours wait. An hour of a doubtful clock says so.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from zlib import crc32

from controller.core.parts import Tree
from controller.runtime.line_hours import Hour, Row, busy, worst
from controller.texts.foreign import named

NAME = "line.hours"
KEEP = 40 * 24
SLACK = KEEP // 4
"""Written anew once in ten days."""
WORST = 5
WAITING = 48
"""Two days of hours while the card is stuck."""


def packed(hour: Hour) -> bytes:
    """One line with its CRC."""
    text = json.dumps([hour.start_ms, hour.sure, hour.rows], separators=(",", ":")).encode()
    return b"%08x %s" % (crc32(text), text)


def unpacked(line: bytes) -> Hour | None:
    """None = torn or foreign."""
    crc, _, text = line.partition(b" ")
    try:
        if int(crc, 16) != crc32(text):
            return None
        start_ms, sure, rows = json.loads(text)
        return Hour(int(start_ms), bool(sure), tuple(Row(*row) for row in rows))
    except (ValueError, TypeError):
        return None


class LineLog:
    """`keep` from the loop, everything else on the log's own thread. `view`: what `detail/line` shows of it."""

    def __init__(self, folder: Path, offset_ms: int, note: Callable[[str, tuple[object, ...]], None]) -> None:
        self._path, self._offset_ms, self._note = folder / NAME, offset_ms, note
        self._lines: deque[bytes] = deque(maxlen=KEEP)
        self._written = 0
        self._torn = self._broken = False
        self._todo: queue.SimpleQueue[Hour | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="line log", daemon=True)
        self.view: Mapping[str, Tree] = {}

    def start(self) -> frozenset[tuple[str, str]]:
        """Read the file; (place, kind) that have answered in these forty days."""
        try:
            data = self._path.read_bytes()
        except OSError:
            data = b""
        self._torn = bool(data) and not data.endswith(b"\n")
        lines = data.splitlines()
        self._written = len(lines)
        self._lines.extend(line for line in lines if unpacked(line) is not None)
        self._look()
        self._thread.start()
        rows = (row for hour in self._hours() for row in hour.rows)
        return frozenset((row.name, row.kind) for row in rows if row.rtt_ms is not None)

    def stop(self, timeout_s: float = 1.0) -> None:
        self._todo.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def keep(self, hour: Hour) -> None:
        """One more hour; returns at once."""
        if self._todo.qsize() < WAITING:
            self._todo.put(hour)

    # ---- the thread

    def _run(self) -> None:
        while (hour := self._todo.get()) is not None:
            line = packed(hour)
            self._lines.append(line)
            try:
                self._write(line)
                self._broken = False
            except OSError as error:
                if not self._broken:
                    self._note("line.unwritten", (named(error),))
                self._broken = True
            self._look()

    def _write(self, line: bytes) -> None:
        if self._written >= KEEP + SLACK:
            return self._anew()
        with self._path.open("ab") as file:
            # After a torn line a new one begins, so that only the torn one is lost.
            file.write((b"\n" if self._torn else b"") + line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self._written += 1
        return None

    def _anew(self) -> None:
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.writelines(line + b"\n" for line in self._lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        self._written, self._torn = len(self._lines), False

    def _hours(self) -> Iterable[Hour]:
        return (hour for line in self._lines if (hour := unpacked(line)) is not None)

    def _look(self) -> None:
        """The view, made anew once an hour, replaced whole."""
        hours = list(self._hours())
        self.view = {"hours": len(hours), "worst": worst(hours, WORST), "busy": busy(hours, self._offset_ms)}
