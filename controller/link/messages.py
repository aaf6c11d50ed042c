"""What a room says: payloads of birth, state, detail, record, reply, gasp and update as JSON bytes.

Pure: views come in as trees of plain values, bytes go out. No topics, no sending. Every object carries
`"v":1`; times are RFC 3339 with offset; a number that is not finite becomes null, for JSON has no NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias, Union

from controller.core.chain import Entry
from controller.core.instant import Instant, Trust
from controller.core.records import Priority, Reply
from hardware.contract import Scalar

Tree: TypeAlias = Union[Scalar, "Mapping[str, Tree]", "Sequence[Tree]", None]

VERSION = 1
STATE_BYTES = 1024
"""One summary per room, so that ten thousand rooms load in a second."""
STATE_KEEPS = ("v", "boot", "mono_s", "at", "clock", "phase", "health", "seq", "head")
"""What a summary that is too long never loses; the rest goes from its end."""

_LAST_WALL_MS = 253_402_214_400_000
"""9999-12-31: what a calendar date can hold, minus a day for any offset."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When and in which life something is said; `offset_ms` is the room's offset from UTC."""

    boot: str
    now: Instant
    offset_ms: int = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the journal as the centre gets it; `hist`: sent again, not fresh."""

    boot: str
    seq: int
    wall_ms: int
    mono_ms: int
    trust: Trust
    kind: str
    subject: str
    body: Tree
    priority: Priority
    prev: str
    hash: str
    hist: bool = False


def line(entry: Entry, hist: bool = False) -> Line:
    """The record as the journal keeps it, for the wire."""
    return Line(
        boot=entry.boot,
        seq=entry.seq,
        wall_ms=entry.wall_ms,
        mono_ms=entry.mono_ms,
        trust=entry.trust,
        kind=entry.kind,
        subject=entry.subject,
        body=dict(entry.body),
        priority=entry.priority,
        prev=entry.prev,
        hash=entry.hash,
        hist=hist,
    )


def rfc3339(wall_ms: int, offset_ms: int) -> str:
    """Unix milliseconds as `2026-07-15T08:00:00.000+07:00`; beyond what a date can hold it is clamped."""
    wall_ms = min(max(wall_ms, 0), _LAST_WALL_MS)
    moment = datetime.fromtimestamp(wall_ms // 1000, UTC) + timedelta(milliseconds=wall_ms % 1000)
    return moment.astimezone(timezone(timedelta(milliseconds=offset_ms))).isoformat(timespec="milliseconds")


def pack(body: Mapping[str, Tree]) -> bytes:
    """`body` with the version in front, as compact UTF-8."""
    tree = {"v": VERSION, **{key: _plain(value) for key, value in body.items()}}
    return _COMPACT.encode(tree).encode("utf-8", "replace")


_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_BARE = {str, int, bool, type(None)}
"""Nearly everything in a view, at every publish."""


def _plain(tree: Tree) -> Tree:
    if type(tree) in _BARE:
        return tree
    if isinstance(tree, float):
        return tree if math.isfinite(tree) else None
    if isinstance(tree, Mapping):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [_plain(value) for value in tree]
    return tree


def stamped(view: Mapping[str, Tree], stamp: Stamp) -> dict[str, Tree]:
    """`view` with boot, monotonic seconds, time of day and clock trust as they are now: the centre addresses
    commands by the first two."""
    head: dict[str, Tree] = {
        "boot": stamp.boot,
        "mono_s": stamp.now.mono_ms / 1000,
        "at": rfc3339(stamp.now.wall_ms, stamp.offset_ms),
        "clock": stamp.now.trust.name.lower(),
    }
    return head | dict(view)


def birth(view: Mapping[str, Tree], stamp: Stamp, *, via: str, address: str) -> bytes:
    """`view`: fw, slot, capabilities. `via` main or backup, `address` of this end of the connection."""
    return pack(stamped({**view, "via": via, "address": address}, stamp))


def detail(view: Mapping[str, Tree], stamp: Stamp) -> bytes:
    """The full view of one part."""
    return pack(stamped(view, stamp))


def state(view: Mapping[str, Tree], stamp: Stamp) -> bytes:
    """The summary, at most 1 KB. One that is longer loses what stands last, and says `"cut":true`."""
    body = stamped(view, stamp)
    payload = pack(body)
    while len(payload) > STATE_BYTES and (key := _shed(body)):
        body = {name: value for name, value in body.items() if name != key} | {"cut": True}
        payload = pack(body)
    return payload


def _shed(body: Mapping[str, Tree]) -> str:
    spare = [key for key in body if key not in STATE_KEEPS and key != "cut"]
    return spare[-1] if spare else ""


def record(line: Line, offset_ms: int = 7 * 3_600_000) -> bytes:
    """One journal record, with its place in the hash chain; `at` and `mono_s` keep milliseconds, so that
    the centre can compute the hash again."""
    return pack(
        {
            "boot": line.boot,
            "seq": line.seq,
            "at": rfc3339(line.wall_ms, offset_ms),
            "mono_s": line.mono_ms / 1000,
            "clock": line.trust.name.lower(),
            "kind": line.kind,
            "subject": line.subject,
            "priority": line.priority.name.lower(),
            "body": line.body,
            "prev": line.prev,
            "hash": line.hash,
            "hist": line.hist,
        }
    )


def reply(answer: Reply) -> bytes:
    """The answer to a command: id, stage, reason code and its arguments."""
    return pack({"id": answer.id, "stage": answer.stage, "code": answer.code, "args": answer.args})


def gasp(reason: str, *, battery_pct: float | None, meeting: str, stamp: Stamp) -> bytes:
    """The last gasp (N8): why the room may fall silent, what the battery holds, which meeting runs ('' = none)."""
    return pack(stamped({"reason": reason, "battery_pct": battery_pct, "meeting": meeting or None}, stamp))


def update(
    installed: str, latest: str, *, percentage: int | None = None, why: tuple[str, Sequence[Tree]] = ("", ())
) -> bytes:
    """Home Assistant's update entity; `percentage` None: no update is running. `why`: how the last run ended or
    what this one does, a code of the catalogue with its arguments."""
    code, args = why
    told: dict[str, Tree] = {"code": code, "args": args} if code else {}
    return pack(
        {
            "installed_version": installed,
            "latest_version": latest,
            "in_progress": percentage is not None,
            "update_percentage": percentage,
            **told,
        }
    )
