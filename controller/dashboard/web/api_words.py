"""What the rooms' people wrote (R31): it is received, answered and done, and the room's phone page shows which."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import select, update

from controller.dashboard.rights import Action
from controller.dashboard.store.tables_work import FEEDBACK
from controller.dashboard.web.gate import At, Id, Who, need

router = APIRouter(prefix="/api/words", tags=["words"])


class Answered(BaseModel):
    """How far it is, and what is said to it; an answer that was given stays when none is sent."""

    stage: Literal["received", "done"]
    answer: str = Field("", max_length=2_000)


@router.post("/{id_}", summary="Receive, answer or finish a word from a room")
async def answer(id_: Id, said: Answered, at: At, who: Who, request: Request) -> dict[str, Any]:
    """404 `words.unknown`; 409 `words.done` for what is finished: the room has read it so."""
    await need(at, who, Action.INCIDENT)
    new = {"stage": said.stage, "answered_by": who.name, "answered_ms": at.clock()}
    new |= {"answer": text} if (text := said.answer.strip()) else {}
    mine = FEEDBACK.c.id == id_
    async with at.engine.begin() as connection:
        stage = (await connection.execute(select(FEEDBACK.c.stage).where(mine).with_for_update())).scalar()
        if stage is None:
            raise HTTPException(404, {"code": "words.unknown"})
        if stage == "done":
            raise HTTPException(409, {"code": "words.done"})
        await connection.execute(update(FEEDBACK).where(mine).values(**new))
    request.app.state.hub.say("words", {"id": id_})
    return {}
