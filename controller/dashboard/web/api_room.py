"""One room: everything it said with the age of each word, its journal, its figures over time, its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import Row, Select, and_, desc, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.core.records import Priority
from controller.dashboard.compact import STALE_MS
from controller.dashboard.discreet import SECRET_TITLE, shown
from controller.dashboard.rights import Action, refusal
from controller.dashboard.store.tables import LAST, RECORDS, SAMPLES
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, UNITS
from controller.dashboard.store.tables_work import (
    INCIDENT_ALERTS,
    INCIDENTS,
    INSTANCE_ROOMS,
    INSTANCES,
    MAINTENANCE,
)
from controller.dashboard.units import unit_name
from controller.dashboard.web.gate import LAST_MS, At, Who, need
from controller.dashboard.web.report_rows import WINDOW_MS, meetings_near
from controller.simulation.called import named, titles
from controller.simulation.story import what as told
from controller.texts.meetings import called

router = APIRouter(prefix="/api/rooms", tags=["rooms"])
SHOWN = 20
SHOWN_MOST = 300
"""A room holds some ten meetings a week, and a page of its journal is seldom more than that."""
_SPANS = (300, 3600)
_POINTS = 3_000
_BEFORE_MS = 2 * 86_400_000
"""The day-before test belongs to the meeting's evidence."""
_AFTER_MS = 3_600_000


@router.get("/{slug}", summary="Everything that a room said, and what is known about it")
async def room(slug: str, at: At, someone: Who) -> dict[str, Any]:
    """{"room", "parts": {part: {"body", "received_ms", "base_ms"}}, "meetings", "incidents", "maintenance",
    "people"}. `base_ms` + a `since_ms` of the body = Unix ms. `people` only for who may see them. 404
    `room.none`."""
    await need(at, someone, Action.SEE, room=slug)
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        named = (await connection.execute(select(ROOMS).where(ROOMS.c.slug == slug))).first()
        parts = await _parts(connection, slug)
        if named is None and not parts:
            raise HTTPException(404, {"code": "room.none", "args": [slug]})
        told: dict[str, Any] = {
            "room": await _named(connection, slug, named),
            "parts": parts,
            "meetings": [shown(row) for row in _dicts(await connection.execute(_meetings(slug, now_ms)))],
            "incidents": _dicts(await connection.execute(_incidents(slug))),
            "maintenance": _dicts(await connection.execute(_maintenance(slug, now_ms))),
            "people": [],
        }
        if refusal(someone, Action.SEE_PEOPLE, now_ms, room=slug) is None:
            told["people"] = _dicts(await connection.execute(_people(slug)))
    return {**told, "now_ms": now_ms, "stale_ms": STALE_MS}


