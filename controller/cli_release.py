"""The words of `diemcau release …`: parsed here, done in controller/update/release.py, which the extra `office`
brings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli_parser import Parser, group
from controller.cli_words import CONFIG
from controller.texts import text

if TYPE_CHECKING:
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction[Parser]

PYTHONS, MACHINES = ("3.11", "3.13"), ("aarch64", "x86_64")


def register(commands: Commands, lang: str) -> None:
    """Add the command and its eleven kinds."""
    kinds = group(commands, "release", lang)
    found = {name: _kind(kinds, name, lang) for name in KINDS}
    _given(found["keys"], lang, "folder", type=Path)
    for name in KINDS[1:]:
        if name != "build":
            _given(found[name], lang, "--keys", type=Path, action="append", default=[], metavar="DIR")
        _given(found[name], lang, "--to", type=Path, required=True, metavar="DIR")
    _given(found["build"], lang, "checkout", type=Path)
    _given(found["build"], lang, "--version", default="")
    _given(found["build"], lang, "--python", nargs="+", choices=PYTHONS, default=list(PYTHONS))
    _given(found["build"], lang, "--machine", nargs="+", choices=MACHINES, default=list(MACHINES))
    _given(found["offer"], lang, "ring")
    _given(found["offer"], lang, "bundle", type=Path)
    _given(found["offer"], lang, "--percent", type=int, default=100)
    _given(found["offer"], lang, "--minimum", required=True, metavar="VERSION")
    _given(found["withdraw"], lang, "ring")
    _given(found["room"], lang, "slug")
    for name in ("rings", "room", "rotate", "pack"):
        _given(found[name], lang, "file", type=Path)
    whose = found["pack"].add_mutually_exclusive_group(required=True)
    for name in ("ring", "room"):
        whose.add_argument(f"--{name}", help=text(f"cli.opt.release.{name}", lang), metavar=name.upper())


KINDS = ("keys", "init", "build", "offer", "rings", "room", "pack", "withdraw", "rotate", "publish", "show")


def _kind(kinds: Commands, name: str, lang: str) -> Parser:
    said = text(f"cli.release.{name}", lang)
    found = kinds.add_parser(name, help=said, description=said)
    found.set_defaults(act=_release, lang=lang)
    return found


def _given(found: Parser, lang: str, name: str, **options: object) -> None:
    about = text(f"cli.opt.release.{name.lstrip('-')}", lang)
    found.add_argument(name, help=about, **options)  # type: ignore[arg-type]


def _release(options: argparse.Namespace) -> int:
    try:
        from controller.update.release import release
    except ModuleNotFoundError as error:
        sys.stderr.write(text("release.extra", options.lang, (error.name,)) + "\n")
        return CONFIG
    return release(options)
