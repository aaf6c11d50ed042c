"""The rooms' journals in the database.

A room numbers its records without gaps over all its lives. `cursors` says up to where none is missing; what lies
beyond a gap is stored too, and the gap is asked for again. Numbers that the room says it no longer has (a trim, or
a file that broke) are findings: the cursor passes them when a record follows. A new card begins a new journal with
number 1: what was stored before stays as an earlier journal, so that the new one is acknowledged from its start. A
replaced Pi's names the record that it follows, and is then no reason for doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.core.chain import GENESIS, KIND, Entry
from controller.core.instant import Trust
from controller.core.verify import follows_of, ranges_of
from controller.dashboard.recorder.hear import Line
from controller.dashboard.recorder.word import Owed, Word
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import CURSORS, FINDINGS, RECORDS

AGAIN_MOST = 500
"""Records asked for in one range, when records show a gap."""
ASK_MS = 5_000
RECORD_MS = 75
"""A room sends 20 a second at most: what was asked for is not asked for again before it can have come."""
AT_ONCE = 5_000
GONE = ("trimmed", "restarted", "silent")
"""Findings that say: these numbers will not come."""


def wait_ms(count: int) -> int:
    """How long not to ask again for `count` records."""
    return max(ASK_MS, count * RECORD_MS)


async def journals(connection: AsyncConnection, words: Iterable[Word]) -> Owed:
    """Store the records among `words`, move the cursors; returns what the rooms are to be told."""
    rooms: dict[str, dict[tuple[int, str], Word]] = defaultdict(dict)
    for word in words:
        if isinstance(line := word.heard, Line):
            rooms[line.room].setdefault((line.entry.seq, line.entry.boot), word)
    owed = Owed()
    if not rooms:
        return owed
    rows = [_record(word) for room in sorted(rooms) for _, word in sorted(rooms[room].items())]
    await connection.execute(upsert(connection, RECORDS).on_conflict_do_nothing(), rows)
    for room in sorted(rooms):
        fresh = list(rooms[room].values())
        await _begin(connection, room, fresh)
        await _gone(connection, room, fresh)
        await advance(connection, room, max(word.at_ms for word in fresh), owed)
    return owed


def _entry(word: Word) -> Entry:
    assert isinstance(word.heard, Line)
    return word.heard.entry


def _record(word: Word) -> dict[str, Any]:
    line = word.heard
    assert isinstance(line, Line)
    entry = line.entry
    return {
        "room": line.room,
        "seq": entry.seq,
        "boot": entry.boot,
        "journal": 0,
        "at_ms": entry.wall_ms,
        "mono_ms": entry.mono_ms,
        "clock": entry.trust.name.lower(),
        "true_ms": entry.wall_ms if entry.trust >= Trust.RTC else None,
        "kind": entry.kind,
        "subject": entry.subject,
        "priority": entry.priority.name.lower(),
        "body": dict(entry.body),
        "prev": entry.prev,
        "hash": entry.hash,
        "hist": line.hist,
        "received_ms": word.at_ms,
    }


async def found(
    connection: AsyncConnection, room: str, code: str, spans: Sequence[tuple[int, int]], at_ms: int
) -> None:
    """Note a finding about the numbers first…last of a journal; one that is known stays as it was."""
    rows = [
        {"room": room, "code": code, "first": first, "last": last, "found_ms": at_ms}
        for first, last in sorted(set(spans))
        if 0 <= first <= last < 2**53
    ]
    if rows:
        await connection.execute(upsert(connection, FINDINGS).on_conflict_do_nothing(), rows)


def _starts(entry: Entry) -> bool:
    return entry.kind == KIND and entry.subject == "chain" and entry.prev == GENESIS


async def _begin(connection: AsyncConnection, room: str, fresh: Sequence[Word]) -> None:
    """A chain that starts with 1 where records of another are known: a new card. Its repeat is nothing new."""
    for word in fresh:
        entry = _entry(word)
        if entry.seq != 1 or not _starts(entry):
            continue
        mine = (RECORDS.c.room == room, RECORDS.c.journal == 0)
        old = (*mine, RECORDS.c.boot != entry.boot, RECORDS.c.received_ms < word.at_ms)
        first = select(RECORDS.c.received_ms).where(*mine, RECORDS.c.boot == entry.boot, RECORDS.c.seq == 1)
        if (await connection.execute(first)).scalar() != word.at_ms:
            continue  # known before this batch
        if (await connection.execute(select(RECORDS.c.seq).where(*old).limit(1))).first() is None:
            continue
        newest = select(func.max(RECORDS.c.journal)).where(RECORDS.c.room == room)
        number = int((await connection.execute(newest)).scalar() or 0) + 1
        await connection.execute(update(RECORDS).where(*old).values(journal=number))
        anew = {"upto": 0, "boot": "", "asked": 0, "stuck_ms": 0, "checked": 0, "begun_ms": word.at_ms}
        await connection.execute(update(CURSORS).where(CURSORS.c.room == room).values(**anew))
        code, seq = await _followed(connection, room, entry)
        await found(connection, room, code, [(seq, seq)], word.at_ms)


async def _followed(connection: AsyncConnection, room: str, entry: Entry) -> tuple[str, int]:
    """(finding, number): `carried` when the new journal names a record of the old one that we have, with its hash
    (N27: the Pi was replaced); else `begun`, and somebody should look."""
    old = follows_of(entry)
    if old is None or not 0 < old.seq < 2**53:
        return "begun", 1
    same = (RECORDS.c.room == room, RECORDS.c.seq == old.seq, RECORDS.c.hash == old.hash, RECORDS.c.journal > 0)
    ask = select(RECORDS.c.seq).where(*same).limit(1)
    return ("carried", old.seq) if (await connection.execute(ask)).first() is not None else ("begun", 1)


async def _gone(connection: AsyncConnection, room: str, fresh: Sequence[Word]) -> None:
    """What the journal says of itself: numbers that it dropped, numbers that a broken file took along."""
    for word in fresh:
        entry = _entry(word)
        if entry.kind == KIND and entry.subject == "trim":
            spans = [(first, last) for first, last in ranges_of(entry) if 1 <= first <= last < entry.seq]
            await found(connection, room, "trimmed", spans, word.at_ms)
        elif _starts(entry) and entry.seq > 1:
            await found(connection, room, "restarted", [(1, entry.seq - 1)], word.at_ms)


async def advance(connection: AsyncConnection, room: str, at_ms: int, owed: Owed) -> None:
    """Move the room's cursor over everything that now follows without a gap; note what is still missing."""
    first = {"room": room, "upto": 0, "boot": "", "asked": 0, "stuck_ms": 0, "checked": 0, "begun_ms": 0}
    await connection.execute(upsert(connection, CURSORS).on_conflict_do_nothing(), [first])
    lock = select(CURSORS).where(CURSORS.c.room == room).with_for_update()
    was = (await connection.execute(lock)).one()
    upto, boot, missing, beyond = await _follow(connection, room, was)
    new: dict[str, object] = {}
    if upto != was.upto:
        new |= {"upto": upto, "boot": boot, "stuck_ms": 0}
    if beyond:
        last = min(beyond - 1, missing + AGAIN_MOST - 1)
        if at_ms >= was.asked:
            owed.again[room] = (missing, last)
            new["asked"] = at_ms + wait_ms(last - missing + 1)
        if upto != was.upto or not was.stuck_ms:
            new["stuck_ms"] = at_ms
    elif was.stuck_ms:
        new["stuck_ms"] = 0
    if new:
        await connection.execute(update(CURSORS).where(CURSORS.c.room == room).values(**new))
    if upto:
        owed.acks[room] = (boot, upto)


