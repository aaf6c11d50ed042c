"""The room's view on itself for the technician at the Pi: one small file on tmpfs, replaced whole.

`diemcau status` and `diemcau why` read it. No socket listens, no card is written, and a dead controller is seen
by the age of the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from controller.core.instant import Instant
from controller.core.report import Tree

NAME = "state.json"


class Window:
    """Writes the view; a folder that cannot be written is no reason to stop ruling."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.fault = ""

    def show(self, summary: Mapping[str, Tree], details: Mapping[str, Mapping[str, Tree]], now: Instant) -> None:
        """Replace the file."""
        body = {"mono_ms": now.mono_ms, "wall_ms": now.wall_ms, "trust": now.trust.name.lower()}
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
