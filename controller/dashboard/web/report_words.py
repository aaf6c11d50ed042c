"""What people say in a form: kept by what the form is of, the last word of a field counts, none is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.papers.model import Document, fields
from controller.dashboard.rights import Actor
from controller.dashboard.store.tables_people import USERS
from controller.dashboard.store.tables_work import PAPER_WORDS

TEXT_MOST = 4_000
FIELDS_MOST = 600
"""At a time: a busy room's log of a day has some 300 lines."""


@dataclass(frozen=True, slots=True)
class About:
    """One form of one room, meeting, incident or span."""

    form: str
    room: str = ""
    meeting: str = ""
    incident: int = 0
    span: tuple[int, int] = (0, 0)

    @property
    def key(self) -> str:
        """Without what this form does not ask for: the same paper has the same key."""
        parts: Mapping[str, tuple[object, ...]] = {
            "check": (self.room, self.meeting),
            "certificate": (self.room, self.meeting),
            "log": (self.room, self.span[0]),
            "incident": (self.incident,),
            "rules": (),
        }
        return "|".join(str(part) for part in parts.get(self.form, (self.room, *self.span)))


@dataclass(frozen=True, slots=True)
class Words:
    """`said` by field; who said the last of them, and when (Unix ms; 0 = nobody has)."""

    said: Mapping[str, str]
    by: str = ""
    at_ms: int = 0


async def words(connection: AsyncConnection, about: About) -> Words:
    ask = (
        select(PAPER_WORDS, func.coalesce(USERS.c.name, PAPER_WORDS.c.by).label("person"))
        .join(USERS, USERS.c.id == PAPER_WORDS.c.by_user, isouter=True)
        .where(PAPER_WORDS.c.form == about.form, PAPER_WORDS.c.about == about.key)
        .order_by(PAPER_WORDS.c.id)
    )
    rows = (await connection.execute(ask)).all()
    said = {row.field: row.text for row in rows}
    return Words(said, rows[-1].person, rows[-1].at_ms) if rows else Words({})


async def put(
    connection: AsyncConnection, about: About, document: Document, said: Mapping[str, str], who: Actor, now_ms: int
) -> None:
    """Keep what is new. Raises 422 `report.field` for a field that this form does not have."""
    if unknown := sorted(said.keys() - fields(document)):
        raise HTTPException(422, {"code": "report.field", "args": [unknown[0][:40]]})
    known = (await words(connection, about)).said
    by = {"by": "" if who.user is not None else who.name[:80], "by_user": who.user, "at_ms": now_ms}
    rows: list[dict[str, Any]] = [
        {"form": about.form, "about": about.key, "field": field, "text": _clean(text), **by}
        for field, text in said.items()
        if _clean(text) != known.get(field, "")
    ]
    if rows:
        await connection.execute(insert(PAPER_WORDS), rows)


def _clean(text: str) -> str:
    """Lines as typed, without what no paper can print."""
    lines = (" ".join("".join(c for c in line if c.isprintable()).split()) for line in text.splitlines())
    return "\n".join(lines).strip()
