"""The room's view on itself for the technician at the Pi: one small file on tmpfs, replaced whole.

`diemcau status`, `why` and `check` read it. No socket listens and no card is written. A quiet room writes nothing
for hours, so the file's age says nothing: it names the process that wrote it, and `lives` looks whether that runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from controller.core.instant import Instant
from controller.core.parts import Tree

NAME = "state.json"
_STARTTIME = 19
"""Place of `starttime` after the command's name (proc_pid_stat(5), field 22)."""


class Window:
    """Writes the view; a folder that cannot be written is no reason to stop ruling."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._pid = os.getpid()
        self._began = _began(self._pid)
        self.fault = ""

    def show(self, summary: Mapping[str, Tree], details: Mapping[str, Mapping[str, Tree]], now: Instant) -> None:
        """Replace the file."""
        body: dict[str, object] = {"mono_ms": now.mono_ms, "wall_ms": now.wall_ms, "trust": now.trust.name.lower()}
        body |= {"pid": self._pid, "began": self._began}
        text = json.dumps({**body, "state": summary, "detail": details}, ensure_ascii=False)
        new = self._path.with_suffix(".new")
        try:
            new.write_text(text, encoding="utf-8")
            new.replace(self._path)
            self.fault = ""
        except OSError as error:
            self.fault = str(error)


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
