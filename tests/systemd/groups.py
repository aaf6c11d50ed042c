"""Control groups of one machine alone. Left to itself, systemd-nspawn puts every machine that is started from one
group into the same `payload`: two machines' services of one name then share theirs, and the one that ends its
service removes the other's between its making and the start (219/CGROUP), or finds processes that it cannot see."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'


class Groups:
    """A group of this name beneath our own, in every hierarchy that a systemd keeps its services in."""

    def __init__(self, name: str) -> None:
        self._folders = [place / name for place in _ours()]
        for folder in self._folders:
            folder.mkdir()

    def within(self, *words: str) -> list[str]:
        """The command that enters them and becomes this one: the same process."""
        return ["sh", "-ec", _ENTER, "sh", *map(str, self._folders), "--", *words]

    def gone(self) -> bool:
        """Whether they are removed, which is done here once the last process has left them."""
        for top in self._folders:
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        return not any(map(Path.exists, self._folders))


def _ours() -> Iterator[Path]:
    """Where our own groups lie. In /proc/self/mountinfo the kind and the options of a mount stand behind ` - `."""
    rows = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    paths = {kind: path for _, kind, path in (row.split(":", 2) for row in rows)}
    for row in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        place, _, about = row.partition(" - ")
        options = about.split()[-1].split(",")
        kind = "" if about.startswith("cgroup2 ") else next((one for one in options if one == "name=systemd"), None)
        if kind in paths:
            root, where = place.split()[3:5]
            yield Path(where, os.path.relpath(paths.pop(kind), root))
