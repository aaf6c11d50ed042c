"""What people change at the centre itself is noted with who and when, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.rights import Actor
from controller.dashboard.store.tables_people import AUDIT


async def note(
    connection: AsyncConnection, at_ms: int, who: Actor, what: str, subject: object, args: Sequence[object] = ()
) -> None:
    """One line; `what` is the tail of a text code `page.audit.…`. Who has an account stands by its number alone."""
    by = {"by": "" if who.user is not None else who.name[:80], "by_user": who.user}
    row = {"at_ms": at_ms, "what": what, "subject": str(subject)[:120], "args": list(args)}
    await connection.execute(insert(AUDIT).values(**row, **by))
