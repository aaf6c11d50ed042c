"""Where the evidence of a replaced Pi ended (N27): `{"v":1,"room":slug,"seq":n,"hash":hex}`. Pure.

The office writes it into the bundle, `adopt` lays it beside the journal as `before.json`, and the new journal's
first entry names it: whoever checks sees that one Pi followed another, not that a journal was cut.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

NAME = "before.json"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Before:
    """Number and hash of the last entry that was known of the old journal."""

    room: str
    seq: int
    hash: str


def dumps(before: Before) -> bytes:
    row = {"v": 1, "room": before.room, "seq": before.seq, "hash": before.hash}
    return json.dumps(row).encode()


def loads(data: bytes) -> Before:
    """Raises ValueError for anything that does not say all of it."""
    try:
        plain = json.loads(data)
        room, seq, digest = plain["room"], plain["seq"], plain["hash"]
        good = plain["v"] == 1 and isinstance(room, str) and type(seq) is int and 0 < seq < 2**53
        if not good or not _HASH.fullmatch(digest):
            raise ValueError(seq)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return Before(room, seq, digest)
