"""Where the updater's files lie under the root, how a run ends, and how small files are read back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATE = "var/lib/diemcau-update"
ROOM_TOML = "etc/diemcau/room.toml"
ROOT_JSON = "etc/diemcau/tuf-root.json"
PACK = re.compile(r"(?!(room|centre)\.)[a-z0-9][a-z0-9_-]{0,39}\.toml")
"""A rule pack that can be signed: plain, and the name of no other file that lies there."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a run ended. `stage`: `idle` (nothing to do), `waiting`, `failed`, `back` (taken back), `done`."""

    stage: str
    code: str
    args: tuple[object, ...] = ()


def read_tree(path: Path) -> Mapping[str, object]:
    """A JSON object; an empty one where there is none, or where it is torn."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return tree if isinstance(tree, dict) else {}


def whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def names(value: object) -> frozenset[str]:
    return frozenset(str(one) for one in value) if isinstance(value, list) else frozenset()
