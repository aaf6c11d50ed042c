"""Signing in at the identity provider: there, and back with a code. Who is not let in comes to the page's sign-in,
with a code of the catalogue in its address.

The browser that returns must be the one that went: it has the state in a cookie. That one is SameSite=Lax, for
it must come with a return from another site; it opens nothing by itself.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import delete, insert

from controller.dashboard.store.tables_people import OIDC_STARTS
from controller.dashboard.web.gate import At, admit, digest, let_in
from controller.dashboard.web.oidc import Begun, Provider, Unproven, Unreachable
from controller.dashboard.web.oidc_account import Refused, account
from controller.dashboard.web.place import Place
from controller.dashboard.web.tries import caller, try_once, was_right
from controller.dashboard.words import log

router = APIRouter(prefix="/api/oidc", tags=["me"])
STATE_COOKIE = "diemcau_oidc"
PATH = "/api/oidc"
WITHIN_S = 600
"""To type a password there, with its second factor."""


def provider(request: Request) -> Provider:
    """FastAPI dependency."""
    found: Provider = request.app.state.provider
    return found


Its = Annotated[Provider, Depends(provider)]
Text = Annotated[str, Query(max_length=4000)]


@router.get("", summary="Whether one can sign in at an identity provider, and what stands on the button")
async def offered(at: At) -> dict[str, Any]:
    return {"on": bool(at.settings.oidc.issuer), "label": at.settings.oidc.label}


@router.get("/start", summary="To the identity provider")
async def start(at: At, its: Its, request: Request) -> RedirectResponse:
    """404 where there is none. Each start counts as a try until it has ended well, apart from passwords: nobody is
    kept from an account of the centre by a provider that is away."""
    if not at.settings.oidc.issuer:
        raise HTTPException(404, {"code": "rights.link"})
    state = secrets.token_urlsafe(24)
    async with at.engine.begin() as connection:
        await connection.execute(delete(OIDC_STARTS).where(OIDC_STARTS.c.until_ms <= at.clock()))
        if await try_once(connection, _bucket(request), state, at.clock()):
            return _refused("oidc.wait")
    try:
        begun = await its.begin(state, _redirect(at))
    except Unreachable as error:
        log("centre.oidc", error)
        return _refused("oidc.away")
    row = {"hash": digest(state), "nonce": begun.nonce, "verifier": begun.verifier}
    async with at.engine.begin() as connection:
        await connection.execute(insert(OIDC_STARTS).values(**row, until_ms=at.clock() + WITHIN_S * 1000))
    response = RedirectResponse(begun.url, 303)
    response.set_cookie(
        STATE_COOKIE,
        state,
        httponly=True,
        samesite="lax",
        secure=at.settings.web.secure,
        max_age=WITHIN_S,
        path=PATH,
    )
    return response


@router.get("/back", summary="From the identity provider, with a code")
async def back(at: At, its: Its, request: Request, state: Text = "", code: Text = "") -> RedirectResponse:
    """The session's cookies and the page; or the page's sign-in, which says why not."""
    try:
        user = await _user(at, its, state, request.cookies.get(STATE_COOKIE, ""), code)
    except Refused as error:
        response = _refused(error.code)
    else:
        async with at.engine.begin() as connection:
            await was_right(connection, _bucket(request), state)
        web = at.settings.web
        secret = await admit(at, "session", at.clock() + int(web.session_h * 3_600_000), user=user)
        response = RedirectResponse("/", 303)
        let_in(response, secret, int(web.session_h * 3600), secure=web.secure)
    response.delete_cookie(STATE_COOKIE, path=PATH)
    return response


async def _user(at: Place, its: Provider, state: str, mine: str, code: str) -> int:
    """The account of who comes back. Raises Refused."""
    if not state or digest(state) != digest(mine):
        raise Refused("oidc.stale")
    taken = delete(OIDC_STARTS).where(OIDC_STARTS.c.hash == digest(state)).returning(OIDC_STARTS)
    async with at.engine.begin() as connection:
        row = (await connection.execute(taken)).first()
    if row is None or row.until_ms <= at.clock():
        raise Refused("oidc.stale")
    if not code:
        raise Refused("oidc.denied")
    try:
        claims = await its.finish(code, Begun("", row.nonce, row.verifier), _redirect(at))
    except (Unreachable, Unproven) as error:
        log("centre.oidc", error)
        raise Refused("oidc.away" if isinstance(error, Unreachable) else "oidc.unproven") from error
    return await account(at, claims)


def _bucket(request: Request) -> str:
    return f"oidc {caller(request)}"


def _redirect(at: Place) -> str:
    """As it is registered at the provider: never from what a request says of its own address."""
    return f"{at.settings.web.public_url.rstrip('/')}{PATH}/back"


def _refused(code: str) -> RedirectResponse:
    return RedirectResponse(f"/#/{code}", 303)
