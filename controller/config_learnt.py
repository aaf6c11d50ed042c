"""The layer under room.toml that commissioning wrote: `learnt.toml`, and the acceptance record that alone makes a
room accepted. Both lie in `state_dir`; reading them is all that happens here.

`room.accepted` of room.toml can only withhold: true there without a record is said, and counts as false.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from controller.commission.sealed import ACCEPTED, LEARNT, claims, unlocks
from controller.config_error import Key, dotted
from controller.config_faults import Finding, Severity
from controller.config_files import Source, leaves
from controller.credentials import given

KEYS = {"warmup_s", "min_off_s"}
"""What may stand under a load; anything else in the file is not ours to believe."""
STATE_DIR = "/var/lib/diemcau"


def state_dir(room: Mapping[str, Any]) -> Path:
    paths = room.get("paths")
    said = paths.get("state_dir") if isinstance(paths, dict) else None
    return Path(said if isinstance(said, str) else STATE_DIR)


def beside(room: Mapping[str, Any]) -> tuple[Path, ...]:
    """The files that a room is read with because of its commissioning; they come and go while room.toml stays."""
    folder, key = state_dir(room), _key(room)
    return (folder / LEARNT, folder / ACCEPTED, *(() if key is None else (key,)))


def layer(room: Mapping[str, Any]) -> Source | None:
    """What was learnt of the loads that room.toml has; None = nothing, or nothing that can be read: the defaults
    hold then, as in a room that was never commissioned."""
    path = state_dir(room) / LEARNT
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if _slug(tree, "learnt", "room") != _slug(room, "room", "slug"):
        return None  # of another room: a card that was copied
    loads, known = tree.get("loads"), room.get("loads")
    names = known.keys() if isinstance(known, dict) else set[str]()
    rows = loads.items() if isinstance(loads, dict) else ()
    good = {name: _figures(row) for name, row in rows if name in names and isinstance(row, dict)}
    found: dict[str, Any] = {"loads": good} if good else {}
    if approved := _approved(tree):
        found["learnt"] = {"approved": approved}
    mains = tree.get("rules", {}).get("mains", {}) if isinstance(tree.get("rules"), dict) else {}
    factor = mains.get("start_load_factor") if isinstance(mains, dict) else None
    if isinstance(factor, float) and 1 <= factor <= 10:
        found["rules"] = {"mains": {"start_load_factor": factor}}
    return Source(str(path), found) if found else None


def _approved(tree: Mapping[str, Any]) -> dict[str, Any]:
    """What R14 compares with: plain values, as a person approved them in step 11."""
    learnt = tree.get("learnt")
    rows = learnt.get("approved") if isinstance(learnt, dict) else None
    plain = rows.items() if isinstance(rows, dict) else ()
    return {name: value for name, value in plain if isinstance(value, bool | int | float | str)}


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key in KEYS and isinstance(value, int | float)}


def accept(tree: dict[str, Any], on_disk: bool) -> tuple[Finding, ...]:
    """Put into the merged tree whether this room is accepted: its record says so and room.toml does not withhold
    it. A word in room.toml alone is worth nothing, and that is said."""
    room = tree.get("room")
    if not isinstance(room, dict) or not isinstance(room.get("accepted", False), bool):
        return ()  # whatever is wrong with it is said by the tables themselves
    said, record = room.get("accepted"), on_disk and signed(tree)
    room["accepted"] = record is True and said is not False
    if record is None:
        return (Finding(Severity.DEFECT, "room.accepted", "check.accepted_seal"),)
    if said and not record:
        return (Finding(Severity.DEFECT, "room.accepted", "check.accepted_unsigned"),)
    return (Finding(Severity.NOTE, "room.accepted", "check.accepted_withheld"),) if record and said is False else ()


def told(source: Source | None, tree: Mapping[str, Any], files: Mapping[Key, str]) -> Iterator[Finding]:
    """Where each learnt value went: it counts, or room.toml counts."""
    for key in leaves(source.tree) if source is not None else ():
        learnt = _at(source.tree, key) if source is not None else None
        here = source is not None and files.get(key) == source.file
        code = "check.learnt" if here else "check.learnt_hidden"
        yield Finding(Severity.NOTE, dotted(key), code, (learnt, _at(tree, key)))


def _at(tree: Mapping[str, Any], key: Key) -> Any:
    node: Any = tree
    for part in key:
        node = node[part]
    return node


def _slug(tree: Mapping[str, Any], table: str, key: str) -> object:
    row = tree.get(table)
    return row.get(key) if isinstance(row, dict) else None


def signed(room: Mapping[str, Any]) -> bool | None:
    """Whether the acceptance record of this very room lies beside it, with a seal by its key. None = one does, and
    the seal is not by the key that the room has now: the key was renewed, or somebody wrote in the record."""
    try:
        text = (state_dir(room) / ACCEPTED).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    slug = str(_slug(room, "room", "slug"))
    return True if unlocks(text, slug, identity(room)) else None if claims(text, slug) else False


def identity(room: Mapping[str, Any]) -> bytes:
    """The room's private key file at its broker; b'' = it has none, or it is not to be read by us."""
    path = _key(room)
    try:
        return path.read_bytes() if path is not None else b""
    except OSError:
        return b""


def _key(room: Mapping[str, Any]) -> Path | None:
    mqtt = room.get("mqtt")
    main = mqtt.get("main") if isinstance(mqtt, dict) else None
    path = main.get("key_file") if isinstance(main, dict) else None
    return given(path) if isinstance(path, str) else None
