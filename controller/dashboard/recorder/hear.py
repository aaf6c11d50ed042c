"""A message of a room → a value, or the reason why it is not believed. Pure; no bytes whatever make it raise.

The topic says who speaks (the broker lets a room write under its own name only); what the payload claims beyond
that is checked against it. Texts are kept as text: markup in a name is the page's to show, not ours to guess at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from controller.core.chain import Entry, Unreadable, body_of, digest
from controller.core.instant import Trust
from controller.core.records import Priority
from controller.link.topics import IDENTITY, PARTS, ROOT, is_slug

MOST = 65_536
"""Bytes of a message; a room's largest detail is a tenth of it."""
TEXT_MOST = 200
NAME_MOST, SUBJECT_MOST = 40, 100
"""As wide as the columns: cut short, a record would not match its hash; longer, PostgreSQL refuses the batch."""
DEEPEST = 12
_SUSPECT = re.compile(rb"\\u|[0-9]{19}")
"""NUL and halves of surrogate pairs come as escapes only, numbers of more than 64 bits have 19 digits: without
these and with few brackets nothing needs to be walked through, which is a third of the recorder's work."""
_HEX = frozenset("0123456789abcdef")
_PREFIX = f"{ROOT}/"
_BIG = 2**53
_LAST_MS = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class Status:
    """`online` or `offline`; `reason` of `offline`: unexpected (the broker's word), left (a goodbye)."""

    room: str
    online: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The last word on one topic: state, birth, gasp (empty body = over), update, detail/…."""

    room: str
    part: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One record; `sound`: its hash is what its content says."""

    room: str
    entry: Entry
    hist: bool
    sound: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to a command."""

    room: str
    id: str
    stage: str
    code: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not believed. `why`: topic, large, json, version, shape, room."""

    why: str


Heard: TypeAlias = Status | Part | Line | Answer | Refusal
_STAGES = frozenset({"accepted", "refused", "done", "failed", "expired"})


class _Bad(Exception):
    """What is read is not what the contract says; `why` as in Refusal."""


def hear(topic: str, payload: bytes, reason: str = "") -> Heard:
    """`reason`: the user property of `status`. Never raises."""
    room, _, leaf = topic.removeprefix(_PREFIX).partition("/")
    if not topic.startswith(_PREFIX) or not is_slug(room):
        return Refusal("topic")
    if len(payload) > MOST:
        return Refusal("large")
    try:
        return _read(room, leaf, payload, reason)
    except _Bad as bad:
        return Refusal(str(bad))
    except (Unreadable, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return Refusal("shape")


def _read(room: str, leaf: str, payload: bytes, reason: str) -> Heard:
    if leaf == "status":
        if payload not in (b"online", b"offline"):
            raise _Bad("shape")
        return Status(room, payload == b"online", reason[:TEXT_MOST])
    if leaf == "gasp" and not payload:
        return Part(room, "gasp", {})
    if leaf == "update":
        return Part(room, leaf, _tree(payload, versioned=False))
    if leaf in ("state", "birth"):
        return Part(room, leaf, _living(_tree(payload)))
    if leaf == "gasp" or (leaf.startswith("detail/") and leaf.removeprefix("detail/") in (*PARTS, IDENTITY)):
        return Part(room, leaf, _tree(payload))
    if leaf == "record":
        return _line(room, _tree(payload))
    if leaf == "reply":
        return _answer(room, _tree(payload))
    raise _Bad("topic")


def _tree(payload: bytes, versioned: bool = True) -> dict[str, Any]:
    try:
        tree = _DECODER.decode(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _Bad("json") from error
    if not isinstance(tree, dict):
        raise _Bad("shape")
    if versioned and (type(tree.get("v")) is not int or tree["v"] != 1):
        raise _Bad("version")
    if _SUSPECT.search(payload) or payload.count(b"{") + payload.count(b"[") > DEEPEST:
        _clean(tree, 0)
    return tree


def _constant(word: str) -> float:
    raise ValueError(word)


def _finite(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise ValueError(word)
    return value


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_finite)


def _clean(tree: object, depth: int) -> None:
    """What a database cannot hold is no value: text with a NUL or half a surrogate pair, numbers without end."""
    if depth > DEEPEST:
        raise _Bad("shape")
    if isinstance(tree, str):
        if "\0" in tree:
            raise _Bad("shape")
        tree.encode()
    elif isinstance(tree, bool) or tree is None:
        return
    elif isinstance(tree, int | float):
        if not math.isfinite(tree) or (isinstance(tree, int) and abs(tree) > 2**63 - 1):
            raise _Bad("shape")
    elif isinstance(tree, dict):
        for name, value in tree.items():
            _clean(name, depth + 1)
            _clean(value, depth + 1)
    elif isinstance(tree, list):
        for value in tree:
            _clean(value, depth + 1)


def _living(tree: dict[str, Any]) -> dict[str, Any]:
    """State and birth say which life of the room speaks, and when in it."""
    _text(tree, "boot", most=NAME_MOST)
    _number(tree, "mono_s")
    _text(tree, "at")
    if "room" in tree and not isinstance(tree["room"], str):
        raise _Bad("room")
    if "seq" in tree:
        _whole(tree, "seq")
    if "head" in tree:
        _hash(tree, "head")
    return tree


def _line(room: str, tree: dict[str, Any]) -> Line:
    if tree.get("room", room) != room:
        raise _Bad("room")
    entry = Entry(
        boot=_text(tree, "boot", most=NAME_MOST),
        seq=_whole(tree, "seq", 1),
        wall_ms=moment(_text(tree, "at")),
        mono_ms=round(_number(tree, "mono_s") * 1000),
        trust=Trust[_text(tree, "clock").upper()],
        kind=_text(tree, "kind", most=NAME_MOST),
        subject=_text(tree, "subject", least=0, most=SUBJECT_MOST),
        body=body_of(tree["body"]),
        priority=Priority[_text(tree, "priority").upper()],
        prev=_hash(tree, "prev"),
        hash=_hash(tree, "hash"),
    )
    return Line(room, entry, tree.get("hist") is True, digest(entry) == entry.hash)


def _answer(room: str, tree: dict[str, Any]) -> Answer:
    stage, args = _text(tree, "stage"), tree.get("args", [])
    if stage not in _STAGES or not isinstance(args, list):
        raise _Bad("shape")
    return Answer(room, _text(tree, "id"), stage, _text(tree, "code", least=0), tuple(args))


def moment(text: str) -> int:
    """Unix milliseconds of an RFC 3339 time with offset. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    ms = round(found.timestamp() * 1000)
    if not 0 <= ms <= _LAST_MS:
        raise ValueError(text)
    return ms


def _text(tree: Mapping[str, Any], name: str, least: int = 1, most: int = TEXT_MOST) -> str:
    value = tree.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise _Bad("shape")
    return value


def _whole(tree: Mapping[str, Any], name: str, least: int = 0) -> int:
    value = tree.get(name)
    if type(value) is not int or not least <= value < _BIG:
        raise _Bad("shape")
    return value


def _number(tree: Mapping[str, Any], name: str) -> float:
    value = tree.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _BIG / 1000:
        raise _Bad("shape")
    return float(value)


def _hash(tree: Mapping[str, Any], name: str) -> str:
    value = tree.get(name)
    if not isinstance(value, str) or len(value) != 64 or not _HEX.issuperset(value):
        raise _Bad("shape")
    return value
