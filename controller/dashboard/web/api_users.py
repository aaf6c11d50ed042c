"""Accounts, for administrators: made with a password that is shown once, disabled, given a new one; what
was changed by whom. The first administrator is made by `diemcau centre user`: there is no default password.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from controller.dashboard.collate import key
from controller.dashboard.rights import Action
from controller.dashboard.store.tables_people import AUDIT, PASSES, UNITS, USERS
from controller.dashboard.web.api_me import HASHER
from controller.dashboard.web.audit import note
from controller.dashboard.web.communes import bind, communes
from controller.dashboard.web.gate import At, Id, Who, need
from controller.dashboard.web.oidc_account import is_its
from controller.dashboard.web.tries import forgive

router = APIRouter(prefix="/api/users", tags=["users"])
AUDIT_ROWS = 100


Units = Annotated[list[Id], Field(max_length=200)]
"""Of a technician; more than a province has."""


class Account(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    unit: str = Field("", max_length=120)
    role: Literal["admin", "operator", "office", "viewer", "technician"]
    communes: Units = []


class NewAccount(Account):
    login: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,59}$")


class Change(BaseModel):
    """Only what is given changes: two presses in a row do not undo each other."""

    name: str | None = Field(None, min_length=1, max_length=120)
    unit: str | None = Field(None, max_length=120)
    role: Literal["admin", "operator", "office", "viewer", "technician"] | None = None
    communes: Units | None = None
    disabled: bool | None = None


@router.get("", summary="Accounts, and what was changed at the centre")
async def users(at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.ADMIN)
    columns = (USERS.c.id, USERS.c.login, USERS.c.name, USERS.c.unit, USERS.c.role, USERS.c.disabled)
    seen = (
        select(PASSES.c.user, func.max(PASSES.c.made_ms).label("seen_ms"))
        .where(PASSES.c.user.is_not(None))
        .group_by(PASSES.c.user)
    )
    async with at.engine.connect() as connection:
        rows = await connection.execute(select(*columns).order_by(USERS.c.login))
        accounts = [dict(row._mapping) for row in rows]
        last = {row.user: row.seen_ms for row in await connection.execute(seen)}
        person = func.coalesce(USERS.c.name, AUDIT.c.by).label("by")
        shown = [column for column in AUDIT.c if column.name not in ("by", "by_user")]
        named = select(*shown, person).join(USERS, USERS.c.id == AUDIT.c.by_user, isouter=True)
        lines = await connection.execute(named.order_by(AUDIT.c.id.desc()).limit(AUDIT_ROWS))
        audit = [dict(row._mapping) for row in lines]
        bound = await communes(connection)
        there = select(UNITS.c.id, UNITS.c.kind, UNITS.c.name).where(UNITS.c.merged_into.is_(None))
        units = [dict(row._mapping) for row in await connection.execute(there)]
    units.sort(key=lambda unit: key(unit["name"]))
    told = [row | {"seen_ms": last.get(row["id"]), "communes": bound.get(row["id"], [])} for row in accounts]
    return {"users": told, "audit": audit, "me": who.user, "units": units}


@router.post("", summary="A new account")
async def add(said: NewAccount, at: At, who: Who) -> dict[str, Any]:
    """Its first password, which is stored nowhere. 409 when the login is taken."""
    await need(at, who, Action.ADMIN)
    password, hashed = await _password()
    try:
        async with at.engine.begin() as connection:
            row = said.model_dump(exclude={"communes"}) | {"password": hashed, "lang": "vi", "disabled": False}
            made = await connection.execute(insert(USERS).values(**row).returning(USERS.c.id))
            id_ = int(made.scalar_one())
            await bind(connection, id_, said.communes)
            await note(connection, at.clock(), who, "user", said.login, [said.role, *said.communes])
    except IntegrityError as error:
        raise HTTPException(409, {"code": "users.taken", "args": [said.login]}) from error
    return {"id": id_, "password": password}


@router.post("/{id_}", summary="Change an account; disabled, its sessions end")
async def change(id_: Id, said: Change, at: At, who: Who) -> dict[str, Any]:
    await need(at, who, Action.ADMIN)
    new = said.model_dump(exclude_none=True)
    if id_ == who.user and (said.disabled or said.role not in (None, "admin")):
        raise HTTPException(409, {"code": "users.self"})
    async with at.engine.begin() as connection:
        login = (await connection.execute(select(USERS.c.login).where(USERS.c.id == id_))).scalar()
        if login is None:
            raise HTTPException(404, {"code": "users.unknown"})
        if said.communes is not None:
            await bind(connection, id_, said.communes)
        if row := {name: value for name, value in new.items() if name != "communes"}:
            await connection.execute(update(USERS).where(USERS.c.id == id_).values(**row))
        if said.disabled:
            await connection.execute(delete(PASSES).where(PASSES.c.user == id_))
        await note(connection, at.clock(), who, "user_changed", login, [new])
    return {}


@router.post("/{id_}/password", summary="A new password; every session of the account ends")
async def password(id_: Id, at: At, who: Who) -> dict[str, str]:
    """409 `centre.user_oidc` for an account of the identity provider: it has none, and gets none."""
    await need(at, who, Action.ADMIN)
    new, hashed = await _password()
    async with at.engine.begin() as connection:
        login = (await connection.execute(select(USERS.c.login).where(USERS.c.id == id_))).scalar()
        if login is None:
            raise HTTPException(404, {"code": "users.unknown"})
        if await is_its(connection, login):
            raise HTTPException(409, {"code": "centre.user_oidc", "args": [login]})
        await connection.execute(update(USERS).where(USERS.c.id == id_).values(password=hashed))
        await forgive(connection, login)
        await connection.execute(delete(PASSES).where(PASSES.c.user == id_))
        await note(connection, at.clock(), who, "password", id_)
    return {"password": new}


async def _password() -> tuple[str, str]:
    """A password of 72 bits, and its hash: in a thread, for argon2 takes its time on purpose."""
    new = secrets.token_urlsafe(9)
    return new, await asyncio.to_thread(HASHER.hash, new)
