"""Booking (R27, people.md 2.6 Đăng ký – Duyệt): a unit asks, the desk approves into the calendar or refuses with an
answer; the unit may withdraw. What stands in the way is shown, and forbids nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field
from sqlalchemy import RowMapping, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.calendar_ask import names, notes_of, told
from controller.dashboard.calendar_book import holidays_of, keep, note, rooms_of
from controller.dashboard.calendar_publish import publish
from controller.dashboard.conflicts import due_ms
from controller.dashboard.meeting_layout import lay
from controller.dashboard.meetings import ROOMS_MOST
from controller.dashboard.rights import Action, Actor, Role, refusal
from controller.dashboard.store.tables_calendar import MEETING_LINES
from controller.dashboard.store.tables_work import REQUESTS
from controller.dashboard.web.calendar_forms import Form, Ms, Slug, Strict, by, new_uid, said
from controller.dashboard.web.gate import At, Id, Who, need
from controller.dashboard.web.place import Place

router = APIRouter(prefix="/api/requests", tags=["booking"])
SHOWN = 200


class Asked(Strict):
    """A request: which unit, by which document, what, when, where, how many people at the fullest site."""

    unit: str = Field(min_length=1, max_length=120)
    document_no: str = Field("", max_length=80)
    content: str = Field(min_length=1, max_length=2_000)
    kind: str = Field("", max_length=40)
    start_ms: Ms
    end_ms: Ms
    chair: Slug = ""
    rooms: list[Slug] = Field(min_length=1, max_length=ROOMS_MOST)
    people: int = Field(0, ge=0, le=10_000)

    def form(self) -> Form:
        title = self.content.strip().splitlines()[0][:200] if self.content.strip() else ""
        return Form(
            title=title,
            start_ms=self.start_ms,
            end_ms=self.end_ms,
            members=self.rooms,
            chair=self.chair,
            kind=self.kind,
            document_no=self.document_no,
            rule="",
        )


class Answer(Strict):
    answer: str = Field("", max_length=2_000)


@router.get("")
async def requests(someone: Who, at: At) -> dict[str, Any]:
    """The latest first: the desk sees all, others their own; with what stands in the way of those that wait. To a
    technician's account no room is named that is not of its communes."""
    await _may_ask(at, someone)
    ask = select(REQUESTS).order_by(REQUESTS.c.id.desc()).limit(SHOWN)
    if not _decides(someone, at):
        nobody = and_(REQUESTS.c.asker.is_(None), REQUESTS.c.by == by(someone))
        ask = ask.where(or_(REQUESTS.c.asker == _asker(someone), nobody))
    async with at.engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(ask)).mappings() if _within(someone, row)]
        rest, known = await holidays_of(connection), await names(connection)
        if someone.role is Role.TECHNICIAN:
            known = {slug: name for slug, name in known.items() if slug in someone.rooms}
        lines = select(MEETING_LINES).where(MEETING_LINES.c.request.in_([row["id"] for row in rows]))
        history = (await connection.execute(lines.order_by(MEETING_LINES.c.id))).all()
        for row in rows:
            row["due_ms"] = due_ms(row["at_ms"], rest)
            row["mine"] = _mine(someone, row)
            del row["asker"]
            row["history"] = [
                {"at_ms": x.at_ms, "by": x.by, "code": x.code, "args": x.args}
                for x in history
                if x.request == row["id"]
            ]
            row["notes"] = await _notes(connection, at, row, known) if row["stage"] == "asked" else []
    return {"requests": rows, "names": known, "decides": _decides(someone, at), "now_ms": at.clock()}


async def _may_ask(at: Place, someone: Actor) -> None:
    """At all: by the pass of a room, by an account."""
    await need(at, someone, Action.ASK, room=someone.one_of(someone.bound or ()))


def _within(someone: Actor, row: Mapping[str, Any] | RowMapping) -> bool:
    """Whether this person may have to do with a request as far as its rooms go: a technician's account with nothing
    that is of another commune, not even in part, and a room that moves takes its requests along."""
    return someone.role is not Role.TECHNICIAN or {*row["rooms"], row["chair"]} - {""} <= someone.rooms


def _asker(someone: Actor) -> str:
    """Whose a request is: of an account, or of a room where its link asked."""
    return f"room:{someone.room}" if someone.user is None else f"user:{someone.user}"


def _mine(someone: Actor, row: Mapping[str, Any]) -> bool:
    return bool(row["by"] == by(someone) if row["asker"] is None else row["asker"] == _asker(someone))


def _decides(someone: Actor, at: Place) -> bool:
    return refusal(someone, Action.CALENDAR, at.clock()) is None


async def _notes(connection: AsyncConnection, at: Place, row: dict[str, Any], known: dict[str, str]) -> list[Any]:
    fields = {name: row[name] for name in Asked.model_fields}
    form = Asked.model_construct(**fields).form()
    rooms = list(known)
    with said():
        laid = lay(form.series("look", rooms, at.clock()), rooms, row["start_ms"], row["end_ms"])
    return told(await notes_of(connection, "look", laid, at.clock(), row["people"]), known)


