"""The offices' forms and the evidence certificate: as a page (JSON) and as DOCX, PDF, XLSX, CSV. A phone's pass
sees its own room's papers before anyone above does (people.md 5.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from controller.core.chain import line
from controller.dashboard.discreet import shown
from controller.dashboard.papers import docx, pdf, sheets
from controller.dashboard.papers.model import Document, filled, tree
from controller.dashboard.rights import Action, Actor
from controller.dashboard.store.tables_work import INSTANCES
from controller.dashboard.web import report_rows as read
from controller.dashboard.web.gate import LAST_MS, At, Id, Who, need
from controller.dashboard.web.place import Place
from controller.dashboard.web.report_papers import DAY_MS, HOUR_MS, day_of, made, read_meeting
from controller.dashboard.web.report_words import FIELDS_MOST, TEXT_MOST, About, put, words

router = APIRouter(prefix="/api/reports", tags=["reports"])
Form = Literal["check", "log", "incident", "effectiveness", "certificate", "line", "rules"]
Ending = Literal["json", "docx", "pdf", "xlsx", "csv"]
_WRITERS: Mapping[str, tuple[Callable[[Document], bytes], str]] = {
    "docx": (docx.write, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (pdf.write, "application/pdf"),
    "xlsx": (sheets.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (sheets.csv_text, "text/csv; charset=utf-8"),
}


class Asked(BaseModel):
    """What a form is of. `certificate`: room and meeting; `check`: meeting and room ('' = the summed list); `log`:
    room and from_ms (a day); `incident`: incident; `effectiveness`, `line`: from_ms, to_ms and room ('' = the
    network)."""

    room: str = Field("", max_length=40)
    meeting: str = Field("", max_length=200)
    incident: Id = 0
    from_ms: int = Field(0, ge=0, lt=LAST_MS)
    to_ms: int = Field(0, ge=0, lt=LAST_MS)

    def about(self, form: str) -> About:
        """A log is of a day, whatever moment of it was named."""
        span = day_of(self.from_ms) if form == "log" else (self.from_ms, self.to_ms)
        return About(form, self.room, self.meeting, self.incident, span)


Of = Annotated[Asked, Query()]


@router.get(
    "/chain/{room}", summary="The stored records of a meeting as lines that `diemcau evidence verify` reads"
)
async def chain(room: str, at: At, who: Who, meeting: Annotated[str, Query(max_length=200)]) -> Response:
    await need(at, who, Action.REPORT, room=room)
    async with at.engine.connect() as connection:
        about = await read_meeting(connection, meeting)
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
    of: Of,
) -> Response:
    """403, 404, 422 with the reason."""
    await _may(at, who, form, of.room)
    about = of.about(form)
    async with at.engine.connect() as connection:
        said = await words(connection, about)
        document = filled(await made(at, connection, about), said.said)
    if ending == "json":
        from fastapi.responses import JSONResponse

        return JSONResponse(tree(document) | {"by": said.by, "at_ms": said.at_ms})
    write, kind = _WRITERS[ending]
    body = await asyncio.to_thread(write, document)
    room = "" if form in ("incident", "rules") else of.room  # these ask for none: it may be anything
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
    of: Of,
) -> dict[str, Any]:
    """Kept with who and when, printed in every file of this form. Named as in `report`."""
    await _may(at, who, form, of.room)
    about = of.about(form)
    async with at.engine.begin() as connection:
        document = await made(at, connection, about)
        await put(connection, about, document, said.fields, who, at.clock())
    return {}


async def _may(at: Place, who: Actor, form: str, room: str) -> None:
    """A phone's pass and a technician's account see form A and B of their own rooms, and of no other."""
    if who.bound is not None and room and form in ("check", "log"):
        return await need(at, who, Action.SEE, room=room)
    return await need(at, who, Action.REPORT, room=room)
