"""What must survive a restart (`Memory`) as rows of text, and back.

Lives here: pure encoding, strict decoding, and the difference between two memories, so that a change writes
one small row and not everything. Must not live here: SQLite, clocks, what the memory means.

A row that cannot be read (bit rot, another version of the program) is left out and named; the rest lives.
A field that an older version did not write takes its default; one that we do not know makes the row unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import partial
from operator import is_
from typing import Any, TypeAlias, TypeVar

from controller.core.chain import Unreadable, canonical, clean, clean_text, value_of
from controller.core.meeting import Booked, Meeting, Policy, Role
from controller.core.memory import Hold, Kept, Memory, Refusal, Told
from controller.core.records import Because, Reply

T = TypeVar("T")
Read: TypeAlias = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows to write (in this order) and rows to drop; keys are `part` or `part/name`."""

    put: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.put or self.drop)


def changes(before: Memory | None, after: Memory) -> Changes:
    """What must be written for a disk that holds `before` to hold `after`; compared by identity first."""
    old, new = map(_parts, _apart(before, after)) if before else ({}, _parts(after))
    moved = [(key, part) for key, part in new.items() if old.get(key) is not part]
    put = [(key, _text(part)) for key, part in moved if key not in old or not _same(old[key], part)]
    return Changes(tuple(put), tuple(key for key in old if key not in new))


def encode(memory: Memory) -> dict[str, str]:
    """All rows of a memory; their order matters for replies (oldest first)."""
    return dict(changes(None, memory).put)


def decode(rows: Iterable[tuple[str, str]]) -> tuple[Memory | None, tuple[str, ...]]:
    """The memory in these rows, and the keys of the rows that could not be read. None when the row `life`, which
    says whose times these are, is missing or bad."""
    parts: dict[str, Any] = {"holds": {}, "marks": {}, "told": {}, "replies": []}
    bad: list[str] = []
    for key, text in rows:
        try:
            _absorb(parts, key, json.loads(text))
        except (ValueError, RecursionError):
            bad.append(key)
    if "boot" not in parts:
        return None, tuple(bad)
    parts["replies"] = tuple(parts["replies"])
    return Memory(**parts), tuple(bad)


def _apart(before: Memory, after: Memory) -> tuple[Memory, Memory]:
    """Both without what is the same object in both: a command changes a few of hundreds of answers and marks."""
    old_holds, holds = _moved(before.holds, after.holds)
    old_marks, marks = _moved(before.marks, after.marks)
    old_replies, replies = _ends(before.replies, after.replies)
    old = replace(before, holds=old_holds, marks=old_marks, replies=old_replies)
    return old, replace(after, holds=holds, marks=marks, replies=replies)


def _moved(old: Mapping[str, T], new: Mapping[str, T]) -> tuple[Mapping[str, T], Mapping[str, T]]:
    if old is new:
        return {}, {}
    if not "".join((*old, *new)).isascii():
        return old, new  # names that have no text may share a row: then each depends on all
    gone = {name: item for name, item in old.items() if new.get(name) is not item}
    return gone, {name: item for name, item in new.items() if old.get(name) is not item}


def _ends(old: tuple[Reply, ...], new: tuple[Reply, ...]) -> tuple[tuple[Reply, ...], tuple[Reply, ...]]:
    """What left at the beginning and came at the end; all, when that is not all or an id is in others too."""
    if old is new:
        return (), ()
    first = next((n for n, reply in enumerate(old) if reply is new[0]), len(old)) if new else len(old)
    kept, gone, came = old[first:], old[:first], new[len(old) - first :]
    ids, others = {reply.id for reply in (*gone, *came)}, [reply.id for reply in kept]
    alone = len(ids) == len(gone) + len(came) and ids.isdisjoint(others) and "".join((*ids, *others)).isascii()
    return (gone, came) if alone and len(new) >= len(kept) and all(map(is_, kept, new)) else (old, new)


