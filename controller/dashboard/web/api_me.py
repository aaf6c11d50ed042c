"""Signing in and out, who am I, and the texts of the page."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, select

from controller.dashboard.store.tables_people import PASSES, USERS
from controller.dashboard.web.gate import At, Who, admit, digest, let_in, let_out, who
from controller.dashboard.web.tries import caller, try_once, was_right
from controller.dashboard.words import sentences
from controller.texts import LANGUAGES

router = APIRouter(prefix="/api", tags=["me"])
HASHER = PasswordHasher()
_NOBODY = HASHER.hash("nobody")
"""Compared with for a login that does not exist, so that both take as long."""


_HASHING = ThreadPoolExecutor(2, "hashing")
"""Each takes 64 MiB: many who sign in at once wait for each other."""


class Sign(BaseModel):
    login: str = Field(max_length=60)
    password: str = Field(max_length=200)


@router.post("/sign-in")
async def sign_in(sign: Sign, at: At, request: Request, response: Response) -> dict[str, Any]:
    """A session cookie. 401 `rights.wrong` for a wrong name or password alike; 429 `rights.wait` (minutes) after
    too many."""
    address = caller(request)
    async with at.engine.begin() as connection:
        wait_ms = await try_once(connection, address, sign.login, at.clock())
        row = (
            await connection.execute(select(USERS).where(USERS.c.login == sign.login, ~USERS.c.disabled))
        ).first()
    if wait_ms:
        raise HTTPException(429, {"code": "rights.wait", "args": [math.ceil(wait_ms / 60_000)]})
    stored = row.password if row else _NOBODY
    right = await asyncio.get_running_loop().run_in_executor(_HASHING, _right, stored, sign.password)
    if not right or row is None:
        raise HTTPException(401, {"code": "rights.wrong"})
    async with at.engine.begin() as connection:
        await was_right(connection, address, sign.login)
    web = at.settings.web
    until_ms = at.clock() + int(web.session_h * 3_600_000)
    secret = await admit(at, "session", until_ms, user=row.id)
    let_in(response, secret, int(web.session_h * 3600), secure=web.secure)
    return {"name": row.name, "role": row.role, "lang": row.lang}


def _right(stored: str, given: str) -> bool:
    try:
        return HASHER.verify(stored, given)
    except (Argon2Error, InvalidHashError):
        return False


@router.post("/sign-out")
async def sign_out(at: At, someone: Who, response: Response) -> dict[str, Any]:
    """Ends every session of this person on all machines."""
    async with at.engine.begin() as connection:
        if someone.user is not None:
            await connection.execute(delete(PASSES).where(PASSES.c.user == someone.user))
    let_out(response)
    return {}


@router.get("/pass/{secret}")
async def by_link(secret: str, at: At, response: Response) -> dict[str, Any]:
    """What a QR code or a chair's link leads to: the secret becomes the cookie. 401 when it is no longer valid."""
    someone = await who(at, secret)
    if someone is None:
        raise HTTPException(401, {"code": "rights.link"})
    async with at.engine.connect() as connection:
        until_ms = (
            await connection.execute(select(PASSES.c.until_ms).where(PASSES.c.hash == digest(secret)))
        ).scalar_one()
    age_s = max(0, (until_ms - at.clock()) // 1000)
    let_in(response, secret, age_s, secure=at.settings.web.secure)
    return {"role": someone.role.value, "room": someone.room, "meeting": someone.meeting}


@router.get("/me")
async def me(someone: Who, at: At) -> dict[str, Any]:
    """Who is signed in: name, role, lang, and what a pass is bound to."""
    return {
        "name": someone.name,
        "role": someone.role.value,
        "lang": someone.lang,
        "room": someone.room,
        "meeting": someone.meeting,
        "network": at.settings.network,
        "now_ms": at.clock(),
    }


@router.get("/texts")
async def texts(request: Request, lang: Annotated[str, Query(pattern="^(vi|en)$")] = LANGUAGES[0]) -> Response:
    """Every sentence that the page may have to say, by its code."""
    packed, tag = _packed(lang)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(packed), media_type="application/json", headers=headers)
    return Response(packed, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})


@cache
def _packed(lang: str) -> tuple[bytes, str]:
    """The sentences as gzipped JSON, and its ETag; they change with the programme only."""
    body = gzip.compress(json.dumps(dict(sentences(lang)), ensure_ascii=False).encode(), mtime=0)
    return body, f'"{digest(body.hex())[:16]}"'
