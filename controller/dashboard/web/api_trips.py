"""N20: where a technician has to go, with what, when, and what was tried before."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from controller.dashboard import trips_ask
from controller.dashboard.ahead_ask import hands
from controller.dashboard.rights import Action
from controller.dashboard.trips import Area, Defect, Visit, plan
from controller.dashboard.web.gate import At, Who, need

router = APIRouter(prefix="/api/trips", tags=["incidents"])


@router.get("", summary="Open defects by commune, in a proposed order")
async def trips(at: At, who: Who, person: Annotated[int, Query(ge=0, lt=2**31)] = 0) -> dict[str, Any]:
    """For one technician's rooms, or all with `person` = 0. Times of meetings, never their titles."""
    await need(at, who, Action.SEE_PEOPLE)
    now_ms = at.clock()
    async with at.engine.connect() as connection:
        found = await trips_ask.rooms(connection, person, now_ms)
        people = await trips_ask.technicians(connection)
        contacts = await hands(connection, people=True)
    return {
        "now_ms": now_ms,
        "people": people,
        "areas": [_area(area, contacts) for area in plan(found, now_ms)],
    }


def _area(area: Area, contacts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"unit": area.unit, "name": area.name, "visits": [_visit(one, contacts) for one in area.visits]}


def _visit(one: Visit, contacts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    room = one.room
    known = contacts.get(room.slug, {})
    return {
        "room": room.slug,
        "name": room.name,
        "contact": known.get("technician") or known.get("leader"),
        "grave": one.grave,
        "parts": one.parts,
        "defects": [_defect(defect) for defect in room.defects],
        "tried": [{"at_ms": t.at_ms, "verb": t.verb, "stage": t.stage, "by": t.by} for t in room.tried],
        "slot": None if one.slot is None else {"from_ms": one.slot.from_ms, "until_ms": one.slot.until_ms},
        "ready_by_ms": one.ready_by_ms,
        "late": one.late,
    }


def _defect(one: Defect) -> dict[str, Any]:
    things = [{"code": code, "subject": subject} for code, subject in one.things]
    return {"incident": one.incident, "code": one.code, "from_ms": one.from_ms, "things": things, "text": one.text}