@router.get("/{slug}/records", summary="The journal of a room, the newest first")
async def records(
    slug: str,
    at: At,
    someone: Who,
    before: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    kind: Annotated[str, Query(max_length=40)] = "",
    meeting: Annotated[str, Query(max_length=120)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    lang: Annotated[str, Query(pattern="^(vi|en)$")] = "vi",
) -> list[dict[str, Any]]:
    """Rows with seq below `before`, each with its sentence as `text`. `meeting`: what was recorded from two days
    before that instance to an hour after it. `true_ms` is set where the room's clock was not to be believed and the
    time could be computed."""
    await need(at, someone, Action.SEE, room=slug)
    ask = select(RECORDS).where(RECORDS.c.room == slug)
    if before is not None:
        ask = ask.where(RECORDS.c.seq < before)
    if kind:
        ask = ask.where(or_(RECORDS.c.kind == kind, RECORDS.c.kind.startswith(f"{kind}.", autoescape=True)))
    async with at.engine.connect() as connection:
        if meeting:
            ask = ask.where(await _around(connection, meeting))
        rows = (await connection.execute(ask.order_by(desc(RECORDS.c.seq)).limit(limit))).all()
        known = await _titles(connection, slug, rows, lang)
    return [_record(row, lang, known) for row in rows]


@router.get("/{slug}/samples", summary="Figures of a room over time")
async def samples(
    slug: str,
    at: At,
    someone: Who,
    what: Annotated[list[str], Query(max_length=12)],
    from_ms: Annotated[int, Query(ge=0, lt=LAST_MS)],
    span_s: Annotated[int, Query()] = 300,
) -> dict[str, list[list[float]]]:
    """Figure → rows [from_ms, low, mean, high] of each span that has any; a span that is missing is a gap. `what`
    that ends with `.*` takes every figure below it. 422 for another span than 300 or 3,600 s."""
    await need(at, someone, Action.SEE, room=slug)
    if span_s not in _SPANS:
        raise HTTPException(422, {"code": "room.span"})
    wanted = or_(
        *(
            SAMPLES.c.what.startswith(name[:-1], autoescape=True) if name.endswith(".*") else SAMPLES.c.what == name
            for name in what
        )
    )
    ask = (
        select(SAMPLES)
        .where(SAMPLES.c.room == slug, SAMPLES.c.span_s == span_s, SAMPLES.c.from_ms >= from_ms, wanted)
        .order_by(SAMPLES.c.what, SAMPLES.c.from_ms)
        .limit(_POINTS * len(what))
    )
    found: dict[str, list[list[float]]] = {}
    async with at.engine.connect() as connection:
        for row in await connection.execute(ask):
            if row.n > 0:
                found.setdefault(row.what, []).append([row.from_ms, row.low, row.total / row.n, row.high])
    return found


async def _parts(connection: AsyncConnection, slug: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in await connection.execute(select(LAST).where(LAST.c.room == slug)):
        times = {"received_ms": row.received_ms, "base_ms": base_ms(row.body, row.received_ms)}
        found[row.part] = {"body": row.body, **times}
    return found


def base_ms(body: Mapping[str, Any], received_ms: int) -> int | None:
    """Unix ms of the room's start, so that its monotonic times can be told: by its own clock where that is to be
    believed, else by when its word came. None when the message has no monotonic time."""
    mono_s, at = body.get("mono_s"), body.get("at")
    if not isinstance(mono_s, int | float):
        return None
    wall_ms = received_ms
    if body.get("clock") in ("ntp", "rtc") and isinstance(at, str):
        try:
            wall_ms = int(datetime.fromisoformat(at).timestamp() * 1000)
        except (ValueError, OverflowError):
            wall_ms = received_ms
    return int(wall_ms - mono_s * 1000)


async def _named(connection: AsyncConnection, slug: str, named: Row[Any] | None) -> dict[str, Any]:
    if named is None:
        return {"slug": slug, "name": slug, "units": [], "retired": False}
    units: list[str] = []
    unit, known = named.unit, set[int]()
    while unit is not None and unit not in known:
        known.add(unit)
        row = (await connection.execute(select(UNITS).where(UNITS.c.id == unit))).first()
        if row is None:
            break
        units.append(unit_name(row.kind, row.name))
        unit = row.parent
    keys = ("slug", "name", "address", "dial", "provider", "circuit", "hotline", "retired")
    return {**{key: getattr(named, key) for key in keys}, "units": units}


def _meetings(slug: str, now_ms: int) -> Select[Any]:
    return (
        select(INSTANCES, INSTANCE_ROOMS.c.role, INSTANCE_ROOMS.c.technician, INSTANCE_ROOMS.c.substitute)
        .join(INSTANCE_ROOMS, INSTANCE_ROOMS.c.uid == INSTANCES.c.uid)
        .where(INSTANCE_ROOMS.c.room == slug, INSTANCES.c.end_ms > now_ms)
        .where(~INSTANCES.c.cancelled, ~INSTANCES.c.practice)
        .order_by(INSTANCES.c.start_ms)
        .limit(5)
    )


def _incidents(slug: str) -> Select[Any]:
    mine = select(INCIDENT_ALERTS.c.incident).where(INCIDENT_ALERTS.c.room == slug)
    columns = ("id", "code", "scope", "from_ms", "until_ms", "stage", "expected_ms", "cause", "own")
    return (
        select(*(INCIDENTS.c[name] for name in columns))
        .where(INCIDENTS.c.id.in_(mine))
        .order_by(desc(INCIDENTS.c.from_ms))
        .limit(SHOWN)
    )


def _maintenance(slug: str, now_ms: int) -> Select[Any]:
    return (
        select(MAINTENANCE)
        .where(MAINTENANCE.c.room == slug, MAINTENANCE.c.until_ms > now_ms)
        .order_by(MAINTENANCE.c.from_ms)
    )


def _people(slug: str) -> Select[Any]:
    return (
        select(ROOM_PEOPLE.c.part, PEOPLE.c.name, PEOPLE.c.phone, PEOPLE.c.email)
        .join(PEOPLE, PEOPLE.c.id == ROOM_PEOPLE.c.person)
        .where(ROOM_PEOPLE.c.room == slug, PEOPLE.c.left_ms.is_(None))
        .order_by(desc(ROOM_PEOPLE.c.part), PEOPLE.c.name)
    )


async def _around(connection: AsyncConnection, uid: str) -> Any:
    """Records of the time around an instance; of no time at all when there is none."""
    ask = select(INSTANCES.c.start_ms, INSTANCES.c.end_ms).where(INSTANCES.c.uid == uid)
    found = (await connection.execute(ask)).first()
    start_ms, end_ms = (found.start_ms - _BEFORE_MS, found.end_ms + _AFTER_MS) if found else (0, 0)
    return and_(RECORDS.c.at_ms >= start_ms, RECORDS.c.at_ms < end_ms)


async def _titles(connection: AsyncConnection, slug: str, rows: Sequence[Row[Any]], lang: str) -> dict[str, str]:
    """What the meetings are called that these records may name: as the calendar has them, else as the room wrote
    when it began to prepare for one that the calendar has forgotten."""
    if not rows:
        return {}
    times = [row.true_ms or row.at_ms for row in rows]
    span = min(times), max(times)
    begun = RECORDS.c.room == slug, RECORDS.c.kind == "meeting.booked"
    near = RECORDS.c.at_ms > span[0] - WINDOW_MS, RECORDS.c.at_ms < span[1] + WINDOW_MS
    booked = (await connection.execute(select(RECORDS).where(*begun, *near).limit(SHOWN_MOST))).all()
    held = await meetings_near(connection, slug, span)
    return titles(map(_entry, booked), lang) | {
        uid: called("" if one.title == SECRET_TITLE else one.title, one.start_ms, lang) for uid, one in held.items()
    }


def _entry(row: Row[Any]) -> Entry:
    body = tuple((name, _tuples(value)) for name, value in row.body.items())
    trust, prior = _TRUST.get(row.clock, Trust.UNKNOWN), Priority.STATE
    return Entry(row.boot, row.seq, row.at_ms, row.mono_ms, trust, row.kind, row.subject, body, prior, "", "")


def _record(row: Row[Any], lang: str, known: Mapping[str, str]) -> dict[str, Any]:
    keys = ("seq", "boot", "at_ms", "true_ms", "clock", "kind", "subject", "priority", "body", "received_ms")
    said = named(told(_entry(row), lang), known, lang)
    return {**{key: getattr(row, key) for key in keys}, "text": said}


_TRUST = {trust.name.lower(): trust for trust in Trust}


def _tuples(value: Any) -> Any:
    """As the room had it before it became JSON."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _dicts(found: Any) -> Sequence[dict[str, Any]]:
    return [dict(row) for row in found.mappings()]
