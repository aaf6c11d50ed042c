"""room.toml texts for the tests: the shipped example with changes, and a smallest room."""

from __future__ import annotations

import tomllib
from typing import Any

from controller.config import ConfigError, Finding, RoomConfig, Severity, check, example
from controller.config_model import RoomConfig as Model

SMALLEST = """
[room]
slug = "xa-nho"
name = "Điểm cầu xã nhỏ"

[loads.lamp]
class = "light"
pin = 17
"""


def tree() -> dict[str, Any]:
    """The shipped example as a tree that may be changed."""
    return tomllib.loads(example())


def changed(**changes: object) -> RoomConfig:
    """The example with keys set; `loads__codec__pin=5` sets `loads.codec.pin`, None removes. Not yet checked."""
    root = tree()
    for path, value in changes.items():
        *way, last = path.split("__")
        node = root
        for part in way:
            node = node.setdefault(part, {})
        if value is None:
            node.pop(last, None)
        else:
            node[last] = value
    return Model.model_validate(root)


def codes(cfg: RoomConfig, severity: Severity | None = None) -> dict[str, str]:
    """Key → code of what is said about it."""
    return {row.key: row.code for row in check(cfg) if severity in (None, row.severity)}


def said(cfg: RoomConfig, code: str) -> Finding:
    """The one finding with this code."""
    (row,) = [row for row in check(cfg) if row.code == code]
    return row


__all__ = ["SMALLEST", "ConfigError", "changed", "codes", "said", "tree"]
