"""Which release this room takes, decided in the room from signed data alone. Pure.

The signed data of a bundle says for whom it is (`Offer`); a signed list says which ring a room is in (`ring`). The
broker, the web server and the centre are asked nothing, so that none of them can choose a version or skip a ring
(N21).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(?:-([0-9a-z.]{1,20}))?\Z")
RINGS_MAX = 8
AHEAD_S = 86_400
"""The floor follows the clock by a day at most in a run: one that is wrong would refuse the true time for weeks."""


class BadOffer(ValueError):
    """Signed, but not of this form: `code` for the catalogue."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code, *args)
        self.code = code


@dataclass(frozen=True, slots=True)
class Offer:
    """The signed data of one ring's bundle. `percent` of the ring's rooms take it. `minimum`: the oldest version
    that can be updated to it in one step. `os`: systems that it runs on. `built_s`: Unix time, a floor for the
    clock. `schema_back`: the oldest form of data that an old release on this card must know, so that it can run
    again. `unpacked_b`: bytes on the card."""

    version: str
    percent: int
    minimum: str
    os: tuple[str, ...]
    built_s: int
    schema_back: int
    unpacked_b: int


@dataclass(frozen=True, slots=True)
class Room:
    """What the room knows of itself. `failed`: versions that were tried here and taken back."""

    id: str
    version: str
    os: str
    schema: int
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing to do: a code of the catalogue with its arguments."""

    code: str
    args: tuple[object, ...] = ()


def version(text: str) -> tuple[int, int, int, int, str]:
    """For comparing: `1.2.0-rc1` is older than `1.2.0`. Raises BadOffer."""
    found = _VERSION.match(text)
    if found is None:
        raise BadOffer("update.bad_version", text[:40])
    major, minor, patch, pre = found.groups()
    return int(major), int(minor), int(patch), 0 if pre else 1, pre or ""


def offer(custom: object) -> Offer:
    """Read the signed data. Raises BadOffer; what it does not know it ignores."""
    if not isinstance(custom, Mapping):
        raise BadOffer("update.bad_offer", "custom")
    os_ = custom.get("os")
    if not isinstance(os_, Sequence) or isinstance(os_, str) or not all(isinstance(one, str) for one in os_):
        raise BadOffer("update.bad_offer", "os")
    made = Offer(
        _word(custom, "version"),
        _whole(custom, "percent", 0, 100),
        _word(custom, "minimum"),
        tuple(os_),
        _whole(custom, "built_s", 0, 1 << 40),
        _whole(custom, "schema_back", 0, 1 << 20),
        _whole(custom, "unpacked_b", 1, 1 << 40),
    )
    version(made.version), version(made.minimum)
    return made


def _word(custom: Mapping[str, object], key: str) -> str:
    value = custom.get(key)
    if not isinstance(value, str):
        raise BadOffer("update.bad_offer", key)
    return value


def _whole(custom: Mapping[str, object], key: str, least: int, most: int) -> int:
    value = custom.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadOffer("update.bad_offer", key)
    return value


def ring(rings: object, room: str) -> str:
    """The ring of a room by the signed list `[{"name","rooms":[…],"percent"}…]`: the first that names it; else by
    its number, the first whose summed percentages reach it; else the last. Raises BadOffer."""
    if not isinstance(rings, Sequence) or isinstance(rings, str) or not 0 < len(rings) <= RINGS_MAX:
        raise BadOffer("update.bad_offer", "rings")
    rows = [one for one in rings if isinstance(one, Mapping)]
    names = [_word(one, "name") for one in rows]
    if len(rows) != len(rings) or not all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name) for name in names):
        raise BadOffer("update.bad_offer", "rings")
    for row, name in zip(rows, names, strict=True):
        listed = row.get("rooms", ())
        if isinstance(listed, Sequence) and room in listed:
            return name
    reached, mine = 0, number(room)
    for row, name in zip(rows, names, strict=True):
        reached += _whole(row, "percent", 0, 100) if "percent" in row else 0
        if mine < reached:
            return name
    return names[-1]


def number(*words: str) -> int:
    """0–99 of a room, the same at every start; with a version, another one for each version, so that it is not
    always the same rooms that go first."""
    return int.from_bytes(hashlib.sha256("\0".join(words).encode()).digest()[:8]) % 100


def decide(made: Offer, room: Room, forced: bool = False) -> Stay | None:
    """None = take it. `forced`: a person at the Pi wants it now, whatever the percentage and an earlier failure; no
    force goes back to an older version, which only a newer signed one does."""
    if room.os not in made.os:
        return Stay("update.other_os", (room.os, ", ".join(made.os)))
    if made.version == room.version:
        return Stay("update.newest", (room.version,))
    if version(made.version) < version(room.version):
        return Stay("update.older", (made.version, room.version))
    if version(room.version) < version(made.minimum):
        return Stay("update.minimum", (made.version, made.minimum))
    if room.schema < made.schema_back:
        return Stay("update.schema", (made.version, made.minimum))
    if not forced and made.version in room.failed:
        return Stay("update.failed_here", (made.version,))
    if not forced and number(room.id, made.version) >= made.percent:
        return Stay("update.not_yet", (made.version, made.percent))
    return None


def floor(made: Offer, now_s: float | None, before_s: int, ends_s: float) -> int:
    """Unix time that true time is not before, after a signed release was seen at `now_s`; None = the time is not
    known, and nothing is learnt. Raises BadOffer for a release of the future: taken, it would make every true time
    unbelievable. Without a clock that is one built after `ends_s`, when what is signed about it ends."""
    if made.built_s > (ends_s if now_s is None else now_s + AHEAD_S):
        raise BadOffer("update.built_ahead", made.version)
    if now_s is None:
        return before_s
    least_s = max(before_s, made.built_s)
    return max(least_s, min(round(now_s), least_s + AHEAD_S))
