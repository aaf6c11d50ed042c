"""TOML files into one tree, with the file that each key came from: room.toml over rule packs over defaults.

The only part of the configuration that reads files. Which keys exist is not known here.
"""

from __future__ import annotations

import errno
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.config_error import ConfigError, Key, Problem, Said
from controller.texts.foreign import foreign, system

Tree = dict[str, Any]

FILE_MAX_BYTES = 256 * 1024
"""A whole room takes 10 KiB; a bigger file is something else, e.g. a picture, given by mistake."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read."""

    file: str
    tree: Tree

    @property
    def is_pack(self) -> bool:
        """A rule pack says which document it is."""
        return "pack" in self.tree


def read(path: Path) -> Source:
    """One TOML file. Raises ConfigError, which says what to do, when it is absent, too big or not TOML."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        code = _ERRNO.get(error.errno or 0, "config.unreadable")
        raise _unusable(str(path), code, system(error)) from error
    if len(data) > FILE_MAX_BYTES:
        raise _unusable(str(path), "config.too_big", FILE_MAX_BYTES // 1024)
    try:
        return parse(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise _unusable(str(path), "config.not_utf8", error.start) from error


def parse(text: str, file: str) -> Source:
    """TOML text; `file` is its name in errors. Windows editors' byte-order mark and CR LF are no fault."""
    try:
        return Source(file, tomllib.loads(text.replace("\r\n", "\n")))
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError is a ValueError; so is a number of more than 4,300 digits.
        raise _not_toml(file, str(error)) from error


def merged(sources: Iterable[Source]) -> tuple[Tree, dict[Key, str]]:
    """All trees over each other, later ones on top, and the file of every leaf."""
    tree: Tree = {}
    files: dict[Key, str] = {}
    for source in sources:
        _lay(tree, source.tree, source.file, (), files)
    return tree, files


def leaves(tree: Mapping[str, Any], at: Key = ()) -> Iterable[Key]:
    """Every key of a tree that holds a value."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name)


def file_of(key: Key, files: Mapping[Key, str], default: str) -> str:
    """The file that `key`, or something in it, came from; the room's own file for a key nobody gave."""
    if key in files:
        return files[key]
    for n in range(len(key) - 1, 0, -1):
        if key[:n] in files:
            return files[key[:n]]
    return next((file for known, file in files.items() if key and known[: len(key)] == key), default)


def _lay(tree: Tree, over: Mapping[str, Any], file: str, at: Key, files: dict[Key, str]) -> None:
    for name, value in over.items():
        key = (*at, name)
        if isinstance(value, dict):
            below = tree.get(name)
            tree[name] = below if isinstance(below, dict) else {}
            _lay(tree[name], value, file, key, files)
        else:
            tree[name] = value
            files[key] = file


_ERRNO = {
    errno.ENOENT: "config.absent",
    errno.ENOTDIR: "config.absent",
    errno.EISDIR: "config.folder",
    errno.EACCES: "config.denied",
}


def _not_toml(file: str, why: str) -> ConfigError:
    """The line to look at first, where tomllib names one, then what it says is wrong there."""
    place = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", why, re.DOTALL)
    if place is None:
        return _unusable(file, "config.not_toml", foreign(why))
    return _unusable(file, "config.not_toml_line", place[2], place[3], foreign(place[1]))


def _unusable(file: str, code: str, *args: object) -> ConfigError:
    return ConfigError((Problem(file, "-", "-", Said("form.toml"), Said(code, args)),))
