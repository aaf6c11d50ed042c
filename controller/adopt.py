"""`diemcau adopt BUNDLE`: this Pi becomes the room of a bundle (N27). Standard library only, run as root.

The order lets a power cut hurt nothing: key, certificate and authority are synced into a folder of their own and
exchanged by one call; then come passwords, rule packs and the keeper's table, room.toml last. Whatever was cut,
the same command run again finishes it. What is replaced stays beside it as `.old`; the state of another room is
moved away whole, never deleted, for it holds evidence.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller import before, bundle, durable
from controller.bundle import Bundle
from controller.commission.sealed import ACCEPTED, unlocks
from controller.texts import ReadableError

ETC, GROUP = "etc/diemcau", "diemcau"
FOLDER, SECRETS, STATE = "identity", "secrets", "/var/lib/diemcau"
PRIVATE = 0o640
"""root:diemcau. The room reads what it is and cannot change it."""
SECRET, OWN = 0o600, 0o700
"""root alone. systemd hands the controller copies of key and passwords; the keeper, of the same group, sees
none."""
DOOR = "door.sock"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""<fcntl.h> and <linux/fs.h>."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was done. `was`: the room that this Pi was, '' = none. `carried`: the number of the last entry of
    the old evidence, 0 = none. `accepted`: whether an acceptance record counts here, by this very key. `moved`:
    where the other room's state is now."""

    room: str
    was: str
    carried: int
    accepted: bool
    moved: Path | None = None


def adopt(data: bytes, root: Path = Path("/"), replace: bool = False) -> Adopted:
    """Take a bundle's identity. `root`: the system that is changed, `/` or a mounted card. Raises ReadableError:
    what `bundle.read` says, `adopt.other` when this is another room and `replace` was not asked for, `adopt.group`,
    `adopt.running`; OSError when the disk refuses. Until everything was checked nothing is written."""
    found = bundle.read(data)
    record = root / _path(found.tree, "state_dir", STATE).relative_to("/") / ACCEPTED
    etc, group = root / ETC, _group(root)
    was = room_of(etc)
    other = was not in ("", found.room)
    if other and not replace:
        raise ReadableError("adopt.other", was, found.room)
    etc.mkdir(parents=True, exist_ok=True)
    os.chown(etc, -1, group)
    moved = _move_state(root, etc) if other else None
    carried = _carry(root, found, group)
    _identity(etc, found)
    _secrets(etc / SECRETS, found)
    for name in _order(found):
        _put(etc / name, found.files[name], group)
    return Adopted(found.room, was, carried, _accepted(record, found), moved)


def _accepted(record: Path, found: Bundle) -> bool:
    """A new key ends the acceptance: what it was signed for was another Pi. With the old one it stays."""
    try:
        return unlocks(record.read_text(encoding="utf-8"), found.room, found.files[bundle.KEY])
    except (OSError, ValueError):
        return False


