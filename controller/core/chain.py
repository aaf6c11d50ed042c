"""The hash chain of the journal (N1): one entry, its canonical text, sealing and reading it back.

Lives here: pure functions over values. Must not live here: files, SQLite, clocks, threads.

An entry's `hash` is SHA-256 over its canonical JSON without the field `hash`; its `prev` is the hash of the
entry before it. So whoever kept one hash (each state report carries the newest, and the centre stores it) notices
any later change of that entry or of one before it. Canonical means: keys sorted, no blanks, UTF-8, numbers
as Python's `json` prints them; the same entry gives the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Record
from hardware.contract import Value

GENESIS = "0" * 64
"""`prev` of the first entry of a chain: nothing came before."""

KIND = "journal"
"""Kind of the entries that the journal writes about itself; subjects `chain`, `gap` and `trim`."""

_NAMES = ("boot", "seq", "wall_ms", "mono_ms", "trust", "kind", "subject", "priority", "body", "prev", "hash")
_HEX = frozenset("0123456789abcdef")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Unreadable(ValueError):
    """A line is not an entry; the text says which part of it. For who checks evidence, not for the room."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `wall_ms` is Unix time, believed as far as `trust` says; `mono_ms` counts from
    the boot `boot`; `seq` rises by one over all boots. `body` is sorted by name, each name once."""

    boot: str
    seq: int
    wall_ms: int
    mono_ms: int
    trust: Trust
    kind: str
    subject: str
    body: tuple[tuple[str, Value], ...]
    priority: Priority
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the number and the hash of its newest entry; seq 0 = it has none yet."""

    seq: int = 0
    hash: str = GENESIS


START = Head()


def seal(record: Record, at: Instant, boot: str, head: Head) -> Entry:
    """The entry that continues the chain which ends at `head`."""
    body = {clean_text(name): clean(value) for name, value in record.body}
    fields: dict[str, Any] = {
        "boot": clean_text(boot),
        "seq": head.seq + 1,
        "wall_ms": at.wall_ms,
        "mono_ms": at.mono_ms,
        "trust": at.trust,
        "kind": clean_text(record.kind),
        "subject": clean_text(record.subject),
        "body": tuple(sorted(body.items(), key=_name)),
        "priority": record.priority,
        "prev": head.hash,
    }
    return Entry(**fields, hash=_digest(fields))


def seal_all(records: Iterable[tuple[Record, Instant]], boot: str, head: Head) -> tuple[Entry, ...]:
    """Several records in their order, each linked to the one before."""
    entries: list[Entry] = []
    for record, at in records:
        entries.append(seal(record, at, boot, head))
        head = Head(entries[-1].seq, entries[-1].hash)
    return tuple(entries)


def head_of(entry: Entry) -> Head:
    """The chain's end when `entry` is its newest."""
    return Head(entry.seq, entry.hash)


def digest(entry: Entry) -> str:
    """What the entry's hash must be, 64 hex digits, by everything in it but the hash itself."""
    return _digest({name: getattr(entry, name) for name in _NAMES if name != "hash"})


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(_told(fields)).encode()).hexdigest()


def line(entry: Entry) -> str:
    """The entry as one line of JSON without the line end: what `--journal FILE` and an export hold."""
    return canonical(_plain(entry))


def parse(text: str) -> Entry:
    """Read one line back. Raises Unreadable; does not check the hash: a checker names what was edited.

    The text must be the canonical one, so that nothing can be written into a line that no hash covers.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(plain, dict) or set(plain) != set(_NAMES):
        raise Unreadable("not an object with exactly " + " ".join(_NAMES))
    entry = _entry(plain)
    if line(entry) != text.rstrip("\r\n"):
        raise Unreadable("not the canonical text of its entry")
    return entry


def canonical(plain: object) -> str:
    """The one text of a JSON value. Raises ValueError for a number that JSON does not have (NaN, infinity)."""
    return _CANONICAL.encode(plain)


def clean(value: Value) -> Value:
    """The value as it can be written and read back unchanged: floats that JSON lacks become their names."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, tuple):
        return tuple(clean(item) for item in value)
    return value


def clean_text(text: str) -> str:
    """Half of a surrogate pair (bytes of a device, read leniently) has no UTF-8: it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def value_of(plain: object) -> Value:
    """A value from parsed JSON: lists are tuples again. Raises Unreadable for an object or a non-number."""
    if plain is None or isinstance(plain, bool | int | str):
        return plain
    if isinstance(plain, float) and math.isfinite(plain):
        return plain
    if isinstance(plain, list):
        return tuple(value_of(item) for item in plain)
    raise Unreadable("a value is neither text, number, truth, list nor null")


def _plain(entry: Entry) -> dict[str, object]:
    return _told({name: getattr(entry, name) for name in _NAMES})


def _told(fields: Mapping[str, Any]) -> dict[str, object]:
    """An entry's fields as JSON has them."""
    trust, priority = _TRUST[fields["trust"]], _PRIORITY[fields["priority"]]
    return {**fields, "trust": trust, "priority": priority, "body": dict(fields["body"])}


_TRUST = {trust: trust.name.lower() for trust in Trust}
_PRIORITY = {priority: priority.name.lower() for priority in Priority}
_name = itemgetter(0)


def _entry(plain: dict[str, object]) -> Entry:
    return Entry(
        boot=_text(plain, "boot"),
        seq=_whole(plain, "seq"),
        wall_ms=_whole(plain, "wall_ms"),
        mono_ms=_whole(plain, "mono_ms"),
        trust=Trust[_word(plain, "trust", Trust.__members__)],
        kind=_text(plain, "kind"),
        subject=_text(plain, "subject"),
        body=body_of(plain["body"]),
        priority=Priority[_word(plain, "priority", Priority.__members__)],
        prev=_hash(plain, "prev"),
        hash=_hash(plain, "hash"),
    )


def body_of(plain: object) -> tuple[tuple[str, Value], ...]:
    """An entry's body from its parsed JSON. Raises Unreadable when it is not an object of values."""
    if not isinstance(plain, dict):
        raise Unreadable("body is not an object")
    return tuple(sorted(((str(name), value_of(value)) for name, value in plain.items()), key=_name))


def _text(plain: dict[str, object], name: str) -> str:
    value = plain[name]
    if not isinstance(value, str) or clean_text(value) != value:
        raise Unreadable(f"{name} is not text")
    return value


def _whole(plain: dict[str, object], name: str) -> int:
    value = plain[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable(f"{name} is not a whole number")
    return value


def _word(plain: dict[str, object], name: str, words: Iterable[str]) -> str:
    value = _text(plain, name).upper()
    if value not in words:
        raise Unreadable(f"{name} is none of the words it may be")
    return value


def _hash(plain: dict[str, object], name: str) -> str:
    value = _text(plain, name)
    if len(value) != 64 or not _HEX.issuperset(value):
        raise Unreadable(f"{name} is not 64 hex digits")
    return value
