"""What a room's bundle holds, and whether it holds together. Standard library only: the room reads it with this,
and the office checks with it what it has made.

    bundle.json    {"v":1,"room":slug,"made":RFC 3339,"files":{name:{"bytes":n,"sha256":hex}}}
    room.toml      the whole configuration with its contacts; *.toml beside it: the rule packs that it names
    keeper.json    the keeper's lines, compiled from it
    room.key room.crt ca.crt   the identity; room.csr: the wish for the next certificate, signed by the same key
    tuf-root.json  what updates are trusted by (may be missing)
    secret.NAME    the password files that room.toml names in /etc/diemcau/secrets (may be missing)
    head.json      {"v":1,"room":slug,"seq":n,"hash":hex}: where the evidence of the old Pi ended (may be missing)
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller import adopt_tar, before, identity
from controller.before import Before
from controller.texts import ReadableError

MANIFEST = "bundle.json"
ROOM, KEEPER, ROOT, HEAD = "room.toml", "keeper.json", "tuf-root.json", "head.json"
KEY, CERTIFICATE, AUTHORITY, REQUEST = "room.key", "room.crt", "ca.crt", "room.csr"
IDENTITY = (KEY, CERTIFICATE, AUTHORITY, REQUEST)
NEEDED = frozenset({ROOM, KEEPER, *IDENTITY})
OPTIONAL = frozenset({ROOT, HEAD})
SECRET = "secret."

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was checked. `tree` is its room.toml as read."""

    room: str
    files: Mapping[str, bytes]
    tree: Mapping[str, Any]
    identity: identity.Identity

    @property
    def packs(self) -> tuple[str, ...]:
        """The rule packs in it."""
        return tuple(sorted(_packs(self.files)))

    @property
    def secrets(self) -> Mapping[str, bytes]:
        """The password files in it, by the name that they have in the room."""
        return {n.removeprefix(SECRET): data for n, data in self.files.items() if n.startswith(SECRET)}


def read(data: bytes) -> Bundle:
    """Open and check a bundle. Raises ReadableError: `adopt.tar`, `adopt.manifest`, `adopt.file` with the member
    that is missing, too much or not what it should be, `identity.broken`."""
    files = adopt_tar.members(data)
    room, listed = _manifest(files.pop(MANIFEST, b""))
    for name in sorted(files.keys() ^ listed.keys()):
        raise ReadableError("adopt.file", name)
    for name, digest in listed.items():
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise ReadableError("adopt.file", name)
    return check(room, files)


def check(room: str, files: Mapping[str, bytes]) -> Bundle:
    """Whether these members make the identity of `room`. Raises ReadableError as `read`."""
    for name in sorted(NEEDED - files.keys()):
        raise ReadableError("adopt.file", name)
    tree = _toml(files[ROOM])
    for name in sorted(_packs(files) ^ set(packs_of(tree))):
        raise ReadableError("adopt.file", name)
    for name in sorted({KEEPER, ROOT} & files.keys()):
        _object(name, files[name])
    if HEAD in files:
        head(files[HEAD], room)
    known = identity.check(files[AUTHORITY], files[CERTIFICATE], files[KEY])
    if not known.name == slug_of(tree) == room:
        raise ReadableError("adopt.mixed", room, slug_of(tree), known.name)
    return Bundle(room, files, tree, known)


def head(data: bytes, room: str) -> Before:
    """Where the evidence of the room's old Pi ended. Raises ReadableError (`adopt.file`)."""
    try:
        found = before.loads(data)
    except ValueError as error:
        raise ReadableError("adopt.file", HEAD) from error
    if found.room != room:
        raise ReadableError("adopt.file", HEAD)
    return found


def manifest(room: str, made: str, files: Mapping[str, bytes]) -> bytes:
    """The first member: what the others must be, so that a tired USB stick is noticed."""
    rows = {n: {"bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in sorted(files.items())}
    return json.dumps({"v": 1, "room": room, "made": made, "files": rows}, indent=1).encode()


def slug_of(tree: Mapping[str, Any]) -> str:
    """The room of a configuration, '' when it names none."""
    table = tree.get("room")
    slug = table.get("slug") if isinstance(table, dict) else None
    return slug if isinstance(slug, str) and _SLUG.fullmatch(slug) else ""


def packs_of(tree: Mapping[str, Any]) -> Iterable[str]:
    """The rule packs that a configuration names; they lie beside it. Raises ReadableError (`adopt.file`) for a name
    with a path in it, or one of ours."""
    table = tree.get("room")
    names = table.get("rule_packs", []) if isinstance(table, dict) else []
    for name in names if isinstance(names, list) else []:
        plain = isinstance(name, str) and adopt_tar.NAME.fullmatch(name) and name.endswith(".toml")
        if not plain or name in NEEDED or name.startswith(SECRET):
            raise ReadableError("adopt.file", name)
        yield name


def _packs(files: Iterable[str]) -> set[str]:
    return {name for name in files if name not in NEEDED | OPTIONAL and not name.startswith(SECRET)}


def _manifest(data: bytes) -> tuple[str, dict[str, str]]:
    try:
        plain = json.loads(data)
        if plain["v"] != 1 or not _SLUG.fullmatch(plain["room"]):
            raise ValueError(plain["v"])
        return plain["room"], {str(name): str(row["sha256"]) for name, row in plain["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReadableError("adopt.manifest") from error


def _toml(data: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise ReadableError("adopt.file", ROOM) from error


def _object(name: str, data: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReadableError("adopt.file", name) from error
    if not isinstance(plain, dict):
        raise ReadableError("adopt.file", name)
    return plain
