"""Stores what was heard: one transaction a batch. What comes twice is stored once; nothing is acknowledged before
it is committed. The journals have a module of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.recorder.hear import Answer, Line, Part, Refusal, Status
from controller.dashboard.recorder.journals import journals
from controller.dashboard.recorder.samples import figures, spans
from controller.dashboard.recorder.word import Owed, Word
from controller.dashboard.store.news import told
from controller.dashboard.store.open import upsert
from controller.dashboard.store.tables import HEADS, LAST, ORDERS, REFUSED, SAMPLES

REFUSED_KEPT = 1_000
START_BYTES = 200
_FINAL = ("done", "failed", "refused", "expired")


async def keep(connection: AsyncConnection, words: Sequence[Word]) -> Owed:
    """Store a batch inside the caller's transaction."""
    lines = [word for word in words if isinstance(word.heard, Line)]
    await _last(connection, words)
    await _samples(connection, words)
    await _heads(connection, words)
    await _answers(connection, words)
    await _refusals(connection, words)
    return await journals(connection, lines)


# ---- the last word on each topic


async def _last(connection: AsyncConnection, words: Sequence[Word]) -> None:
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for word in words:
        heard = word.heard
        if isinstance(heard, Status):
            body: Mapping[str, Any] = {"online": heard.online, "reason": heard.reason}
            newest[heard.room, "status"] = _row(heard.room, "status", body, word.at_ms)
        elif isinstance(heard, Part):
            newest[heard.room, heard.part] = _row(heard.room, heard.part, heard.body, word.at_ms)
    if not newest:
        return
    insert = upsert(connection, LAST)
    new = {"body": insert.excluded.body, "received_ms": insert.excluded.received_ms}
    statement = insert.on_conflict_do_update(index_elements=["room", "part"], set_=new)
    # In one order everywhere: two recorders that lock the same rows in other orders would wait for each other.
    await connection.execute(statement, [newest[key] for key in sorted(newest)])
    if any(not part.startswith("detail/") for _, part in newest):
        await told(connection)


def _row(room: str, part: str, body: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    return {"room": room, "part": part, "body": dict(body), "received_ms": at_ms}


# ---- curves


async def _samples(connection: AsyncConnection, words: Sequence[Word]) -> None:
    sums: dict[tuple[str, str, int, int], list[float]] = defaultdict(list)
    for word in words:
        if isinstance(word.heard, Part) and word.heard.part.startswith("detail/"):
            for what, value in figures(word.heard.part, word.heard.body):
                for span_s, from_ms in spans(word.at_ms):
                    sums[word.heard.room, what, span_s, from_ms].append(value)
    if not sums:
        return
    insert, old = upsert(connection, SAMPLES), SAMPLES.c
    new = {
        "n": old.n + insert.excluded.n,
        "low": _less(connection)(old.low, insert.excluded.low),
        "high": _more(connection)(old.high, insert.excluded.high),
        "total": old.total + insert.excluded.total,
    }
    statement = insert.on_conflict_do_update(index_elements=["room", "what", "span_s", "from_ms"], set_=new)
    rows = [
        dict(zip(("room", "what", "span_s", "from_ms"), key, strict=True))
        | {"n": len(found), "low": min(found), "high": max(found), "total": sum(found)}
        for key, found in sorted(sums.items())
    ]
    await connection.execute(statement, rows)


def _less(connection: AsyncConnection) -> Any:
    """SQLite's min takes two; PostgreSQL calls that least."""
    return func.min if connection.dialect.name == "sqlite" else func.least


def _more(connection: AsyncConnection) -> Any:
    return func.max if connection.dialect.name == "sqlite" else func.greatest


# ---- heads, answers, refusals


async def _heads(connection: AsyncConnection, words: Sequence[Word]) -> None:
    """Two heads for one number stay two rows: the evidence's check names them (N1)."""
    found = {
        (word.heard.room, word.heard.body["seq"], word.heard.body["head"]): word.at_ms
        for word in words
        if isinstance(word.heard, Part) and word.heard.part == "state" and {"seq", "head"} <= word.heard.body.keys()
    }
    if found:
        rows = [{"room": r, "seq": s, "head": h, "received_ms": at} for (r, s, h), at in sorted(found.items())]
        await connection.execute(upsert(connection, HEADS).on_conflict_do_nothing(), rows)


async def _answers(connection: AsyncConnection, words: Sequence[Word]) -> None:
    """An answer that came late or twice changes nothing of one that is final."""
    answers = [(word.heard, word.at_ms) for word in words if isinstance(word.heard, Answer)]
    for answer, at_ms in answers:
        mine = (ORDERS.c.id == answer.id, ORDERS.c.room == answer.room, ORDERS.c.stage.not_in(_FINAL))
        said = {"stage": answer.stage, "code": answer.code[:60], "told": list(answer.args)}
        await connection.execute(update(ORDERS).where(*mine).values(**said, changed_ms=at_ms))
    if answers:
        await told(connection)


async def _refusals(connection: AsyncConnection, words: Sequence[Word]) -> None:
    rows = [
        {
            "topic": word.topic[:200].replace("\0", "?"),
            "why": word.heard.why,
            "start": word.start,
            "size": word.size,
            "received_ms": word.at_ms,
        }
        for word in words
        if isinstance(word.heard, Refusal)
    ]
    if rows:
        await connection.execute(REFUSED.insert(), rows[-REFUSED_KEPT:])
        newest = (await connection.execute(select(func.max(REFUSED.c.id)))).scalar_one()
        await connection.execute(delete(REFUSED).where(REFUSED.c.id <= newest - REFUSED_KEPT))