def _parts(memory: Memory) -> dict[str, object]:
    """Small things that change together share a row; what grows or changes often has a row for each."""
    parts: dict[str, object] = {
        "life": (memory.boot, memory.seq),
        "calendar": (memory.edge_ms, memory.version, memory.meetings),
        "booked": memory.booked,
        "off": memory.off_ms,
        "modes": memory.modes,
        "alerts": memory.alerts,
        "over": memory.over,
        "given_up": memory.given_up,
    }
    parts |= {"refusals": memory.refusals} if memory.refusals else {}  # older versions call the row unreadable
    parts.update((clean_text(f"hold/{name}"), hold) for name, hold in memory.holds.items())
    parts.update((clean_text(f"mark/{name}"), mark) for name, mark in memory.marks.items())
    parts.update((clean_text(f"told/{name}"), told) for name, told in memory.told.items())
    return parts | _answers(memory.replies)


def _answers(replies: tuple[Reply, ...]) -> dict[str, object]:
    """A row for each answer. There are hundreds, at every command: the usual case costs one look at each."""
    rows: dict[str, object] = {"reply/" + reply.id: reply for reply in replies if reply.id.isascii()}
    if len(rows) == len(replies):
        return rows
    rows = {}
    for reply in replies:
        key = clean_text(f"reply/{reply.id}")
        while key in rows:  # one command may be answered twice: accepted, then done
            key += "/"
        rows[key] = reply
    return rows


def _same(old: object, new: object) -> bool:
    """Equal and of equal types: True is not 1 in a mark, and 1.0 is not 1. Identity makes the usual case cheap."""
    if old is new:
        return True
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(value, new[name]) for name, value in old.items())
    if type(old) is not type(new):
        return False
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if is_dataclass(old):
        return all(_same(getattr(old, name), getattr(new, name)) for name in old.__dataclass_fields__)
    return old == new


def _text(part: object) -> str:
    return canonical(_plain(part))


def _plain(part: Any) -> object:
    if type(part) in _BARE:
        return clean(part)
    if isinstance(part, tuple | list):
        return [_plain(item) for item in part]
    if isinstance(part, Mapping):
        return {clean_text(name): _plain(value) for name, value in part.items()}
    if is_dataclass(part):
        return {name: _plain(getattr(part, name)) for name in part.__dataclass_fields__}
    return clean(part)


_BARE = (str, int, bool, type(None))
"""Nearly everything in a row."""


def _absorb(parts: dict[str, Any], key: str, plain: object) -> None:
    part, _, name = key.partition("/")
    match part:
        case "life":
            parts["boot"], parts["seq"] = _row(plain, _word, _whole)
        case "calendar":
            row = _row(plain, _whole, _word, partial(_many, _meeting))
            parts["edge_ms"], parts["version"], parts["meetings"] = row
        case "booked":
            parts["booked"] = _many(_booked, plain)
        case "off" | "given_up":
            parts[_TIMES[part]] = _mapping(_whole, plain)
        case "modes":
            parts["modes"] = _mapping(_word, plain)
        case "alerts":
            parts["alerts"] = _many(lambda item: _row(item, _word, _word), plain)
        case "over":
            parts["over"] = _many(_word, plain)
        case "hold" | "mark" | "told":
            field, cls, readers = _NAMED[part]
            parts[field][name] = _build(cls, readers, plain)
        case "refusals":
            parts["refusals"] = _many(partial(_build, Refusal, _REFUSAL), plain)
        case "reply":
            parts["replies"].append(_build(Reply, _REPLY, plain))
        case _:
            raise Unreadable("a row of another version")