async def _follow(connection: AsyncConnection, room: str, was: Row[Any]) -> tuple[int, str, int, int]:
    """(up to where, its boot, the first number that is missing, the first number beyond or 0)."""
    gone = select(FINDINGS.c.first, FINDINGS.c.last).where(
        FINDINGS.c.room == room,
        FINDINGS.c.code.in_(GONE),
        FINDINGS.c.last > was.upto,
        FINDINGS.c.found_ms >= was.begun_ms,
    )
    ask = select(RECORDS.c.seq, RECORDS.c.boot).where(
        RECORDS.c.room == room, RECORDS.c.journal == 0, RECORDS.c.seq > was.upto
    )
    spans: list[tuple[int, int]] | None = None
    upto, boot = was.upto, was.boot
    for seq, its in (await connection.execute(ask.order_by(RECORDS.c.seq).limit(AT_ONCE))).all():
        if seq > upto + 1:
            if spans is None:  # asked for at the first gap only: there is none in nearly every batch
                spans = sorted((row.first, row.last) for row in (await connection.execute(gone)).all())
            if seq > (passed := pass_over(spans, upto)) + 1:
                return upto, boot, passed + 1, seq
        upto, boot = seq, its
    return upto, boot, 0, 0


def pass_over(spans: Sequence[tuple[int, int]], upto: int) -> int:
    """How far one gets from `upto` over `spans` (sorted) without a step on missing ground."""
    for first, last in spans:
        if first <= upto + 1:
            upto = max(upto, last)
    return upto
