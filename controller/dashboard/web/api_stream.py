"""The stream of changes (`stream.Hub`), for signed-in people and passes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from controller.dashboard.rights import Actor, Role
from controller.dashboard.web.gate import Who
from controller.dashboard.web.stream import Hub, Sieve

router = APIRouter(prefix="/api", tags=["stream"])


@router.get("/stream")
async def stream(request: Request, someone: Who) -> StreamingResponse:
    """Server-sent events: `hello` at the start, then what changes. A pass hears of its own room alone; a
    technician's account that something changed: a room may leave its commune while the stream is open."""
    hub: Hub = request.app.state.hub
    return StreamingResponse(
        hub.listen(_sieve(someone)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


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