@router.post("")
async def ask(asked: Asked, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Ask; the answer is due by the end of the second working day (`due_ms`). 403 `rights.other_commune` where a
    technician's account names a room that is not of its communes. Asked again in the same words, it is the same."""
    await _may_ask(at, someone)
    if not _within(someone, asked.model_dump()):
        raise HTTPException(403, {"code": "rights.other_commune"})
    now_ms = at.clock()
    async with at.engine.begin() as connection:
        with said():
            asked.form().draft(await rooms_of(connection))
        rest = await holidays_of(connection)
        before = await _asked_before(connection, asked, _asker(someone))
        if before is not None:
            return {"id": before["id"], "due_ms": due_ms(before["at_ms"], rest)}
        row = {**asked.model_dump(), "by": by(someone), "asker": _asker(someone), "at_ms": now_ms}
        done = await connection.execute(insert(REQUESTS).values(**row))
        number = int((done.inserted_primary_key or (0,))[0])
        await note(connection, "", by(someone), "booking.done.ask", now_ms, asked.document_no, request=number)
    request.app.state.hub.say("requests", {"id": number})
    return {"id": number, "due_ms": due_ms(now_ms, rest)}


async def _asked_before(connection: AsyncConnection, asked: Asked, asker: str) -> RowMapping | None:
    """The same words by the same, not answered by the desk yet: its answer was lost, and it was sent again."""
    ask = select(REQUESTS).where(
        REQUESTS.c.asker == asker, REQUESTS.c.stage == "asked", REQUESTS.c.start_ms == asked.start_ms
    )
    words = asked.model_dump()
    rows = (await connection.execute(ask)).mappings()
    return next((row for row in rows if {name: row[name] for name in words} == words), None)


@router.post("/{number}/approve")
async def approve(number: Id, answer: Answer, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """Into the calendar, and to the rooms."""
    await need(at, someone, Action.CALENDAR)
    uid, now_ms = new_uid(), at.clock()
    async with at.engine.begin() as connection:
        row = await _waiting(connection, number)
        form = Asked.model_construct(**{name: row[name] for name in Asked.model_fields}).form()
        with said():
            series = form.series(uid, await rooms_of(connection), now_ms)
            rooms = await keep(connection, series, now_ms, by=by(someone), new=True)
        await _answer(connection, number, "approved", answer.answer, someone, now_ms, uid)
        await note(connection, uid, by(someone), "meeting.done.create", now_ms, series.draft.title)
    request.app.state.hub.say("requests", {"id": number})
    request.app.state.hub.say("meetings", {"series": uid})
    return {"uid": uid, "rooms": len(rooms), "sent": await publish(at, rooms)}


@router.post("/{number}/refuse")
async def refuse(number: Id, answer: Answer, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """With an answer that says why: 422 `booking.answer` without one."""
    await need(at, someone, Action.CALENDAR)
    if not answer.answer.strip():
        raise HTTPException(422, {"code": "booking.answer"})
    async with at.engine.begin() as connection:
        await _waiting(connection, number)
        await _answer(connection, number, "refused", answer.answer, someone, at.clock())
    request.app.state.hub.say("requests", {"id": number})
    return {}


@router.post("/{number}/withdraw")
async def withdraw(number: Id, someone: Who, at: At, request: Request) -> dict[str, Any]:
    """By who asked, or by the desk."""
    await _may_ask(at, someone)
    async with at.engine.begin() as connection:
        row = await _waiting(connection, number)
        if not _within(someone, row):
            raise HTTPException(403, {"code": "rights.other_commune"})
        if not _mine(someone, row) and someone.role not in (Role.ADMIN, Role.OPERATOR):
            raise HTTPException(403, {"code": "rights.role"})
        await _answer(connection, number, "withdrawn", "", someone, at.clock())
    request.app.state.hub.say("requests", {"id": number})
    return {}


async def _waiting(connection: AsyncConnection, number: int) -> dict[str, Any]:
    """404 `booking.unknown`; 409 `booking.answered` when somebody was faster."""
    ask = select(REQUESTS).where(REQUESTS.c.id == number).with_for_update()
    row = (await connection.execute(ask)).mappings().first()
    if row is None:
        raise HTTPException(404, {"code": "booking.unknown"})
    if row["stage"] != "asked":
        raise HTTPException(409, {"code": "booking.answered"})
    return dict(row)


async def _answer(
    connection: AsyncConnection, number: int, stage: str, text: str, who: Actor, now_ms: int, uid: str = ""
) -> None:
    values = {"stage": stage, "answer": text.strip(), "answered_by": by(who), "answered_ms": now_ms, "meeting": uid}
    await connection.execute(update(REQUESTS).where(REQUESTS.c.id == number).values(**values))
    await note(connection, uid, by(who), f"booking.done.{stage}", now_ms, text.strip(), request=number)
