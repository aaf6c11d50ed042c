"""N29: the coming week, who will not be ready and why."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from controller.dashboard import ahead_ask
from controller.dashboard.ahead import READY_MS, reasons
from controller.dashboard.discreet import SECRET_TITLE
from controller.dashboard.rights import Action, refusal
from controller.dashboard.web.gate import At, Who, need

router = APIRouter(prefix="/api/ahead", tags=["calendar"])


@router.get("")
async def ahead(someone: Who, at: At) -> dict[str, Any]:
    """Meetings of the week by start, each with the rooms that have a reason: codes, arguments, who can do
    something. `rooms`: how many it has in all."""
    await need(at, someone, Action.SEE)
    now_ms = at.clock()
    people = refusal(someone, Action.SEE_PEOPLE, now_ms) is None
    plans = refusal(someone, Action.CALENDAR, now_ms) is None
    async with at.engine.connect() as connection:
        due = await ahead_ask.due(connection, now_ms)
        said = await ahead_ask.said(connection, set(due), now_ms)
        hands = await ahead_ask.hands(connection, people)
        secret = await ahead_ask.secret(connection, now_ms)
    hidden = {} if plans else dict.fromkeys(secret, SECRET_TITLE)
    meetings: dict[str, dict[str, Any]] = {}
    for room, rows in due.items():
        for one in rows:
            title = hidden.get(one.uid, one.title)
            row = meetings.setdefault(one.uid, {"uid": one.uid, "title": title, "rooms": 0, "at_risk": []})
            row.update(start_ms=one.start_ms, ready_ms=one.start_ms - READY_MS, rooms=row["rooms"] + 1)
            told = reasons(one, said[room], rows) if plans else reasons(one, said[room], [])
            if told:
                row["at_risk"].append({"room": room, "reasons": [_said(reason) for reason in told]})
    return {
        "meetings": sorted(meetings.values(), key=lambda row: (row["start_ms"], row["uid"])),
        "hands": {room: hands[room] for room in due if room in hands},
    }


def _said(reason: Any) -> dict[str, Any]:
    return {"code": reason.code, "args": reason.args, "grave": reason.grave, "fixers": reason.fixers}
