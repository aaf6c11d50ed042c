"""The rooms as the incidents look at them: last heard, what their journals lack, who is in maintenance."""

from __future__ import annotations

from collections import defaultdict
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


async def look(connection: AsyncConnection) -> dict[str, Seen]:
    """Every room as last heard; retired ones are nobody's business any more."""
    said: dict[str, dict[str, tuple[Any, int]]] = defaultdict(dict)
    ask = select(LAST).where(LAST.c.part.in_(("status", "state", "gasp")))
    for row in await connection.execute(ask):
        said[row.room][row.part] = (row.body, row.received_ms)
    doubts = await _doubts(connection)
    places = {row.slug: row for row in await connection.execute(select(ROOMS))}
    found = {}
    for room, parts in said.items():
        place = places.get(room)
        if place is not None and not place.retired:
            found[room] = _seen(room, str(place.unit or ""), place.provider, parts, doubts.get(room, frozenset()))
    return found


def _seen(room: str, unit: str, provider: str, parts: dict[str, tuple[Any, int]], doubts: frozenset[str]) -> Seen:
    status, state, gasp = (parts.get(name, ({}, 0)) for name in ("status", "state", "gasp"))
    left = status[0].get("reason") == "left"
    return Seen(room, unit, provider, status[0].get("online"), state[0], gasp[0], state[1], left, doubts)


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
