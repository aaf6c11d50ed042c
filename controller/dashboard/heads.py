"""Where a room's evidence ends, as far as this centre has it: what a Pi that replaces the room's continues from."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from controller.core.chain import Head
from controller.dashboard.settings import load
from controller.dashboard.store.open import engine
from controller.dashboard.store.tables import RECORDS
from controller.texts import ReadableError


def newest(settings: Path, room: str) -> Head:
    """The last record of `room` in the database that this centre.toml names. Raises ReadableError
    (`centre.settings`, also for a database that does not answer; `provision.no_head` where nothing was ever heard
    of the room)."""
    database = load(settings).database
    try:
        return asyncio.run(_ask(engine(database), room))
    except (DBAPIError, OSError) as error:
        raise ReadableError(
            "centre.settings", settings, "database", getattr(error, "orig", None) or error
        ) from error


async def _ask(made: AsyncEngine, room: str) -> Head:
    """Of the journal that goes on, not of an earlier card's."""
    last = select(RECORDS.c.seq, RECORDS.c.hash).where(RECORDS.c.room == room, RECORDS.c.journal == 0)
    try:
        async with made.connect() as connection:
            found = (await connection.execute(last.order_by(RECORDS.c.seq.desc()).limit(1))).first()
    finally:
        await made.dispose()
    if found is None:
        raise ReadableError("provision.no_head", room)
    return Head(int(found.seq), str(found.hash))
