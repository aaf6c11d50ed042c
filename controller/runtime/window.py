"""The room's view on itself for the technician at the Pi: one small file on tmpfs, replaced whole.

`diemcau status`, `why` and `check` read it. No socket listens and no card is written. A quiet room writes nothing
for hours, so the file's age says nothing: it names the process that wrote it, and `lives` looks whether that runs.
For the same reason a view that cannot be followed by the next one is taken away: it would be believed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from controller.core.instant import Instant
from controller.core.parts import Tree
from controller.texts.foreign import named

Note: TypeAlias = Callable[[str, tuple[object, ...]], None]
"""Takes a sentence (code, arguments) for the service's log."""

NAME = "state.json"
_STARTTIME = 19
"""Place of `starttime` after the command's name (proc_pid_stat(5), field 22)."""


class Window:
    """Writes the view; a folder that cannot be written is no reason to stop ruling. `note` hears once that it
    cannot, and once that it can again."""

    def __init__(self, folder: Path, note: Note) -> None:
        self._path = folder / NAME
        self._note = note
        self._pid = os.getpid()
        self._began = _began(self._pid)
        self._unseen = ""
        """The view that nobody can read: the folder did not take it."""

    def show(self, summary: Mapping[str, Tree], details: Mapping[str, Mapping[str, Tree]], now: Instant) -> None:
        """Replace the file."""
        body: dict[str, object] = {"mono_ms": now.mono_ms, "wall_ms": now.wall_ms, "trust": now.trust.name.lower()}
        body |= {"pid": self._pid, "began": self._began}
        self._put(json.dumps({**body, "state": summary, "detail": details}, ensure_ascii=False))

    def again(self) -> None:
        """What could not be written is tried anew: a quiet room has no other view for hours."""
        if self._unseen:
            self._put(self._unseen)

    def _put(self, text: str) -> None:
        was, fault = self._unseen, self._replace(text)
        if fault:
            self._take_away()
            fault = self._replace(text)  # a full folder now has the place of the view before
        if fault:
            self._take_away()
        self._unseen = text if fault else ""
        if bool(was) != bool(fault):
            self._note("local.unseen" if fault else "local.seen", (fault,) if fault else ())

    def _replace(self, text: str) -> str:
        """The file, whole or as it was; the fault where that cannot be."""
        try:
            # Half of a surrogate pair, which a codec cuts out of a name, is shown as a question mark.
            self._new.write_text(text, encoding="utf-8", errors="replace")
            self._new.replace(self._path)
        except OSError as error:
            return named(error)
        return ""

    def _take_away(self) -> None:
        for path in (self._new, self._path):
            with suppress(OSError):
                path.unlink()

    @property
    def _new(self) -> Path:
        return self._path.with_suffix(".new")


def look(folder: Path) -> dict[str, object] | None:
    """The view as written last, None when there is none that can be read."""
    try:
        tree = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None


def lives(view: Mapping[str, object]) -> bool:
    """Whether the process that wrote the view still runs."""
    pid, began = view.get("pid"), view.get("began")
    return isinstance(pid, int) and bool(began) and _began(pid) == began


def _began(pid: int) -> str:
    """When a process began, in the kernel's ticks since boot, so that a number used again is no life; '' = none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return fields[_STARTTIME] if len(fields) > _STARTTIME else ""