def _build(cls: type[T], readers: Mapping[str, Read], plain: object) -> T:
    """An object of `cls` with exactly the fields that `readers` knows; those with a default may be missing."""
    if not isinstance(plain, dict) or not set(plain) <= set(readers):
        raise Unreadable("not an object of the fields we know")
    missing = set(readers) - set(plain)
    optional = {f.name for f in fields(cls) if f.default is not MISSING}  # type: ignore[arg-type]
    if not missing <= optional:
        raise Unreadable("a field is missing")
    return cls(**{name: readers[name](value) for name, value in plain.items()})


def _row(plain: object, *readers: Read) -> tuple[Any, ...]:
    if not isinstance(plain, list) or len(plain) != len(readers):
        raise Unreadable("a list of another length")
    return tuple(read(item) for read, item in zip(readers, plain, strict=True))


def _many(read: Read, plain: object) -> tuple[Any, ...]:
    if not isinstance(plain, list):
        raise Unreadable("not a list")
    return tuple(read(item) for item in plain)


def _mapping(read: Read, plain: object) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise Unreadable("not an object")
    return {name: read(value) for name, value in plain.items()}


def _word(plain: object) -> str:
    if not isinstance(plain, str):
        raise Unreadable("not text")
    return plain


def _whole(plain: object) -> int:
    if not isinstance(plain, int) or isinstance(plain, bool):
        raise Unreadable("not a whole number")
    return plain


def _truth(plain: object) -> bool:
    if not isinstance(plain, bool):
        raise Unreadable("neither true nor false")
    return plain


def _values(plain: object) -> tuple[Any, ...]:
    return _many(value_of, plain)


def _spans(plain: object) -> tuple[Any, ...]:
    return _many(lambda item: _row(item, _whole, _whole), plain)


_MEETING: Mapping[str, Read] = {
    "uid": _word,
    "title": _word,
    "start_ms": _whole,
    "end_ms": _whole,
    "role": lambda plain: Role(_word(plain)),
    "policy": lambda plain: Policy(_word(plain)),
    "presents": _truth,
    "tentative": _truth,
    "secret": _truth,
    "external": _truth,
    "numbers": partial(_many, _word),
    "breaks": _spans,
    "seats": lambda plain: _many(lambda item: _row(item, _word, _whole), plain),
    "rehearse": _spans,
    "due_ms": _whole,
}
_meeting = partial(_build, Meeting, _MEETING)
_BOOKED: Mapping[str, Read] = {
    "meeting": _meeting,
    "on_by_ms": _whole,
    "ready_ms": _whole,
    "start_ms": _whole,
    "end_ms": _whole,
    "breaks": _spans,
    "late": _word,
}
_booked = partial(_build, Booked, _BOOKED)
_BECAUSE: Mapping[str, Read] = {"rule": _word, "code": _word, "args": _values}
_HOLD: Mapping[str, Read] = {
    "name": _word,
    "targets": partial(_many, _word),
    "value": value_of,
    "rank": _whole,
    "because": partial(_build, Because, _BECAUSE),
    "since_ms": _whole,
    "until_ms": _whole,
    "until_wall_ms": _whole,
}
_KEPT: Mapping[str, Read] = {"value": value_of, "since_ms": _whole, "rises_ms": partial(_many, _whole)}
_TOLD: Mapping[str, Read] = {"value": value_of, "at_ms": partial(_many, _whole), "wall_ms": _whole}
_COUNTS: Mapping[str, Read] = dict.fromkeys(("since_ms", "told", "more"), _whole)
_REFUSAL: Mapping[str, Read] = {**_COUNTS, "kind": partial(_many, _word), "code": _word, "args": _values}
_REPLY: Mapping[str, Read] = {"id": _word, "stage": _word, "code": _word, "args": _values}
_TIMES = {"off": "off_ms", "given_up": "given_up"}
_NAMED: Mapping[str, tuple[str, type, Mapping[str, Read]]] = {
    "hold": ("holds", Hold, _HOLD),
    "mark": ("marks", Kept, _KEPT),
    "told": ("told", Told, _TOLD),
}
"""Rows of which there is one for each name: the part of the memory, what it is made of, and how it is read."""
