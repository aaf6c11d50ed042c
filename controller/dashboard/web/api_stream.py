"""The stream of changes (`stream.Hub`), for signed-in people and passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from controller.dashboard.rights import Actor, Role
from controller.dashboard.web.gate import COOKIE, At, Who, who
from controller.dashboard.web.place import Place
from controller.dashboard.web.stream import Hub, Sieve

router = APIRouter(prefix="/api", tags=["stream"])
LOOK_MS = 60_000
"""So long whoever was signed out, or may do less than before, still hears what is said."""


@router.get("/stream")
async def stream(request: Request, at: At, someone: Who) -> StreamingResponse:
    """Server-sent events: `hello` at the start, then what changes. A pass hears of its own room alone; a
    technician's account that something changed: a room may leave its commune while the stream is open."""
    hub: Hub = request.app.state.hub
    return StreamingResponse(
        told(at, hub, request.cookies.get(COOKIE, ""), someone),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def told(at: Place, hub: Hub, secret: str, someone: Actor) -> AsyncIterator[str]:
    """The stream, until it is no more the same person's: then it ends, and the page that asks anew is told what is
    open to it now, or 401."""
    looked_ms = at.clock()
    async with aclosing(hub.listen(_sieve(someone))) as rows:
        async for row in rows:
            if abs(at.clock() - looked_ms) >= LOOK_MS:  # the clock may go back
                if await who(at, secret) != someone:
                    return
                looked_ms = at.clock()
            yield row


def _sieve(someone: Actor) -> Sieve | None:
    if someone.role is Role.TECHNICIAN:
        return lambda topic, _: None if topic == "rooms" else {}
    return None if someone.user is not None else sieve(someone.room)


def sieve(room: str) -> Sieve:
    """What a pass may hear of the rooms: its own. That something changed elsewhere tells nothing of what."""

    def heard(topic: str, data: object) -> object | None:
        if topic != "rooms" or not isinstance(data, dict):
            return data
        own = {slug: row for slug, row in data["rows"].items() if slug == room}
        return {"rows": own, "gone": []} if own else None

    return heard
