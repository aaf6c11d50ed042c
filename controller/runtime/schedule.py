"""The room's own copy of the calendar: text from the centre or a file → the window that the core plans with.

Parsing takes tens of milliseconds on a Pi and the disk may stall, so both happen on one thread of their own, job
after job: a text that came later is never overtaken by an earlier one. What it finds comes back through the loop's
queue. The text is kept on disk for months (N2).
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from controller import durable
from controller.calendar_plan import LENGTH_MS, ZONE, CalendarError
from controller.core.events import Calendar, Rejected
from controller.core.instant import Instant
from controller.texts.foreign import named
from hardware.contract import NEVER_MS, Value

if TYPE_CHECKING:  # its thread loads it: a start does not wait for a calendar
    from controller.calendar import Agenda

KEPT = "calendar.ics"
PROBLEMS = 20
"""Events that cannot be used, told for one text; who mends twenty will look at the rest too."""

Note = Callable[[str, tuple[object, ...]], None]


@dataclass(frozen=True, slots=True)
class Files:
    """`kept`: our copy of the centre's calendar; `given`, `holidays`: files of room.toml, or None."""

    kept: Path
    given: Path | None = None
    holidays: Path | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a calendar is read: for which room, in which zone; `length_ms` of a meeting without an end; `lang` of
    what is said about it; `day_rule`: how the day before is counted (R6)."""

    room: str
    zone: str = ZONE
    length_ms: int = LENGTH_MS
    lang: str = "vi"
    day_rule: str = "hours"


class Schedule:
    """`report` takes Calendar events, and Rejected for a text of the centre that is none; `note` takes (code,
    arguments) of a sentence about what could not be used. Both are called on the calendar's thread. `read` makes an
    Agenda of a text and may take its time; None = `calendar_aside.agenda`."""

    def __init__(
        self,
        files: Files,
        terms: Terms,
        report: Callable[[Calendar | Rejected], None],
        note: Note,
        read: Callable[..., Agenda] | None = None,
    ) -> None:
        self._files, self._terms, self._read = files, terms, read
        self._report, self._note = report, note
        self._agenda: Agenda | None = None
        self._text = self._useless = ""
        self._newest: deque[tuple[str, str, Instant]] = deque(maxlen=1)
        """The text that was taken last and not read yet. A flood of them costs one: what follows replaces it."""
        self._edge_ms = NEVER_MS
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def edge_ms(self) -> int:
        """Unix time at which `look` must be called next."""
        return self._edge_ms

    def load(self, now: Instant) -> None:
        """What was kept from the centre, else the file of room.toml, else nothing."""
        self._post(lambda: self._load(now))

    def take(self, text: str, version: str, now: Instant) -> None:
        """A new calendar from the centre: kept on disk, then planned with. An empty one (its topic was
        cleared) changes nothing: the room keeps its own copy."""
        if text.strip():
            self._newest.append((text, version, now))
            self._post(self._take_newest)

    def look(self, now: Instant) -> None:
        """Plan anew when the window has moved to its edge."""
        if now.wall_ms >= self._edge_ms:
            self._edge_ms = NEVER_MS
            self._post(lambda: self._plan(now))

    def step(self, now: Instant) -> None:
        """The wall clock has moved: the window is another."""
        self._post(lambda: self._plan(now))

    # ---- the thread

    def _post(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if self._thread is None:  # a room without any calendar needs no thread
            self._thread = threading.Thread(target=self._run, name="calendar", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._jobs.get()()

    def _load(self, now: Instant) -> None:
        for path in (self._files.kept, self._files.given):
            text = self._file(path) if path is not None else ""
            if path is None or not text.strip():
                continue
            try:
                self._adopt(text, path.name)
            except CalendarError as error:
                self._note(error.code, error.told)
            else:
                self._first_plan(now)
                return

    def _take_newest(self) -> None:
        if self._newest:
            self._take(*self._newest.pop())

    def _take(self, text: str, version: str, now: Instant) -> None:
        """The broker tells a retained calendar at every connection: what is known already is left alone."""
        agenda = self._agenda
        if agenda is not None and text == self._text and version == agenda.version:
            return
        try:
            known = text == self._text
            self._adopt(text, version)
        except CalendarError as error:
            if text != self._useless:  # the log is written to the card too
                self._note(error.code, error.told)
            self._useless = text
            self._report(Rejected("", error.code, _values(error.told), topic="calendar"))
            return
        if not known:
            self._keep(text)
        self._first_plan(now)

    def _adopt(self, text: str, version: str) -> None:
        """Plan with this text from now on. Raises CalendarError, and then nothing has changed."""
        terms, days = self._terms, self._holidays()
        self._agenda = self._reader()(
            text,
            room=terms.room,
            tz=terms.zone,
            holidays=days,
            length_ms=terms.length_ms,
            version=version,
            day_rule=terms.day_rule,
        )
        self._text = text

    def _reader(self) -> Callable[..., Agenda]:
        if self._read is None:
            from controller.calendar_aside import agenda

            self._read = agenda
        return self._read

    def _holidays(self) -> frozenset[date]:
        """A list that cannot be read costs the holidays and not the meetings: the room comes up once in vain."""
        if self._files.holidays is None:
            return frozenset()
        from controller.calendar import holidays

        try:
            return holidays(self._file(self._files.holidays))
        except CalendarError as error:
            self._note(error.code, error.told)
            return frozenset()

    def _first_plan(self, now: Instant) -> None:
        self._plan(now)
        for problem in self._agenda.problems[:PROBLEMS] if self._agenda is not None else ():
            self._note("calendar.problem", (problem.text(self._terms.lang),))

    def _plan(self, now: Instant) -> None:
        if self._agenda is not None:
            event = self._agenda.window(now.wall_ms)
            self._edge_ms = event.edge_ms
            self._report(event)

    def _keep(self, text: str) -> None:
        try:
            durable.write(self._files.kept, text.encode(), 0o640)  # bytes: iCalendar's line ends are its own
        except OSError as error:
            self._note("calendar.not_kept", (named(error),))

    def _file(self, path: Path) -> str:
        """The file's text; '' for none. One that is there and cannot be read is told."""
        try:
            return path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            if path != self._files.kept:
                self._note("calendar.file", (str(path), "errno.ENOENT"))
        except (OSError, UnicodeDecodeError) as error:
            self._note("calendar.file", (str(path), named(error)))
        return ""


def _values(args: Sequence[object]) -> tuple[Value, ...]:
    """Arguments of a sentence, as a record may hold them."""
    return tuple(arg if isinstance(arg, bool | int | float | str) else str(arg) for arg in args)
