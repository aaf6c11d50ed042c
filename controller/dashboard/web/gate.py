"""Who is asking, and may they: sessions and passes as rows, by SHA-256 of a secret in a cookie or a link.

A request that changes something must carry the header `x-diemcau: 1`, which no foreign page can send without asking
first (CSRF), and cookies are SameSite=Strict.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from pydantic import Field
from sqlalchemy import delete, insert, select

from controller.dashboard.rights import Action, Actor, Role, Window, refusal
from controller.dashboard.store.tables_people import DESK_USERS, PASSES, USERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.communes import rooms_of
from controller.dashboard.web.place import Place, place

COOKIE = "diemcau"
HERE_COOKIE = "diemcau_here"
"""Says to the page, which cannot see the other, that there is one. It opens nothing."""
HEADER = "x-diemcau"
Id = Annotated[int, Field(ge=0, lt=2**31)]
"""The number of a row: as far as PostgreSQL takes it in every table."""
LAST_MS = 4_102_444_800_000
"""The year 2100, as the rooms' reader takes it: beyond 9999 no time can be written."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def admit(
    at: Place,
    kind: str,
    until_ms: int,
    *,
    user: int | None = None,
    room: str = "",
    meeting: str = "",
    name: str = "",
) -> str:
    """A new session or pass; returns its secret, which is stored nowhere."""
    secret = secrets.token_urlsafe(24)
    row = {"hash": digest(secret), "kind": kind, "user": user, "room": room, "meeting": meeting, "name": name}
    async with at.engine.begin() as connection:
        await connection.execute(delete(PASSES).where(PASSES.c.until_ms < at.clock()))
        await connection.execute(insert(PASSES).values(**row, until_ms=until_ms, made_ms=at.clock()))
    return secret


def let_in(response: Response, secret: str, age_s: int, *, secure: bool) -> None:
    """Both cookies, for as long as the secret counts."""
    for name, value, hidden in ((COOKIE, secret, True), (HERE_COOKIE, "1", False)):
        response.set_cookie(name, value, httponly=hidden, samesite="strict", secure=secure, max_age=age_s)


def let_out(response: Response) -> None:
    response.delete_cookie(COOKIE)
    response.delete_cookie(HERE_COOKIE)


async def storable(request: Request) -> None:
    """FastAPI dependency of every route. Raises 422 for text with a NUL, which PostgreSQL does not hold; bytes that
    are no JSON at all are the route's own matter."""
    sent: list[object] = [*request.path_params.values(), *request.query_params.values()]
    if await request.body():
        with suppress(ValueError, RecursionError):
            sent.append(await request.json())
    if any("\0" in text for one in sent for text in _texts(one)):
        raise HTTPException(422, {"code": "rights.unprintable"})


def _texts(tree: object) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


async def actor(request: Request, at: Annotated[Place, Depends(place)]) -> Actor:
    """FastAPI dependency. Raises 401 without a valid session or pass, 403 for a change without our header."""
    if request.method not in _SAFE and HEADER not in request.headers:
        raise HTTPException(403, {"code": "rights.foreign"})
    found = await who(at, request.cookies.get(COOKIE, ""))
    if found is None:
        raise HTTPException(401, {"code": "rights.sign_in"})
    return found


async def who(at: Place, secret: str) -> Actor | None:
    """The person behind a secret; None = nobody, or no longer."""
    if not secret:
        return None
    join = PASSES.outerjoin(USERS, PASSES.c.user == USERS.c.id)
    ask = select(
        PASSES, USERS.c.name.label("user_name"), USERS.c.role, USERS.c.unit, USERS.c.lang, USERS.c.disabled
    )
    async with at.engine.connect() as connection:
        row = (await connection.execute(ask.select_from(join).where(PASSES.c.hash == digest(secret)))).first()
        if row is None or row.until_ms <= at.clock() or row.disabled:
            return None
        on_site = row.kind == "session" and row.role == Role.TECHNICIAN.value
        rooms = await rooms_of(connection, row.user) if on_site else frozenset()
    if row.kind == "session":
        return Actor(row.user_name, Role(row.role), row.user, row.unit or "", row.lang, rooms=rooms)
    return Actor(row.name, Role(row.kind), room=row.room, meeting=row.meeting)


Who = Annotated[Actor, Depends(actor)]
At = Annotated[Place, Depends(place)]


async def need(at: Place, who: Actor, action: Action, *, room: str = "", meeting: str = "") -> None:
    """Raises 403 with the code of the reason (rights.refusal)."""
    window = await window_of(at, meeting) if meeting else None
    if code := refusal(who, action, at.clock(), room=room, meeting=window):
        raise HTTPException(403, {"code": code})


async def window_of(at: Place, uid: str) -> Window | None:
    """The booked instance `uid`; None = there is none, or it is cancelled."""
    async with at.engine.connect() as connection:
        ask = select(INSTANCES.c.series, INSTANCES.c.start_ms, INSTANCES.c.end_ms)
        row = (await connection.execute(ask.where(INSTANCES.c.uid == uid, ~INSTANCES.c.cancelled))).first()
        if row is None:
            return None
        rooms = await connection.execute(select(INSTANCE_ROOMS.c.room).where(INSTANCE_ROOMS.c.uid == uid))
        for bound in (uid, row.series):  # a meeting's own desk goes before that of its series
            of = select(DESK_USERS.c.user).where(DESK_USERS.c.meeting == bound)
            if desk := frozenset((await connection.execute(of)).scalars()):
                break
        return Window(uid, row.start_ms, row.end_ms, frozenset(rooms.scalars()), desk)
