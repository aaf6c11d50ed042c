"""Passwords are not found by trying. Each try counts until it proves right, so that many at once are no way round.

By account and address together: whoever tries from elsewhere must not keep the operator out before a meeting. And
by address alone: one word may be tried on many accounts. In the database, for there may be several web processes.
What was typed as an account is kept as its digest only: now and then it is the password.
"""

from __future__ import annotations

import ipaddress

from fastapi import Request
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.store.tables_people import AUDIT, TRIES
from controller.dashboard.web.gate import digest

SPAN_MS = 10 * 60_000
SAME = 5
"""Enough for typing errors; 720 a day find no password that was made by chance."""
ADDRESS = 50
"""An office comes from one address: ten people may all be wrong at once."""


NET = 64
"""Whoever has an address of IPv6 has the 2^64 beside it."""


def caller(request: Request) -> str:
    """From where it is asked, as tries are counted."""
    told = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(told)
    except ValueError:  # a proxy's own word for somebody
        return told[:48]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), NET), strict=False))


async def try_once(connection: AsyncConnection, address: str, login: str, now_ms: int) -> int:
    """0 = noted, go on; else how long to wait in ms, and nothing is noted. The try after which one has to wait
    stands in the centre's log of changes."""
    mine = (address[:64], digest(login))
    if connection.dialect.name == "postgresql":  # one after the other: those at once do not see each other's tries
        await connection.execute(text(f"LOCK TABLE {TRIES.name} IN SHARE ROW EXCLUSIVE MODE"))
    # The clock went back: what was tried ahead of it is of this moment, and nobody waits for longer.
    await connection.execute(update(TRIES).where(TRIES.c.at_ms > now_ms).values(at_ms=now_ms))
    await connection.execute(delete(TRIES).where(TRIES.c.at_ms <= now_ms - SPAN_MS))
    ask = select(TRIES.c.login, TRIES.c.at_ms).where(TRIES.c.address == mine[0]).order_by(TRIES.c.at_ms)
    rows = (await connection.execute(ask)).all()
    same = [row.at_ms for row in rows if row.login == mine[1]]
    for times, most in ((same, SAME), ([row.at_ms for row in rows], ADDRESS)):
        if len(times) >= most:
            return max(1, int(times[-most] + SPAN_MS - now_ms))
    await connection.execute(insert(TRIES).values(address=mine[0], login=mine[1], at_ms=now_ms))
    if len(same) + 1 == SAME or len(rows) + 1 == ADDRESS:
        line = {"at_ms": now_ms, "by": "", "by_user": None, "what": "tries", "subject": mine[0], "args": []}
        await connection.execute(insert(AUDIT).values(**line))
    return 0


async def was_right(connection: AsyncConnection, address: str, login: str) -> None:
    mine = (TRIES.c.address == address[:64], TRIES.c.login == digest(login))
    await connection.execute(delete(TRIES).where(*mine))


async def forgive(connection: AsyncConnection, login: str) -> None:
    """Whoever has a new password begins anew, wherever the old one was tried."""
    await connection.execute(delete(TRIES).where(TRIES.c.login == digest(login)))
