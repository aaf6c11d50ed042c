"""`diemcau centre …`: starts the halves, and makes accounts, sites and the links of their phone pages."""

from __future__ import annotations

import argparse
import asyncio
import csv
import re
import secrets
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from controller.cli_words import UNAVAILABLE, complain
from controller.dashboard import renewals
from controller.dashboard.notices_send import send, targets
from controller.dashboard.retire import retire
from controller.dashboard.rights import Role
from controller.dashboard.serve import Away, serve
from controller.dashboard.settings import Centre, load
from controller.dashboard.store.copy import copy
from controller.dashboard.store.open import create, engine, upsert
from controller.dashboard.store.tables_people import ROOMS, USERS
from controller.dashboard.web.api_me import HASHER
from controller.dashboard.web.gate import admit
from controller.dashboard.web.oidc_account import is_its
from controller.dashboard.web.place import Place, wall_ms
from controller.dashboard.web.tries import forgive
from controller.dashboard.words import say
from controller.link.topics import is_slug
from controller.texts import DEFAULT_LANGUAGE, ReadableError, text

DAY_MS = 86_400_000
USUAL = Path("/etc/diemcau/centre.toml")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
HALVES = {"run": frozenset({"recorder", "web"}), "recorder": frozenset({"recorder"}), "web": frozenset({"web"})}
ROLES = tuple(role.value for role in Role if role not in (Role.CHAIR, Role.PHONE))
COLUMNS = ("slug", "name", "address", "dial", "provider", "circuit", "hotline")


def centre(options: argparse.Namespace) -> int:
    """Exit code: 0; 78 settings or input are wrong; 69 the database or the broker is away, or the port is taken."""
    lang = options.lang or DEFAULT_LANGUAGE
    try:
        settings = settings_of(options.centre)
        if options.what in HALVES:
            asyncio.run(serve(settings, HALVES[options.what], ready=lambda port: _ready(settings, port, lang)))
        else:
            asyncio.run(_with_database(settings, lambda place: _ACTS[options.what](place, options, lang)))
    except Away as error:
        complain(error, lang)
        return UNAVAILABLE
    except (ReadableError, OSError) as error:
        return complain(error, lang)
    return 0


def settings_of(asked: Path | None, usual: Path = USUAL) -> Centre:
    """Those of the file that was named, else of the server's own where there is one, else the shipped ones: an
    account that is made without `--centre` belongs to the centre that runs here."""
    if asked is not None:
        return load(asked)
    try:
        usual.stat()
    except FileNotFoundError:
        return Centre()
    return load(usual)


def _ready(settings: Centre, port: int, lang: str) -> None:
    if port:
        url = f"http://{settings.web.host}:{port}" if settings.web.port == 0 else settings.web.public_url
        sys.stdout.write(text("centre.page", lang, (url,)) + "\n")
        sys.stdout.flush()


async def _with_database(settings: Centre, act: Callable[[Place], Awaitable[None]]) -> None:
    made = engine(settings.database)
    try:
        try:
            _opens(made.url)
            await create(made)
        except (DBAPIError, sqlite3.Error, OSError) as error:
            raise _away(made, error) from error
        await act(Place(settings, made, wall_ms, _Nobody()))
    finally:
        await made.dispose()


def _opens(url: URL) -> None:
    """Raises sqlite3.Error for a file that cannot be opened: tried here first, for the thread in which aiosqlite
    tries it outlives its failure, and with it our loop, and would end with a trace on the terminal."""
    if url.get_backend_name() == "sqlite" and url.database:
        sqlite3.connect(url.database).close()


class _Nobody:
    """These commands say nothing to rooms."""

    async def send(self, topic: str, payload: bytes, **_: object) -> None:
        raise OSError("not connected")


async def _user(place: Place, options: argparse.Namespace, lang: str) -> None:
    """Adds the account, or gives it a new password; there is no default one."""
    if LOGIN.fullmatch(options.login) is None:
        raise ReadableError("centre.login_form", options.login)
    password = secrets.token_urlsafe(9)
    row = {
        "name": options.person or options.login,
        "unit": options.unit,
        "role": options.role,
        "lang": lang,
        "password": HASHER.hash(password),
        "disabled": False,
    }
    async with place.engine.begin() as connection:
        if await is_its(connection, options.login):
            raise ReadableError("centre.user_oidc", options.login)
        insert = upsert(connection, USERS).values(login=options.login, **row)
        await connection.execute(insert.on_conflict_do_update(index_elements=["login"], set_=row))
        await forgive(connection, options.login)
    sys.stdout.write(text("centre.user", lang, (options.login, options.role, password)) + "\n")


async def _room(place: Place, options: argparse.Namespace, lang: str) -> None:
    """One site by its slug, or all of a CSV file."""
    rows = _csv(options.sites) if options.sites is not None else [_one(options.slug, options.title)]
    async with place.engine.begin() as connection:
        for number, row in enumerate(rows, start=2):
            if not is_slug(row.get("slug") or ""):
                raise ReadableError("centre.row_slug", options.sites, number, row.get("slug") or "-")
            await _store_room(connection, row)
    sys.stdout.write(text("centre.rooms", lang, (len(rows),)) + "\n")


