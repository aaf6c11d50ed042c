"""Whose account a proven person of the identity provider has at the centre, and with which role.

By issuer and subject alone: neither a name nor an e-mail address opens an account of the centre that was there
before. The account has no password; its role is what the claims say at each sign-in.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.rights import Actor, Role
from controller.dashboard.settings import Oidc
from controller.dashboard.store.tables_people import OIDC_USERS, PASSES, USERS
from controller.dashboard.web.audit import note
from controller.dashboard.web.place import Place

_BY_RANK = (Role.ADMIN, Role.OPERATOR, Role.OFFICE, Role.VIEWER)
NO_PASSWORD = "-"
"""No hash: no password is right for it."""


class Refused(Exception):
    """`code` says it in the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def role_of(its: Oidc, claims: Mapping[str, Any]) -> Role | None:
    """The highest role that the claim gives; it is one text or a list. None = none."""
    said = claims.get(its.claim)
    values = said if isinstance(said, list) else [said]
    given = {its.roles[value] for value in values if isinstance(value, str) and value in its.roles}
    return next((role for role in _BY_RANK if role.value in given), None)


async def is_its(connection: AsyncConnection, login: str) -> bool:
    """Whether this account came by the provider. It is given no password here: that would be a way in of which the
    provider knows nothing, for who has lost the role there too."""
    ask = select(OIDC_USERS.c.user).join(USERS, USERS.c.id == OIDC_USERS.c.user).where(USERS.c.login == login)
    return (await connection.execute(ask)).first() is not None


async def account(at: Place, claims: Mapping[str, Any]) -> int:
    """Its number; made when this person comes for the first time. Raises Refused: without a role, whose sessions
    end too; disabled at the centre."""
    role = role_of(at.settings.oidc, claims)
    try:
        found = await _in_one(at, claims, role)
    except IntegrityError:  # the same person came for the first time twice, in this moment: now there is a row
        found = await _in_one(at, claims, role)
    if role is None:
        raise Refused("oidc.no_role")
    if found is None:
        raise Refused("oidc.disabled")
    return found


async def _in_one(at: Place, claims: Mapping[str, Any], role: Role | None) -> int | None:
    async with at.engine.begin() as connection:
        mine = (OIDC_USERS.c.issuer == at.settings.oidc.issuer, OIDC_USERS.c.sub == claims["sub"])
        ask = select(USERS).join(OIDC_USERS, OIDC_USERS.c.user == USERS.c.id).where(*mine)
        row = (await connection.execute(ask)).first()
        if role is None:
            if row is not None:
                await connection.execute(delete(PASSES).where(PASSES.c.user == row.id))
            return None
        if row is None:
            return await _made(connection, at, claims, role)
        if row.disabled:
            return None
        if row.role != role.value:
            await connection.execute(update(USERS).where(USERS.c.id == row.id).values(role=role.value))
            who = Actor(row.name, role, row.id)
            await note(connection, at.clock(), who, "role_followed", row.login, [role.value])
        return int(row.id)


async def _made(connection: AsyncConnection, at: Place, claims: Mapping[str, Any], role: Role) -> int:
    login = f"oidc-{secrets.token_hex(6)}"
    called = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
    name = "".join(filter(str.isprintable, called))[:120]  # what a database cannot hold is no part of a name
    row = {"login": login, "name": name, "unit": "", "role": role.value, "password": NO_PASSWORD}
    stored = insert(USERS).values(**row, lang="vi", disabled=False).returning(USERS.c.id)
    user = int((await connection.execute(stored)).scalar_one())
    link = {"issuer": at.settings.oidc.issuer, "sub": claims["sub"], "user": user}
    await connection.execute(insert(OIDC_USERS).values(**link))
    await note(connection, at.clock(), Actor(name, role, user), "linked", login, [role.value])
    return user
