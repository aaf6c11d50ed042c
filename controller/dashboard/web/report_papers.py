"""Makes a form of what the database knows: reads rows, hands them to the pure forms. Who may is asked before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from controller import config
from controller.config_rules import PackFile
from controller.dashboard import forms
from controller.dashboard.certificate import certificate
from controller.dashboard.discreet import shown
from controller.dashboard.figures import Figures, of_room
from controller.dashboard.forms_check import summed, technical_check
from controller.dashboard.forms_incident import incident_report
from controller.dashboard.forms_line import line_report
from controller.dashboard.forms_log import DayEnd, operating_log
from controller.dashboard.forms_rules import rule_pack
from controller.dashboard.papers.model import Document, moment
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS
from controller.dashboard.web import report_rows as read
from controller.dashboard.web.place import Place
from controller.dashboard.web.report_words import About
from controller.dashboard.web.session import meeting

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LONGEST_MS = 370 * DAY_MS
LINE_LONGEST_MS = 100 * DAY_MS
"""A quarter: 164 lines have some four million hourly figures in it."""


def day_of(at_ms: int) -> tuple[int, int]:
    """The network's day that holds the moment."""
    start = moment(at_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    return round(start.timestamp() * 1000), round((start + timedelta(days=1)).timestamp() * 1000)


async def made(at: Place, connection: AsyncConnection, about: About) -> Document:
    """The form with what the centre knows, as yet without what people said."""
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
    if form == "check" and not room:
        return await _summed(connection, frame, names, about.meeting)
    if room not in names:
        raise HTTPException(404, {"code": "incident.room", "args": [room]})
    if form == "log":
        return await _log(connection, frame, names[room], room, span)
    held = await read_meeting(connection, about.meeting, room)
    window = (held.start_ms - 48 * HOUR_MS, held.end_ms + 2 * HOUR_MS)
    rows = await read.records(connection, room, window)
    if form == "check":
        ticks = await read.ticks(connection, about.meeting, room)
        return technical_check(frame, names[room], held, rows, ticks.get(room, []))
    found = await read.entries(connection, room, *window)
    return certificate(frame, names[room], held, rows, await read.checked(connection, room, found))


def _pack(path: str) -> PackFile | None:
    """Read when it is asked for: a new decision needs no restart. Raises 422 `report.pack` with the first fault."""
    try:
        return config.pack(path) if path else None
    except config.ConfigError as error:
        first = error.problems[0]
        raise HTTPException(422, {"code": "report.pack", "args": [first.file, first.key]}) from error


async def read_meeting(connection: AsyncConnection, uid: str, room: str = "") -> forms.Meeting:
    """As it may be told. The chairing site makes its trial connection with the desk, every other room with it."""
    row = await meeting(connection, uid)
    told = shown(row._mapping)
    names = await read.names(connection)
    chair = names.get(row.chair, row.chair)
    partner = row.desk if room == row.chair else chair
    return forms.Meeting(uid, told["title"], told["document_no"], row.start_ms, row.end_ms, chair, row.secret,
                         told["kind"], partner)  # fmt: skip


async def _summed(connection: AsyncConnection, frame: forms.Frame, names: Mapping[str, str], uid: str) -> Document:
    held = await read_meeting(connection, uid)
    window = (held.start_ms - 48 * HOUR_MS, held.end_ms + 2 * HOUR_MS)
    slugs = await read.rooms_of(connection, uid)
    rows = {slug: await read.records(connection, slug, window, ("noted",)) for slug in slugs}
    return summed(frame, held, rows, await read.ticks(connection, uid), names)


async def _log(
    connection: AsyncConnection, frame: forms.Frame, name: str, room: str, day: tuple[int, int]
) -> Document:
    """One day of one room; what was said of the floor of a secret meeting is not in its journal at all."""
    entries = await read.entries(connection, room, *day)
    rows = await read.records(connection, room, day, read.REPORT_KINDS)
    before = await read.before(connection, room, day[0])
    figures = of_room(room, rows, {}, [], day, before=before)
    end = DayEnd(figures.on_h, figures.saved_h, figures.saved_kwh, await read.climate(connection, room, day))
    held, titles = await read.held(connection, room, day), await read.titles(connection, room, day)
    return operating_log(frame, name, f"{moment(day[0]):%d/%m/%Y}", entries, held, end, titles)


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
    if room and room not in names:
        raise HTTPException(404, {"code": "incident.room", "args": [room]})
    over = (span[0], min(span[1], now_ms))
    figures: list[Figures] = []
    for slug in [room] if room else await read.network(connection, over):
        rows = await read.records(connection, slug, over, read.REPORT_KINDS)
        meetings = await read.meeting_starts(connection, slug, over)
        cut, heard = await read.interruptions(connection, slug, over), await read.heard(connection, slug, over)
        before = await read.before(connection, slug, over[0])
        figures.append(of_room(slug, rows, meetings, cut, over, heard, before))
    return forms.effectiveness(frame, span, figures, names)
