"""Each room's chain of evidence is verified as it grows (N1): hashes, links, and the heads that reports carried.
What does not hold is a finding, by the codes of `controller.core.verify`; each record is looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.core.chain import Entry, body_of
from controller.core.instant import Trust
from controller.core.records import Priority
from controller.core.verify import verify
from controller.dashboard.recorder.journals import GONE, found
from controller.dashboard.store.tables import CURSORS, FINDINGS, HEADS, RECORDS
from controller.dashboard.web.place import Place

EVERY_S = 20.0
ROOMS, RECORDS_MOST = 200, 1_000
"""In one turn; the rest in the next."""
HEADS_MS = 10 * 60_000
"""Heads of this age are compared in each turn: the record may have come after the report that told its hash."""


async def think(place: Place, records: int = RECORDS_MOST) -> None:
    now_ms = place.clock()
    async with place.engine.connect() as connection:
        ask = select(CURSORS).where(CURSORS.c.upto > CURSORS.c.checked).order_by(CURSORS.c.room).limit(ROOMS)
        behind = (await connection.execute(ask)).all()
    for cursor in behind:  # each alone: the recorder waits for none of them for long
        async with place.engine.begin() as connection:
            await _check(connection, cursor, now_ms, records)
    async with place.engine.begin() as connection:
        await _contradictions(connection, now_ms)


async def _check(connection: AsyncConnection, cursor: Row[Any], now_ms: int, most: int) -> None:
    """The next records of one room, at most so many, with the last that was checked before them."""
    room = cursor.room
    mine = (RECORDS.c.room == room, RECORDS.c.journal == 0)
    span = (RECORDS.c.seq >= cursor.checked, RECORDS.c.seq <= cursor.upto)
    ask = select(RECORDS).where(*mine, *span).order_by(RECORDS.c.seq).limit(most)
    rows = (await connection.execute(ask)).all()
    if not rows:
        return
    gone = select(FINDINGS.c.first, FINDINGS.c.last).where(FINDINGS.c.room == room, FINDINGS.c.code.in_(GONE))
    missing = [(row.first, row.last) for row in (await connection.execute(gone)).all()]
    for problem in verify([entry_of(row) for row in rows]).problems:
        known = problem.code == "removed" and _within((problem.first, problem.last), missing)
        if not known:
            await found(connection, room, problem.code, [(problem.first, problem.last)], now_ms)
    same = (CURSORS.c.room == room, CURSORS.c.begun_ms == cursor.begun_ms)
    await connection.execute(update(CURSORS).where(*same).values(checked=rows[-1].seq))


def _within(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(first <= span[0] and span[1] <= last for first, last in others)


async def _contradictions(connection: AsyncConnection, now_ms: int) -> None:
    """A report told another hash than the record of that number has; or two reports told two."""
    same = (HEADS.c.room == RECORDS.c.room) & (HEADS.c.seq == RECORDS.c.seq)
    mine = (CURSORS.c.room == HEADS.c.room) & (CURSORS.c.begun_ms <= HEADS.c.received_ms)
    other = HEADS.alias("other")
    lately = HEADS.c.received_ms >= now_ms - HEADS_MS
    with_record = (
        select(HEADS.c.room, HEADS.c.seq)
        .join(RECORDS, same)
        .join(CURSORS, mine)
        .where(lately, RECORDS.c.journal == 0, RECORDS.c.hash != HEADS.c.head)
    )
    twice = (
        select(HEADS.c.room, HEADS.c.seq)
        .join(other, (other.c.room == HEADS.c.room) & (other.c.seq == HEADS.c.seq) & (other.c.head != HEADS.c.head))
        .join(CURSORS, mine)
        .where(lately, other.c.received_ms >= CURSORS.c.begun_ms)
    )
    for ask in (with_record, twice):
        for room, seq in (await connection.execute(ask.distinct())).all():
            await found(connection, room, "contradicts", [(seq, seq)], now_ms)


def entry_of(row: Row[Any]) -> Entry:
    """A stored record as the entry that it was in the room."""
    return Entry(
        boot=row.boot,
        seq=row.seq,
        wall_ms=row.at_ms,
        mono_ms=row.mono_ms,
        trust=Trust[row.clock.upper()],
        kind=row.kind,
        subject=row.subject,
        body=body_of(row.body),
        priority=Priority[row.priority.upper()],
        prev=row.prev,
        hash=row.hash,
    )
