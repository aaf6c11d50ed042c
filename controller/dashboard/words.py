"""The sentences of the page: the room's catalogue, and what only the centre says (texts/*.toml beside this file,
a file a screen, in the catalogue's form: sorted by code, both languages, the same places)."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from controller.texts import DEFAULT_LANGUAGE, Args, catalogue, fill

FOLDER = Path(__file__).with_name("texts")
_NOT_HERE = (
    "cli.",
    "commission.",
    "demo.",
    "config.",
    "meaning.",
    "setup.",
    "poster.",
    "simulate.",
    "os.",
    "form.",
)
"""What a browser never says."""


@cache
def own() -> Mapping[str, Mapping[str, str]]:
    """Code → language → sentence of the centre alone."""
    rows: dict[str, Mapping[str, str]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        rows |= tomllib.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType(rows)


@cache
def sentences(lang: str) -> Mapping[str, str]:
    """Code → sentence in `lang`, of everything a page or a notice may say."""
    room = {code: row for code, row in catalogue().items() if not code.startswith(_NOT_HERE)}
    return {code: row.get(lang, row[DEFAULT_LANGUAGE]) for code, row in (room | dict(own())).items()}


def say(code: str, lang: str = DEFAULT_LANGUAGE, args: Args | Sequence[object] = ()) -> str:
    """The sentence of `code`, filled in; an unknown code is shown as it is."""
    known = sentences(lang)
    return fill(known[code], lang, args, known.get) if code in known else code


def log(code: str, *args: object) -> None:
    """A sentence into the service's log, in both languages: whoever reads it there has not chosen one."""
    sys.stderr.write(f"{code}: {say(code, 'vi', args)} / {say(code, 'en', args)}\n")
