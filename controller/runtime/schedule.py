"""The room's own copy of the calendar: text from the centre or a file → the window that the core plans with.

Parsing takes tens of milliseconds on a Pi, so it runs on a thread of its own for each new text or window; what
it finds comes back through the loop's queue. The text is kept on disk for months (N2).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from controller.calendar import Agenda, CalendarError, holidays
from controller.core.events import Calendar
from controller.core.instant import Instant
from hardware.contract import NEVER_MS

KEPT = "calendar.ics"


@dataclass(frozen=True, slots=True)
class Files:
    """`kept`: our copy of the centre's calendar; `given`, `holidays`: files of room.toml, or None."""

    kept: Path
    given: Path | None = None
    holidays: Path | None = None


class Schedule:
    """`report` takes Calendar events; `note` takes (code, text) when a calendar cannot be read."""

    def __init__(
        self,
        files: Files,
        room: str,
        zone: str,
        report: Callable[[Calendar], None],
        note: Callable[[str, str], None],
    ) -> None:
        self._files, self._room, self._zone = files, room, zone
        self._report, self._note = report, note
        self._agenda: Agenda | None = None
        self._edge_ms = NEVER_MS
        self._busy = threading.Lock()

    @property
    def edge_ms(self) -> int:
        """Unix time at which `look` must be called next."""
        return self._edge_ms

    def load(self, now: Instant) -> None:
        """What was kept from the centre, else the file of room.toml, else nothing."""
        for path in (self._files.kept, self._files.given):
            text = _read(path)
            if text and path is not None:
                self._begin(text, path.name, now, keep=False)
                return

    def take(self, text: str, version: str, now: Instant) -> None:
        """A new calendar from the centre: kept on disk, then planned with. An empty one (its topic was
        cleared) changes nothing: the room keeps its own copy."""
        if text.strip():
            self._begin(text, version, now, keep=True)

    def look(self, now: Instant) -> None:
        """Plan anew when the window has moved to its edge."""
        if now.wall_ms >= self._edge_ms:
            self._edge_ms = NEVER_MS
            self._thread(lambda: self._plan(now))

    def step(self, now: Instant) -> None:
        """The wall clock has moved: the window is another."""
        self._edge_ms = now.wall_ms if self._agenda is not None else NEVER_MS

    def _begin(self, text: str, version: str, now: Instant, keep: bool) -> None:
        self._thread(lambda: self._read(text, version, now, keep))

    def _thread(self, do: Callable[[], None]) -> None:
        threading.Thread(target=do, name="calendar", daemon=True).start()

    def _read(self, text: str, version: str, now: Instant, keep: bool) -> None:
        try:
            rest = holidays(_read(self._files.holidays))
            agenda = Agenda(text, room=self._room, tz=self._zone, holidays=rest, version=version)
            if keep:
                _save(self._files.kept, text)
        except CalendarError as error:
            self._note("calendar.unreadable", str(error))
            return
        except OSError as error:
            self._note("calendar.not_kept", str(error))
        self._agenda = agenda
        for problem in agenda.problems:
            self._note("calendar.problem", str(problem))
        self._plan(now)

    def _plan(self, now: Instant) -> None:
        agenda = self._agenda
        if agenda is None:
            return
        with self._busy:
            event = agenda.window(now.wall_ms)
        self._edge_ms = event.edge_ms
        self._report(event)


def _read(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _save(path: Path, text: str) -> None:
    """Whole or not at all, also when the power goes in between."""
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
