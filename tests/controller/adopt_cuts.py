"""Run as a program: `adopt_cuts ROOT BUNDLE WORK`. Ends an adoption at each of its touches of the disk in turn,
as a power cut would, looks at what lies there, and adopts once more. Prints how many cuts held.

A program of its own, for it forks and ends its children without any clean-up. The kernel keeps what was written, so
this proves the order of the steps; that each step reaches the disk is what `durable` is for.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

from controller import bundle, identity
from controller.adopt import adopt, room_of
from tests.controller.provision.kit import Pi

_TOUCHES = {
    "ctypes.dlsym",
    "open",
    "os.chmod",
    "os.chown",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.symlink",
    "os.rmdir",
}


def cut(data: bytes, root: Path, after: int) -> bool:
    """Adopt in a child that dies at touch number `after`; False = it was through before."""
    child = os.fork()
    if child == 0:
        left = [after]

        def touch(event: str, _args: object) -> None:
            if event in _TOUCHES:
                left[0] -= 1
                if left[0] < 0:
                    os._exit(9)

        sys.addaudithook(touch)
        adopt(data, root, replace=True)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def whole(pi: Pi, rooms: set[str]) -> None:
    """The identity is of one piece, the room one of the two, the evidence somewhere."""
    place = pi.etc / "identity"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    parts = [place / name for name in (bundle.AUTHORITY, bundle.CERTIFICATE, bundle.KEY)]
    found = identity.check(*(part.read_bytes() for part in parts))
    assert found.name in rooms, found
    assert room_of(pi.etc) in rooms, room_of(pi.etc)
    assert [p for p in pi.root.rglob("journal.db") if p.read_bytes() == b"evidence"], "evidence is gone"


def main(root: Path, data: bytes, work: Path) -> int:
    """How many cuts there were."""
    was, room = room_of(Pi(root).etc), bundle.read(data).room
    shutil.copytree(root, work / "through", symlinks=True)
    adopt(data, work / "through", replace=True)
    expected = {name for name in Pi(work / "through").files() if not name.startswith("var/")}
    for after in range(10_000):
        pi = Pi(work / str(after))
        shutil.copytree(root, pi.root, symlinks=True)
        if not cut(data, pi.root, after):
            return after
        whole(pi, {was, room})
        adopt(data, pi.root, replace=True)
        whole(pi, {room})
        left = {name for name in pi.files() if not name.startswith("var/")}
        assert left == expected, left ^ expected
        shutil.rmtree(pi.root)
    raise AssertionError("no end")


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), Path(sys.argv[3])))