def room_of(etc: Path) -> str:
    """The room that this Pi is, '' when it is none or when its room.toml cannot be read."""
    try:
        return bundle.slug_of(tomllib.loads((etc / bundle.ROOM).read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, RecursionError):
        return ""


def _group(root: Path) -> int:
    """From the changed system's own list: a card that is prepared elsewhere has other numbers."""
    try:
        rows = [line.split(":") for line in (root / "etc/group").read_text(encoding="utf-8").splitlines()]
        return next(int(row[2]) for row in rows if row[0] == GROUP)
    except (OSError, StopIteration, ValueError, IndexError) as error:
        raise ReadableError("adopt.group", GROUP) from error


def _identity(etc: Path, found: Bundle) -> None:
    """Key, certificate and authority change together: the folder is made beside, and one call exchanges the two."""
    place, new = etc / FOLDER, etc / f".{FOLDER}{durable.NEW}"
    aside = _aside(new)  # of a try that was cut, as `new` is
    if aside.is_dir() and not place.exists():
        aside.rename(place)
    _clear(etc, aside)
    _clear(etc, new)
    new.mkdir(OWN)
    for name in bundle.IDENTITY:
        durable.write(new / name, found.files[name], SECRET)
    if place.is_dir() and not place.is_symlink():
        _exchange(new, place)
    else:
        new.replace(place)
    durable.sync(etc)
    _clear(etc, new)


def _exchange(new: Path, place: Path) -> None:
    """Both names at once (renameat2 of Linux, which Python does not have), or one after the other on a file system
    that cannot."""
    renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    if renameat2(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(place), _RENAME_EXCHANGE) != 0:
        _one_by_one(new, place)


def _one_by_one(new: Path, place: Path) -> None:
    """A cut between the first two leaves no identity until the command is run again."""
    aside = _aside(new)
    place.rename(aside)
    new.rename(place)
    aside.rename(new)


def _aside(new: Path) -> Path:
    return new.with_name(new.name + ".aside")


def _clear(etc: Path, old: Path) -> None:
    """A key that is not used any more should not lie about; what somebody made by hand is kept."""
    if not old.is_dir():
        return
    ours = {name + tail for name in bundle.IDENTITY for tail in ("", durable.NEW)}
    if {path.name for path in old.iterdir()} <= ours:
        shutil.rmtree(old)
    else:
        old.rename(_free(etc, f"{FOLDER}.old"))


def _free(folder: Path, name: str) -> Path:
    """A name that nothing has yet."""
    return next(place for n in range(1, 10_000) if not (place := folder / f"{name}.{n}").exists())


def _secrets(place: Path, found: Bundle) -> None:
    """Passwords that the bundle has; others stay as they are. What was replaced is gone."""
    if found.secrets:
        place.mkdir(OWN, exist_ok=True)
    for name, data in found.secrets.items():
        durable.write(place / name, data, SECRET)


def _order(found: Bundle) -> tuple[str, ...]:
    """room.toml last: it is what says that this Pi is the room."""
    return (*found.packs, bundle.KEEPER, *({bundle.ROOT} & found.files.keys()), bundle.ROOM)


def _put(path: Path, data: bytes, group: int) -> None:
    """What was there before stays beside it as `.old`, unless it is the same."""
    with contextlib.suppress(FileNotFoundError):
        was = path.read_bytes()
        if was != data:
            durable.write(path.with_name(path.name + ".old"), was, PRIVATE, group)
    durable.write(path, data, PRIVATE, group)


def _carry(root: Path, found: Bundle, group: int) -> int:
    """Lay the old evidence's head beside the journal that is to follow it; its number, 0 = there is none."""
    place = journal(root, found.tree).with_name(before.NAME)
    if bundle.HEAD not in found.files:
        return 0
    seq = bundle.head(found.files[bundle.HEAD], found.room).seq
    place.parent.mkdir(parents=True, exist_ok=True)
    durable.write(place, found.files[bundle.HEAD], PRIVATE, group)
    return seq


def _move_state(root: Path, etc: Path) -> Path | None:
    """Another room's journal and memory are not this room's: moved aside whole; None = there was nothing."""
    with (etc / bundle.ROOM).open("rb") as file:
        tree = tomllib.load(file)
    state = journal(root, tree).parent
    if not state.is_dir() or not any(state.iterdir()):
        return None
    if _in_use(root, tree):
        raise ReadableError("adopt.running")
    aside = _free(state.parent, f"{state.name}.{bundle.slug_of(tree)}")
    about = state.stat()
    state.rename(aside)
    state.mkdir()
    os.chown(state, about.st_uid, about.st_gid)
    state.chmod(about.st_mode & 0o7777)
    durable.sync(state.parent)
    return aside


def journal(root: Path, tree: Mapping[str, Any]) -> Path:
    """Where a configuration keeps its journal, below `root`. Raises ReadableError (`adopt.file`)."""
    return root / _path(tree, "journal", f"{STATE}/journal.db").relative_to("/")


def _in_use(root: Path, tree: Mapping[str, Any]) -> bool:
    """A controller that lives answers at its door."""
    door = root / _path(tree, "run_dir", "/run/diemcau").relative_to("/") / DOOR
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(door))
        except OSError:
            return False
    return True


def _path(tree: Mapping[str, Any], name: str, usual: str) -> Path:
    table = tree.get("paths")
    said = table.get(name, usual) if isinstance(table, dict) else usual
    path = Path(said) if isinstance(said, str) else Path()
    if not path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise ReadableError("adopt.file", bundle.ROOM)
    return path
