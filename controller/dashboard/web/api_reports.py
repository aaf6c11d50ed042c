"""The offices' forms and the evidence certificate: as a page (JSON) and as DOCX, PDF, XLSX, CSV. A phone's pass
sees its own room's papers before anyone above does (people.md 5.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller import config
from controller.config_rules import PackFile
from controller.core.chain import line
from controller.dashboard import forms
from controller.dashboard.certificate import certificate
from controller.dashboard.discreet import shown
from controller.dashboard.figures import Figures, of_room
from controller.dashboard.forms_incident import incident_report
from controller.dashboard.forms_line import line_report
from controller.dashboard.forms_rules import rule_pack
from controller.dashboard.papers import docx, pdf, sheets
from controller.dashboard.papers.model import Document, filled, moment, tree
from controller.dashboard.rights import Action, Actor
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, INSTANCES
from controller.dashboard.web import report_rows as read
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.place import Place
from controller.dashboard.web.report_words import FIELDS_MOST, TEXT_MOST, About, put, words
from controller.dashboard.web.session import meeting
from controller.simulation.story import told

router = APIRouter(prefix="/api/reports", tags=["reports"])
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LONGEST_MS = 370 * DAY_MS
LINE_LONGEST_MS = 100 * DAY_MS
"""A quarter: 164 lines have some four million hourly figures in it."""
Form = Literal["check", "log", "incident", "effectiveness", "certificate", "line", "rules"]
Ending = Literal["json", "docx", "pdf", "xlsx", "csv"]
_WRITERS: Mapping[str, tuple[Callable[[Document], bytes], str]] = {
    "docx": (docx.write, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (pdf.write, "application/pdf"),
    "xlsx": (sheets.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (sheets.csv_text, "text/csv; charset=utf-8"),
}


@router.get(
    "/chain/{room}", summary="The stored records of a meeting as lines that `diemcau evidence verify` reads"
)
async def chain(room: str, at: At, who: Who, meeting: Annotated[str, Query(max_length=200)]) -> Response:
    await need(at, who, Action.REPORT, room=room)
    async with at.engine.connect() as connection:
        about = await _meeting(connection, meeting)
        found = await read.entries(connection, room, about.start_ms - 48 * HOUR_MS, about.end_ms + 2 * HOUR_MS)
    return Response("".join(line(entry) + "\n" for entry in found), media_type="application/jsonl")


@router.get("/choice", summary="What there is to report on")
async def choice(at: At, who: Who) -> dict[str, Any]:
    """Rooms, and the meetings of the last 400 days and the next two, the newest first."""
    await need(at, who, Action.REPORT)
    now_ms = at.clock()
    ask = (
        select(INSTANCES.c.uid, INSTANCES.c.title, INSTANCES.c.start_ms, INSTANCES.c.secret)
        .where(INSTANCES.c.start_ms > now_ms - 400 * DAY_MS, INSTANCES.c.start_ms < now_ms + 2 * DAY_MS)
        .where(~INSTANCES.c.practice, ~INSTANCES.c.cancelled)
        .order_by(INSTANCES.c.start_ms.desc())
        .limit(500)
    )
    async with at.engine.connect() as connection:
        names = await read.names(connection)
        meetings = [shown(row._mapping) for row in await connection.execute(ask)]
    rooms = [{"slug": slug, "name": name} for slug, name in names.items()]
    return {"now_ms": now_ms, "rooms": rooms, "meetings": meetings}


@router.get("/{form}.{ending}", summary="A form as page or file")
async def report(
    form: Form,
    ending: Ending,
    at: At,
    who: Who,
    room: Annotated[str, Query(max_length=40)] = "",
    meeting: Annotated[str, Query(max_length=200)] = "",
    incident: int = 0,
    from_ms: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    to_ms: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> Response:
    """`check`, `certificate`: room and meeting; `log`: room and from_ms (a day); `incident`: incident;
    `effectiveness`, `line`: from_ms, to_ms and room ('' = the network). 403, 404, 422 with the reason."""
    await _may(at, who, form, room)
    about = _about(form, room, meeting, incident, (from_ms, to_ms))
    async with at.engine.connect() as connection:
        said = await words(connection, about)
        document = filled(await _document(at, connection, about), said.said)
    if ending == "json":
        from fastapi.responses import JSONResponse

        return JSONResponse(tree(document) | {"by": said.by, "at_ms": said.at_ms})
    write, kind = _WRITERS[ending]
    body = await asyncio.to_thread(write, document)
    name = f'attachment; filename="{document.name}-{room or "mang"}.{ending}"'
    return Response(body, media_type=kind, headers={"Content-Disposition": name})


class Said(BaseModel):
    """What a person says in the fields of a form; '' = takes the text away."""

    fields: Annotated[dict[str, Annotated[str, Field(max_length=TEXT_MOST)]], Field(max_length=FIELDS_MOST)]


@router.post("/{form}", summary="What people say in a form")
async def say(
    form: Form,
    said: Said,
    at: At,
    who: Who,
    room: Annotated[str, Query(max_length=40)] = "",
    meeting: Annotated[str, Query(max_length=200)] = "",
    incident: int = 0,
    from_ms: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    to_ms: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> dict[str, Any]:
    """Kept with who and when, printed in every file of this form. Named as in `report`."""
    await _may(at, who, form, room)
    about = _about(form, room, meeting, incident, (from_ms, to_ms))
    async with at.engine.begin() as connection:
        document = await _document(at, connection, about)
        await put(connection, about, document, said.fields, who, at.clock())
    return {}


def _about(form: str, room: str, meeting: str, incident: int, span: tuple[int, int]) -> About:
    """A log is of a day, whatever moment of it was named."""
    if form == "log":
        day = moment(span[0]).replace(hour=0, minute=0, second=0, microsecond=0)
        start_ms = round(day.timestamp() * 1000)
        span = (start_ms, start_ms + DAY_MS)
    return About(form, room, meeting, incident, span)


async def _may(at: Place, who: Actor, form: str, room: str) -> None:
    """Who holds a phone's pass sees form A and B of the own room."""
    if who.room and form in ("check", "log"):
        return await need(at, who, Action.SEE, room=room)
    return await need(at, who, Action.REPORT, room=room)


