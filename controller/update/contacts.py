"""Contacts are personal and not published (R23): the room's own stay where the signed room.toml has none. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from controller.update.client import Refused


def with_contacts(text: bytes, own: bytes) -> bytes:
    """`text` with the contacts of `own` behind it, as they are written there. Raises Refused where they cannot be
    told from the rest; a file of our own that is broken has none."""
    try:
        contacts = tomllib.loads(own.decode("utf-8-sig")).get("contacts")
    except ValueError:
        contacts = None
    if not contacts:
        return text
    joined = text.rstrip() + b"\n\n" + _tables(own.decode("utf-8-sig"), "contacts").encode()
    if parsed(joined) != {**parsed(text), "contacts": contacts}:
        raise Refused("update.settings_contacts")
    return joined


def _tables(text: str, name: str) -> str:
    """The lines of the tables `[name]` and `[name.…]`."""
    inside, lines = False, []
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            head = line.strip().lstrip("[").partition("]")[0]
            inside = head.partition(".")[0].strip(" \"'") == name
        lines += [line] if inside else []
    return "".join(lines).rstrip() + "\n"


def parsed(text: bytes) -> Mapping[str, object]:
    """A configuration file as TOML. Raises Refused."""
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except ValueError as error:
        raise Refused("update.settings_wrong", str(error)) from error