def _one(slug: str, title: str) -> dict[str, str]:
    if not is_slug(slug):
        raise ReadableError("centre.slug_form" if slug else "centre.room_which", slug)
    return {"slug": slug, "name": title}


def _csv(file: Path) -> list[dict[str, str]]:
    """UTF-8 with or without BOM, ';' or ',': as Excel in Vietnamese writes it. Raises OSError."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ReadableError("centre.not_utf8", file) from error
    head = lines[0] if lines else ""
    return [
        {str(name).strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
        for row in csv.DictReader(lines, delimiter=";" if head.count(";") >= head.count(",") else ",")
    ]


async def _store_room(connection: AsyncConnection, row: dict[str, str]) -> None:
    known: dict[str, Any] = {name: row[name] for name in COLUMNS if row.get(name)}
    known["name"] = known.get("name") or known["slug"]
    blank = dict.fromkeys(COLUMNS, "")
    insert = upsert(connection, ROOMS).values(**{**blank, **known}, ring=0, retired=False)
    await connection.execute(
        insert.on_conflict_do_update(index_elements=["slug"], set_={**known, "retired": False})
    )


async def _link(place: Place, options: argparse.Namespace, lang: str) -> None:
    """The phone page of a site: a secret link, good for some days; earlier ones stay good until their own end."""
    async with place.engine.connect() as connection:
        name = (await connection.execute(select(ROOMS.c.name).where(ROOMS.c.slug == options.slug))).scalar()
    if name is None:
        raise ReadableError("centre.no_room", options.slug)
    until_ms = place.clock() + options.valid * DAY_MS
    secret = await admit(place, "phone", until_ms, room=options.slug, name=name)
    until = _day(until_ms)
    url = f"{place.settings.web.public_url}/#/pass/{secret}"
    sys.stdout.write(text("centre.link", lang, (name, until, url)) + "\n")


async def _notify(place: Place, _: argparse.Namespace, lang: str) -> None:
    """A test to every address, so that the first incident is not it. Raises Away where one was not taken."""
    its = place.settings.notify
    if not its.urls_file:
        raise ReadableError("centre.no_notify")
    title = say("notice.test.title", its.language, (place.settings.network,))
    missed = []
    for target in targets(Path(its.urls_file)):
        why = await send(target, title, say("notice.test.body", its.language))
        args = (target.label, why) if why else (target.label,)
        sys.stdout.write(text("centre.notified_not" if why else "centre.notified", lang, args) + "\n")
        missed += [target.label] if why else []
    if missed:
        raise Away("centre.notify_missed", ", ".join(missed))


async def _requests(place: Place, options: argparse.Namespace, lang: str) -> None:
    """For the authority: which rooms' certificates end soon, and what they ask for."""
    count, silent = await renewals.requests(place, options.file, options.within)
    sys.stdout.write(text("centre.requests", lang, (count, options.within, options.file)) + "\n")
    for room in silent:
        sys.stdout.write(text("centre.asks_nothing", lang, (room,)) + "\n")


async def _answers(place: Place, options: argparse.Namespace, lang: str) -> None:
    """From the authority: to each room its next certificate."""
    broker = place.settings.broker
    try:
        count = await renewals.answers(place.settings, options.file)
    except OSError as error:
        if error.filename is not None:
            raise
        raise Away("centre.broker_away", broker.host, broker.port) from error
    sys.stdout.write(text("centre.answered", lang, (count,)) + "\n")


async def _retire(place: Place, options: argparse.Namespace, lang: str) -> None:
    """A site that is no more."""
    broker = place.settings.broker
    try:
        name = await retire(place, options.slug)
    except OSError as error:
        raise Away("centre.broker_away", broker.host, broker.port) from error
    sys.stdout.write(text("centre.retired", lang, (name,)) + "\n")


async def _copy(place: Place, options: argparse.Namespace, lang: str) -> None:
    """All that this centre knows, into the empty database that another centre.toml names."""
    made = engine(load(options.file).database)
    try:
        count = await copy(place.engine, made, place.clock())
    except (DBAPIError, OSError) as error:
        raise _away(made, error) from error
    finally:
        await made.dispose()
    sys.stdout.write(text("centre.copied", lang, (count, made.url.render_as_string())) + "\n")


def _away(made: AsyncEngine, error: Exception) -> Away:
    """With its address, but not with its password."""
    return Away("centre.database_away", made.url.render_as_string(), getattr(error, "orig", None) or error)


def _day(ms: int) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.fromtimestamp(ms / 1000, UTC) + timedelta(hours=7):%d/%m/%Y}"


_ACTS: dict[str, Callable[[Place, argparse.Namespace, str], Awaitable[None]]] = {
    "user": _user,
    "room": _room,
    "link": _link,
    "notify": _notify,
    "requests": _requests,
    "answers": _answers,
    "retire": _retire,
    "copy": _copy,
}