async def _document(at: Place, connection: AsyncConnection, about: About) -> Document:
    settings = at.settings
    form, room, span = about.form, about.room, about.span
    frame = forms.Frame(settings.office, settings.parent_office, settings.network)
    names = await read.names(connection)
    if form == "rules":
        return rule_pack(frame, await asyncio.to_thread(_pack, settings.rule_pack))
    if form == "incident":
        return await _incident(connection, frame, names, about.incident)
    if form == "line":
        if not 0 < span[1] - span[0] <= LINE_LONGEST_MS:
            raise HTTPException(422, {"code": "report.span_line"})
        if room and room not in names:
            raise HTTPException(404, {"code": "incident.room", "args": [room]})
        return line_report(frame, span, await read.sites(connection, room, span), names)
    if form == "effectiveness":
        return await _effectiveness(connection, frame, names, room, span, at.clock())
    if room not in names:
        raise HTTPException(404, {"code": "incident.room", "args": [room]})
    if form == "log":
        return await _log(connection, frame, names[room], room, span)
    held = await _meeting(connection, about.meeting)
    window = (held.start_ms - 48 * HOUR_MS, held.end_ms + 2 * HOUR_MS)
    rows = await read.records(connection, room, window)
    if form == "check":
        return forms.technical_check(frame, names[room], held, rows)
    found = await read.entries(connection, room, *window)
    return certificate(frame, names[room], held, rows, await read.checked(connection, room, found))


def _pack(path: str) -> PackFile | None:
    """Read when it is asked for: a new decision needs no restart. Raises 422 `report.pack` with the first fault."""
    try:
        return config.pack(path) if path else None
    except config.ConfigError as error:
        first = error.problems[0]
        raise HTTPException(422, {"code": "report.pack", "args": [first.file, first.key]}) from error


async def _meeting(connection: AsyncConnection, uid: str) -> forms.Meeting:
    row = await meeting(connection, uid)
    told = shown(row._mapping)
    return forms.Meeting(uid, told["title"], told["document_no"], row.start_ms, row.end_ms, row.chair, row.secret)


async def _log(
    connection: AsyncConnection, frame: forms.Frame, name: str, room: str, day: tuple[int, int]
) -> Document:
    """One day of one room; what was said of the floor of a secret meeting is not in its journal at all."""
    lines = []
    for entry in await read.entries(connection, room, *day):
        who = dict(entry.body).get("by") or ("người trong phòng" if entry.kind == "press" else forms.MACHINE_DID)
        lines.append((entry.wall_ms, told(entry, "vi")[21:], str(who), entry.trust.value >= 2))
    return forms.operating_log(frame, name, f"{moment(day[0]):%d/%m/%Y}", lines)


async def _incident(
    connection: AsyncConnection, frame: forms.Frame, names: Mapping[str, str], incident: int
) -> Document:
    row = (await connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == incident))).first()
    if row is None:
        raise HTTPException(404, {"code": "incident.unknown", "args": [incident]})
    ask = select(INCIDENT_LINES).where(INCIDENT_LINES.c.incident == incident).order_by(INCIDENT_LINES.c.id)
    lines: list[dict[str, Any]] = [dict(one._mapping) for one in await connection.execute(ask)]
    return incident_report(frame, dict(row._mapping), names, lines)


async def _effectiveness(
    connection: AsyncConnection,
    frame: forms.Frame,
    names: Mapping[str, str],
    room: str,
    span: tuple[int, int],
    now_ms: int,
) -> Document:
    """Of a year that still runs, figures are of what is over: what is to come is neither held nor missing."""
    if not 0 < span[1] - span[0] <= LONGEST_MS:
        raise HTTPException(422, {"code": "report.span"})
    over = (span[0], min(span[1], now_ms))
    figures: list[Figures] = []
    for slug in [room] if room else names:
        rows = await read.records(connection, slug, over, read.REPORT_KINDS)
        meetings = await read.meeting_starts(connection, slug, over)
        cut, heard = await read.interruptions(connection, slug, over), await read.heard(connection, slug, over)
        before = await read.before(connection, slug, over[0])
        figures.append(of_room(slug, rows, meetings, cut, over, heard, before))
    return forms.effectiveness(frame, span, figures, names)
