"""The rooms as the incidents look at them: last heard, what their journals lack, who is in maintenance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.incidents import EVIDENCE_KEY, Seen
from controller.dashboard.store.tables import FINDINGS, LAST
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS

MISSING = ("trimmed", "restarted", "silent")
DOUBTFUL = ("edited", "replaced", "contradicts", "repeated", "removed")
"""Codes of FINDINGS; `begun` is none of them: a new card is no fault."""
LATE_MS = 15_000
WHOLE_EVERY = 12
"""Looks between two that read everything: a minute."""
_NEEDED = ("boot", "help", "incidents", "maintenance", "meeting", "online", "reason")
Place = tuple[str, str]
"""Unit and provider."""


Said = tuple[Any, int]
"""Body and when it was received."""


class Rooms:
    """Every room as last heard, from one look to the next: what rooms said is read and decoded once. A word is
    committed a little after it was stamped, and recorders commit in any order: each look goes back LATE_MS before
    the newest stamp seen, and from time to time all words are read."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, Said]] = {}
        self._places: dict[str, Place] = {}
        self._doubts: dict[str, frozenset[str]] = {}
        self._seen: dict[str, Seen] = {}
        self._newest_ms = 0
        self._looks = 0

    async def look(self, connection: AsyncConnection, now_ms: int) -> Mapping[str, Seen]:
        """Every room as last heard; retired ones are nobody's business any more."""
        whole = self._looks % WHOLE_EVERY == 0
        fresh = await self._hear(connection, 0 if whole else min(self._newest_ms, now_ms) - LATE_MS, whole)
        places, doubts = await _places(connection), await _doubts(connection)
        fresh |= {room for room, _ in places.items() ^ self._places.items()}
        fresh |= {room for room, _ in doubts.items() ^ self._doubts.items()}
        self._places, self._doubts = places, doubts
        for room in fresh:
            self._seen.pop(room, None)
            if room in places and room in self._said:
                self._seen[room] = _seen(room, places[room], self._said[room], doubts.get(room, frozenset()))
        self._looks += 1
        return self._seen

    async def _hear(self, connection: AsyncConnection, from_ms: int, whole: bool) -> set[str]:
        """Read what was said since then; returns which rooms that may concern."""
        heard: dict[str, dict[str, Said]] = defaultdict(dict)
        ask = select(LAST).where(LAST.c.part.in_(("status", "state", "gasp")), LAST.c.received_ms >= from_ms)
        for row in await connection.execute(ask):
            heard[row.room][row.part] = (_needed(row.body), row.received_ms)
        gone = self._said.keys() - heard.keys() if whole else set()
        for room in gone:
            del self._said[room]
        for room, parts in heard.items():
            self._said[room] = parts if whole else self._said.get(room, {}) | parts
            self._newest_ms = max(self._newest_ms, *(at_ms for _, at_ms in parts.values()))
        return heard.keys() | gone


def _needed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Of ten thousand rooms no more is kept than incidents are made of."""
    return {name: body[name] for name in _NEEDED if name in body}


def _seen(room: str, place: Place, parts: Mapping[str, Said], doubts: frozenset[str]) -> Seen:
    status, state, gasp = (parts.get(name, ({}, 0)) for name in ("status", "state", "gasp"))
    left = status[0].get("reason") == "left"
    return Seen(room, *place, status[0].get("online"), state[0], gasp[0], state[1], left, doubts)


async def _places(connection: AsyncConnection) -> dict[str, Place]:
    ask = select(ROOMS.c.slug, ROOMS.c.unit, ROOMS.c.provider).where(ROOMS.c.retired.is_(False))
    return {slug: (str(unit or ""), provider) for slug, unit, provider in await connection.execute(ask)}


async def _doubts(connection: AsyncConnection) -> dict[str, frozenset[str]]:
    """Findings are no states that end: they alert until somebody at the desk has said `mended`, and a new one does
    so again."""
    newest = select(FINDINGS.c.room, FINDINGS.c.code, func.max(FINDINGS.c.found_ms).label("found_ms"))
    codes = (*MISSING, *DOUBTFUL)
    found = newest.where(FINDINGS.c.code.in_(codes)).group_by(FINDINGS.c.room, FINDINGS.c.code)
    looked = (
        select(INCIDENTS.c.key, func.max(INCIDENT_LINES.c.at_ms).label("at_ms"))
        .join(INCIDENT_LINES)
        .where(INCIDENTS.c.code == "evidence", INCIDENT_LINES.c.kind == "mended")
        .group_by(INCIDENTS.c.key)
    )
    until = {row.key: row.at_ms for row in await connection.execute(looked)}
    doubts: dict[str, set[str]] = defaultdict(set)
    for row in await connection.execute(found):
        if row.found_ms > until.get(EVIDENCE_KEY + row.room, 0):
            doubts[row.room].add("evidence_doubtful" if row.code in DOUBTFUL else "evidence_missing")
    return {room: frozenset(codes_) for room, codes_ in doubts.items()}
