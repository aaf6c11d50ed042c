"""What one piece of a Cisco xAPI port says, as frozen values.

Law: pure; nothing here raises on any input. Terminal lines and JSON objects give the same values, so that whoever
reads them need not know the mode. A piece that says nothing known gives nothing; the caller counts it.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11), chapters on output; the transport guide of the xAPI over
WebSocket, which prints both forms side by side; jsxapi (JSON).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

MAX_TEXT: Final = 80
"""Longest free text kept of a device, characters: enough for a person to recognise it."""
MAX_WORDS: Final = 14
"""Longest path: `MediaChannels Call 3 Channel 5 Netstat LastIntervalReceived` has seven words."""
MAX_TOLD: Final = 2_000
"""Values taken out of one object; a full call's channels are a few hundred."""


@dataclass(frozen=True, slots=True)
class Told:
    """One value. `kind`: s (status), c (configuration), e (event), r (result of a command); `path` in lower case,
    numbers of instances as words; `ghost`: the element is gone. An event may have its name alone, and no value."""

    kind: str
    path: tuple[str, ...]
    value: str
    ghost: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The head of a result: `OK`, or why not. Its name differs between releases and says nothing to us."""

    status: str


@dataclass(frozen=True, slots=True)
class Tag:
    """`** resultId`: whose answer this block is."""

    id: str


@dataclass(frozen=True, slots=True)
class End:
    """`** end` of a block."""


@dataclass(frozen=True, slots=True)
class Word:
    """`OK` or `ERROR`: the syntax of a command was accepted or not; says nothing of what became of it."""

    good: bool


@dataclass(frozen=True, slots=True)
class Path:
    """A line of `xFeedback list`: one registered expression, in lower case with slashes."""

    text: str


@dataclass(frozen=True, slots=True)
class Greeting:
    """A session began (`Login successful`, or the welcome of a port without login); `by_login`: we were let in."""

    by_login: bool


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """The password was refused."""


@dataclass(frozen=True, slots=True)
class Echo:
    """One of our commands came back: echo is on."""


Heard: TypeAlias = Told | Verdict | Tag | End | Word | Path | Greeting | LoginFailed | Echo

_LINE: Final = re.compile(r"^\*([scer]) (\S.*)$")
_RESULT: Final = re.compile(r"^\w*Result \(status=(\w+)\):?$")
_GHOST: Final = re.compile(r"^(\S[^:()]*?) \(ghost=True\):?$", re.IGNORECASE)
_BARE: Final = re.compile(r"^\w+$")
_FIELD: Final = re.compile(r"^([A-Za-z][\w ]*?):(?: (.*))?$")
_TAG: Final = re.compile(r'^\*\* resultId: "?([^"]{0,40})"?$', re.IGNORECASE)
_ECHO: Final = re.compile(r"^\W{0,3}(?:x(?:command|status|configuration|feedback|preferences)|echo off)\b", re.I)
_PATH: Final = re.compile(r"^/[\w/ \[\]]+$")
_FAILED: Final = re.compile(r"login (?:incorrect|failed)|permission denied|authentication fail", re.IGNORECASE)
_KINDS: Final = {"Status": "s", "Configuration": "c", "Event": "e", "CommandResponse": "r"}


def bounded(text: str) -> str:
    """Free text of a device, cut to what a record may carry."""
    return text.strip()[:MAX_TEXT]


def parse(piece: str) -> list[Heard]:
    """What a piece says; empty for something unknown."""
    if piece.startswith("{"):
        return _object(piece)
    heard = _line(piece)
    return [] if heard is None else [heard]


@lru_cache(maxsize=256)  # a codec is asked the same again and again, and most of its lines are what they were
def _line(line: str) -> Heard | None:
    return _starred(line) if line.startswith("*") else _plain(line)


def _plain(line: str) -> Heard | None:
    if line in ("OK", "ERROR"):
        return Word(line == "OK")
    if _PATH.match(line):
        return Path(line.lower().replace(" ", "/"))
    if line.startswith("Welcome to "):
        return Greeting(by_login=False)
    if _FAILED.search(line):
        return LoginFailed()
    return Echo() if _ECHO.match(line) else None


def _starred(line: str) -> Heard | None:
    if line == "** end":
        return End()
    if line == "*r Login successful":
        return Greeting(by_login=True)
    if tag := _TAG.match(line):
        return Tag(tag[1])
    match = _LINE.match(line)
    return _body(match[1], match[2]) if match else None


def _body(kind: str, body: str) -> Heard | None:
    if kind == "r" and (result := _RESULT.match(body)):
        return Verdict(result[1])
    if ghost := _GHOST.match(body):
        return Told(kind, _path(ghost[1]), "", ghost=True)
    if kind == "e" and _BARE.match(body):
        return Told(kind, _path(body), "")
    field = _FIELD.match(body)
    if field is None:
        return None
    return Told(kind, _path(field[1]), _unquoted(field[2] or ""))


def _path(text: str) -> tuple[str, ...]:
    words = tuple(text.lower().split()[:MAX_WORDS])
    return words[1:] if words[:1] == ("xconfiguration",) else words


def _unquoted(text: str) -> str:
    text = text.strip()
    return bounded(text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)


def _object(piece: str) -> list[Heard]:
    """An object is a whole block: its values, its verdict, its tag and its end."""
    try:
        whole = json.loads(piece)
    except (ValueError, RecursionError):
        return []
    heard: list[Heard] = []
    for name, kind in _KINDS.items():
        if isinstance(part := whole.get(name), dict):
            heard += _verdict(part) if kind == "r" else ()
            heard += (told for told, _ in zip(_walk(kind, (), part), range(MAX_TOLD), strict=False))
    if "ResultId" in whole:
        heard.append(Tag(str(whole["ResultId"])[:40]))
    return [*heard, End()]


def _verdict(response: dict[str, object]) -> Iterator[Verdict]:
    for result in response.values():
        if isinstance(result, dict) and isinstance(status := result.get("status"), str):
            yield Verdict(status)


def _walk(kind: str, path: tuple[str, ...], node: object) -> Iterator[Told]:
    if len(path) > MAX_WORDS:
        return
    if isinstance(node, list):
        for item in node:
            yield from _walk(kind, path, item)
    elif isinstance(node, dict):
        yield from _inside(kind, path, node)


def _inside(kind: str, path: tuple[str, ...], node: dict[str, object]) -> Iterator[Told]:
    """Keys in lower case are attributes: `id` is the instance, `ghost` its end; `Value` is the value itself."""
    own = (*path, str(node["id"])[:MAX_TEXT].lower()) if "id" in node else path
    if str(node.get("ghost")).lower() == "true":
        yield Told(kind, own, "", ghost=True)
    elif isinstance(value := node.get("Value"), str | int | float):
        yield Told(kind, own, bounded(str(value)))
    elif kind == "e" and len(path) == 1 and not node.keys() - {"id"}:
        yield Told(kind, path, "")
    else:
        for name, child in node.items():
            yield from _walk(kind, (*own, name.lower()[:MAX_TEXT]), child)
