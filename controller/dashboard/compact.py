"""A room in one row: what a tile needs, short enough that ten thousand rooms are one answer. Pure.

What is shown is what the room said; how old that is stands beside it, and whoever shows it says *unknown* when it
is too old (`STALE_MS`) or the room is away. Nothing is ever guessed from silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COLUMNS = (
    "slug",
    "name",
    "unit",
    "phase",
    "health",
    "power",
    "line",
    "floor",
    "mic",
    "call",
    "uid",
    "start",
    "ready",
    "online",
    "bypass",
    "help",
    "maintenance",
    "duty",
    "role",
    "asks",
    "incidents",
    "gasp",
    "received_ms",
)
"""`uid`, `start` (Unix ms), `ready`: the meeting that is on or comes next; `asks`: seats that ask to speak; `gasp`:
why the room said that it might fall silent; `received_ms`: when its last state came, 0 = never."""
STALE_MS = 11 * 60_000
"""A room says its state at least every five minutes: two were missed."""
PARTS = ("state", "status", "gasp")
"""The parts of LAST that a row is made of."""

Body = Mapping[str, object]
Row = dict[str, object]
_SAID = (
    "phase",
    "health",
    "power",
    "line",
    "floor",
    "mic",
    "call",
    "bypass",
    "help",
    "maintenance",
    "duty",
    "role",
)
_NOTHING: Body = {}


@dataclass(frozen=True, slots=True)
class Named:
    """A room of the register."""

    name: str
    unit: int | None = None
    retired: bool = False


def part(name: str, body: Body, received_ms: int) -> Row:
    """What one message of a room gives to its row. A body of another shape than the contract's gives nothing."""
    if name == "status":
        return {"online": body.get("online") is True}
    if name == "gasp":
        return {"gasp": _word(body.get("reason"))}
    meeting = body.get("meeting")
    told: Body = meeting if isinstance(meeting, Mapping) else _NOTHING
    start = told.get("start")
    return {
        **{key: _plain(body.get(key)) for key in _SAID},
        "uid": _word(told.get("uid")),
        "start": start if isinstance(start, int) else None,
        "ready": _word(told.get("ready")),
        "asks": _words(body.get("asks")),
        "incidents": _words(body.get("incidents")),
        "received_ms": received_ms,
    }


def row(slug: str, named: Named | None, parts: Mapping[str, Row]) -> Row:
    """The whole row of a room from what its parts gave; a room that never spoke has its name and nothing else."""
    empty: Row = dict.fromkeys(COLUMNS)
    empty |= {"slug": slug, "name": named.name if named else slug, "unit": named.unit if named else None}
    empty |= {"online": False, "asks": [], "incidents": [], "received_ms": 0}
    for name in PARTS:
        empty |= parts.get(name, {})
    return empty


def difference(old: Row | None, new: Row) -> Row:
    """The columns that changed; all of them for a room that was not known."""
    return dict(new) if old is None else {key: value for key, value in new.items() if old[key] != value}


def stale(found: Row, now_ms: int) -> bool:
    """Whether nothing may be said about the room: it is away, never spoke, or spoke too long ago."""
    received = found["received_ms"]
    return not found["online"] or not isinstance(received, int) or now_ms - received > STALE_MS


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | int) else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
